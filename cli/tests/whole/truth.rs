//! Every verdict and every absence of every sample phone is what is true.

use std::collections::HashMap;

use samples::containers::full_file_system::{Packing, Style, zip_of};
use samples::{Device, TrueAbsence, TrueMessage};
use serde_json::Value;

use crate::bench::{Bench, of_type};

const SEED: u64 = 7;

/// Where a record stands: app, store file, table, row.
type Place = (String, String, String, i64);

struct Case {
    records: HashMap<Place, Value>,
    absences: Vec<(String, Value)>,
}

fn read(device: &Device) -> Case {
    let bench = Bench::new();
    let zip = bench.write("phone.zip", &zip_of(device, Style::Plain, Packing { deflated: true, zip64: false }));
    let keys = bench.write("../keys.toml", b"[[key]]\nkind = \"zstd-dictionary\"\nfile = \"wechat.dict\"\n");
    bench.write("../wechat.dict", samples::apps::wechat::DICTIONARY);
    let ran = bench.run("case", &zip, &["--keys", keys.to_str().expect("a path")]);
    assert!(ran.code == 0, "{}: code {}: {} {:?}", device.name, ran.code, ran.stderr, ran.issues());
    let lines = ran.lines();
    let files: HashMap<&str, (&str, &str)> =
        of_type(&lines, "store").map(|s| (text(&s["id"]), (text(&s["app"]), text(&s["file"])))).collect();
    let of = |line: &Value| files[text(&line["store"])];
    let mut records = HashMap::new();
    for line in of_type(&lines, "message").chain(of_type(&lines, "call")) {
        let (app, file) = of(line);
        let (table, row) = (text(&line["origin"]["table"]), line["origin"]["rowid"].as_i64().unwrap_or(-1));
        records.insert((app.to_owned(), file.to_owned(), table.to_owned(), row), line.clone());
    }
    let absences = of_type(&lines, "absence").map(|a| (of(a).0.to_owned(), a.clone())).collect();
    balanced(&lines);
    Case { records, absences }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn balanced(lines: &[Value]) {
    for tally in of_type(lines, "tally") {
        let n = |key: &str| tally[key].as_u64().expect("a count");
        let sum = n("emitted") + n("folded") + n("passed_over") + n("quarantined");
        assert_eq!(n("seen"), sum, "{tally}");
    }
    assert!(of_type(lines, "tally").count() > 0, "no table was accounted for");
}

fn complaint(true_one: &TrueMessage, case: &Case) -> Option<String> {
    let place = (true_one.app.to_owned(), true_one.store_file.clone(), true_one.table.clone(), true_one.rowid);
    let Some(record) = case.records.get(&place) else { return Some(format!("{place:?} is not in the export")) };
    let verdict = (text(&record["verdict"]), record["reach"].as_str());
    if verdict != (true_one.verdict, true_one.reach) {
        return Some(format!(
            "{place:?}: true is {:?} {:?}, judged {verdict:?} by {}",
            true_one.verdict, true_one.reach, record["rules"]
        ));
    }
    let missing = true_one.notes.iter().find(|note| !is_noted(note, record));
    missing.map(|note| format!("{place:?}: note {note} is missing among {}", record["notes"]))
}

fn is_noted(note: &str, record: &Value) -> bool {
    match note {
        // The place itself says so.
        samples::note::ONLY_IN_WAL => record["origin"]["wal_frame"].is_u64(),
        // The dictionary is given here.
        samples::note::NEEDS_DICTIONARY => !record["text"].is_null(),
        _ => record["notes"].as_array().is_some_and(|notes| notes.contains(&Value::from(note))),
    }
}

fn fits(true_one: &TrueAbsence, absence: &Value) -> bool {
    let says = |key: &str, wanted: Option<Value>| wanted.is_none_or(|w| w == absence[key]);
    absence["kind"] == true_one.kind
        && says("thread", true_one.thread.clone().map(Value::from))
        && says("id", true_one.id.clone().map(Value::from))
        && says("after", true_one.after.map(Value::from))
        && says("before", true_one.before.map(Value::from))
        && says("at_most", true_one.at_most.map(Value::from))
        && says("text", true_one.text.clone().map(Value::from))
}

#[test]
fn every_verdict_of_every_phone_is_true() {
    let mut complaints = Vec::new();
    for device in samples::all(SEED) {
        let case = read(&device);
        let wrong = device.truth.messages.iter().filter_map(|t| complaint(t, &case));
        complaints.extend(wrong.map(|c| format!("{}: {c}", device.name)));
        // A record that the truth does not know of is a message that never was. Calls are not in the truth.
        let known: std::collections::HashSet<Place> = device
            .truth
            .messages
            .iter()
            .map(|t| (t.app.to_owned(), t.store_file.clone(), t.table.clone(), t.rowid))
            .collect();
        let invented = case.records.iter().filter(|(place, r)| r["type"] == "message" && !known.contains(*place));
        complaints.extend(invented.map(|(place, r)| format!("{}: {place:?} never was: {}", device.name, r["verdict"])));
    }
    complaints.sort();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_absence_of_every_phone_is_found_and_none_is_invented() {
    let mut complaints = Vec::new();
    for device in samples::all(SEED) {
        let mut left = read(&device).absences;
        for true_one in &device.truth.absences {
            match left.iter().position(|(app, a)| app == true_one.app && fits(true_one, a)) {
                Some(place) => {
                    left.remove(place);
                }
                None => complaints.push(format!("{}: not found: {true_one:?}", device.name)),
            }
        }
        // Counts of row numbers are weak and not in the truth.
        let invented = left.iter().filter(|(_, a)| a["strength"] != "weak");
        complaints.extend(invented.map(|(app, a)| {
            let short =
                ["kind", "thread", "id", "after", "before", "at_most", "text", "rules"].map(|k| a[k].to_string());
            format!("{}: invented: {app} {}", device.name, short.join(" "))
        }));
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
