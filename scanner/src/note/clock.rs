//! Malaysia time: eight hours before UTC, never changed, and how people there say it.

use crate::grade::{Day, Language};

/// How far Malaysia is ahead of UTC, in seconds.
const AHEAD: u64 = 8 * 3_600;

/// The last moment that is told, the end of the year 9999 in Malaysia; later ones are errors.
const LAST: u64 = 253_402_300_799 - AHEAD;

/// A moment in Malaysia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The day there.
    pub day: Day,
    hour: u64,
    minute: u64,
}

impl Moment {
    /// From milliseconds since 1970, UTC.
    pub fn of(ms: u64) -> Self {
        let seconds = (ms / 1_000).min(LAST) + AHEAD;
        let second = seconds % 86_400;
        let day = Day::at(i64::try_from(seconds).unwrap_or(0));
        Self { day, hour: second / 3_600, minute: second / 60 % 60 }
    }

    /// The time of day: `10:30 pagi` in Malay, `10:30` of 24 hours in English.
    pub fn time(self, language: Language) -> String {
        let Self { hour, minute, .. } = self;
        if language == Language::English {
            return format!("{hour:02}:{minute:02}");
        }
        let part = match hour {
            0..12 => "pagi",
            12 => "tengah hari",
            13..19 => "petang",
            _ => "malam",
        };
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{hour}:{minute:02} {part}")
    }
}

/// A day as it stands in notes: `12/11/2026`.
pub(super) fn date(day: Day) -> String {
    let last = Day::of(9999, 12, 31);
    let (year, month, day) = day.clamp(Day::of(1, 1, 1), last).civil();
    format!("{day:02}/{month:02}/{year:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_that_of_malaysia() {
        let is = |utc: (i32, u64, u64), day: &str, malay: &str, english: &str| {
            let (days, hour, minute) = utc;
            let seconds = u64::try_from(days).unwrap() * 86_400 + hour * 3_600 + minute * 60;
            let moment = Moment::of(seconds * 1_000 + 59_999);
            assert_eq!(date(moment.day), day);
            assert_eq!(moment.time(Language::Malay), malay);
            assert_eq!(moment.time(Language::English), english);
        };
        let day = Day::of(2026, 11, 12).0;
        is((day, 2, 30), "12/11/2026", "10:30 pagi", "10:30");
        is((day, 3, 59), "12/11/2026", "11:59 pagi", "11:59");
        is((day, 4, 15), "12/11/2026", "12:15 tengah hari", "12:15");
        is((day, 5, 0), "12/11/2026", "1:00 petang", "13:00");
        is((day, 10, 59), "12/11/2026", "6:59 petang", "18:59");
        is((day, 11, 0), "12/11/2026", "7:00 malam", "19:00");
        is((day, 15, 59), "12/11/2026", "11:59 malam", "23:59");
        is((day, 16, 0), "13/11/2026", "12:00 pagi", "00:00");
        is((Day::of(2026, 12, 31).0, 16, 5), "01/01/2027", "12:05 pagi", "00:05");
    }

    #[test]
    fn times_nobody_means_are_told_too() {
        assert_eq!(date(Moment::of(u64::MAX).day), "31/12/9999");
        assert_eq!(date(Day(i32::MIN)), "01/01/0001");
        assert_eq!(date(Day(i32::MAX)), "31/12/9999");
    }
}
