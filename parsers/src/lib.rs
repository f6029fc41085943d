//! Apps: one folder each, which knows tables and knows no container.

use forensics_core::app::App;

pub mod google_messages;
pub mod hangouts;
pub mod imessage;
pub mod signal;
pub mod telegram;
pub mod telephony;
pub mod wechat;
pub mod whatsapp;

/// Every app that can be read, in the order of reports.
pub static APPS: &[&dyn App] = &[
    &wechat::WeChat,
    &whatsapp::WhatsApp,
    &imessage::IMessage,
    &telegram::Telegram,
    &signal::Signal,
    &google_messages::GoogleMessages,
    &hangouts::Hangouts,
    &telephony::Telephony,
];
