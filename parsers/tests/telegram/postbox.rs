//! A small Postbox encoder that shares nothing with the reader, and a store to put its values in.

use rusqlite::{Connection, params};

use crate::phone::Phone;

pub(crate) const ME: i64 = 9000;
pub(crate) const ANNA: i64 = 1001;
pub(crate) const GROUP: i64 = 1 << 32 | 2001;
pub(crate) const SUPERGROUP: i64 = 2 << 32 | 3001;
pub(crate) const CHANNEL: i64 = 2 << 32 | 3002;
pub(crate) const SECRET: i64 = 3 << 32 | 77;

/// MurmurHash3 of 32 bits, as Postbox hashes the names of classes.
pub(crate) fn hash(name: &str) -> i32 {
    murmur(name.as_bytes()).cast_signed()
}

pub(crate) fn murmur(bytes: &[u8]) -> u32 {
    let mix = |k: u32| k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let mut h = 0xf7ca_7fd2u32;
    let mut chunks = bytes.chunks_exact(4);
    for chunk in &mut chunks {
        h ^= mix(u32::from_le_bytes(chunk.try_into().unwrap()));
        h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let mut tail = [0; 4];
    tail[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    h ^= mix(u32::from_le_bytes(tail));
    h ^= u32::try_from(bytes.len()).unwrap();
    h = (h ^ (h >> 16)).wrapping_mul(0x85eb_ca6b);
    h = (h ^ (h >> 13)).wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// An object being written.
#[derive(Clone, Default)]
pub(crate) struct Object(pub Vec<u8>);

impl Object {
    fn field(mut self, key: &str, kind: u8, value: &[u8]) -> Self {
        self.0.push(u8::try_from(key.len()).unwrap());
        self.0.extend(key.as_bytes());
        self.0.push(kind);
        self.0.extend(value);
        self
    }

    pub(crate) fn int(self, key: &str, value: i32) -> Self {
        self.field(key, 0, &value.to_le_bytes())
    }

    pub(crate) fn long(self, key: &str, value: i64) -> Self {
        self.field(key, 1, &value.to_le_bytes())
    }

    pub(crate) fn text(self, key: &str, value: &str) -> Self {
        self.field(key, 4, &counted(value.as_bytes()))
    }

    pub(crate) fn bytes(self, key: &str, value: &[u8]) -> Self {
        self.field(key, 10, &counted(value))
    }

    pub(crate) fn object(self, key: &str, class: &str, inner: &Object) -> Self {
        let value = [&hash(class).to_le_bytes()[..], &counted(&inner.0)].concat();
        self.field(key, 5, &value)
    }

    /// The object as the root of a value.
    pub(crate) fn root(&self, class: &str) -> Vec<u8> {
        Object::default().object("_", class, self).0
    }
}

pub(crate) fn counted(bytes: &[u8]) -> Vec<u8> {
    [&i32::try_from(bytes.len()).unwrap().to_le_bytes()[..], bytes].concat()
}

/// What a message is made of.
#[derive(Clone, Default)]
pub(crate) struct Words<'a> {
    pub flags: u32,
    pub guid: Option<i64>,
    pub author: Option<i64>,
    pub text: &'a str,
    pub attributes: Vec<Vec<u8>>,
    pub media: Vec<Vec<u8>>,
    pub references: Vec<(i32, i64)>,
}

impl Words<'_> {
    pub(crate) fn attribute(mut self, class: &str, fill: impl Fn(Object) -> Object) -> Self {
        self.attributes.push(fill(Object::default()).root(class));
        self
    }

    pub(crate) fn medium(mut self, class: &str, fill: impl Fn(Object) -> Object) -> Self {
        self.media.push(fill(Object::default()).root(class));
        self
    }

    pub(crate) fn value(&self) -> Vec<u8> {
        let mut v = vec![0];
        v.extend([1u32, 1].map(u32::to_le_bytes).concat());
        v.push(u8::from(self.guid.is_some()));
        v.extend(self.guid.map(i64::to_le_bytes).into_iter().flatten());
        v.extend([self.flags, 0].map(u32::to_le_bytes).concat());
        v.push(0);
        v.push(u8::from(self.author.is_some()));
        v.extend(self.author.map(i64::to_le_bytes).into_iter().flatten());
        v.extend(counted(self.text.as_bytes()));
        for list in [&self.attributes, &self.media] {
            v.extend(i32::try_from(list.len()).unwrap().to_le_bytes());
            for object in list {
                v.extend(counted(object));
            }
        }
        v.extend(i32::try_from(self.references.len()).unwrap().to_le_bytes());
        for (namespace, id) in &self.references {
            v.extend(namespace.to_le_bytes());
            v.extend(id.to_le_bytes());
        }
        v
    }
}

pub(crate) fn history_key(peer: i64, namespace: i32, time: i32, id: i32) -> Vec<u8> {
    [&peer.to_be_bytes()[..], &namespace.to_be_bytes(), &time.to_be_bytes(), &id.to_be_bytes()].concat()
}

pub(crate) fn index_key(peer: i64, namespace: i32, id: i32) -> Vec<u8> {
    [&peer.to_be_bytes()[..], &namespace.to_be_bytes(), &id.to_be_bytes()].concat()
}

pub(crate) fn unsent_key(peer: i64, namespace: i32, id: i32) -> Vec<u8> {
    [&namespace.to_be_bytes()[..], &id.to_be_bytes(), &peer.to_be_bytes()].concat()
}

/// One account's store.
pub(crate) struct Store {
    pub phone: Phone,
    pub db: Connection,
}

pub(crate) const PATH: &str = "private/var/mobile/Containers/Shared/AppGroup/group.ph.telegra.Telegraph/telegram-data/account-5/postbox/db/db_sqlite";

pub(crate) fn fill(db: &Connection) {
    for table in ["t0", "t2", "t3", "t13", "t14"] {
        db.execute_batch(&format!("CREATE TABLE {table} (key INTEGER PRIMARY KEY, value BLOB)")).unwrap();
    }
    for table in ["t4", "t6", "t7", "t11", "t31", "t49", "t56"] {
        db.execute_batch(&format!("CREATE TABLE {table} (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")).unwrap();
    }
    db.execute_batch("CREATE TABLE ft41_content(id INTEGER PRIMARY KEY, c0, c1, c2, c3); PRAGMA user_version = 4")
        .unwrap();
    let insert = |table: &str, key: i64, value: Vec<u8>| {
        db.execute(&format!("INSERT INTO {table} VALUES (?1, ?2)"), params![key, value]).unwrap();
    };
    let inner = Object::default().int("pts", 600).int("qts", 7).int("date", 1_700_000_000).int("seq", 5);
    let state = Object::default().long("peerId", ME).object("state", "AuthorizedAccountState.State", &inner);
    insert("t0", 2, state.root("AuthorizedAccountState"));
    let person =
        |name: &str| Object::default().text("fn", name).text("ln", "Test").text("p", "49").root("TelegramUser");
    insert("t2", ME, person("Me"));
    insert("t2", ANNA, person("Anna"));
    insert("t2", GROUP, Object::default().text("t", "Family").root("TelegramGroup"));
    insert("t2", SUPERGROUP, Object::default().text("t", "Forum").int("i.t", 1).root("TelegramChannel"));
    insert("t2", CHANNEL, Object::default().text("t", "News").int("i.t", 0).root("TelegramChannel"));
    insert("t2", SECRET, Object::default().long("r", ANNA).root("TelegramSecretChat"));
}

impl Store {
    pub(crate) fn new() -> Self {
        let phone = Phone::new();
        let db = phone.database(PATH);
        fill(&db);
        Store { phone, db }
    }

    pub(crate) fn put(&self, table: &str, key: &[u8], value: &[u8]) {
        self.db.execute(&format!("INSERT INTO {table} VALUES (?1, ?2)"), params![key, value]).unwrap();
    }

    pub(crate) fn put_int(&self, table: &str, key: i64, value: &[u8]) {
        self.db.execute(&format!("INSERT INTO {table} VALUES (?1, ?2)"), params![key, value]).unwrap();
    }

    /// A message with its row in the index.
    pub(crate) fn add(&self, peer: i64, namespace: i32, id: i32, words: &Words<'_>) {
        self.put("t7", &history_key(peer, namespace, 1_700_000_000 + id, id), &words.value());
        self.put("t4", &index_key(peer, namespace, id), &[0, 0, 0, 0, 0]);
    }

    /// Highest incoming read, outgoing read and known id in the cloud's namespace.
    pub(crate) fn read_state(&self, peer: i64, incoming: i32, outgoing: i32, known: i32) {
        let mut value = [1i32, 0].map(i32::to_le_bytes).concat();
        value.push(0);
        value.extend([incoming, outgoing, known, 0, 0].map(i32::to_le_bytes).concat());
        self.put_int("t14", peer, &value);
    }

    pub(crate) fn hole(&self, peer: i64, low: i32, high: i32) {
        let key = [index_key(peer, 0, 0), high.to_be_bytes().to_vec()].concat();
        self.put("t56", &key, &low.to_le_bytes());
    }
}
