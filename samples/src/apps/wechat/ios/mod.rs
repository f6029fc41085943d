//! WeChat on iOS: plain SQLite files, one table a chat.

mod cases;
mod chats;
mod companions;
mod compressed;

use super::SEIZED;
use super::cast::OWNER;
use crate::crypto::md5_hex;
use crate::story::{Device, DeviceFile};

pub use compressed::DICTIONARY;

/// The backup domain of the app.
pub(super) const DOMAIN: &str = "AppDomain-com.tencent.xin";

/// An iPhone with WeChat. Some texts are compressed with [`DICTIONARY`], which no phone holds:
/// a reader must be given it, or say so.
#[must_use]
pub fn ios(seed: u64) -> Device {
    let mut phone = Device::ios("wechat-ios");
    let folder = format!("Documents/{}", md5_hex(OWNER));
    let (stores, truth) = cases::stores(seed);
    for (name, bytes) in stores {
        phone.files.push(DeviceFile::ios(DOMAIN, format!("{folder}/DB/{name}"), bytes, SEIZED));
    }
    phone.truth = truth;
    companions::add(&mut phone, &folder);
    phone
}
