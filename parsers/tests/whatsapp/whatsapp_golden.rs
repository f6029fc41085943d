//! Every verdict and every absence against the truth of the stories.

use std::collections::BTreeMap;

use forensics_core::keys::KeyRing;
use samples::{Device, TrueAbsence};

use crate::phone::{Found, Phone, read};

/// What two absences are compared by.
type Shape = (String, String, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<String>);

fn check(device: &Device) -> Found {
    let found = read(&Phone::of(device), &KeyRing::default());
    let mut wrong = Vec::new();
    let mut known = BTreeMap::new();
    for truth in &device.truth.messages {
        known.insert((truth.store_file.clone(), truth.table.clone(), truth.rowid), truth);
    }
    let mut met = 0;
    for m in &found.messages {
        let key = (
            found.store_of(&m.origin).file().to_owned(),
            m.origin.table.as_deref().unwrap_or("").to_owned(),
            m.origin.rowid.unwrap_or(-1),
        );
        let Some(truth) = known.get(&key) else {
            if known.keys().any(|k| k.0 == key.0 && k.1 == key.1) {
                wrong.push(format!("{key:?} is no record"));
            }
            continue;
        };
        met += 1;
        let said = (m.verdict.as_str(), m.reach.as_deref());
        if said != (truth.verdict, truth.reach) {
            wrong.push(format!(
                "{key:?} {:?}: {said:?}, in truth {:?} by {:?}",
                m.text,
                (truth.verdict, truth.reach),
                m.rules()
            ));
        }
        if m.thread != truth.thread {
            wrong.push(format!("{key:?}: thread {}, in truth {}", m.thread, truth.thread));
        }
        for note in &truth.notes {
            if !m.notes.iter().any(|n| n == note) {
                wrong.push(format!("{key:?} {:?}: lacks the note {note}, has {:?}", m.text, m.notes));
            }
        }
    }
    if met != device.truth.messages.len() {
        wrong.push(format!("{met} of {} records were found", device.truth.messages.len()));
    }
    compare_absences(device, &found, &mut wrong);
    check_words(&found, &mut wrong);
    let lost: Vec<_> = found.issues.iter().filter(|i| i.severity == "lost").collect();
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(wrong.is_empty(), "{}:\n{}", device.name, wrong.join("\n"));
    found
}

/// Every note, rule and issue code that was used stands in the manifest, where the documentation takes it from.
fn check_words(found: &Found, wrong: &mut Vec<String>) {
    let app = parsers::APPS.iter().map(|a| a.manifest()).find(|m| m.id == "whatsapp").expect("registered");
    for m in &found.messages {
        let unknown = m.notes.iter().filter(|n| !app.notes.iter().any(|c| c.code == **n));
        wrong.extend(unknown.map(|n| format!("note {n} is not listed")));
        wrong
            .extend(m.rules().into_iter().filter(|r| app.rule(r).is_none()).map(|r| format!("rule {r} is not listed")));
    }
    for rule in found.absences.iter().flat_map(|a| a.rules.as_array().into_iter().flatten()) {
        if rule.as_str().is_none_or(|r| app.rule(r).is_none()) {
            wrong.push(format!("rule {rule} is not listed"));
        }
    }
    let codes = || app.codes.iter().chain(forensics_core::issue::CODES);
    let unknown = found.issues.iter().filter(|i| !codes().any(|c| c.code == i.code));
    wrong.extend(unknown.map(|i| format!("issue code {} is not listed", i.code)));
}

fn compare_absences(device: &Device, found: &Found, wrong: &mut Vec<String>) {
    let mut truths: Vec<&TrueAbsence> = device.truth.absences.iter().collect();
    for absence in &found.absences {
        let file = found.store_of(&absence.origin).file();
        let text = absence.text.as_str().map(str::to_owned);
        let shape: Shape = (
            file.to_owned(),
            absence.kind.clone(),
            absence.thread.clone(),
            absence.id.clone(),
            absence.after,
            absence.before,
            text,
        );
        let same = truths.iter().position(|t| {
            shape
                == (
                    t.store_file.clone(),
                    t.kind.to_owned(),
                    t.thread.clone(),
                    t.id.clone(),
                    t.after,
                    t.before,
                    t.text.clone(),
                )
                && t.at_most.is_none_or(|n| absence.at_most == i64::try_from(n).ok())
        });
        match same {
            Some(place) => {
                truths.remove(place);
            }
            None => wrong.push(format!("false absence {shape:?} at most {:?} by {}", absence.at_most, absence.rules)),
        }
    }
    for t in truths {
        wrong.push(format!("absence not found: {t:?}"));
    }
}

#[test]
fn every_record_and_absence_of_the_iphone_is_judged_as_it_is() {
    for seed in [7, 8] {
        check(&samples::apps::whatsapp::ios(seed));
    }
}

#[test]
fn every_record_and_absence_of_a_modern_android_is_judged_as_it_is() {
    for seed in [7, 8] {
        check(&samples::apps::whatsapp::android_modern(seed));
    }
}

#[test]
fn every_record_and_absence_of_a_legacy_android_is_judged_as_it_is() {
    check(&samples::apps::whatsapp::android_legacy(7));
}

#[test]
fn every_record_and_absence_of_a_store_under_migration_is_judged_as_it_is() {
    check(&samples::apps::whatsapp::android_transitional(7));
}

#[test]
fn a_hot_journal_leads_back_to_the_state_before() {
    check(&samples::apps::whatsapp::android_hot_journal(7));
}

#[test]
fn rows_that_stand_only_in_the_log_are_judged_and_say_so() {
    for device in [
        samples::apps::whatsapp::android_newest_in_wal(7),
        samples::apps::whatsapp::ios_newest_in_wal(7),
        samples::apps::whatsapp::ios_all_in_wal(7),
    ] {
        let found = check(&device);
        let told = device.truth.messages.iter().filter(|m| m.notes.contains(&samples::note::ONLY_IN_WAL)).count();
        let noted = found.messages.iter().filter(|m| m.notes.iter().any(|n| n == "only-in-wal")).count();
        assert_eq!(noted, told, "{}", device.name);
    }
}

#[test]
fn every_form_of_backup_is_opened_with_the_key_on_the_phone() {
    for crypt in samples::apps::whatsapp::Crypt::ALL {
        let found = check(&samples::apps::whatsapp::android_crypt(crypt, 7));
        assert!(found.messages.iter().all(|m| m.notes.iter().any(|n| n == "backup-copy")));
    }
}
