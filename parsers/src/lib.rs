//! Apps: one folder each, which knows tables and knows no container.

use forensics_core::app::App;

pub mod google_messages;
pub mod hangouts;
pub mod telephony;
pub mod whatsapp;

/// Every app that can be read, in the order of reports.
pub static APPS: &[&dyn App] = &[&whatsapp::WhatsApp, &telephony::Telephony, &hangouts::Hangouts, &google_messages::GoogleMessages];
