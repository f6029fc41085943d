//! Encrypted backups: which key opens them, and what is said where none does.

use forensics_core::keys::{Key, KeyKind, KeyRing};
use forensics_core::vfs::Realm;
use samples::apps::whatsapp::{Crypt, android_crypt, crypt15_root_key};

use crate::phone::{Found, Phone, read};

fn ring(secret: &[u8]) -> KeyRing {
    let mut ring = KeyRing::default();
    ring.add(Key::new(KeyKind::WHATSAPP_CRYPT, None, secret.to_vec(), "test").expect("a key"));
    ring
}

/// The phone without the folder that holds the key.
fn locked(crypt: Crypt) -> Phone {
    Phone::of(&android_crypt(crypt, 7)).without(|path| path.starts_with("files/"))
}

fn statuses(found: &Found) -> Vec<(&str, &str)> {
    found.shard.stores().iter().map(|s| (s.role.as_str(), s.status.as_str())).collect()
}

#[test]
fn a_backup_without_a_key_says_so_loudly() {
    for crypt in Crypt::ALL {
        let found = read(&locked(crypt), &KeyRing::default());
        assert_eq!(statuses(&found), [("backup", "needs-key")]);
        assert!(found.messages.is_empty());
        assert!(found.issues.iter().any(|i| i.code == "store-needs-key" && i.severity == "lost"));
    }
}

#[test]
fn the_owners_sixty_four_digits_open_a_crypt15_backup() {
    let device = android_crypt(Crypt::Crypt15, 7);
    let found = read(&locked(Crypt::Crypt15), &ring(crypt15_root_key(7).as_bytes()));
    assert_eq!(
        found.messages.iter().filter(|m| m.origin.table.as_deref() == Some("message")).count(),
        device.truth.messages.len()
    );
}

#[test]
fn a_key_file_given_by_the_examiner_opens_a_crypt14_backup() {
    let device = android_crypt(Crypt::Crypt14, 7);
    let key = device.file("key").expect("the key is on the phone").bytes.clone();
    let found = read(&locked(Crypt::Crypt14), &ring(&key));
    assert!(!found.messages.is_empty());
}

#[test]
fn the_key_of_another_phone_opens_nothing() {
    let other = android_crypt(Crypt::Crypt15, 8);
    let found = read(&locked(Crypt::Crypt15), &ring(&other.file("encrypted_backup.key").expect("a key").bytes));
    assert_eq!(statuses(&found), [("backup", "needs-key")]);
    assert!(found.issues.iter().any(|i| i.detail.contains("1 tried, none opens it")));
}

#[test]
fn a_wrong_checksum_over_authentic_content_is_an_issue_and_no_loss() {
    let device = android_crypt(Crypt::Crypt14, 7);
    let backup = device.file("msgstore.db.crypt14").expect("a backup");
    let mut bytes = backup.bytes.clone();
    *bytes.last_mut().expect("not empty") ^= 1;
    let key = device.file("key").expect("a key").bytes.clone();
    let package = || Realm::AndroidApp { user: 0, package: "com.whatsapp".into() };
    let phone =
        Phone::default().with(package(), "databases/msgstore.db.crypt14", bytes).with(package(), "files/key", key);
    let found = read(&phone, &KeyRing::default());
    assert!(found.issues.iter().any(|i| i.code == "whatsapp-backup-md5"));
    assert!(!found.messages.is_empty());
}

#[test]
fn each_flavour_reads_its_own_backups_on_shared_storage() {
    let device = android_crypt(Crypt::Crypt15, 7);
    let backup = &device.file("msgstore.db.crypt15").expect("a backup").bytes;
    let key = &device.file("encrypted_backup.key").expect("a key").bytes;
    let shared = || Realm::AndroidShared { user: 0 };
    let of = |package: &str| Realm::AndroidApp { user: 0, package: package.into() };
    let phone = Phone::default()
        .with(
            shared(),
            "Android/media/com.whatsapp.w4b/WhatsApp Business/Databases/msgstore.db.crypt15",
            backup.clone(),
        )
        .with(of("com.whatsapp.w4b"), "files/encrypted_backup.key", key.clone());
    let found = read(&phone, &KeyRing::default());
    assert_eq!(found.shard.stores().iter().filter(|s| s.role == "backup").count(), 1);
    assert!(found.shard.stores().iter().all(|s| s.install.starts_with("WhatsApp Business")));
}
