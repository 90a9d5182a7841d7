use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// A day, in UTC, written `YYYY-MM-DD`. Ordered as days are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Day(Date);

impl Day {
    /// Reads `YYYY-MM-DD`; `None` if it is no day of the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        Date::from_str(text).ok().filter(|_| plain).map(Self)
    }

    /// The day so many months later; the last of the month where that has fewer days.
    pub fn months_later(self, months: u16) -> Self {
        Self(self.0.saturating_add(i32::from(months).months()))
    }

    /// The day so many days later.
    pub fn days_later(self, days: u32) -> Self {
        Self(self.0.saturating_add(i64::from(days).days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no day of the form YYYY-MM-DD"))
    }
}

/// A moment, to the second, in UTC, written `YYYY-MM-DDThh:mm:ssZ` (RFC 3339).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment(Timestamp);

impl Moment {
    /// That many seconds after 1970-01-01T00:00:00Z.
    pub fn of_seconds(seconds: u64) -> Self {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Self(Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX))
    }

    /// The day it is in.
    pub fn day(self) -> Day {
        Day(jiff::tz::Offset::UTC.to_datetime(self.0).date())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no moment of the form YYYY-MM-DDThh:mm:ssZ");
        let read = Self(Timestamp::from_str(&text).map_err(|_| wrong())?);
        if read.to_string() == text { Ok(read) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, Moment};

    #[test]
    fn days_and_moments_read_as_they_are_written() {
        let moment = Moment::of_seconds(1_795_805_062);
        assert_eq!(moment.to_string(), "2026-11-27T18:44:22Z");
        assert_eq!(Moment::try_from(moment.to_string()), Ok(moment));
        assert_eq!(moment.day().to_string(), "2026-11-27");
        assert_eq!(moment.day().months_later(6).to_string(), "2027-05-27");
        assert_eq!(Day::parse("2026-08-31").unwrap().months_later(6).to_string(), "2027-02-28");
        assert_eq!(Day::parse("2026-12-31").unwrap().days_later(1).to_string(), "2027-01-01");
        for bad in ["2026-02-30", "20261127", "2026-11-27T00", "", "tomorrow"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        for bad in ["2026-11-27T18:44:22+01:00", "2026-11-27", "2026-11-27 18:44:22Z"] {
            assert!(Moment::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(Moment::of_seconds(u64::MAX) > moment);
    }
}
