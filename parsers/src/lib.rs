//! Apps.

pub mod wechat;

use forensics_core::app::App;

/// Every app that can be read.
pub static APPS: &[&dyn App] = &[&wechat::WeChat];
