-- Source: read in the app's code, 7.0.4; the private tokenizer is written in afterwards.
CREATE TABLE FTS5IndexVersion (type INTEGER PRIMARY KEY, version INTEGER);
CREATE TABLE FTS5MetaMessage (docid INTEGER PRIMARY KEY, type INT, subtype INT DEFAULT 0, entity_id INTEGER, aux_index TEXT, timestamp INTEGER, status INT DEFAULT 0, talker TEXT);
CREATE INDEX FTS5MetaMessage_typeId ON FTS5MetaMessage(type, entity_id);
CREATE INDEX FTS5MetaMessage_entity_id_subtype ON FTS5MetaMessage(entity_id, subtype);
CREATE INDEX FTS5MetaMessage_aux_index_subtype ON FTS5MetaMessage(aux_index, subtype);
CREATE INDEX FTS5MetaMessage_timestamp ON FTS5MetaMessage(timestamp);
CREATE INDEX FTS5MetaMessage_talker ON FTS5MetaMessage(talker);
CREATE VIRTUAL TABLE FTS5IndexMessage USING fts5(content, tokenize='unicode61', prefix='1 2 3 4 5');
