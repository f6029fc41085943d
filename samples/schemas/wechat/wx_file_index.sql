-- Source: dumps of real devices.
CREATE TABLE WxFileIndex3 (msgId LONG, username TEXT, msgType INTEGER, msgSubType INTEGER, path TEXT, size LONG, msgtime LONG, hash BLOB, diskSpace LONG, linkUUID BLOB, subIdx INTEGER, detail TEXT, flags LONG);
CREATE TABLE WxFileIndexDirty (msgId INTEGER PRIMARY KEY);
CREATE TABLE WxFileIndexRefresh (indexRowId INTEGER PRIMARY KEY);
CREATE TABLE WxFileIndexRegistry (id INTEGER PRIMARY KEY, value BLOB);
