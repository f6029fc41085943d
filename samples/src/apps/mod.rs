//! One app's share of a phone, written from the app's document.

mod prefs;
pub mod wechat;
pub mod whatsapp;
