-- Source: a reduced set: the columns that parsers read.
CREATE TABLE SessionAbstract (UsrName TEXT PRIMARY KEY, CreateTime INTEGER, unreadcount INTEGER, ConStrRes1 TEXT, ConIntRes1 INTEGER);
