//! The few fields that containers need from property lists.

use crate::store::plist::{self, Plist};

/// A property list whose top is a dictionary. Keys below further dictionaries are written with dots
/// (`Lockdown.DeviceName`).
#[derive(Debug, Default)]
pub(crate) struct Dict(Plist);

/// Seconds from 1970 to 2001.
const APPLE_EPOCH: f64 = 978_307_200.0;
/// The year 9999, in milliseconds.
const LATEST: f64 = 2.6e14;

impl Dict {
    /// Reads a list, binary or XML; `None` where it is none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        plist::parse(bytes).ok().filter(|list| list.as_dict().is_some()).map(Dict)
    }

    fn at(&self, key: &str) -> Option<&Plist> {
        self.0.get(key).or_else(|| key.split('.').try_fold(&self.0, |list, key| list.get(key)))
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.at(key)?.as_text().map(ToOwned::to_owned)
    }

    pub(crate) fn data(&self, key: &str) -> Option<&[u8]> {
        self.at(key)?.as_data()
    }

    /// A truth value; some writers keep it as a number.
    pub(crate) fn truth(&self, key: &str) -> Option<bool> {
        let value = self.at(key)?;
        value.as_bool().or_else(|| value.as_int().map(|i| i != 0))
    }

    /// Milliseconds since 1970 UTC.
    pub(crate) fn date(&self, key: &str) -> Option<i64> {
        let unix = (self.at(key)?.as_date()? + APPLE_EPOCH) * 1000.0;
        #[expect(clippy::cast_possible_truncation, reason = "checked to be before the year 9999")]
        (unix.abs() < LATEST).then_some(unix.round() as i64)
    }
}
