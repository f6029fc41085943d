//! What a dialog id (`uid`, `did`) stands for (`org.telegram.messenger.DialogObject`).

/// The bit of secret chats.
const SECRET: i64 = 0x4000_0000_0000_0000;
/// The bit of folders, which pose as dialogs.
const FOLDER: i64 = 0x2000_0000_0000_0000;
/// Telegram's own notices.
pub(super) const SERVICE_USER: i64 = 777_000;

/// What sort of dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialog {
    User(i64),
    /// A basic group, a supergroup or a channel, by its positive id; which of them, the `chats` table says.
    Chat(i64),
    /// A secret chat, by the number of the chat.
    Secret(i64),
    Folder,
}

impl Dialog {
    pub(super) fn of(uid: i64) -> Dialog {
        if uid > 0 && uid & SECRET != 0 {
            // The chat's number is a signed 32-bit one in the low half.
            let [a, b, c, d, ..] = uid.to_le_bytes();
            return Dialog::Secret(i64::from(i32::from_le_bytes([a, b, c, d])));
        }
        if uid > 0 && uid & FOLDER != 0 {
            return Dialog::Folder;
        }
        if uid != 0 && uid & 0xffff_ffff == 0 {
            return Dialog::Secret(uid >> 32); // to schema 83
        }
        if uid < 0 { Dialog::Chat(uid.saturating_neg()) } else { Dialog::User(uid) }
    }
}

/// The message's id: to schema 83 a channel's message carried the channel in the upper half of the column.
pub(super) fn real_mid(mid: i64) -> i64 {
    if mid > 0xffff_ffff { mid & 0xffff_ffff } else { mid }
}

/// The channel in the upper half of an old `mid`.
pub(super) fn channel_in_mid(mid: i64) -> Option<i64> {
    Some(mid >> 32).filter(|channel| *channel > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_dialog_id_is_told_apart() {
        assert_eq!(Dialog::of(1001), Dialog::User(1001));
        assert_eq!(Dialog::of(-2001), Dialog::Chat(2001));
        assert_eq!(Dialog::of(0x4000_0000_0000_0000 | 77), Dialog::Secret(77));
        assert_eq!(Dialog::of(0x4000_0000_0000_0000 | 0xffff_fff0), Dialog::Secret(-16));
        assert_eq!(Dialog::of(77 << 32), Dialog::Secret(77));
        assert_eq!(Dialog::of(-77 << 32), Dialog::Secret(-77));
        assert_eq!(Dialog::of(0x2000_0000_0000_0001), Dialog::Folder);
        assert_eq!(Dialog::of(i64::MIN), Dialog::Secret(-0x8000_0000));
    }

    #[test]
    fn an_old_channel_message_carries_its_channel() {
        let mid = 42 | (3001 << 32);
        assert_eq!((real_mid(mid), channel_in_mid(mid)), (42, Some(3001)));
        assert_eq!((real_mid(-210_000), channel_in_mid(-210_000)), (-210_000, None));
        assert_eq!((real_mid(42), channel_in_mid(42)), (42, None));
    }
}
