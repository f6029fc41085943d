//! Tables that copy the ids of messages: pictures, sounds, films, files, cards, quotes.
//!
//! Their rows outlive the message (they are removed lazily): a row whose message is there adds to it, a row whose message
//! is gone names a missing record. Columns: Android 7.0.4 and two 8.0 stores.

use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{Fate, OpenStore};
use forensics_core::record::{AbsenceKind, Attachment, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::store::sqlite::{Lookup, Row, Table};
use forensics_core::value::Value;

use super::frame::{Frame, Naming, mark, positive, words};
use super::records::Records;
use crate::wechat::columns::columns;
use crate::wechat::rules::absences;

/// A table of one sort of media.
struct SideTable {
    name: &'static str,
    /// The column of the server id; empty where there is none.
    server: &'static str,
    /// The column of the message's row number.
    local: &'static str,
    talkers: &'static [&'static str],
    /// What is left of the message's text.
    text: &'static str,
    /// Further marks worth showing.
    state: &'static str,
}

const SIDE_TABLES: &[SideTable] = &[
    SideTable {
        name: "ImgInfo2",
        server: "msgSvrId",
        local: "msglocalid",
        talkers: &["msgTalker"],
        text: "",
        state: "bigImgPath",
    },
    SideTable {
        name: "voiceinfo",
        server: "MsgId",
        local: "MsgLocalId",
        talkers: &["MsgTalker", "User"],
        text: "",
        state: "Status",
    },
    SideTable {
        name: "videoinfo2",
        server: "msgsvrid",
        local: "msglocalid",
        talkers: &["msg_talker", "user"],
        text: "",
        state: "status",
    },
    SideTable {
        name: "appattach",
        server: "",
        local: "msgInfoId",
        talkers: &["msgInfoTalker"],
        text: "",
        state: "mediaSvrId",
    },
    SideTable {
        name: "AppMessage",
        server: "msgSvrId",
        local: "msgId",
        talkers: &["msgTalker"],
        text: "title",
        state: "",
    },
    SideTable { name: "FileMsgInfo", server: "msgSvrId", local: "", talkers: &[], text: "", state: "filePath" },
    SideTable {
        name: "BizTimeLineInfo",
        server: "msgSvrId",
        local: "",
        talkers: &["talker"],
        text: "content",
        state: "",
    },
];

/// Reads every table of media and hands over the rows whose message is gone.
pub(super) fn read(
    store: &OpenStore,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    for side in SIDE_TABLES {
        let Some(table) = store.table(side.name) else { continue };
        let col = |name: &str| table.column(name);
        let (server, local, state, text) = (col(side.server), col(side.local), col(side.state), col(side.text));
        store.each(sink, side.name, |row, sink| {
            let (server_id, msg_id) = (positive(row, server).unwrap_or(0), positive(row, local).unwrap_or(0));
            if server_id == 0 && msg_id == 0 {
                return Ok(Fate::PassedOver);
            }
            let names = records.missing(server_id, msg_id);
            if names.is_empty() {
                return Ok(Fate::Folded);
            }
            let talker = side.talkers.iter().find_map(|t| words(row, table.column(t)));
            let marks = [
                mark(row, MarkerKind::Reference, side.server, server).filter(|_| server_id > 0),
                mark(row, MarkerKind::Reference, side.local, local).filter(|_| msg_id > 0),
                mark(row, MarkerKind::Remnant, side.state, state),
            ];
            frame.name(
                sink,
                Naming {
                    rule: absences::NAMED_BY_MEDIA.id,
                    kind: AbsenceKind::Dangling,
                    strength: Strength::Strong,
                    names,
                    thread: talker.as_deref(),
                    text: row.value(text),
                    markers: marks.into_iter().flatten().collect(),
                    origin: row.origin(),
                },
            )?;
            Ok(Fate::Folded)
        })?;
    }
    quotes(store, records, frame, sink)
}

columns! {
    /// `MsgQuote`.
    Quote {
        reply_id = "msgId", reply_server = "msgSvrId", quoted_id = "quotedMsgId", quoted_server = "quotedMsgSvrId",
        talker = "quotedMsgTalker",
    }
}

/// `MsgQuote` names both the reply and what it quotes.
fn quotes(store: &OpenStore, records: &Records<'_>, frame: &mut Frame, sink: &mut dyn Sink) -> Result<(), Stopped> {
    let Some(table) = store.table("MsgQuote") else { return Ok(()) };
    let c = Quote::of(table);
    store.each(sink, "MsgQuote", |row, sink| {
        let sides = [
            ("quotedMsgSvrId", c.quoted_server, "quotedMsgId", c.quoted_id, absences::QUOTED.id),
            ("msgSvrId", c.reply_server, "msgId", c.reply_id, absences::NAMED_BY_MEDIA.id),
        ];
        for (server_name, server, local_name, local, rule) in sides {
            let (server_id, msg_id) = (positive(row, server).unwrap_or(0), positive(row, local).unwrap_or(0));
            let names = records.missing(server_id, msg_id);
            if names.is_empty() {
                continue;
            }
            let marks = [
                mark(row, MarkerKind::Reference, server_name, server).filter(|_| server_id > 0),
                mark(row, MarkerKind::Reference, local_name, local).filter(|_| msg_id > 0),
            ];
            let talker = words(row, c.talker);
            frame.name(
                sink,
                Naming {
                    rule,
                    kind: AbsenceKind::Dangling,
                    strength: Strength::Strong,
                    names,
                    thread: talker.as_deref(),
                    text: Value::Null,
                    markers: marks.into_iter().flatten().collect(),
                    origin: row.origin(),
                },
            )?;
        }
        Ok(Fate::Folded)
    })
}

