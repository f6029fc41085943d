//! Signal from the files of a phone to judged records.

mod android;
mod backup;
mod ios;
mod phone;
