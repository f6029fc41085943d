//! Stores made by hand from Apple's own table definitions, and what a case says of them.

use std::path::{Path, PathBuf};

use forensics_core::app::App as _;
use forensics_core::case::{AbsenceRow, Case, CaseError, Filter, IssueRow, MessageRow, Order, Shard, TallyRow};
use forensics_core::issue::{CODES, Code};
use forensics_core::keys::KeyRing;
use forensics_core::run::{Plan, Silent, run};
use rusqlite::Connection;

/// iOS 12.4 (amandawills/CS426-iphone-sms-forensics:sms.db), without indexes.
pub(crate) const IOS_12: &str = "
CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key));
INSERT INTO _SqliteDatabaseProperties VALUES ('_ClientVersion','12005');
CREATE TABLE deleted_messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL);
CREATE TABLE sync_deleted_messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, recordID TEXT );
CREATE TABLE sync_deleted_chats (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, recordID TEXT,timestamp INTEGER);
CREATE TABLE sync_deleted_attachments (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, recordID TEXT );
CREATE TABLE kvtable (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, key TEXT UNIQUE NOT NULL, value BLOB NOT NULL);
CREATE TABLE message_processing_task (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, task_flags INTEGER NOT NULL );
CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT, service TEXT NOT NULL, uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service) );
CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER, account_id TEXT, properties BLOB, chat_identifier TEXT, service_name TEXT, room_name TEXT, account_login TEXT, is_archived INTEGER DEFAULT 0, last_addressed_handle TEXT, display_name TEXT, group_id TEXT, is_filtered INTEGER, successful_query INTEGER, engram_id TEXT, server_change_token TEXT, ck_sync_state INTEGER DEFAULT 0, original_group_id TEXT, last_read_message_timestamp INTEGER DEFAULT 0, cloudkit_record_id TEXT, last_addressed_sim_id TEXT);
CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER DEFAULT 0, service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB, version INTEGER DEFAULT 0, type INTEGER DEFAULT 0, service TEXT, account TEXT, account_guid TEXT, error INTEGER DEFAULT 0, date INTEGER, date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0, is_emote INTEGER DEFAULT 0, is_from_me INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0, was_downgraded INTEGER DEFAULT 0, cache_has_attachments INTEGER DEFAULT 0, cache_roomnames TEXT, is_audio_message INTEGER DEFAULT 0, is_played INTEGER DEFAULT 0, date_played INTEGER, item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0, group_title TEXT, group_action_type INTEGER DEFAULT 0, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, balloon_bundle_id TEXT, payload_data BLOB, expressive_send_style_id TEXT, message_summary_info BLOB, ck_sync_state INTEGER DEFAULT 0, ck_record_id TEXT, ck_record_change_tag TEXT, destination_caller_id TEXT, sr_ck_sync_state INTEGER DEFAULT 0, sr_ck_record_id TEXT, sr_ck_record_change_tag TEXT, is_corrupt INTEGER DEFAULT 0);
CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, created_date INTEGER DEFAULT 0, start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT, transfer_state INTEGER DEFAULT 0, is_outgoing INTEGER DEFAULT 0, user_info BLOB, transfer_name TEXT, total_bytes INTEGER DEFAULT 0, is_sticker INTEGER DEFAULT 0, hide_attachment INTEGER DEFAULT 0, ck_sync_state INTEGER DEFAULT 0, ck_server_change_token_blob BLOB, ck_record_id TEXT, original_guid TEXT UNIQUE);
CREATE TABLE chat_handle_join (chat_id INTEGER REFERENCES chat (ROWID) ON DELETE CASCADE, handle_id INTEGER REFERENCES handle (ROWID) ON DELETE CASCADE, UNIQUE(chat_id, handle_id));
CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id));
CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id));
CREATE TRIGGER add_to_deleted_messages AFTER DELETE ON message BEGIN INSERT INTO deleted_messages (guid) VALUES (OLD.guid); END;
CREATE TRIGGER add_to_sync_deleted_messages AFTER DELETE ON message BEGIN INSERT INTO sync_deleted_messages (guid, recordID) VALUES (OLD.guid, OLD.ck_record_id); END;
CREATE TRIGGER add_to_sync_deleted_attachments AFTER DELETE ON attachment BEGIN INSERT INTO sync_deleted_attachments (guid, recordID) VALUES (OLD.guid, OLD.ck_record_id); END;
";

