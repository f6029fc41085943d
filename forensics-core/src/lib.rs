//! Evidence, containers, stores, decoders, records, verdicts and cases of `matchmark`. Names no app.

pub mod app;
pub mod case;
pub mod container;
pub mod decode;
pub mod evidence;
pub mod issue;
pub mod keys;
mod load;
pub mod marker;
pub mod open_store;
pub mod origin;
pub mod reconcile;
pub mod record;
pub mod recover;
pub mod rule;
pub mod run;
pub mod sink;
pub mod stamp;
pub mod store;
pub mod value;
pub mod verdict;
pub mod vfs;
