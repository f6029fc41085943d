//! Texts: the `text` column, the archived attributed string beside it, and the history of edits.

use forensics_core::decode::typedstream::{Archive, AttributedText, find_text};
use forensics_core::store::plist::{self, Plist};
use forensics_core::value::Value;

/// Raised when an archived text could only be salvaged.
pub(super) const SALVAGED: &str = "text-salvaged";
/// Raised when `text` and `attributedBody` hold different texts.
pub(super) const DIFFERENT: &str = "text-and-body-differ";

/// A text with what must be said of it.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) text: Value,
    pub(super) note: Option<&'static str>,
    /// Why the archive could not be read.
    pub(super) fault: Option<String>,
}

/// Bytes as text, or as they are.
fn text_of(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => Value::from(text),
        Err(_) => Value::from(bytes),
    }
}

fn is_empty(text: &Value) -> bool {
    match text {
        Value::Null => true,
        Value::Text(t) => t.is_empty(),
        Value::Blob(b) => b.is_empty(),
        Value::Int(_) | Value::Real(_) => false,
    }
}

/// The text of an archived attributed string.
pub(super) fn unarchive(bytes: &[u8]) -> Body {
    let fault = match Archive::read(bytes) {
        Ok(archive) => match AttributedText::of(&archive) {
            Some(text) => return Body { text: text_of(text.text), ..Body::default() },
            None => "the archive holds no attributed string".to_owned(),
        },
        Err(error) => error.to_string(),
    };
    let salvaged = find_text(bytes);
    let text = salvaged.map_or_else(|| Value::from(bytes), text_of);
    Body { text, note: salvaged.map(|_| SALVAGED), fault: Some(fault) }
}

/// The text of a message: the column, else the archive. Since iOS 16 the column is often empty.
pub(super) fn read(column: Value, archived: Option<&[u8]>) -> Body {
    let Some(archived) = archived.filter(|b| !b.is_empty()) else { return Body { text: column, ..Body::default() } };
    let body = unarchive(archived);
    if is_empty(&column) {
        return body;
    }
    let differs = body.fault.is_none() && body.text != column && !is_empty(&body.text);
    Body { text: column, note: differs.then_some(DIFFERENT), fault: body.fault }
}

/// One version of an edited part.
#[derive(Debug)]
pub(super) struct Version {
    /// Where it stands in the list: `ec/0/2`.
    pub(super) key: String,
    pub(super) text: Value,
    /// Seconds since 2001.
    pub(super) at: Option<f64>,
    pub(super) fault: Option<String>,
}

/// What `message_summary_info` says of a message's parts.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// All versions of all edited parts, oldest first.
    pub(super) versions: Vec<Version>,
    /// The newest version of each edited part, put together.
    pub(super) newest: Option<String>,
    /// Indexes of parts that were unsent.
    pub(super) retracted: Vec<i64>,
    /// Whether every part was.
    pub(super) all_retracted: bool,
}

/// Reads the binary property list: `otr` the original parts, `ec` the versions of edited ones, `rp` the unsent ones.
pub(super) fn summary(bytes: &[u8]) -> Result<Summary, String> {
    let list = plist::parse(bytes).map_err(|error| error.to_string())?;
    let numbers = |key| -> Vec<i64> {
        let all = list.get(key).and_then(Plist::as_array).unwrap_or_default();
        all.iter().filter_map(Plist::as_int).collect()
    };
    let mut summary = Summary { retracted: numbers("rp"), ..Summary::default() };
    let parts: Vec<i64> = keys(list.get("otr")).into_iter().map(|(part, _)| part).collect();
    summary.all_retracted =
        !summary.retracted.is_empty() && !parts.is_empty() && parts.iter().all(|p| summary.retracted.contains(p));
    for (part, versions) in keys(list.get("ec")) {
        let versions = versions.as_array().unwrap_or_default();
        for (place, version) in versions.iter().enumerate() {
            let body = version.get("t").and_then(Plist::as_data).map(unarchive).unwrap_or_default();
            if place.saturating_add(1) == versions.len()
                && let Value::Text(text) = &body.text
            {
                summary.newest.get_or_insert_default().push_str(text);
            }
            let at = version.get("d").and_then(|d| d.as_real().or_else(|| d.as_date()));
            let key = format!("ec/{part}/{place}");
            summary.versions.push(Version { key, text: body.text, at, fault: body.fault });
        }
    }
    Ok(summary)
}

/// The entries of a dictionary whose keys are part numbers, in their order.
fn keys(dictionary: Option<&Plist>) -> Vec<(i64, &Plist)> {
    let entries = dictionary.and_then(Plist::as_dict).unwrap_or_default();
    let mut parts: Vec<_> = entries.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value))).collect();
    parts.sort_by_key(|(part, _)| *part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_cannot_be_decoded_keeps_its_bytes() {
        let body = read(Value::Null, Some(b"no archive"));
        assert_eq!(body.text, Value::from(&b"no archive"[..]));
        assert!(body.fault.is_some());
        assert_eq!(body.note, None);
    }

    #[test]
    fn the_column_wins_over_an_archive_that_cannot_be_read() {
        let body = read("hello".into(), Some(b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01+\x05wrong\xff"));
        assert_eq!(body.text, "hello".into());
        assert!(body.fault.is_some());
    }

    #[test]
    fn a_summary_that_is_no_property_list_is_an_error() {
        assert!(summary(b"").is_err());
        assert!(summary(b"bplist00garbage").is_err());
    }
}
