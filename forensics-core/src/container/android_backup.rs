//! stub
use super::{Container, Head, Medium, Mounted, NotMine};
use crate::keys::KeyRing;
use crate::vfs::VfsError;
use std::sync::Arc;
pub(crate) struct AndroidBackup;
impl Container for AndroidBackup {
    fn name(&self) -> &'static str {
        "android-backup"
    }
    fn recognise(&self, _head: &Head<'_>) -> Result<(), NotMine> {
        Err(NotMine("not built yet".into()))
    }
    fn mount(&self, medium: &Arc<Medium>, _keys: &KeyRing) -> Result<Mounted, VfsError> {
        Err(VfsError::Unsupported { what: medium.name().into(), why: "not built yet".into() })
    }
}
