use std::fs;

use super::*;
use crate::testing;

fn one_page() -> String {
    let folder = tempfile::tempdir().unwrap();
    let case = testing::case(folder.path());
    let path = write(&case, &testing::catalogue()).unwrap();
    let first = fs::read_to_string(&path).unwrap();
    write(&case, &testing::catalogue()).unwrap();
    assert_eq!(first, fs::read_to_string(&path).unwrap(), "the same case gives the same report");
    first
}

/// What a browser would take for markup: every tag, without its attributes' values.
fn tags(page: &str) -> Vec<&str> {
    page.match_indices('<').map(|(at, _)| page[at + 1..].split([' ', '>']).next().unwrap_or_default()).collect()
}

#[test]
fn nothing_of_the_evidence_becomes_markup() {
    let page = one_page();
    assert_eq!(tags(&page).iter().filter(|t| **t == "script").count(), 1);
    assert!(!tags(&page).contains(&"i") && !page.contains("<b>9</b>"));
    assert!(page.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"));
    assert!(!page.contains(['\u{202e}', '\u{1b}']), "controls are shown by number");
}

#[test]
fn the_policy_allows_this_style_and_this_script_and_nothing_else() {
    let page = one_page();
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let script = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    assert!(page.contains(&format!("style-src 'sha256-{}'", hash(style))));
    assert!(page.contains(&format!("script-src 'sha256-{}'", hash(script))));
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    for word in [" style=\"", " onclick", " onload", "http://", "https://", "<link", "<img", "<iframe"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn every_opened_element_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let case = testing::case(folder.path());
    write_split(&case, &testing::catalogue(), 0).unwrap();
    let mut pages = vec![one_page()];
    for name in ["report.html", "threads-0001.html", "absences.html", "rules.html"] {
        pages.push(fs::read_to_string(folder.path().join("report").join(name)).unwrap());
    }
    for page in pages {
        let mut open = Vec::new();
        for tag in tags(&page) {
            match tag.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{open:?}"),
                None if matches!(tag, "!doctype" | "meta" | "br" | "input") => {}
                None => open.push(tag),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    for split in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let case = testing::case(folder.path());
        write_split(&case, &testing::catalogue(), if split { 0 } else { 100 }).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join("report").join(name)).unwrap();
        let names: Vec<String> = fs::read_dir(folder.path().join("report"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), if split { 4 } else { 1 });
        for name in &names {
            let page = read(name);
            for link in page.split(" href=\"").skip(1).map(|l| l.split('"').next().unwrap()) {
                let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
                let target = if file.is_empty() { page.clone() } else { read(file) };
                assert!(anchor.is_empty() || target.contains(&format!("id=\"{anchor}\"")), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_first_page_says_what_was_lost_and_what_a_verdict_does_not_show() {
    let page = one_page();
    assert!(page.contains("Records may be missing from this report"));
    assert!(page.contains("does not show that the server still keeps the record"));
    assert!(page.contains("store-needs-key") && page.contains("needs-key"));
    assert!(page.contains(&"ab".repeat(32)) && page.contains(&"cd".repeat(32)));
}

#[test]
fn an_absence_stands_beside_the_message_that_names_it() {
    let page = one_page();
    let reply = page.find("are you there?").unwrap();
    let absence = page.find("Not in the store: dangling").unwrap();
    let next = page.find("not text:").unwrap();
    assert!(reply < absence && absence < next);
    assert!(page.contains("what it said &lt;i&gt;"));
}
