//! Evidence, containers, stores, decoders, records, verdicts and cases of `matchmark`. Names no app.

pub mod container;
pub mod decode;
pub mod evidence;
pub mod keys;
pub mod origin;
pub mod stamp;
pub mod store;
pub mod value;
pub mod vfs;
