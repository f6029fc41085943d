//! A small TL encoder that shares nothing with the reader. Layer 158: message 38116ee0, messageService 2b085862.

/// Bytes being written.
#[derive(Clone, Default)]
pub(crate) struct Tl(pub Vec<u8>);

impl Tl {
    pub(crate) fn of(constructor: u32) -> Self {
        Tl(constructor.to_le_bytes().to_vec())
    }

    pub(crate) fn int(mut self, value: i32) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn long(mut self, value: i64) -> Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    pub(crate) fn string(mut self, value: &[u8]) -> Self {
        let start = self.0.len();
        if value.len() < 254 {
            self.0.push(u8::try_from(value.len()).unwrap());
        } else {
            self.0.push(254);
            self.0.extend(&u32::try_from(value.len()).unwrap().to_le_bytes()[..3]);
        }
        self.0.extend(value);
        while !(self.0.len() - start).is_multiple_of(4) {
            self.0.push(0);
        }
        self
    }

    pub(crate) fn then(mut self, other: Tl) -> Self {
        self.0.extend(other.0);
        self
    }
}

pub(crate) fn peer_user(id: i64) -> Tl {
    Tl::of(0x5951_1722).long(id)
}

pub(crate) fn peer_chat(id: i64) -> Tl {
    Tl::of(0x36c6_019a).long(id)
}

pub(crate) fn peer_channel(id: i64) -> Tl {
    Tl::of(0xa2a5_371e).long(id)
}

/// A peer for a dialog id.
pub(crate) fn peer(uid: i64, channel: bool) -> Tl {
    match (uid > 0, channel) {
        (true, _) => peer_user(uid),
        (false, true) => peer_channel(-uid),
        (false, false) => peer_chat(-uid),
    }
}

/// What a message is made of.
#[derive(Clone)]
pub(crate) struct Words<'a> {
    pub id: i32,
    pub from: Option<i64>,
    pub peer: Tl,
    pub date: i32,
    pub text: &'a str,
    pub out: bool,
    pub reply_to: Option<i32>,
    pub edited: Option<i32>,
}

/// A stored message: object and the attach path " ".
pub(crate) fn message(words: &Words<'_>) -> Vec<u8> {
    let mut flags = 0;
    flags |= if words.out { 1 << 1 } else { 0 };
    flags |= if words.from.is_some() { 1 << 8 } else { 0 };
    flags |= if words.reply_to.is_some() { 1 << 3 } else { 0 };
    flags |= if words.edited.is_some() { 1 << 15 } else { 0 };
    let mut tl = Tl::of(0x3811_6ee0).int(flags).int(words.id);
    if let Some(from) = words.from {
        tl = tl.then(peer_user(from));
    }
    tl = tl.then(words.peer.clone());
    if let Some(target) = words.reply_to {
        tl = tl.then(Tl::of(0xa6d5_7763).int(0).int(target));
    }
    tl = tl.int(words.date).string(words.text.as_bytes());
    if let Some(at) = words.edited {
        tl = tl.int(at);
    }
    tl.string(b" ").0
}

/// A stored service message.
pub(crate) fn service(id: i32, from: i64, peer: Tl, date: i32, action: Tl) -> Vec<u8> {
    Tl::of(0x2b08_5862).int(1 << 8).int(id).then(peer_user(from)).then(peer).int(date).then(action).string(b" ").0
}

/// A message of a secret chat.
pub(crate) fn secret(id: i32, from: i32, to: i32, date: i32, text: &str, reply_to_random: Option<i64>) -> Vec<u8> {
    let flags = if reply_to_random.is_some() { 1 << 3 } else { 0 };
    let mut tl = Tl::of(0x5555_55fa)
        .int(flags)
        .int(id)
        .int(0)
        .int(from)
        .then(Tl::of(0x9db1_bc6d).int(to))
        .int(date)
        .string(text.as_bytes())
        .then(Tl::of(0x3ded_6320))
        .then(Tl::of(0x1cb5_c415).int(0));
    if let Some(random) = reply_to_random {
        tl = tl.long(random);
    }
    tl.string(b"").0
}

/// A person (8f97c628): first name, last name, phone.
pub(crate) fn user(id: i64, first: &str, last: &str, phone: &str, own: bool) -> Vec<u8> {
    let flags = 1 << 1 | 1 << 2 | 1 << 4 | if own { 1 << 10 } else { 0 };
    let names = Tl::of(0x8f97_c628).int(flags).int(0).long(id).string(first.as_bytes()).string(last.as_bytes());
    names.string(phone.as_bytes()).0
}

/// A basic group (41cbf256).
pub(crate) fn group(id: i64, title: &str) -> Vec<u8> {
    Tl::of(0x41cb_f256)
        .int(0)
        .long(id)
        .string(title.as_bytes())
        .then(Tl::of(0x37c1_011c))
        .int(2)
        .int(1_600_000_000)
        .int(1)
        .0
}

/// A channel (83259464); a supergroup unless `broadcast`.
pub(crate) fn channel(id: i64, title: &str, broadcast: bool) -> Vec<u8> {
    let flags = if broadcast { 1 << 5 } else { 1 << 8 };
    Tl::of(0x8325_9464)
        .int(flags)
        .int(0)
        .long(id)
        .string(title.as_bytes())
        .then(Tl::of(0x37c1_011c))
        .int(1_600_000_000)
        .0
}
