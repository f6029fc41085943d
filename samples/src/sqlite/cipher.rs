//! Page ciphers (`keys-and-decryption.md` §6, `wechat.md` §3).
