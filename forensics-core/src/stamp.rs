//! A time as stored: the raw number and its epoch, converted when asked for, never rounded on the way in.

use std::fmt;

/// What a stored number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// Seconds since 1970-01-01 UTC.
    UnixSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    UnixMillis,
    /// Microseconds since 1970-01-01 UTC.
    UnixMicros,
    /// Nanoseconds since 1970-01-01 UTC.
    UnixNanos,
    /// Seconds since 2001-01-01 UTC (Core Data, Cocoa).
    AppleSeconds,
    /// Nanoseconds since 2001-01-01 UTC (Apple Messages since iOS 11).
    AppleNanos,
}

/// The stored number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer.
    Int(i64),
    /// A real; Core Data keeps dates so.
    Real(f64),
}

/// A raw time with its epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamp {
    /// The number as stored.
    pub raw: Number,
    /// What it counts.
    pub epoch: Epoch,
}

/// Seconds from 1970-01-01 to 2001-01-01.
const APPLE_EPOCH: i128 = 978_307_200;
const NANOS: i128 = 1_000_000_000;

impl Stamp {
    /// A stored integer.
    pub fn int(raw: i64, epoch: Epoch) -> Self {
        Stamp { raw: Number::Int(raw), epoch }
    }

    /// A stored real.
    pub fn real(raw: f64, epoch: Epoch) -> Self {
        Stamp { raw: Number::Real(raw), epoch }
    }

    /// Nanoseconds since 1970-01-01 UTC; `None` when the number is no time at all (not finite, beyond years 1 to 9999).
    pub fn unix_nanos(&self) -> Option<i128> {
        let (unit, base) = match self.epoch {
            Epoch::UnixSeconds => (NANOS, 0),
            Epoch::UnixMillis => (1_000_000, 0),
            Epoch::UnixMicros => (1_000, 0),
            Epoch::UnixNanos => (1, 0),
            Epoch::AppleSeconds => (NANOS, APPLE_EPOCH),
            Epoch::AppleNanos => (1, APPLE_EPOCH),
        };
        let nanos = match self.raw {
            Number::Int(i) => i128::from(i) * unit,
            Number::Real(f) if f.is_finite() && f.abs() < 1e19 => real_to_nanos(f, unit),
            Number::Real(_) => return None,
        } + base * NANOS;
        // Years 1 to 9999: what RFC 3339 can write.
        (-62_135_596_800 * NANOS..253_402_300_800 * NANOS).contains(&nanos).then_some(nanos)
    }

    /// Whole milliseconds since 1970-01-01 UTC, rounded down.
    pub fn unix_millis(&self) -> Option<i64> {
        self.unix_nanos().and_then(|n| i64::try_from(n.div_euclid(1_000_000)).ok())
    }

    /// Digits after the second that the store itself kept.
    fn digits(&self) -> usize {
        match (self.epoch, self.raw) {
            (Epoch::UnixSeconds | Epoch::AppleSeconds, Number::Int(_)) => 0,
            (Epoch::UnixSeconds | Epoch::AppleSeconds, Number::Real(f)) => {
                if f.fract() == 0.0 {
                    0
                } else {
                    6
                }
            }
            (Epoch::UnixMillis, _) => 3,
            (Epoch::UnixMicros, _) => 6,
            (Epoch::UnixNanos | Epoch::AppleNanos, _) => 9,
        }
    }
}

/// A double near 7·10⁸ seconds carries about a tenth of a microsecond; digits beyond the microsecond are noise.
fn real_to_nanos(f: f64, unit: i128) -> i128 {
    let whole = f.trunc();
    let micros = ((f - whole) * 1e6).round();
    #[expect(clippy::cast_possible_truncation, reason = "both parts are bounded by the caller's range check")]
    let (whole, micros) = (whole as i128, micros as i128);
    whole * unit + micros * unit / 1_000_000
}

/// RFC 3339 in UTC with the store's own precision.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unix_nanos() {
            Some(nanos) => f.write_str(&rfc3339(nanos, self.digits())),
            None => f.write_str("not a time"),
        }
    }
}

/// Formats nanoseconds since 1970 as RFC 3339 UTC with `digits` (0 to 9) fractional digits.
pub fn rfc3339(nanos: i128, digits: usize) -> String {
    let seconds = nanos.div_euclid(NANOS);
    let fraction = nanos.rem_euclid(NANOS);
    let days = seconds.div_euclid(86_400);
    let of_day = seconds.rem_euclid(86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let mut out = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if digits > 0 {
        let nine = format!("{fraction:09}");
        out.push('.');
        out.push_str(nine.get(..digits).unwrap_or(&nine));
    }
    out.push('Z');
    out
}

/// Year, month and day of a day number since 1970-01-01 in the proleptic Gregorian calendar (Hinnant, `civil_from_days`).
fn civil(days: i128) -> (i128, i128, i128) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i128::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_the_precision_of_its_store() {
        assert_eq!(Stamp::int(1_709_280_000_123, Epoch::UnixMillis).to_string(), "2024-03-01T08:00:00.123Z");
        assert_eq!(Stamp::int(1_500_266_514_326_967, Epoch::UnixMicros).to_string(), "2017-07-17T04:41:54.326967Z");
        assert_eq!(Stamp::int(0, Epoch::AppleSeconds).to_string(), "2001-01-01T00:00:00Z");
        assert_eq!(Stamp::real(704_735_745.25, Epoch::AppleSeconds).to_string(), "2023-05-02T15:55:45.250000Z");
        assert_eq!(Stamp::int(-1, Epoch::UnixSeconds).to_string(), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn an_absurd_number_is_no_time() {
        assert_eq!(Stamp::int(i64::MAX, Epoch::UnixSeconds).unix_nanos(), None);
        assert_eq!(Stamp::real(f64::NAN, Epoch::AppleSeconds).unix_nanos(), None);
    }
}
