//! Whose phone it is: `userconfing.xml` for the first account, `userconfig<N>.xml` for the further ones
//! (`org.telegram.messenger.UserConfig`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use forensics_core::app::Install;
use forensics_core::issue::{Issue, Severity};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{Account, Cursor, CursorSays, Key, Record, Space};
use forensics_core::sink::{Sink, Stopped};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::peers;
use crate::telegram::table::schema;
use crate::telegram::{FIRST_USER, FURTHER_USERS};

/// Preferences are small.
const LIMIT: u64 = 16 << 20;
/// Android pads and breaks lines; a copy may have lost the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Own user ids by account number.
pub(super) type Identities = BTreeMap<u32, i64>;

/// Reads the owners of all accounts and hands them over.
pub(super) fn read(install: &Install<'_>, sink: &mut dyn Sink) -> Result<Identities, Stopped> {
    let mut identities = Identities::new();
    let first = install.find_spec(&FIRST_USER);
    let further = install.find_spec(&FURTHER_USERS);
    for entry in first.into_iter().chain(further) {
        let Some(slot) = slot(entry.device.file_name()) else { continue };
        let Some((store, bytes)) = install.open_file(sink, FIRST_USER.role, entry, LIMIT)? else { continue };
        if let Some(id) = read_file(&bytes, store, slot, sink)? {
            identities.insert(slot, id);
        }
    }
    Ok(identities)
}

fn slot(name: &str) -> Option<u32> {
    if name == "userconfing.xml" {
        return Some(0);
    }
    name.strip_prefix("userconfig")?.strip_suffix(".xml")?.parse().ok()
}

fn read_file(bytes: &[u8], store: StoreId, slot: u32, sink: &mut dyn Sink) -> Result<Option<i64>, Stopped> {
    let preferences = Preferences::read(bytes);
    let cell = |key: &str| Origin::key(store, key);
    let Some(packed) = preferences.user else { return Ok(None) };
    let digits: Vec<u8> = packed.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let Ok(object) = BASE64.decode(&digits) else {
        return undecoded(sink, cell("user"), "is no base64").map(|()| None);
    };
    let decoded = schema().decode(&object, Some("User"));
    if let Some(trouble) = &decoded.trouble {
        undecoded(sink, cell("user"), &trouble.to_string())?;
    }
    let Some((user, id)) = decoded.object.and_then(|u| u.int("id").map(|id| (u, id))) else { return Ok(None) };
    let key: Key = id.to_string().into();
    let mut extra = peers::facts(&user);
    extra.push(("slot", i64::from(slot).into()));
    sink.emit(Record::Account(Account { origin: cell("user"), id: key.clone(), name: peers::name(&user), extra }))?;
    if let Some(next) = preferences.last_send_message_id {
        sink.emit(Record::Cursor(Cursor {
            space: Space::default(),
            account: key,
            thread: None,
            sequence: "",
            says: CursorSays::Position(next),
            marker: Marker::new(MarkerKind::Cursor, "lastSendMessageId", next, cell("lastSendMessageId"))
                .meaning("the next local id to be given; the first was -210000"),
        }))?;
    }
    Ok(Some(id))
}

fn undecoded(sink: &mut dyn Sink, origin: Origin, why: &str) -> Result<(), Stopped> {
    let detail = format!("preferences entry {}: {why}", origin.key.as_deref().unwrap_or_default());
    sink.issue(Issue { code: "value-undecoded", severity: Severity::Degraded, detail, origin: Some(origin) })
}

/// The two entries that matter.
#[derive(Debug, Default, PartialEq, Eq)]
struct Preferences {
    user: Option<String>,
    last_send_message_id: Option<i64>,
}

impl Preferences {
    /// Reads as far as the file can be understood.
    fn read(bytes: &[u8]) -> Preferences {
        let mut found = Preferences::default();
        let mut reader = Reader::from_reader(bytes);
        let mut in_user = false;
        while let Ok(event) = reader.read_event() {
            match event {
                Event::Start(tag) => {
                    in_user = tag.name().as_ref() == "string" && named(&tag).as_deref() == Some("user")
                }
                Event::Empty(tag) if named(&tag).as_deref() == Some("lastSendMessageId") => {
                    found.last_send_message_id = attribute(&tag, "value").and_then(|v| v.parse().ok());
                }
                // Line breaks within base64 are written as character references, which are events of their own.
                Event::Text(text) if in_user => {
                    found.user.get_or_insert_default().push_str(&text);
                }
                Event::End(_) => in_user = false,
                Event::Eof => break,
                _ => {}
            }
        }
        found
    }
}

fn named(tag: &BytesStart<'_>) -> Option<String> {
    attribute(tag, "name")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|a| a.key.as_ref() == name)?;
    Some(found.value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_read_across_broken_lines() {
        let xml = b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n <string name=\"x\">AA</string>\
            <string name=\"user\">YWJj&#10;ZGVm&#10;</string><int name=\"lastSendMessageId\" value=\"-210004\" /></map>";
        let read = Preferences::read(xml);
        assert_eq!(read.user.as_deref(), Some("YWJjZGVm"));
        assert_eq!(read.last_send_message_id, Some(-210_004));
    }

    #[test]
    fn the_file_name_says_which_account_it_is() {
        assert_eq!(slot("userconfing.xml"), Some(0));
        assert_eq!(slot("userconfig3.xml"), Some(3));
        assert_eq!(slot("userconfigx.xml"), None);
    }

    #[test]
    fn broken_preferences_give_what_stands_before_the_break() {
        assert_eq!(Preferences::read(b"<map><string name=\"user\">YWJj</str").user.as_deref(), Some("YWJj"));
        assert_eq!(Preferences::read(b"\xff\xfe<<<"), Preferences::default());
    }
}
