//! Android: five variants of one story.

use forensics_core::keys::KeyRing;
use samples::apps::wechat::{Variant, android};

use crate::harness::{Found, read};

fn found(variant: Variant) -> (samples::Device, Found) {
    let device = android(variant, 7);
    let found = read(&device, &KeyRing::default());
    (device, found)
}

#[test]
fn every_variant_of_the_story_is_judged_as_told() {
    for variant in Variant::ALL {
        let (device, found) = found(variant);
        found.nothing_is_lost();
        found.verdicts_are_true(&device);
        // Row numbers that skip are a count: the story does not tell it.
        found.absences_are_true(&device, |a| a.strength == "weak" && a.rules[0] == "wechat.android.local-ids-skip");
    }
}
