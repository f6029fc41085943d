//! The broken samples are broken in the way they say, and small.

use samples::{apps, damage};

#[test]
fn the_plist_bomb_is_small_and_well_formed() {
    let bomb = damage::plist_bomb(2);
    let value: plist::Value = plist::Value::from_reader(std::io::Cursor::new(&bomb)).unwrap();
    let outer = value.as_array().unwrap();
    assert_eq!((outer.len(), outer[7].as_array().unwrap().len()), (8, 8));
    assert!(damage::plist_bomb(15).len() < 200);
}

#[test]
fn overlapping_entries_weigh_little() {
    let zip = damage::zip_overlapping(200);
    assert!(zip.len() < 40_000, "{} bytes", zip.len());
}

#[test]
fn traps_stand_among_good_files() {
    let phone = apps::whatsapp::android_legacy(1);
    let zip = damage::zip_with_traps(&phone);
    let holds = |needle: &[u8]| zip.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"../../../../tmp/traversal") && holds(b"data/data/com.whatsapp/databases/msgstore.db"));
    let files = samples::containers::tar::full(&phone, "");
    assert_eq!(damage::tar_with_traps(&files).len() % 512, 0);
}

#[test]
fn flips_change_only_what_they_may() {
    let bytes = vec![0; 1000];
    let flipped = damage::flipped(&bytes, 20, 100, 7);
    assert_eq!(flipped[..100], bytes[..100]);
    assert_ne!(flipped, bytes);
    assert_eq!(damage::truncated(&bytes, 10).len(), 10);
}
