//! Rules: data plus a small pure function. A rule's opinion on one record is a finding.

use std::borrow::Cow;

use serde::Serialize;

use crate::record::Message;
use crate::verdict::Verdict;

/// What a rule stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// Read in the app's own code.
    AppSource,
    /// Seen in the store of a real phone, or verified by running.
    RealStore,
    /// Other programs read it so; how many independent ones.
    Parsers(u8),
    /// Our own reading. Such a rule supports a verdict and never carries one.
    Inferred,
}

impl Ground {
    /// In words.
    pub fn words(self) -> Cow<'static, str> {
        match self {
            Ground::AppSource => "the app's own code".into(),
            Ground::RealStore => "stores of real phones".into(),
            Ground::Parsers(1) => "one other program".into(),
            Ground::Parsers(n) => format!("{n} or more independent programs").into(),
            Ground::Inferred => "inferred by this project: supports a verdict, never carries one".into(),
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// `app.platform.what-it-says`, stable for ever.
    pub id: &'static str,
    /// The sentence that the report prints.
    pub says: &'static str,
    /// What it stands on.
    pub ground: Ground,
    /// Where that can be read up.
    pub cites: &'static str,
    /// How it judges.
    pub judge: Judge,
}

/// How a rule judges.
#[derive(Clone, Copy, Debug)]
pub enum Judge {
    /// Looks at one record.
    Record(fn(&Message) -> Option<Opinion>),
    /// Every record whose server id another record of the same id space carries too.
    SharedServerId(fn(&Shared) -> Option<Opinion>),
    /// The same within one thread: for services that number the records of each thread by themselves.
    SharedServerIdInThread(fn(&Shared) -> Option<Opinion>),
    /// Every record whose own key another record of the same thread, direction and sender carries too.
    SharedId(fn(&Shared) -> Option<Opinion>),
    /// A record numbered beyond the cursor of its thread: gives this note.
    BeyondCursor(&'static str),
    /// A record numbered inside a range that the app knows as missing: gives this note.
    InsideHole(&'static str),
    /// What the app lists as holes (see [`CursorSays::Hole`](crate::record::CursorSays)) is what it has not loaded from a
    /// server that may hold it: a hole explains a skip of numbers and is no absence of its own.
    HolesExplain,
    /// A record that waits since more than so many hours before the newest record of its store: gives this note.
    Waiting {
        /// Hours.
        hours: i64,
        /// The note.
        note: &'static str,
    },
    /// Does not judge records: makes absences.
    Absence,
}

/// How an id is shared.
#[derive(Clone, Copy, Debug)]
pub struct Shared {
    /// Whether all records with the id lie in one thread.
    pub one_thread: bool,
    /// How many records carry it.
    pub records: u64,
}

/// What a rule thinks of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opinion {
    /// The word it claims, if it claims one.
    pub claim: Option<Verdict>,
    /// Notes it adds.
    pub notes: Vec<&'static str>,
    /// Names of the markers it looked at.
    pub on: Vec<Cow<'static, str>>,
}

impl Opinion {
    /// Claims a word.
    pub fn claim(verdict: Verdict) -> Option<Self> {
        Some(Opinion { claim: Some(verdict), ..Opinion::default() })
    }

    /// Only a note.
    pub fn note(code: &'static str) -> Option<Self> {
        Some(Opinion { notes: vec![code], ..Opinion::default() })
    }
}

/// Adds to an opinion that may not be there.
pub trait Says {
    /// Names the markers that it rests on.
    fn on(self, markers: &[&'static str]) -> Self;
    /// Adds a note.
    fn with(self, note: &'static str) -> Self;
}

impl Says for Option<Opinion> {
    fn on(mut self, markers: &[&'static str]) -> Self {
        if let Some(opinion) = &mut self {
            opinion.on.extend(markers.iter().map(|m| Cow::Borrowed(*m)));
        }
        self
    }

    fn with(mut self, note: &'static str) -> Self {
        if let Some(opinion) = &mut self {
            opinion.notes.push(note);
        }
        self
    }
}

/// One rule's opinion on one record, with the markers it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// What the rule stands on.
    pub ground: Ground,
    /// The word it claims.
    pub claim: Option<Verdict>,
    /// Notes it adds.
    pub notes: Vec<Cow<'static, str>>,
    /// Indexes of the record's markers that it rests on.
    pub used: Vec<usize>,
}

impl Rule {
    /// Turns an opinion on `message` into a finding.
    pub fn find(&self, message: &Message, opinion: Opinion) -> Finding {
        let used = message
            .markers
            .iter()
            .enumerate()
            .filter(|(_, m)| opinion.on.contains(&m.name))
            .map(|(index, _)| index)
            .collect();
        self.finding(opinion, used)
    }

    /// Turns an opinion into a finding that rests on the given markers.
    pub fn finding(&self, opinion: Opinion, used: Vec<usize>) -> Finding {
        let mut notes: Vec<Cow<'static, str>> = opinion.notes.into_iter().map(Cow::Borrowed).collect();
        if let (Ground::Inferred, Some(claim)) = (self.ground, opinion.claim) {
            notes.push(format!("inferred-{}", claim.word()).into());
        }
        Finding { rule: self.id, ground: self.ground, claim: opinion.claim, notes, used }
    }
}

/// The findings of all record rules on one message.
pub fn judge(rules: &[Rule], message: &Message) -> Vec<Finding> {
    rules
        .iter()
        .filter_map(|rule| match rule.judge {
            Judge::Record(judge) => judge(message).map(|opinion| rule.find(message, opinion)),
            _ => None,
        })
        .collect()
}
