//! Names in zips: bytes whose encoding has to be inferred.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use super::directory::Member;

/// The upper half of code page 437, in which names without bit 11 are written by the book.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// A raw name as text: UTF-8 where bit 11 says so or the bytes are UTF-8, else code page 437. Backslashes separate only
/// in names made under DOS that hold no slash.
pub(super) fn text<'a>(raw: &'a [u8], member: Option<&Member>) -> Cow<'a, str> {
    let says_utf8 = member.is_some_and(|m| m.utf8);
    let text = match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if says_utf8 => String::from_utf8_lossy(raw),
        Err(_) => Cow::Owned(raw.iter().map(|b| cp437(*b)).collect()),
    };
    let from_dos = member.is_some_and(|m| m.from_dos);
    if from_dos && text.contains('\\') && !text.contains('/') {
        return Cow::Owned(text.replace('\\', "/"));
    }
    text
}

fn cp437(byte: u8) -> char {
    match byte.checked_sub(0x80) {
        Some(upper) => CP437.chars().nth(upper.into()).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(byte),
    }
}

/// What macOS adds to zips on its own: no file of the phone.
pub(super) fn is_noise(raw: &[u8]) -> bool {
    raw.starts_with(b"__MACOSX/") || raw.windows(10).any(|w| w == b"/__MACOSX/")
}

/// A hash for counting duplicates.
pub(super) fn hash(raw: &[u8]) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(raw)
}
