//! The modern store's story: a group, status posts, a broadcast list, a channel.

use super::super::cast::{BOB, CHANNEL, CHEN, GROUP, LAYLA, LIST, OWNER, STATUS};
use super::msgstore::{Line, Msgstore};
use crate::sqlite::row;
use crate::story::{Bounds, absence, fate, note};

pub(super) fn tell(store: &mut Msgstore) {
    group(store);
    posts(store);
    channel(store);
}

fn group(store: &mut Msgstore) {
    let chat = store.chat(GROUP);
    store.book.run(&format!("UPDATE chat SET subject='Harbour club 港口 ⚓' WHERE _id={chat}"));
    let jid = store.jid(GROUP);
    for (member, rank) in [(OWNER, 2), (BOB, 1), (CHEN, 0), (LAYLA, 0)] {
        let user = store.jid(member);
        row!(store.book, "group_participant_user", group_jid_row_id: jid, user_jid_row_id: user,
            rank: rank, pending: 0, add_timestamp: store.clock);
    }
    let past = store.jid("15550001008@s.whatsapp.net");
    row!(store.book, "group_past_participant_user", group_jid_row_id: jid, user_jid_row_id: past,
        is_leave: 1, timestamp: store.clock);
    store.system(GROUP, 11, Some("Harbour club 港口 ⚓"));
    let joined = store.system(GROUP, 12, None);
    let chen = store.jid(CHEN);
    row!(store.book, "message_system_chat_participant", message_row_id: joined, user_jid_row_id: chen);

    let question = store.say(&Line::from(GROUP, "谁来？🚢").sender(CHEN), fate::IMPLIED, &[]);
    let answer = store.say(&Line::to(GROUP, "I do").status(5).recipients(3), fate::READ, &[]);
    store.quote(answer.id, GROUP, false, &question.key, "谁来？🚢");
    store.receipt(answer.id, BOB, answer.at + 900, answer.at + 4000);
    store.receipt(answer.id, CHEN, answer.at + 1900, 0);
    store.receipt(answer.id, LAYLA, 0, 0);
    store.react(GROUP, question.id, Some(BOB), "👍");
    store.react(GROUP, question.id, None, "👍🏽");

    let sender = store.say(&Line::from(GROUP, "").no_text().sender(BOB).kind(15), fate::IMPLIED, &[note::REVOKED]);
    store.revoke(sender.id, false, None);
    let by_admin = store.say(&Line::from(GROUP, "").no_text().sender(CHEN).kind(64), fate::IMPLIED, &[note::REVOKED]);
    store.revoke(by_admin.id, false, Some(BOB));

    let poll = store.say(&Line::from(GROUP, "Which day?").sender(LAYLA).kind(66), fate::IMPLIED, &[]);
    row!(store.book, "message_poll", message_row_id: poll.id, selectable_options_count: 1);
    for (name, votes) in [("Saturday", 1), ("Sunday", 0)] {
        row!(store.book, "message_poll_option", message_row_id: poll.id, option_name: name, vote_total: votes);
    }
    let vote = store.add_on(GROUP, poll.id, 67, None);
    row!(store.book, "message_add_on_poll_vote", message_add_on_row_id: vote, sender_timestamp: store.clock);
    row!(store.book, "message_add_on_poll_vote_selected_option", message_add_on_row_id: vote, message_poll_option_id: 1);
    let pin = store.add_on(GROUP, question.id, 79, Some(BOB));
    row!(store.book, "message_add_on_pin_in_chat", message_add_on_row_id: pin, pin_in_chat_state: 1, sender_timestamp: store.clock);

    let mention = store.say(&Line::from(GROUP, "@15550001001 hurry").sender(BOB), fate::IMPLIED, &[]);
    let owner = store.jid(OWNER);
    row!(store.book, "message_mentions", message_row_id: mention.id, jid_row_id: owner, display_name: "Ada", mention_type: 0);
    // 57 is a system row only where its status says so.
    store.say(&Line::to(GROUP, "").no_text().kind(57).status(6), fate::LOCAL, &[]);
    store.say(&Line::from(GROUP, "pick one").sender(BOB).kind(57), fate::IMPLIED, &[]);
}

fn posts(store: &mut Msgstore) {
    store.say(&Line::from(STATUS, "sunset 🌅").sender(CHEN), fate::IMPLIED, &[]);
    let mine = store.say(&Line::to(STATUS, "my status").status(13).recipients(2), fate::READ, &[]);
    store.receipt(mine.id, BOB, mine.at + 1000, mine.at + 60_000);
    // Announcements of the service itself carry no time.
    store.say(&Line::from(STATUS, "").no_text().sender("0@s.whatsapp.net").at(0).received_after(0), fate::UNKNOWN, &[]);
    let list = store.say(&Line::to(LIST, "to all of you").status(5).recipients(2).broadcast(), fate::DELIVERED, &[]);
    store.receipt(list.id, BOB, list.at + 800, 0);
    store.receipt(list.id, CHEN, 0, 0);
}

/// The only place where WhatsApp keeps a number that the server gave.
fn channel(store: &mut Msgstore) {
    let chat = store.chat(CHANNEL);
    let posts = [
        ("issue one", 101, fate::ACCEPTED),
        ("issue two 第二期", 102, fate::ACCEPTED),
        ("a number given twice", 103, fate::CONTRADICTORY),
        ("the same number", 103, fate::CONTRADICTORY),
        ("after the hole", 106, fate::ACCEPTED),
    ];
    for (text, server_id, fate) in posts {
        let key = format!("BAE5{}", store.seed.hex(12));
        let post = store.say(&Line::from(CHANNEL, text).key(&key), fate, &[]);
        row!(store.book, "newsletter_message", message_row_id: post.id, chat_row_id: chat,
            server_message_id: server_id, view_count: 17);
    }
    store.witness.misses(
        absence::GAP,
        Some(CHANNEL),
        None,
        None,
        Bounds { after: Some(103), before: Some(106), at_most: Some(2) },
    );
    // The side row of a post whose row is gone, right after the newest.
    let lost = store.lost_row();
    row!(store.book, "newsletter_message", message_row_id: lost, chat_row_id: chat, server_message_id: 107);
    store.witness.misses(absence::DANGLING, Some(CHANNEL), Some("107".to_owned()), None, Bounds::default());
    row!(store.book, "newsletter_my_reaction_orphan_message", chat_row_id: chat, server_message_id: 100,
        reaction_from_me: "👏", reactions_from_me_ts: store.clock);
    store.witness.misses(absence::DANGLING, Some(CHANNEL), Some("100".to_owned()), None, Bounds::default());
}
