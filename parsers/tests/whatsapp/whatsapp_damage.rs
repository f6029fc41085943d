//! Damaged and hostile stores: never a panic, never a row unaccounted for.

use forensics_core::keys::KeyRing;
use samples::Device;
use samples::apps::whatsapp as story;

use crate::phone::{Phone, read};

/// A small generator of numbers that are always the same.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// The device with bytes changed in every file, behind the database header so that it still opens.
fn damaged(device: &Device, seed: u64, changes: usize) -> Device {
    let mut state = seed;
    let mut device = device.clone();
    for file in &mut device.files {
        let Some(room) = file.bytes.len().checked_sub(101) else { continue };
        for _ in 0..changes {
            let at = 100 + usize::try_from(draw(&mut state)).expect("31 bits") % (room + 1);
            file.bytes[at] = draw(&mut state).to_le_bytes()[0];
        }
    }
    device
}

fn survive(device: &Device) {
    for seed in 0..12 {
        for changes in [3, 60, 2000] {
            read(&Phone::of(&damaged(device, seed, changes)), &KeyRing::default());
        }
    }
}

#[test]
fn a_damaged_modern_store_is_read_as_far_as_it_goes() {
    survive(&story::android_modern(7));
}

#[test]
fn a_damaged_legacy_store_is_read_as_far_as_it_goes() {
    survive(&story::android_legacy(7));
    survive(&story::android_transitional(7));
}

#[test]
fn a_damaged_iphone_is_read_as_far_as_it_goes() {
    survive(&story::ios(7));
}

#[test]
fn a_store_of_another_kind_is_refused_with_a_reason() {
    let mut device = story::android_modern(7);
    let contacts = device.file("wa.db").expect("contacts").bytes.clone();
    for file in &mut device.files {
        if file.place.base_name() == "msgstore.db" {
            file.bytes.clone_from(&contacts);
        }
    }
    let found = read(&Phone::of(&device), &KeyRing::default());
    assert!(found.messages.is_empty());
    assert!(found.issues.iter().any(|i| i.code == "store-unknown-schema"));
}