/// What iOS 26 has more (gaelic-ghost/spelunking:research/Messages/storage/chatdb-schema-macos-26.5.2.txt).
pub(crate) const MORE_OF_IOS_26: &str = "
ALTER TABLE message ADD COLUMN reply_to_guid TEXT;
ALTER TABLE message ADD COLUMN thread_originator_guid TEXT;
ALTER TABLE message ADD COLUMN thread_originator_part TEXT;
ALTER TABLE message ADD COLUMN was_delivered_quietly INTEGER DEFAULT 0;
ALTER TABLE message ADD COLUMN did_notify_recipient INTEGER DEFAULT 0;
ALTER TABLE message ADD COLUMN date_retracted INTEGER;
ALTER TABLE message ADD COLUMN date_edited INTEGER;
ALTER TABLE message ADD COLUMN date_recovered INTEGER;
ALTER TABLE message ADD COLUMN associated_message_emoji TEXT;
ALTER TABLE message ADD COLUMN is_pending_satellite_send INTEGER DEFAULT 0;
ALTER TABLE message ADD COLUMN schedule_type INTEGER DEFAULT 0;
ALTER TABLE message ADD COLUMN schedule_state INTEGER DEFAULT 0;
ALTER TABLE message ADD COLUMN index_state INTEGER DEFAULT 0;
CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER, ck_sync_state INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id), CHECK (delete_date != 0));
CREATE TABLE recoverable_message_part (chat_id INTEGER, message_id INTEGER, part_index INTEGER, delete_date INTEGER, part_text BLOB NOT NULL, ck_sync_state INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id, part_index), CHECK (delete_date != 0));
CREATE TABLE unsynced_removed_recoverable_messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, chat_guid TEXT NOT NULL, message_guid TEXT NOT NULL, part_index INTEGER);
CREATE TABLE scheduled_messages_pending_cloudkit_delete (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, recordID TEXT );
CREATE TABLE persistent_tasks (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, guid TEXT NOT NULL, flag_group INTEGER NOT NULL, flag INTEGER NOT NULL);
";

/// One person, one account, one conversation.
const CAST: &str = "
INSERT INTO handle (id, country, service) VALUES ('+15550100','us','iMessage');
INSERT INTO chat (guid, style, state, account_id, chat_identifier, service_name, account_login)
  VALUES ('iMessage;-;+15550100',45,3,'3D526160-8D5B-4B0E-9146-E5599AC24A3D','+15550100','iMessage','E:me@example.org');
INSERT INTO chat_handle_join VALUES (1,1);
";

pub(crate) const CHAT: &str = "iMessage;-;+15550100";

/// A second of the store's own time, in nanoseconds.
pub(crate) const SECOND: i64 = 1_000_000_000;
/// When the stories begin.
pub(crate) const START: i64 = 600_000_000 * SECOND;

/// The identifier of the message with this number.
pub(crate) fn guid(number: i64) -> String {
    format!("00000000-0000-4000-8000-{number:012X}")
}

/// A record id as iCloud knows it.
pub(crate) fn record(number: i64) -> String {
    format!("{number:064x}")
}

/// A phone in the making.
pub(crate) struct Phone {
    pub(crate) db: Connection,
    files: Vec<(String, Vec<u8>)>,
}

impl Phone {
    pub(crate) fn ios_12() -> Self {
        let phone = Phone { db: Connection::open_in_memory().expect("a database"), files: Vec::new() };
        phone.sql(IOS_12);
        phone.sql(CAST);
        phone
    }

    pub(crate) fn ios_26() -> Self {
        let phone = Phone::ios_12();
        phone.sql(MORE_OF_IOS_26);
        phone
    }

    pub(crate) fn bare() -> Self {
        Phone { db: Connection::open_in_memory().expect("a database"), files: Vec::new() }
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.db.execute_batch(sql).expect("SQL");
    }

    /// A file below `/private/var/mobile`.
    pub(crate) fn file(&mut self, path: &str, bytes: &[u8]) {
        self.files.push((path.to_owned(), bytes.to_vec()));
    }

    /// Sets columns of a message.
    pub(crate) fn set(&self, rowid: i64, columns: &str) {
        self.sql(&format!("UPDATE message SET {columns} WHERE ROWID={rowid}"));
    }

    /// A received iMessage; gives its row.
    pub(crate) fn receive(&self, text: &str) -> i64 {
        self.add(text, "is_delivered=1, is_finished=1, is_read=1, handle_id=1")
    }

    /// A sent and delivered iMessage; gives its row.
    pub(crate) fn send(&self, text: &str) -> i64 {
        let rowid = self.add(text, "is_from_me=1, is_sent=1, is_delivered=1, is_finished=1, handle_id=1");
        self.set(rowid, "date_delivered=date+1000000000");
        rowid
    }

    fn add(&self, text: &str, columns: &str) -> i64 {
        let rowid = self.number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name='message'),0)+1");
        let date = START + rowid * 60 * SECOND;
        let sql =
            "INSERT INTO message (guid, text, service, account, date) VALUES (?1,?2,'iMessage','e:me@example.org',?3)";
        self.db.execute(sql, rusqlite::params![guid(rowid), text, date]).expect("a message");
        self.set(rowid, columns);
        self.sql(&format!("INSERT INTO chat_message_join VALUES (1,{rowid},{date})"));
        rowid
    }

    /// Deletes a message as the app does, with its links.
    pub(crate) fn delete(&self, rowid: i64) {
        self.sql(&format!(
            "DELETE FROM chat_message_join WHERE message_id={rowid}; DELETE FROM message WHERE ROWID={rowid}"
        ));
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.db.query_row(sql, [], |r| r.get(0)).expect("a number")
    }

    pub(crate) fn blob(&self, rowid: i64, column: &str, bytes: &[u8]) {
        let sql = format!("UPDATE message SET {column}=?1 WHERE ROWID={rowid}");
        self.db.execute(&sql, [bytes]).expect("a blob");
    }

    pub(crate) fn properties(&self, chat: i64, bytes: &[u8]) {
        self.db
            .execute("UPDATE chat SET properties=?1 WHERE ROWID=?2", rusqlite::params![bytes, chat])
            .expect("a blob");
    }

    /// Writes the store.
    pub(crate) fn save(&self, path: &Path) {
        write(path, b"");
        self.db.execute("VACUUM INTO ?1", [path.to_str().expect("a path")]).expect("a copy");
    }

    /// What a case says of the phone.
    pub(crate) fn read(&self) -> Reading {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("phone/private/var/mobile");
        self.save(&home.join("Library/SMS/sms.db"));
        for (path, bytes) in &self.files {
            write(&home.join(path), bytes);
        }
        Reading::of(&folder.path().join("phone"), &folder)
    }
}

