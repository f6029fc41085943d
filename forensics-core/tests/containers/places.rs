//! Names of tools become places of the phone.

use forensics_core::vfs::{DevicePath, Layout, Realm, domain};

fn place(name: &str) -> String {
    Layout::default().place(name).to_string()
}

#[test]
fn every_mount_of_androids_private_storage_is_one_place() {
    let canonical = "/data/data/com.example.chat/databases/chat.db";
    for name in [
        "data/data/com.example.chat/databases/chat.db",
        "/data/data/com.example.chat/databases/chat.db",
        "./data/user/0/com.example.chat/databases/chat.db",
        "Dump/data/data/com.example.chat/databases/chat.db",
        "EXHIBIT-7/x_files_full/data_mirror/data_ce/null/0/com.example.chat/databases/chat.db",
        "apps/com.example.chat/db/chat.db",
        "com.example.chat/databases/chat.db",
    ] {
        assert_eq!(place(name), canonical, "{name}");
    }
}

#[test]
fn second_users_and_device_encrypted_storage_stay_apart() {
    assert_eq!(place("data/user/10/com.x.y/files/a"), "/data/user/10/com.x.y/files/a");
    assert_eq!(place("data/data_mirror/x"), "data/data_mirror/x");
    assert_eq!(place("data_mirror/data_ce/null/999/com.x.y/files/a"), "/data/user/999/com.x.y/files/a");
    assert_eq!(
        place("data/user_de/0/com.android.providers.telephony/databases/mmssms.db"),
        "/data/user_de/0/com.android.providers.telephony/databases/mmssms.db"
    );
    assert_eq!(
        place("apps/com.android.providers.telephony/d_f/000000_sms_backup"),
        "/data/user_de/0/com.android.providers.telephony/files/000000_sms_backup"
    );
}

#[test]
fn every_mount_of_shared_storage_is_one_place() {
    let canonical = "/storage/emulated/0/Android/media/com.x.y/a.db";
    for name in [
        "data/media/0/Android/media/com.x.y/a.db",
        "sdcard/Android/media/com.x.y/a.db",
        "storage/emulated/0/Android/media/com.x.y/a.db",
        "storage/self/primary/Android/media/com.x.y/a.db",
        "mnt/sdcard/Android/media/com.x.y/a.db",
        "mnt/user/0/primary/Android/media/com.x.y/a.db",
        "mnt/runtime/full/emulated/0/Android/media/com.x.y/a.db",
        "mnt/pass_through/0/emulated/0/Android/media/com.x.y/a.db",
        "shared/0/Android/media/com.x.y/a.db",
        "Android/media/com.x.y/a.db",
    ] {
        assert_eq!(place(name), canonical, "{name}");
    }
    assert_eq!(place("mnt/media_rw/1A2B-3C4D/DCIM/a.jpg"), "/storage/1A2B-3C4D/DCIM/a.jpg");
}

#[test]
fn the_earliest_anchor_counts() {
    let name = "data/data/com.x.y/cache/data/user/0/com.other/databases/a.db";
    assert_eq!(place(name), "/data/data/com.x.y/cache/data/user/0/com.other/databases/a.db");
}

#[test]
fn an_iphones_folders_are_found_behind_every_prefix() {
    let group = "/private/var/mobile/Containers/Shared/AppGroup/group.x/Chat.sqlite";
    for name in [
        "/private/var/mobile/Containers/Shared/AppGroup/group.x/Chat.sqlite",
        "var/mobile/Containers/Shared/AppGroup/group.x/Chat.sqlite",
        "filesystem2/mobile/Containers/Shared/AppGroup/group.x/Chat.sqlite",
        "filesystem1/private/var/mobile/Containers/Shared/AppGroup/group.x/Chat.sqlite",
        "Containers/Shared/AppGroup/group.x/Chat.sqlite",
        "iTunes_Backup/AppDomainGroup-group.x/Chat.sqlite",
        "group.x/Chat.sqlite",
    ] {
        assert_eq!(place(name), group, "{name}");
    }
    assert_eq!(place("filesystem2/preferences/a.plist"), "/private/var/preferences/a.plist");
    assert_eq!(place("mobile/Library/SMS/sms.db"), "/private/var/mobile/Library/SMS/sms.db");
    assert_eq!(place("extra/KeychainDump/data/data/a.b/c/d"), "extra/KeychainDump/data/data/a.b/c/d");
}

#[test]
fn a_clbx_volume_lies_where_its_metadata_says() {
    let layout = Layout { mounts: vec![("filesystem3".into(), "/private/var".into())], ..Layout::default() };
    assert_eq!(layout.place("filesystem3/mobile/Library/a").to_string(), "/private/var/mobile/Library/a");
    assert_eq!(layout.place("filesystem3/odd/a").to_string(), "/private/var/odd/a");
}

#[test]
fn a_backups_domains_are_places() {
    assert_eq!(domain("HomeDomain", "Library/SMS/sms.db").to_string(), "/private/var/mobile/Library/SMS/sms.db");
    assert_eq!(domain("HealthDomain", "Health/h.sqlite").to_string(), "/private/var/mobile/Library/Health/h.sqlite");
    let dashed = domain("AppDomain-com.apple.PrintKit.Print-Center", "Library/a");
    assert_eq!(
        dashed,
        DevicePath {
            realm: Realm::IosApp { bundle: "com.apple.PrintKit.Print-Center".into() },
            path: "Library/a".into()
        }
    );
    assert_eq!(domain("NewDomain", "a").to_string(), "/__domain__/NewDomain/a");
}

#[test]
fn a_name_that_climbs_is_no_place() {
    for name in ["../data/data/com.x.y/databases/a.db", "data/data/com.x.y/../../../etc/passwd"] {
        assert_eq!(Layout::default().place(name).realm, Realm::Loose, "{name}");
    }
    let deep = "a/".repeat(400) + "data/data/com.x/databases/a";
    assert_eq!(Layout::default().place(&deep).realm, Realm::Loose);
}
