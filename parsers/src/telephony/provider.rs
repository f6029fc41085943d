//! The provider as seen by messengers that write through it: they name a row by its URI, and the row's own marks speak.

use std::sync::Arc;

use forensics_core::app::{Install, Place};
use forensics_core::marker::{Marker, MarkerKind};
use forensics_core::open_store::{OpenStore, Unlock};
use forensics_core::record::{Message, Space};
use forensics_core::rule::judge;
use forensics_core::sink::{Sink, Stopped, StoreStatus};
use forensics_core::store::sqlite::Row;
use forensics_core::verdict::{Verdict, weigh};

use super::codes;
use super::mms::Mms;
use super::rules::RULES;
use super::scope::Scope;
use super::sms::{Sms, local_time};

/// The name of the mark that [`Provider::marker`] makes.
pub(crate) const MARKER: &str = "telephony";

/// How far a messenger's time of a row may lie from the provider's: MMS rows keep whole seconds.
const SAME_MS: i64 = 1_500;

/// Opens the provider's store of the same phone, beside another app's.
pub(crate) fn open(install: &Install<'_>, places: &[Place], sink: &mut dyn Sink) -> Result<Option<OpenStore>, Stopped> {
    let entries = places.iter().flat_map(|place| install.find(*place));
    for entry in entries {
        let Some(store) = install.open(sink, "telephony", entry, &Unlock::Plain)? else { continue };
        if store.table("sms").is_some() {
            sink.describe(store.id(), StoreStatus::Read, Some("telephony"))?;
            return Ok(Some(store));
        }
        store.refuse(sink, "table sms is missing")?;
    }
    Ok(None)
}

/// The provider's store, ready to be asked.
pub(crate) struct Provider<'a> {
    sms: Option<Sms<'a>>,
    mms: Option<Mms<'a>>,
    store: &'a OpenStore,
    scope: Scope,
}

/// What the provider has at a URI.
pub(crate) enum Answer {
    /// Nothing.
    Missing,
    /// A row of another time: the number was given again.
    Other,
    /// The row.
    Same(Box<Message>),
}

impl<'a> Provider<'a> {
    pub(crate) fn of(store: &'a OpenStore) -> Self {
        let scope = Scope { space: Space::default(), account: Arc::from(super::ACCOUNT) };
        Provider { sms: Sms::open(store), mms: Mms::open(store), store, scope }
    }

    /// What stands at `content://sms/<n>` or `content://mms/<n>`; `None` for another URI. `at` is the time in milliseconds
    /// that the messenger gives to the message.
    pub(crate) fn ask(&self, uri: &str, at: &[Option<i64>]) -> Option<Answer> {
        let message = if let Some(rowid) = number_of(uri, "content://sms/") {
            let sms = self.sms.as_ref()?;
            let row = self.store.table("sms").and_then(|t| self.store.get(t, rowid).ok().flatten());
            row.and_then(|row| sms.message(&row, &self.scope))
        } else {
            let rowid = number_of(uri, "content://mms/")?;
            let mms = self.mms.as_ref()?;
            mms.get(rowid).and_then(|row| mms.message(&row, &self.scope))
        };
        let Some(message) = message else { return Some(Answer::Missing) };
        let stands = local_time(&message);
        let same = at.iter().flatten().any(|at| stands.is_some_and(|s| s.abs_diff(*at) <= SAME_MS.unsigned_abs()));
        Some(if same { Answer::Same(Box::new(message)) } else { Answer::Other })
    }

    /// An MMS row that stands among the sent or received ones and that this package wrote.
    pub(crate) fn written_by(&self, row: &Row<'_>, package: &str) -> Option<Message> {
        let message = self.mms.as_ref()?.message(row, &self.scope)?;
        let creator = message.marker("creator").and_then(|m| m.raw.as_text()) == Some(package);
        let settled = matches!(message.native_type, Some(codes::SEND_REQ | codes::RETRIEVE_CONF))
            && matches!(message.int("msg_box"), Some(1 | 2));
        (creator && settled).then_some(message)
    }

    /// The verdict on a row as a mark, with the row's own marks of the network.
    pub(crate) fn marker(&self, message: &Message) -> (Marker, Verdict) {
        let findings = judge(RULES, message);
        let verdict = weigh(&findings);
        let reach = verdict.reach().map(|r| format!(" ({})", r.word())).unwrap_or_default();
        let deciding = findings.iter().filter(|f| f.claim == Some(verdict)).map(|f| f.rule);
        let by: Vec<&str> = deciding.collect();
        let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
        let meaning = format!("{}{reach}{by}", verdict.word());
        let marker = Marker::new(MarkerKind::State, MARKER, &*message.id, message.origin.clone()).meaning(meaning);
        (marker, verdict)
    }
}

/// The verdict in a mark that [`Provider::marker`] made.
pub(crate) fn verdict_of(marker: &Marker) -> Option<Verdict> {
    let mut words = marker.value.as_text()?.split(' ');
    let word = words.next()?;
    let reach = words.next().map(|r| r.trim_matches(|c| c == '(' || c == ')'));
    Verdict::parse(word, reach)
}

fn number_of(uri: &str, prefix: &str) -> Option<i64> {
    uri.strip_prefix(prefix)?.parse().ok().filter(|n| *n > 0)
}
