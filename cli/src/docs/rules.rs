//! `docs/rules.md` and `docs/issues.md`, from the manifests.

use std::fmt::Write as _;

use forensics_core::container::FLAWS;
use forensics_core::issue;

use super::cell;
use crate::catalogue::{Catalogue, looks_at};
use crate::words::{ABSENCES, REACHES, VERDICTS, WHAT_IT_DOES_NOT_SAY};

pub(super) fn rules(known: &Catalogue) -> String {
    let mut out = String::from("# Verdicts, rules, notes\n\n");
    for paragraph in WHAT_IT_DOES_NOT_SAY {
        let _ = writeln!(out, "{paragraph}\n");
    }
    out.push_str("## Verdicts\n\n| verdict | when |\n|---|---|\n");
    for (word, _, says) in VERDICTS {
        let _ = writeln!(out, "| `{word}` | {says} |");
    }
    out.push_str("\nA confirmed record has a reach:\n\n| reach | meaning |\n|---|---|\n");
    for (word, says) in REACHES {
        let _ = writeln!(out, "| `{word}` | {says} |");
    }
    out.push_str("\n## Absences\n\n| kind | meaning |\n|---|---|\n");
    for (word, says) in ABSENCES {
        let _ = writeln!(out, "| `{word}` | {says} |");
    }
    out.push_str(
        "\n## Rules\n\nA rule that is known by inference only shows as a note `inferred-…` with the word it would claim; it never \
         decides a verdict.\n\n",
    );
    for app in known.manifests() {
        let _ = writeln!(out, "### {}\n", app.name);
        for rule in app.rules {
            let _ = writeln!(out, "#### `{}`\n\n{}\n", rule.id, cell(rule.says));
            let _ = writeln!(
                out,
                "Looks at {}. Stands on {}: {}\n",
                looks_at(&rule.judge),
                rule.ground.words(),
                cell(rule.cites)
            );
        }
        if !app.notes.is_empty() {
            let _ = writeln!(out, "#### Notes of {}\n\n| note | meaning |\n|---|---|", app.name);
            for note in app.notes {
                let _ = writeln!(out, "| `{}` | {} |", note.code, cell(note.says));
            }
            out.push('\n');
        }
    }
    out
}

pub(super) fn issues(known: &Catalogue) -> String {
    let mut out = String::from(
        "# Issues\n\nWhat could not be read, or looked wrong. Each issue has a severity: `lost` (records may be missing because of it), \
         `degraded` (something is less certain or less complete), `info`.\n\n## Stores and rows\n\n| code | meaning |\n|---|---|\n",
    );
    for code in issue::CODES {
        let _ = writeln!(out, "| `{}` | {} |", code.code, cell(code.says));
    }
    out.push_str("\n## Containers\n\n| code | meaning |\n|---|---|\n");
    for (code, says) in FLAWS {
        let _ = writeln!(out, "| `{code}` | {} |", cell(says));
    }
    for app in known.manifests().iter().filter(|a| !a.codes.is_empty()) {
        let _ = writeln!(out, "\n## {}\n\n| code | meaning |\n|---|---|", app.name);
        for code in app.codes {
            let _ = writeln!(out, "| `{}` | {} |", code.code, cell(code.says));
        }
    }
    out
}
