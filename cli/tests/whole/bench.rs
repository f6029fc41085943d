//! A folder to work in, and the program to run there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder that is gone at the end, with `evidence/` and cases in it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stderr: String,
    pub(crate) stdout: String,
    pub(crate) case: PathBuf,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let bench = Bench { folder: tempfile::tempdir().expect("a folder") };
        fs::create_dir(bench.path("evidence")).expect("a folder for evidence");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of evidence and gives its path.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path("evidence").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
        fs::write(&path, bytes).expect("the file is written");
        path
    }

    /// Writes a tree of files below `evidence/name`.
    pub(crate) fn write_tree(&self, name: &str, files: &[samples::containers::layout::PlacedFile]) -> PathBuf {
        let root = self.path("evidence").join(name);
        samples::containers::folder::write_tree(files, &root).expect("the tree is written");
        root
    }

    /// Runs the main job on one evidence item into a case of that name.
    pub(crate) fn run(&self, case: &str, evidence: &Path, more: &[&str]) -> Ran {
        let case = self.path(case);
        let output = program()
            .arg("run")
            .arg(evidence)
            .arg("--out")
            .arg(&case)
            .arg("--quiet")
            .args(more)
            .output()
            .expect("the program runs");
        ran(output, case)
    }
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matchmark"));
    command.env_clear();
    command
}

fn ran(output: Output, case: PathBuf) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        case,
    }
}

impl Ran {
    /// The case as JSON lines.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = self.jsonl();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    /// The export, byte for byte.
    #[track_caller]
    pub(crate) fn jsonl(&self) -> String {
        let output =
            program().args(["export", "--format", "jsonl"]).arg(&self.case).output().expect("the program runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "export failed after a run with code {}: {stderr}{}", self.code, self.stderr);
        String::from_utf8(output.stdout).expect("JSON is UTF-8")
    }

    /// The lines that must not change with the container: all but the header and the evidence.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<String> {
        let text = self.jsonl();
        let other =
            |line: &&str| !line.starts_with(r#"{"type":"header""#) && !line.starts_with(r#"{"type":"evidence""#);
        text.lines().filter(other).map(str::to_owned).collect()
    }

    /// Codes of all issues.
    #[track_caller]
    pub(crate) fn issues(&self) -> Vec<String> {
        of_type(&self.lines(), "issue").map(|i| i["code"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

pub(crate) fn of_type<'a>(lines: &'a [Value], word: &'a str) -> impl Iterator<Item = &'a Value> {
    lines.iter().filter(move |line| line["type"] == word)
}

/// Paths below a folder with what any change would change: length, time of change, mode, content.
pub(crate) fn listing(root: &Path) -> BTreeMap<PathBuf, (u64, std::time::SystemTime, bool, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(folder) = todo.pop() {
        for item in fs::read_dir(&folder).expect("a folder").map(|i| i.expect("an entry")) {
            let meta = item.path().symlink_metadata().expect("metadata");
            let content = if meta.is_file() { fs::read(item.path()).expect("content") } else { Vec::new() };
            let modified = meta.modified().expect("a time");
            found.insert(item.path(), (meta.len(), modified, meta.permissions().readonly(), content));
            if meta.is_dir() {
                todo.push(item.path());
            }
        }
    }
    found
}
