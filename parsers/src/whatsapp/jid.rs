//! Jids: WhatsApp's addresses.

use forensics_core::record::ThreadKind;

/// What an address is called where the store does not say.
pub(super) const UNKNOWN: &str = "unknown";

/// The sort of conversation behind an address.
pub(super) fn thread_kind(jid: &str) -> ThreadKind {
    match jid.rsplit_once('@') {
        Some(("0", "s.whatsapp.net")) => ThreadKind::Service,
        Some((_, "s.whatsapp.net" | "lid" | "bot" | "hosted" | "hosted.lid")) => ThreadKind::Direct,
        Some((_, "g.us")) => ThreadKind::Group,
        Some((_, "newsletter")) => ThreadKind::Channel,
        Some((_, "broadcast")) => ThreadKind::Broadcast,
        _ => ThreadKind::Unknown,
    }
}

/// The phone number in an address of a person.
pub(super) fn number(jid: &str) -> Option<&str> {
    let (user, server) = jid.rsplit_once('@')?;
    let user = user.split([':', '.']).next().unwrap_or(user);
    (server == "s.whatsapp.net" && user.len() > 3 && user.bytes().all(|b| b.is_ascii_digit())).then_some(user)
}

/// An address made of a number or an address; what lacks a server is a number of the ordinary one.
pub(super) fn with_server(id: &str) -> String {
    if id.contains('@') { id.to_owned() } else { format!("{}@s.whatsapp.net", id.trim_start_matches('+')) }
}

/// A number packed as nibbles: one byte of kind (0x81; 0x8c in newer stores), then the digits, padded with F.
/// Seen in `ZRECEIPTINFO` of a real store of 2023.
pub(super) fn unpack(packed: &[u8]) -> Option<String> {
    let (kind, digits) = packed.split_first()?;
    if !matches!(kind, 0x81 | 0x8c) || digits.is_empty() {
        return None;
    }
    let mut number = String::new();
    for nibble in digits.iter().flat_map(|b| [b >> 4, b & 0xf]) {
        match nibble {
            0..=9 => number.push(char::from(b'0'.saturating_add(nibble))),
            0xf => {}
            _ => return None,
        }
    }
    // What server 0x8c stands for is not known: the number stays bare.
    Some(if *kind == 0x81 { format!("{number}@s.whatsapp.net") } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_number_is_unpacked() {
        let packed = [0x81, 0x15, 0x55, 0x00, 0x01, 0x23, 0x4f];
        assert_eq!(unpack(&packed).as_deref(), Some("15550001234@s.whatsapp.net"));
        assert_eq!(unpack(&[0x81]), None);
        assert_eq!(unpack(&[0x20, 0x15]), None);
    }

    #[test]
    fn a_number_gets_the_ordinary_server() {
        assert_eq!(with_server("+15550001234"), "15550001234@s.whatsapp.net");
        assert_eq!(with_server("1@lid"), "1@lid");
        assert_eq!(number("15550001234:3@s.whatsapp.net"), Some("15550001234"));
        assert_eq!(number("120363000000000001@g.us"), None);
    }
}
