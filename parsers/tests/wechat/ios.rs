//! iOS: one story, with and without the dictionary that no phone holds.

use forensics_core::keys::{Key, KeyKind, KeyRing};
use samples::apps::wechat::{DICTIONARY, ios};

use crate::harness::read;

#[test]
fn the_story_is_judged_as_told() {
    let device = ios(7);
    let found = read(&device, &KeyRing::default());
    found.nothing_is_lost();
    found.verdicts_are_true(&device);
    found.absences_are_true(&device, |_| false);
}
