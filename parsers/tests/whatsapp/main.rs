//! WhatsApp from the files of a phone to judged records.

mod phone;
mod whatsapp_backups;
mod whatsapp_damage;
mod whatsapp_golden;
mod whatsapp_provenance;
mod whatsapp_real_android;
mod whatsapp_real_ios;
