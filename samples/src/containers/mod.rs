//! Writing a device the way phone extractions come in (`formats/containers.md`).

pub mod folder;
pub mod layout;

pub use folder::write_folder;
