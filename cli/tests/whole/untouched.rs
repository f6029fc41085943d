//! Evidence is never written to.

use std::fs;

use samples::containers::full_file_system::{Packing, Style, zip_of};
use samples::containers::{itunes, layout};

use crate::bench::{Bench, listing, program};

#[test]
fn not_a_byte_of_the_evidence_changes_and_nothing_is_left_beside_it() {
    let bench = Bench::new();
    // Stores whose newest rows are in the log tempt a reader to write: SQLite would leave `-shm` beside them.
    let android = samples::apps::whatsapp::android_newest_in_wal(3);
    let journal = samples::apps::whatsapp::android_hot_journal(3);
    let iphone = samples::apps::whatsapp::ios_newest_in_wal(3);
    bench.write_tree("android", &layout::absolute(&android));
    bench.write_tree("journal", &layout::absolute(&journal));
    bench.write_tree("iphone", &layout::absolute(&iphone));
    bench.write_tree("backup", &itunes::backup(&iphone, &itunes::Form::PLAIN, 3));
    bench.write("phone.zip", &zip_of(&android, Style::GrayKey, Packing { deflated: true, zip64: false }));
    let before = listing(&bench.path("evidence"));
    for name in ["android", "journal", "iphone", "backup", "phone.zip"] {
        let evidence = bench.path("evidence").join(name);
        let scanned = program().arg("scan").arg(&evidence).output().expect("the program runs");
        assert!(scanned.status.success(), "{name}: {}", String::from_utf8_lossy(&scanned.stderr));
        let ran = bench.run(&format!("case-{name}"), &evidence, &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
    }
    assert!(before == listing(&bench.path("evidence")), "the evidence changed");
}

#[test]
fn a_case_inside_the_evidence_is_refused() {
    let bench = Bench::new();
    let phone = bench.write_tree("phone", &layout::absolute(&samples::apps::whatsapp::ios(3)));
    let before = listing(&bench.path("evidence"));
    let ran = bench.run("evidence/phone/case", &phone, &[]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("inside"), "{}", ran.stderr);
    assert!(before == listing(&bench.path("evidence")), "the evidence changed");
}

#[test]
fn evidence_inside_the_case_folder_is_refused() {
    let bench = Bench::new();
    let phone = bench.write_tree("phone", &layout::absolute(&samples::apps::whatsapp::ios(3)));
    let ran = bench.run("evidence", &phone, &[]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("inside"), "{}", ran.stderr);
}

#[test]
fn an_earlier_case_is_not_overwritten_unasked() {
    let bench = Bench::new();
    let phone = bench.write_tree("phone", &layout::absolute(&samples::apps::whatsapp::ios(3)));
    assert_eq!(bench.run("case", &phone, &[]).code, 0);
    let before = fs::read(bench.path("case/case.db")).expect("a catalogue");
    let again = bench.run("case", &phone, &[]);
    assert_ne!(again.code, 0);
    assert!(before == fs::read(bench.path("case/case.db")).expect("a catalogue"));
    assert_eq!(bench.run("case", &phone, &["--force"]).code, 0);
    // A folder with other things in it is never taken over.
    fs::create_dir(bench.path("letters")).expect("a folder");
    fs::write(bench.path("letters/mother.txt"), "dear").expect("a letter");
    assert_ne!(bench.run("letters", &phone, &["--force"]).code, 0);
    assert!(bench.path("letters/mother.txt").is_file());
}
