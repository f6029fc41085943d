-- One shard: everything found in one evidence item. Written once, sealed, then only read.
-- Numbers in `term`-typed columns point into `term`; times stand as stored (`…_raw`, `…_epoch`) and as Unix milliseconds (`…_ms`).
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE store (id INTEGER PRIMARY KEY, key TEXT NOT NULL, app TEXT NOT NULL, platform TEXT NOT NULL, install TEXT NOT NULL, role TEXT NOT NULL, path TEXT NOT NULL,
  sha256 TEXT, size INTEGER, generation TEXT, encrypted TEXT, status TEXT NOT NULL, wal_frames INTEGER NOT NULL, wal_sha256 TEXT);
CREATE TABLE account (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, account INTEGER NOT NULL, name TEXT, extra TEXT, origin TEXT NOT NULL);
CREATE TABLE contact (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, account INTEGER NOT NULL, contact INTEGER NOT NULL, name TEXT, extra TEXT, origin TEXT NOT NULL);
CREATE TABLE thread (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER NOT NULL, name TEXT, kind TEXT NOT NULL, participants TEXT, extra TEXT, origin TEXT NOT NULL);
CREATE TABLE message (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, space INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER NOT NULL, key TEXT NOT NULL,
  sender INTEGER, direction TEXT NOT NULL, sent_raw, sent_epoch TEXT, sent_ms INTEGER, received_raw, received_epoch TEXT, kind TEXT NOT NULL, native_type INTEGER, text,
  server_id TEXT, reply_to TEXT, state TEXT NOT NULL, sequence INTEGER,
  table_name INTEGER, row INTEGER, page INTEGER, offset INTEGER, length INTEGER, wal_frame INTEGER, row_key TEXT,
  attachments TEXT, reactions TEXT, edits TEXT, receipts TEXT, markers TEXT, notes TEXT, call TEXT);
CREATE TABLE alias (space INTEGER NOT NULL, key TEXT NOT NULL, message INTEGER NOT NULL);
-- The weighed findings of each message: the opinion beside the facts.
CREATE TABLE verdict (message INTEGER PRIMARY KEY, verdict TEXT NOT NULL, reach TEXT, findings TEXT);
CREATE TABLE cursor (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, space INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER, sequence TEXT NOT NULL, says TEXT NOT NULL,
  a INTEGER, b INTEGER, marker TEXT NOT NULL, origin TEXT NOT NULL);
CREATE TABLE mention (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, space INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER, names TEXT NOT NULL, kind TEXT NOT NULL,
  strength TEXT NOT NULL, rule TEXT NOT NULL, text, after INTEGER, before INTEGER, at_most INTEGER, markers TEXT NOT NULL, origin TEXT NOT NULL);
CREATE TABLE absence (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, space INTEGER NOT NULL, account INTEGER NOT NULL, thread INTEGER, kind TEXT NOT NULL, strength TEXT NOT NULL,
  name TEXT, after INTEGER, before INTEGER, at_most INTEGER, text, recovered_as TEXT, rules TEXT NOT NULL, markers TEXT NOT NULL, origin TEXT NOT NULL);
CREATE TABLE issue (id INTEGER PRIMARY KEY, store INTEGER, code TEXT NOT NULL, severity TEXT NOT NULL, detail TEXT NOT NULL, origin TEXT);
CREATE TABLE quarantine (id INTEGER PRIMARY KEY, store INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, row_values TEXT NOT NULL, origin TEXT NOT NULL);
CREATE TABLE tally (store INTEGER NOT NULL, name TEXT NOT NULL, seen INTEGER NOT NULL, emitted INTEGER NOT NULL, folded INTEGER NOT NULL, passed_over INTEGER NOT NULL, quarantined INTEGER NOT NULL,
  PRIMARY KEY (store, name)) WITHOUT ROWID;
