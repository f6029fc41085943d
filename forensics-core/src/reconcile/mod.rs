//! The second pass: what one record alone cannot tell. Ids that stand twice, cursors and gaps thread by thread, marks
//! whose record is not in the store.
//!
//! Findings are only added here, never taken away; a record that gets a new one is weighed again.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use serde_json::Value as Json;

use crate::app::{Manifest, SequenceSpec};
use crate::case::{CaseError, encode_findings};
use crate::rule::{Finding, Judge, Opinion, Rule, Shared};
use crate::verdict::{Verdict, weigh};

mod absence;
mod mention;
mod sequence;

use absence::Absence;

/// Runs the second pass over a shard.
pub fn reconcile(connection: &Connection, apps: &[&'static Manifest]) -> Result<(), CaseError> {
    connection.execute_batch("BEGIN")?;
    for app in apps {
        let shard = Reconciling { connection, app };
        let stores: i64 = connection.query_row("SELECT count(*) FROM store WHERE app = ?1", [app.id], |r| r.get(0))?;
        if stores == 0 {
            continue;
        }
        shard.shared_server_ids()?;
        shard.shared_ids()?;
        shard.waiting()?;
        for spec in app.sequences {
            sequence::reconcile(&shard, spec)?;
        }
        mention::reconcile(&shard)?;
    }
    connection.execute_batch("DROP TABLE mention; DROP TABLE alias; COMMIT")?;
    Ok(())
}

/// A rule that looks at how an id is shared.
type SharedRule = (&'static Rule, fn(&Shared) -> Option<Opinion>);
/// A rule with the note that it gives.
type NoteRule = (&'static Rule, &'static str);

/// One app's records in a shard.
struct Reconciling<'c> {
    connection: &'c Connection,
    app: &'static Manifest,
}

impl Reconciling<'_> {
    fn rules(&self) -> impl Iterator<Item = &'static Rule> {
        self.app.rules.iter()
    }

    /// Rules that speak where one server id stands on several records of one account.
    fn shared_server_ids(&self) -> Result<(), CaseError> {
        let rules: Vec<_> = self
            .rules()
            .filter_map(|rule| match rule.judge {
                Judge::SharedServerId(judge) => Some((rule, judge)),
                _ => None,
            })
            .collect();
        self.shared(&rules, "m.space, m.account, m.server_id", "m.server_id IS NOT NULL")?;
        let rules: Vec<_> = self
            .rules()
            .filter_map(|rule| match rule.judge {
                Judge::SharedServerIdInThread(judge) => Some((rule, judge)),
                _ => None,
            })
            .collect();
        self.shared(&rules, "m.space, m.account, m.thread, m.server_id", "m.server_id IS NOT NULL")
    }

    /// Rules that speak where one key stands on several records of one thread, direction and sender.
    fn shared_ids(&self) -> Result<(), CaseError> {
        let rules: Vec<_> = self
            .rules()
            .filter_map(|rule| match rule.judge {
                Judge::SharedId(judge) => Some((rule, judge)),
                _ => None,
            })
            .collect();
        self.shared(&rules, "m.space, m.account, m.thread, m.direction, m.sender, m.key", "m.key <> ''")
    }

    fn shared(&self, rules: &[SharedRule], identity: &str, condition: &str) -> Result<(), CaseError> {
        if rules.is_empty() {
            return Ok(());
        }
        // An older version of a row shares its ids with the row itself: only what the store holds now can clash.
        let sql = format!(
            "SELECT count(*), min(m.thread) = max(m.thread), group_concat(m.id) FROM message m JOIN store s ON s.id = m.store \
             WHERE s.app = ?1 AND m.state IN ('live', 'hidden') AND {condition} GROUP BY {identity} HAVING count(*) > 1"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut rows = statement.query([self.app.id])?;
        while let Some(row) = rows.next()? {
            let records: i64 = row.get(0)?;
            let shared = Shared { one_thread: row.get(1)?, records: records.unsigned_abs() };
            let ids: String = row.get(2)?;
            for id in ids.split(',').filter_map(|id| id.parse::<i64>().ok()) {
                for (rule, judge) in rules {
                    if let Some(opinion) = judge(&shared) {
                        self.add(id, rule, opinion)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Rules that speak of records which have been waiting for long.
    fn waiting(&self) -> Result<(), CaseError> {
        for rule in self.rules() {
            let Judge::Waiting { hours, note } = rule.judge else { continue };
            let sql = "SELECT m.id FROM message m JOIN verdict v ON v.message = m.id JOIN store s ON s.id = m.store \
                       JOIN (SELECT space, max(sent_ms) AS newest FROM message GROUP BY space) n ON n.space = m.space \
                       WHERE s.app = ?1 AND v.verdict = 'pending' AND m.sent_ms < n.newest - ?2";
            let mut statement = self.connection.prepare(sql)?;
            let waiting = statement.query_map(params![self.app.id, hours.saturating_mul(3_600_000)], |r| r.get(0))?;
            for id in waiting.collect::<Result<Vec<i64>, _>>()? {
                self.add(id, rule, Opinion { notes: vec![note], ..Opinion::default() })?;
            }
        }
        Ok(())
    }

    /// Adds a finding to a message and weighs it again. The finding rests on the markers that the opinion names.
    fn add(&self, message: i64, rule: &'static Rule, opinion: Opinion) -> Result<(), CaseError> {
        let sql = "SELECT v.findings, m.markers FROM verdict v JOIN message m ON m.id = v.message WHERE v.message = ?1";
        let (stored, markers): (Option<String>, Option<String>) =
            self.connection.prepare_cached(sql)?.query_row([message], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let names: Vec<String> = markers
            .and_then(|m| serde_json::from_str::<Vec<Vec<Json>>>(&m).ok())
            .unwrap_or_default()
            .iter()
            .map(|m| m.get(1).and_then(Json::as_str).unwrap_or_default().to_owned())
            .collect();
        let used =
            names.iter().enumerate().filter(|(_, n)| opinion.on.iter().any(|o| o == *n)).map(|(i, _)| i).collect();
        let mut findings = self.parse(stored.as_deref());
        findings.push(rule.finding(opinion, used));
        let order: HashMap<&str, usize> = self.rules().enumerate().map(|(i, r)| (r.id, i)).collect();
        findings.sort_by_key(|f| order.get(f.rule).copied());
        let verdict = weigh(&findings);
        let sql = "UPDATE verdict SET verdict = ?2, reach = ?3, findings = ?4 WHERE message = ?1";
        let reach = verdict.reach().map(|r| r.word());
        self.connection.prepare_cached(sql)?.execute(params![
            message,
            verdict.word(),
            reach,
            encode_findings(&findings)
        ])?;
        Ok(())
    }

    /// Reads stored findings back; a rule that the manifest no longer has cannot occur within one run.
    fn parse(&self, stored: Option<&str>) -> Vec<Finding> {
        let list: Vec<Json> = stored.and_then(|s| serde_json::from_str(s).ok()).unwrap_or_default();
        list.iter()
            .filter_map(|f| {
                let rule = self.app.rule(f.get("rule")?.as_str()?)?;
                let claim = f.get("claim").and_then(Json::as_str);
                let reach = f.get("reach").and_then(Json::as_str);
                let notes = f.get("notes").and_then(Json::as_array).into_iter().flatten();
                let used = f.get("markers").and_then(Json::as_array).into_iter().flatten();
                Some(Finding {
                    rule: rule.id,
                    ground: rule.ground,
                    claim: claim.and_then(|word| Verdict::parse(word, reach)),
                    notes: notes.filter_map(|n| Some(n.as_str()?.to_owned().into())).collect(),
                    used: used.filter_map(|n| usize::try_from(n.as_u64()?).ok()).collect(),
                })
            })
            .collect()
    }

    fn insert(&self, absence: &Absence) -> Result<(), CaseError> {
        absence.insert(self.connection)
    }

    /// Whether a hole that the app knows of explains a skip and is no absence itself.
    fn holes_explain(&self, spec: &SequenceSpec) -> bool {
        let of_platform = |rule: &&'static Rule| rule.id.split('.').nth(1) == Some(spec.platform.word());
        self.rules().filter(of_platform).any(|rule| matches!(rule.judge, Judge::HolesExplain))
    }

    /// The rule that notes records beyond the cursor, and the one for records inside a known hole.
    fn note_rules(&self, spec: &SequenceSpec) -> (Option<NoteRule>, Option<NoteRule>) {
        // Rules of one platform carry its name in their id.
        let of_platform = |rule: &&'static Rule| rule.id.split('.').nth(1) == Some(spec.platform.word());
        let beyond = self.rules().filter(of_platform).find_map(|rule| match rule.judge {
            Judge::BeyondCursor(note) => Some((rule, note)),
            _ => None,
        });
        let inside = self.rules().filter(of_platform).find_map(|rule| match rule.judge {
            Judge::InsideHole(note) => Some((rule, note)),
            _ => None,
        });
        (beyond, inside)
    }
}
