//! `WxFileIndex.db`: media files by message (table of an 8.0 store; greycodee/wechat-backup).

use forensics_core::marker::MarkerKind;
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::value::Value;

use super::frame::{Frame, Naming, mark, positive, words};
use super::records::Records;
use crate::wechat::columns::columns;
use crate::wechat::rules::absences;

columns! {
    /// `WxFileIndex2`, `WxFileIndex3`.
    Columns { msg_id = "msgId", username = "username", path = "path", size = "size", msgtime = "msgtime" }
}

/// Hands over the files whose message is gone.
pub(super) fn read(
    store: &OpenStore,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let is_index = |name: &str| name.to_ascii_lowercase().starts_with("wxfileindex");
    let table = store.tables().find(|t| is_index(&t.name) && t.has("path") && t.has("msgId"));
    let Some(table) = table else { return store.finish(sink) };
    let c = Columns::of(table);
    store.each(sink, &table.name, |row, sink| {
        let Some(message) = positive(row, c.msg_id) else { return Ok(Fate::PassedOver) };
        let names = records.missing(0, message);
        if names.is_empty() {
            return Ok(Fate::PassedOver);
        }
        let marks = [
            mark(row, MarkerKind::Reference, "msgId", c.msg_id),
            mark(row, MarkerKind::Remnant, "path", c.path),
            mark(row, MarkerKind::Remnant, "size", c.size),
            mark(row, MarkerKind::Remnant, "msgtime", c.msgtime),
        ];
        let thread = words(row, c.username);
        frame.name(
            sink,
            Naming {
                rule: absences::LEFT_IN_THE_FILE_INDEX.id,
                kind: AbsenceKind::RemnantOnly,
                strength: Strength::Strong,
                names,
                thread: thread.as_deref(),
                text: Value::Null,
                markers: marks.into_iter().flatten().collect(),
                origin: row.origin(),
            },
        )?;
        Ok(Fate::Folded)
    })?;
    store.finish(sink)
}
