//! Page-wise decryption (to come).

/// A cipher with its key.
#[derive(Clone, Debug)]
pub struct Cipher {
    _private: (),
}
