//! The program as a whole, on the demonstration evidence: exit codes, evidence untouched, secrets unspoken, the same case
//! from one worker and from four.
#![expect(clippy::disallowed_methods, reason = "the program is run on evidence written for the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest as _, Sha256};

/// A password in the demonstration's keys.toml that no message holds.
const SECRET: &str = "tide-table";

fn matchmark(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matchmark"));
    command.args(arguments).stdin(Stdio::null()).env_remove("NO_COLOR").output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The demonstration, written anew.
struct Demo {
    folder: tempfile::TempDir,
}

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo { folder };
        let output = matchmark(&["sample", &demo.path("demo"), "--quiet"]);
        assert_eq!((code(&output), said(&output).as_str()), (0, ""));
        demo
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, case: &str, more: &[&str]) -> Output {
        let (evidence, keys, case) = (self.path("demo/evidence"), self.path("demo/keys.toml"), self.path(case));
        let mut arguments = vec!["run", &evidence, "--keys", &keys, "--out", &case];
        arguments.extend(more);
        matchmark(&arguments)
    }
}

/// Every file below a folder with its length, time of change and hash.
fn listing(root: &Path) -> BTreeMap<PathBuf, (u64, std::time::SystemTime, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let about = entry.metadata().unwrap();
                let hash = Sha256::digest(fs::read(entry.path()).unwrap()).to_vec();
                all.insert(entry.path(), (about.len(), about.modified().unwrap(), hash));
            }
        }
    }
    all
}

#[test]
fn the_demonstration_becomes_a_case_and_the_evidence_stays_as_it_was() {
    let demo = Demo::new();
    let evidence = demo.folder.path().join("demo/evidence");
    let before = listing(&evidence);
    let output = demo.run("case", &[]);
    assert_eq!(code(&output), 0, "{}", said(&output));
    assert!(said(&output).contains("every row is accounted for"));
    assert_eq!(before, listing(&evidence));
    assert!(!said(&output).contains(SECRET));
    for path in listing(&demo.folder.path().join("case")).into_keys() {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()), "{}", path.display());
    }
}

#[test]
fn one_worker_and_four_give_the_same_bytes() {
    let demo = Demo::new();
    assert_eq!(code(&demo.run("one", &["--jobs", "1", "--quiet"])), 0);
    assert_eq!(code(&demo.run("four", &["--jobs", "4", "--quiet"])), 0);
    let export = |case: &str| matchmark(&["export", &demo.path(case)]).stdout;
    assert_eq!(export("one"), export("four"));
    assert!(!export("one").is_empty());
    let report = |case: &str| fs::read(demo.path(&format!("{case}/report/report.html"))).unwrap();
    assert_eq!(report("one"), report("four"));
}

#[test]
fn every_line_of_an_export_is_one_object_with_its_place() {
    let demo = Demo::new();
    assert_eq!(code(&demo.run("case", &["--no-report", "--quiet"])), 0);
    let output = matchmark(&["export", &demo.path("case")]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut messages = 0;
    for line in text.lines() {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        if object["type"] == "message" || object["type"] == "call" {
            messages += 1;
            assert!(object["origin"]["table"].is_string() && object["origin"]["rowid"].is_i64(), "{line}");
        }
    }
    assert!(messages > 20, "{messages}");
    let csv = demo.path("case.csv");
    assert_eq!(code(&matchmark(&["export", &demo.path("case"), "--format", "csv", "--output", &csv])), 0);
    assert_eq!(
        code(&matchmark(&["export", &demo.path("case"), "--format", "csv", "--output", &csv])),
        2,
        "nothing is overwritten"
    );
}

#[test]
fn the_exit_code_tells_what_became_of_it() {
    let demo = Demo::new();
    let (evidence, case) = (demo.path("demo/evidence"), demo.path("locked"));
    let locked = matchmark(&["run", &evidence, "--out", &case]);
    assert_eq!(code(&locked), 1, "without keys something is lost: {}", said(&locked));
    assert!(said(&locked).contains("evidence-needs-key") && said(&locked).contains("--ask-password"));
    assert_eq!(code(&matchmark(&["run", &evidence, "--out", &case])), 2, "a case is not overwritten");
    assert_eq!(code(&matchmark(&["run", &evidence, "--out", &case, "--force", "--quiet"])), 1);
    assert_eq!(code(&matchmark(&["run", &evidence, "--out", &demo.path("demo/evidence/case")])), 3);
    assert_eq!(code(&matchmark(&["show", &demo.path("nowhere")])), 2);
    assert_eq!(code(&matchmark(&["explain", "no.such.rule"])), 3);
    assert_eq!(code(&matchmark(&["frobnicate"])), 3);
    assert_eq!(code(&matchmark(&["--version"])), 0);
}

#[test]
fn a_wrong_password_is_not_repeated() {
    let demo = Demo::new();
    let output = matchmark(&["scan", &demo.path("demo/evidence"), "--password", "correct-horse"]);
    assert_eq!(code(&output), 1);
    assert!(!said(&output).contains("correct-horse"), "{}", said(&output));
}

#[test]
fn every_command_that_only_tells_works_without_a_case() {
    for arguments in [&["keys"][..], &["apps"], &["explain"], &["explain", "store-needs-key"]] {
        let output = matchmark(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(!output.stdout.is_empty());
    }
}
