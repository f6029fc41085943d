//! `docs/cli.md`, from the parser of the command line.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use super::cell;
use crate::args::Args;

pub(super) fn page() -> String {
    let mut root = Args::command();
    root.build();
    let mut out = String::from("# Command line\n\n");
    let _ =
        writeln!(out, "{}\n", root.get_long_about().or(root.get_about()).map(ToString::to_string).unwrap_or_default());
    let _ = writeln!(out, "{}\n", root.get_after_help().map(ToString::to_string).unwrap_or_default());
    out.push_str("Options of every command:\n\n");
    table(
        &mut out,
        root.get_arguments().filter(|a| a.is_global_set() || a.get_id() == "help" || a.get_id() == "version"),
    );
    for command in root.get_subcommands() {
        section(&mut out, command);
    }
    out.push_str("## The table of `export --format csv`\n\n");
    out.push_str(
        "Messages, calls and absences, one a line, UTF-8, RFC 4180. Cells are texts as stored; a cell that a spreadsheet would take for \
         a formula (it begins with `=`, `+`, `-`, `@`, TAB or CR) gets a `'` before it, unless `--exact` is given. `markers` lists \
         `name=value as stored`; everything else of a record is in the JSONL export. Columns:\n\n",
    );
    let columns: Vec<String> = crate::export::csv::COLUMNS.iter().map(|c| format!("`{c}`")).collect();
    let _ = writeln!(out, "{}", columns.join(", "));
    out
}

fn section(out: &mut String, command: &Command) {
    let _ = writeln!(out, "## matchmark {}\n", command.get_name());
    let _ = writeln!(out, "{}\n", command.get_about().map(ToString::to_string).unwrap_or_default());
    let usage = command.clone().render_usage().to_string();
    let _ = writeln!(out, "```text\n{}\n```\n", usage.trim_start_matches("Usage: "));
    table(out, command.get_arguments().filter(|a| !a.is_global_set() && a.get_id() != "help"));
}

fn table<'a>(out: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let arguments: Vec<&Arg> = arguments.collect();
    if arguments.is_empty() {
        return;
    }
    out.push_str("| argument | meaning |\n|---|---|\n");
    for argument in arguments {
        let _ = writeln!(out, "| `{}` | {} |", cell(&written(argument)), cell(&meaning(argument)));
    }
    out.push('\n');
}

/// As it is typed.
fn written(argument: &Arg) -> String {
    let takes = argument.get_action().takes_values();
    let value = argument
        .get_value_names()
        .and_then(|n| n.first())
        .map_or_else(|| argument.get_id().as_str().to_uppercase(), ToString::to_string);
    let mut text = match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("-{short}, --{long}"),
        (None, Some(long)) => format!("--{long}"),
        (Some(short), None) => format!("-{short}"),
        (None, None) => return value,
    };
    if takes {
        text.push_str(&format!(" {value}"));
    }
    text
}

fn meaning(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default();
    // The parser of the command line drops the full stop of a help text.
    if !text.ends_with('.') {
        text.push('.');
    }
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|v| !v.is_hide_set())
        .map(|v| format!("`{}`", v.get_name()))
        .collect();
    if argument.get_action().takes_values() && !values.is_empty() {
        text.push_str(&format!(" One of {}.", values.join(", ")));
    }
    let defaults: Vec<String> =
        argument.get_default_values().iter().map(|v| format!("`{}`", v.to_string_lossy())).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        text.push_str(&format!(" Default {}.", defaults.join(", ")));
    }
    if argument.is_required_set() {
        text.push_str(" Required.");
    }
    text
}
