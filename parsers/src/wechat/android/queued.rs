//! `pushSyncResp`: answers of the server that the push process fetched and the main store does not hold yet
//! (Android 7.0.4, `booter/g`, `modelmulti/b`, `a/l`).
//!
//! `syncResp.ini` is the number of answers; each `syncResp.bin<n>` is RC4 of
//! `NewSyncResponse { 2 CmdList { 1 count; repeated 2 { 1 CmdId; 2 { 1 iLen; 2 CmdBuf } } }; 3 ContinueFlag; 4 KeyBuf }`.

use forensics_core::decode::protobuf::Message as Wire;
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::origin::{Origin, StoreId};
use forensics_core::record::{AbsenceKind, Strength};
use forensics_core::sink::{Sink, Stopped};
use forensics_core::stamp::{Epoch, Stamp};
use forensics_core::value::Value;

use super::frame::{Frame, Naming};
use super::records::Records;
use crate::wechat::digest::rc4;
use crate::wechat::rules::absences;
use crate::wechat::talker;

/// `CmdId` of a new message.
const ADD_MSG: i64 = 5;
/// `CmdId` of a deleted chat.
const DEL_CHAT_MSG: i64 = 8;
/// Commands of one answer; the server sends some hundred at most.
const MOST_COMMANDS: usize = 100_000;

/// The commands of an answer: `(CmdId, bytes, offset in the decrypted file)`.
pub(super) struct Answer {
    plain: Vec<u8>,
}

impl Answer {
    /// Decrypts a file with the first key that gives a well-formed answer.
    pub(super) fn open(bytes: &[u8], keys: &[String]) -> Option<Answer> {
        keys.iter().find_map(|key| {
            let plain = rc4(key.as_bytes(), bytes)?;
            let message = Wire::new(&plain);
            let well_formed = message.all().is_ok_and(|fields| !fields.is_empty());
            let listed = message.message(2).is_some_and(|list| list.all().is_ok());
            (well_formed && listed).then_some(Answer { plain })
        })
    }

    /// Hands over the messages that no record carries; how many commands were read.
    pub(super) fn read(
        &self,
        store: StoreId,
        records: &Records<'_>,
        frame: &mut Frame,
        sink: &mut dyn Sink,
    ) -> Result<u64, Stopped> {
        let Some(list) = Wire::new(&self.plain).message(2) else { return Ok(0) };
        let mut count: u64 = 0;
        for command in list.messages(2).take(MOST_COMMANDS) {
            count = count.saturating_add(1);
            let Some(body) = command.message(2).and_then(|b| b.message(2)) else { continue };
            let place = Origin::bytes(store, body.start() as u64, body.bytes().len() as u64);
            match command.int(1) {
                Some(ADD_MSG) => add_msg(body, place, records, frame, sink)?,
                Some(DEL_CHAT_MSG) => del_chat_msg(body, place, records, frame, sink)?,
                _ => {}
            }
        }
        Ok(count)
    }
}

/// `AddMsg { 2 From { 1 }; 3 To { 1 }; 4 MsgType; 5 Content { 1 }; 6 Status; 9 CreateTime; 10 MsgSource; 12 NewMsgId; 13 MsgSeq }`.
fn add_msg(
    body: Wire<'_>,
    place: Origin,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(id) = body.int(12).filter(|id| *id > 0) else { return Ok(()) };
    let names = records.missing(id, 0);
    if names.is_empty() {
        return Ok(());
    }
    let name_of = |field: u32| body.message(field).and_then(|m| m.text(1)).map(str::to_owned);
    let (from, to) = (name_of(2), name_of(3));
    let thread = from.filter(|from| !frame.is_own(from)).or(to);
    let content = name_of(5).unwrap_or_default();
    let text = match talker::split_sender(&content).filter(|_| thread.as_deref().is_some_and(talker::is_room)) {
        Some((_, text)) => text.to_owned(),
        None => content,
    };
    let at = |name: &str| place.within(name);
    let mut markers = vec![Marker::new(MarkerKind::ServerId, "NewMsgId", id, at("AddMsg.NewMsgId"))];
    let numbers = [
        (MarkerKind::ServerTime, "CreateTime", 9),
        (MarkerKind::Sequence, "MsgSeq", 13),
        (MarkerKind::State, "MsgType", 4),
        (MarkerKind::State, "Status", 6),
    ];
    for (kind, name, field) in numbers {
        let Some(number) = body.int(field) else { continue };
        let marker = Marker::new(kind, name, number, at(&format!("AddMsg.{name}")));
        markers.push(match kind {
            MarkerKind::ServerTime => marker.meaning(Stamp::int(number, Epoch::UnixSeconds).to_string()),
            _ => marker,
        });
    }
    frame.name(
        sink,
        Naming {
            rule: absences::QUEUED_ANSWER.id,
            kind: AbsenceKind::Undelivered,
            strength: Strength::Strong,
            names,
            thread: thread.as_deref(),
            text: if text.is_empty() { Value::Null } else { text.into() },
            markers,
            origin: place,
        },
    )
}

/// `DelChatMsg { 1 user; 2 maxMsgId; 3 NewMsgId }`.
fn del_chat_msg(
    body: Wire<'_>,
    place: Origin,
    records: &Records<'_>,
    frame: &mut Frame,
    sink: &mut dyn Sink,
) -> Result<(), Stopped> {
    let Some(id) = body.int(3).filter(|id| *id > 0) else { return Ok(()) };
    let names = records.missing(id, 0);
    if names.is_empty() {
        return Ok(());
    }
    let user = body.message(1).and_then(|m| m.text(1)).map(str::to_owned);
    let marker = Marker::new(MarkerKind::Tombstone, "NewMsgId", id, place.within("DelChatMsg.NewMsgId"));
    frame.name(
        sink,
        Naming {
            rule: absences::DELETED_ELSEWHERE.id,
            kind: AbsenceKind::Tombstoned,
            strength: Strength::Strong,
            names,
            thread: user.as_deref(),
            text: Value::Null,
            markers: vec![marker],
            origin: place,
        },
    )
}
