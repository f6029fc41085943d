-- Source: one parser reads these; the shadow table is written plainly, without its virtual table.
CREATE TABLE fts_username_id (usernameid INTEGER PRIMARY KEY, UsrName TEXT);
CREATE TABLE fts_message_table_0_content (docid INTEGER PRIMARY KEY, c0usernameid, c1MesLocalID, c2CreateTime, c3Message);
