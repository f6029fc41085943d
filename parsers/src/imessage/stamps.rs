//! Times: Apple's epoch, in seconds or in nanoseconds, decided value by value.

use forensics_core::stamp::{Epoch, Number, Stamp};
use forensics_core::value::Value;

/// From here on a number counts nanoseconds: as seconds it would lie 31,700 years ahead, as nanoseconds it is the first
/// quarter of an hour of 2001. One row may hold both: iOS 12 writes `date` in nanoseconds beside a `date_read` in seconds.
const FIRST_NANOS: u64 = 1_000_000_000_000;

/// The time in a date column; 0 and nothing are "never".
pub(super) fn stamp(value: &Value) -> Option<Stamp> {
    match value {
        Value::Int(0) => None,
        Value::Int(raw) => Some(Stamp::int(*raw, epoch(raw.unsigned_abs() >= FIRST_NANOS))),
        #[expect(clippy::cast_precision_loss, reason = "a limit of thirteen digits is exact")]
        Value::Real(raw) if *raw != 0.0 => Some(Stamp::real(*raw, epoch(raw.abs() >= FIRST_NANOS as f64))),
        _ => None,
    }
}

fn epoch(nanos: bool) -> Epoch {
    if nanos { Epoch::AppleNanos } else { Epoch::AppleSeconds }
}

/// Whether a date column says that something happened: a time after 2001 that a calendar has.
pub(super) fn is_set(value: &Value) -> bool {
    let Some(stamp) = stamp(value) else { return false };
    let after = match stamp.raw {
        Number::Int(raw) => raw > 0,
        Number::Real(raw) => raw > 0.0,
    };
    after && stamp.unix_nanos().is_some()
}

/// Whether `later` lies before `earlier`, beyond what the coarser of the two can tell.
pub(super) fn is_before(later: Stamp, earlier: Stamp) -> bool {
    const SECOND: i128 = 1_000_000_000;
    let coarse = [later, earlier].iter().any(|s| s.epoch == Epoch::AppleSeconds && matches!(s.raw, Number::Int(_)));
    let slack = if coarse { SECOND } else { 0 };
    match (later.unix_nanos(), earlier.unix_nanos()) {
        (Some(later), Some(earlier)) => later.saturating_add(slack) < earlier,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: i64) -> Option<String> {
        stamp(&Value::Int(value)).map(|s| s.to_string())
    }

    #[test]
    fn seconds_and_nanoseconds_are_told_apart_value_by_value() {
        assert_eq!(text(469_908_586).as_deref(), Some("2015-11-22T18:09:46Z"));
        assert_eq!(text(606_950_000_123_456_789).as_deref(), Some("2020-03-26T21:13:20.123456789Z"));
        assert_eq!(text(-1_000).as_deref(), Some("2000-12-31T23:43:20Z"));
        assert_eq!(text(0), None);
        assert_eq!(stamp(&Value::Null), None);
    }

    #[test]
    fn a_date_before_2001_is_not_set() {
        assert!(!is_set(&Value::Int(-5)));
        assert!(is_set(&Value::Int(5)));
        assert!(!is_set(&Value::Real(1e300)) && !is_set(&Value::Real(f64::NAN)));
    }

    #[test]
    fn a_second_of_doubt_is_granted_where_only_seconds_are_kept() {
        let nanos = Stamp::int(606_950_000_900_000_000, Epoch::AppleNanos);
        assert!(!is_before(Stamp::int(606_950_000, Epoch::AppleSeconds), nanos));
        assert!(is_before(Stamp::int(606_949_999, Epoch::AppleSeconds), nanos));
        assert!(is_before(Stamp::int(606_950_000_899_999_999, Epoch::AppleNanos), nanos));
    }
}
