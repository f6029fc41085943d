//! WeChat for iOS.

use forensics_core::app::Install;
use forensics_core::sink::{Sink, Stopped};

/// Reads an installation.
pub(super) fn parse(_install: &Install<'_>, _sink: &mut dyn Sink) -> Result<(), Stopped> {
    Ok(())
}
