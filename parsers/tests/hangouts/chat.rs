//! Google Chat, as far as its columns are known.

use parsers::hangouts::Hangouts;

use crate::harness::{database, read};

const STORE: &str = "/data/data/com.google.android.gm/databases/user_accounts/me@example.org/dynamite.db";

#[test]
fn messages_of_google_chat_are_never_confirmed_and_drafts_are_local() {
    // 1 { 10 { 3: "a.png", 4: "image/png" } }
    let upload = "0a145212".to_owned() + "1a05612e706e67" + "2209696d6167652f706e67";
    let found = read(
        &Hangouts,
        &[(
            STORE,
            database(&format!(
                "CREATE TABLE topic_messages (create_time INTEGER, text_body TEXT, annotation BLOB, group_id TEXT, creator_id TEXT);
                 CREATE TABLE Groups (group_id TEXT, name TEXT, create_time INTEGER, creator_id TEXT, last_view_time INTEGER);
                 CREATE TABLE users (user_id TEXT, name TEXT, email TEXT);
                 CREATE TABLE drafts (group_id TEXT, topic_id TEXT, text TEXT, group_type INTEGER);
                 INSERT INTO users VALUES ('u1','Me','me@example.org'),('u2','Ann','ann@example.org');
                 INSERT INTO Groups VALUES ('g','Room',1,'u1',2);
                 INSERT INTO topic_messages VALUES (1700000000000001,'hi',NULL,'g','u1'),(1700000000000002,'there',x'{upload}','g','u2'),
                   (1700000000000003,'broken',x'0aff','g','u2');
                 INSERT INTO drafts VALUES ('g','t','not yet',1);"
            )),
        )],
    );
    let of = |text: &str| found.messages.iter().find(|m| m.text == text).unwrap();
    assert_eq!((&*of("hi").verdict, &*of("hi").direction), ("unknown", "out"));
    assert_eq!((&*of("there").verdict, &*of("there").direction, &*of("there").kind), ("unknown", "in", "image"));
    assert_eq!(of("there").attachments[0]["name"], "a.png");
    assert!(of("there").notes.iter().any(|n| n == "server-origin"));
    assert_eq!(of("not yet").verdict, "local-only");
    assert_eq!(found.accounts, ["me@example.org"]);
    assert_eq!(found.issues.iter().filter(|i| i.code == "hangouts-annotation-undecoded").count(), 1);
}