/// The rows of one table by the two ways in which they name a message.
struct Side<'a> {
    spec: &'static SideTable,
    table: &'a Table,
    by_server: Lookup,
    by_local: Lookup,
}

/// What the media tables say of messages that are there.
pub(super) struct Media<'a> {
    store: &'a OpenStore,
    sides: Vec<Side<'a>>,
    quoted: Option<(&'a Table, Lookup)>,
}

impl<'a> Media<'a> {
    pub(super) fn of(store: &'a OpenStore) -> Self {
        let side = |spec: &'static SideTable| {
            let table = store.table(spec.name)?;
            Some(Side {
                spec,
                table,
                by_server: Lookup::build(store, table, table.column(spec.server)),
                by_local: Lookup::build(store, table, table.column(spec.local)),
            })
        };
        let quoted =
            store.table("MsgQuote").map(|table| (table, Lookup::build(store, table, table.column("quotedMsgSvrId"))));
        Media { store, sides: SIDE_TABLES.iter().filter_map(side).collect(), quoted }
    }

    /// The marks and files that the tables hold for a message.
    pub(super) fn of_message(&self, server_id: i64, msg_id: i64) -> (Vec<Marker>, Vec<Attachment>) {
        let (mut markers, mut files) = (Vec::new(), Vec::new());
        for side in &self.sides {
            for rowid in side.rows(server_id, msg_id) {
                let Ok(Some(row)) = self.store.get(side.table, rowid) else { continue };
                let spec = side.spec;
                let server = side.table.column(spec.server);
                if server_id > 0 && row.int_lossy(server) == Some(server_id) {
                    markers.extend(mark(&row, MarkerKind::Reference, spec.server, server));
                } else {
                    markers.extend(mark(&row, MarkerKind::Reference, spec.local, side.table.column(spec.local)));
                }
                if spec.name == "appattach" {
                    let media = side.table.column("mediaSvrId");
                    markers.extend(
                        mark(&row, MarkerKind::CloudRecord, "mediaSvrId", media)
                            .filter(|m| m.raw.as_text() != Some("")),
                    );
                }
                files.extend(file(&row, spec.name, side.table));
            }
        }
        if let Some((table, lookup)) = self.quoted.as_ref().filter(|_| server_id > 0) {
            for rowid in lookup.rowids(server_id) {
                let Ok(Some(row)) = self.store.get(table, rowid) else { continue };
                let column = table.column("quotedMsgSvrId");
                markers.extend(mark(&row, MarkerKind::Reference, "quotedMsgSvrId", column));
            }
        }
        (markers, files)
    }
}

impl Side<'_> {
    /// The rows that name a message, each once, by rowid.
    fn rows(&self, server_id: i64, msg_id: i64) -> Vec<i64> {
        let mut rows = Vec::new();
        if server_id > 0 {
            rows.extend(self.by_server.rowids(server_id));
        }
        if msg_id > 0 {
            rows.extend(self.by_local.rowids(msg_id));
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

/// The file that a row of media stands for.
fn file(row: &Row<'_>, table_name: &str, table: &Table) -> Option<Attachment> {
    let text = |name: &str| words(row, table.column(name));
    let number = |name: &str| positive(row, table.column(name));
    let (name, path, size) = match table_name {
        "ImgInfo2" => {
            let full = text("bigImgPath").filter(|p| !p.starts_with("SERVERID://"));
            (None, full.or_else(|| text("thumbImgPath")), number("totalLen"))
        }
        "voiceinfo" => (text("FileName"), None, number("TotalLen")),
        "videoinfo2" => (text("origin_file_name").or_else(|| text("filename")), text("video_path"), number("totallen")),
        "appattach" => {
            let path = text("fileFullPath");
            let name = path.as_deref().and_then(|p| p.rsplit('/').next()).map(str::to_owned);
            (name, path, number("totalLen"))
        }
        "FileMsgInfo" => (None, text("filePath"), None),
        _ => return None,
    };
    if name.is_none() && path.is_none() && size.is_none() {
        return None;
    }
    Some(Attachment {
        name: name.map(Into::into),
        mime: None,
        size,
        path: path.map(Into::into),
        sha256: None,
        origin: row.origin(),
    })
}