#[expect(clippy::disallowed_methods, reason = "tests write their own evidence")]
fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

/// A case of one store.
pub(crate) struct Reading {
    pub(crate) shard: Shard,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) absences: Vec<AbsenceRow>,
    pub(crate) issues: Vec<IssueRow>,
    pub(crate) tallies: Vec<TallyRow>,
}

impl Reading {
    pub(crate) fn of(source: &Path, work: &tempfile::TempDir) -> Self {
        let out: PathBuf = work.path().join("case");
        let plan =
            Plan { sources: vec![source.to_owned()], out: out.clone(), replace: false, jobs: 1, tool: "test".into() };
        let outcome = run(&plan, &[&parsers::imessage::IMessage], &KeyRing::default(), &Silent).expect("a run");
        let case = Case::open(&out).expect("a case");
        let shard = case.shard(&outcome.evidence[0]).expect("a shard");
        let mut messages = Vec::new();
        let all = shard.messages::<CaseError>(&Filter::default(), Order::Origin, |m| {
            messages.push(m);
            Ok(())
        });
        all.expect("messages");
        let ids: Vec<_> = shard.stores().iter().map(|s| s.id).collect();
        let absences = ids.iter().flat_map(|id| shard.absences(*id).expect("absences")).collect();
        let mut issues: Vec<IssueRow> = ids.iter().flat_map(|id| shard.issues(Some(*id)).expect("issues")).collect();
        issues.extend(shard.issues(None).expect("issues"));
        let tallies: Vec<TallyRow> = ids.iter().flat_map(|id| shard.tallies(*id).expect("tallies")).collect();
        for tally in &tallies {
            let told = tally.emitted + tally.folded + tally.passed_over + tally.quarantined;
            assert_eq!(tally.seen, told, "{tally:?}");
        }
        let reading = Reading { shard, messages, absences, issues, tallies };
        reading.check_words();
        reading
    }

    /// Every note, issue code and rule is one that the manifest explains.
    fn check_words(&self) {
        let manifest = parsers::imessage::IMessage.manifest();
        let knows = |list: &[Code], word: &str| list.iter().any(|c| c.code == word);
        for note in self.messages.iter().flat_map(|m| &m.notes) {
            assert!(note.starts_with("inferred-") || knows(manifest.notes, note), "note {note} is not explained");
        }
        for issue in &self.issues {
            let known = knows(manifest.codes, &issue.code) || knows(CODES, &issue.code);
            assert!(known, "issue {} is not explained", issue.code);
        }
        for rule in self.absences.iter().flat_map(|a| a.rules.as_array().expect("rules")) {
            assert!(rule.as_str().is_some_and(|r| manifest.rule(r).is_some()), "rule {rule} is not in the manifest");
        }
    }

    pub(crate) fn message(&self, rowid: i64) -> &MessageRow {
        self.messages.iter().find(|m| m.origin.rowid == Some(rowid)).expect("the message")
    }

    /// Verdict and reach.
    pub(crate) fn verdict(&self, rowid: i64) -> String {
        let m = self.message(rowid);
        match &m.reach {
            Some(reach) => format!("{} ({reach})", m.verdict),
            None => m.verdict.clone(),
        }
    }

    pub(crate) fn has_note(&self, rowid: i64, note: &str) -> bool {
        self.message(rowid).notes.iter().any(|n| n == note)
    }

    /// Absences as `kind rule id after before at_most`.
    pub(crate) fn summary(&self) -> Vec<String> {
        let number = |n: Option<i64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
        let line = |a: &AbsenceRow| {
            let rules = a.rules.as_array().expect("rules").iter().filter_map(|r| r.as_str());
            let rules: Vec<_> = rules.map(|r| r.trim_start_matches("imessage.ios.")).collect();
            let id = a.id.clone().unwrap_or_else(|| "-".to_owned());
            let (after, before, most) = (number(a.after), number(a.before), number(a.at_most));
            format!("{} {} {id} {after} {before} {most}", a.kind, rules.join("+"))
        };
        let mut lines: Vec<String> = self.absences.iter().map(line).collect();
        lines.sort();
        lines
    }

    pub(crate) fn issue(&self, code: &str) -> Option<&IssueRow> {
        self.issues.iter().find(|i| i.code == code)
    }
}
