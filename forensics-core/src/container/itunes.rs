//! stub
use super::{Container, Head, Medium, Mounted, NotMine};
use crate::keys::KeyRing;
use crate::vfs::VfsError;
use std::sync::Arc;
pub(crate) struct ItunesBackup;
impl Container for ItunesBackup {
    fn name(&self) -> &'static str {
        "itunes-backup"
    }
    fn recognise(&self, _head: &Head<'_>) -> Result<(), NotMine> {
        Err(NotMine("not built yet".into()))
    }
    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        Err(VfsError::Unsupported { what: medium.name().into(), why: "not built yet".into() })
    }
}
pub(crate) fn is_backup_folder(path: &std::path::Path) -> bool {
    path.join("Manifest.plist").is_file()
        && (path.join("Manifest.db").is_file() || path.join("Manifest.mbdb").is_file())
}
