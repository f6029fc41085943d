//! What ARCHITECTURE.md promises about the crates, checked.

use std::collections::BTreeMap;

/// Which crates of the workspace a crate may know, by kind of dependency.
const ALLOWED: &[(&str, &[&str], &[&str])] = &[
    ("forensics-core", &[], &["samples"]),
    ("parsers", &["forensics-core"], &["samples"]),
    ("samples", &[], &[]),
    ("matchmark", &["forensics-core", "parsers", "samples"], &["samples"]),
];

#[expect(clippy::disallowed_methods, reason = "asks cargo for the workspace's own metadata; no evidence is near")]
fn metadata() -> serde_json::Value {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo's metadata is JSON")
}

#[test]
fn no_crate_knows_one_that_it_must_not_know() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let names: Vec<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let allowed: BTreeMap<_, _> = ALLOWED.iter().map(|(name, normal, dev)| (*name, (*normal, *dev))).collect();
    assert_eq!(names.len(), allowed.len(), "a crate that this test does not know: {names:?}");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let (normal, dev) = allowed[name];
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let other = dependency["name"].as_str().expect("a name");
            let list = if dependency["kind"] == "dev" { dev } else { normal };
            assert!(!names.contains(&other) || list.contains(&other), "{name} must not depend on {other}");
        }
    }
}

#[test]
fn the_core_names_no_app() {
    let apps = ["whatsapp", "wechat", "telegram", "viber", "kakao", "imessage", "hangouts"];
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    // Key kinds are the examiner's words for what a key opens, and comments give examples of names in stores.
    let exempt = ["keys.rs"];
    for item in walkdir::WalkDir::new(source).into_iter().filter_map(Result::ok) {
        let name = item.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".rs") || exempt.contains(&name.as_str()) {
            continue;
        }
        let text = std::fs::read_to_string(item.path()).expect("source text");
        // Tests at the end of a file may name whom they like.
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let line = line.split("//").next().unwrap_or_default().to_ascii_lowercase();
            for app in apps {
                assert!(!line.contains(app), "{}:{} names {app}", item.path().display(), number + 1);
            }
        }
    }
}
