//! User names: what sort of conversation each stands for.

use std::collections::HashSet;
use std::sync::Arc;

use forensics_core::record::{Key, ThreadKind};

/// Talkers that are the app's own services; what stands there without a server id was made on the phone (`weixin` greets
/// new accounts, `medianote` is the note to self, `newsapp` the old news reader).
const LOCAL_SERVICES: &[&str] = &["medianote", "weixin", "newsapp"];

/// Talkers that are neither person nor room.
const SERVICES: &[&str] = &[
    "weixin",
    "filehelper",
    "newsapp",
    "fmessage",
    "medianote",
    "notifymessage",
    "officialaccounts",
    "qqmail",
    "floatbottle",
    "message_fold",
];

/// Whether a talker is a room: ordinary (`@chatroom`) or of a work account (`@im.chatroom`).
pub(super) fn is_room(username: &str) -> bool {
    username.ends_with("@chatroom") || username.ends_with("@im.chatroom")
}

/// Whether rows of this talker are made on the phone when they carry no server id.
pub(super) fn is_local_service(username: &str) -> bool {
    LOCAL_SERVICES.contains(&username)
}

/// What sort of conversation a talker stands for.
pub(super) fn thread_kind(username: &str) -> ThreadKind {
    if username.is_empty() {
        ThreadKind::Unknown
    } else if is_room(username) || username.ends_with("@lbsroom") || username.ends_with("@talkroom") {
        ThreadKind::Group
    } else if username.starts_with("gh_") || username.ends_with("@app") {
        ThreadKind::Channel
    } else if SERVICES.contains(&username) {
        ThreadKind::Service
    } else {
        ThreadKind::Direct
    }
}

/// Splits the sender off a received row of a room: `<sender>:\n<text>`.
pub(super) fn split_sender(content: &str) -> Option<(&str, &str)> {
    /// Real user names have 6 to 20 characters, those of work accounts and strangers up to some sixty.
    const LONGEST: usize = 128;
    let (sender, text) = content.split_once(":\n")?;
    let is_username = !sender.is_empty()
        && sender.len() <= LONGEST
        && !sender.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == ':');
    is_username.then_some((sender, text))
}

/// User names, each held once: as many as there are persons and rooms, not messages.
#[derive(Debug, Default)]
pub(super) struct Usernames {
    known: HashSet<Key>,
}

impl Usernames {
    /// The shared form of a user name.
    pub(super) fn key(&mut self, username: &str) -> Key {
        if let Some(known) = self.known.get(username) {
            return Arc::clone(known);
        }
        let key: Key = username.into();
        self.known.insert(Arc::clone(&key));
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_is_split_off_and_nothing_else_is() {
        assert_eq!(split_sender("wxid_b:\nhello:\nyou"), Some(("wxid_b", "hello:\nyou")));
        assert_eq!(split_sender("123@openim:\n"), Some(("123@openim", "")));
        for plain in ["hello", "see here:\nlist", ":\n", "<msg>:\n", "a:b:\nc"] {
            assert_eq!(split_sender(plain), None, "{plain}");
        }
    }

    #[test]
    fn a_talker_tells_its_sort() {
        assert_eq!(thread_kind("20000000001@chatroom"), ThreadKind::Group);
        assert_eq!(thread_kind("gh_0123456789ab"), ThreadKind::Channel);
        assert_eq!(thread_kind("filehelper"), ThreadKind::Service);
        assert_eq!(thread_kind("wxid_b"), ThreadKind::Direct);
        assert!(is_room("1@im.chatroom") && !is_room("wxid_b"));
    }
}
