//! How long certificates are valid, and how long they were allowed to be.

/// Seconds in a day; there are no leap seconds in these rules.
const DAY: i64 = 86_400;

/// Days from one time to another, both in seconds since 1970 and both included (RFC 5280 section
/// 4.1.2.5); each begun one counts (Baseline Requirements section 6.3.2). Zero if the end is
/// before the start.
#[must_use]
pub fn days(not_before: i64, not_after: i64) -> i64 {
    let seconds = not_after.saturating_sub(not_before).saturating_add(1).max(0);
    seconds / DAY + i64::from(seconds % DAY > 0)
}

/// The most days a publicly trusted server certificate may be valid that was issued at that time,
/// in seconds since 1970. `None` before there was a limit. Authorities may not write an earlier
/// date into a certificate to escape a limit, so the start of validity stands for the date of
/// issue, which is not in it.
#[must_use]
pub fn most_days(issued: i64) -> Option<i64> {
    LIMITS.iter().find(|(since, _)| issued >= *since).map(|(_, days)| *days)
}

/// The limits of the Baseline Requirements of the CA/Browser Forum by the first midnight (UTC)
/// they held, newest first. Extended validation had shorter ones until 2018 (27 months), which are
/// not here.
///
/// The two in months stand here as the most days so many months can have, and one more because
/// certificates of that time ended at the second they began at.
const LIMITS: [(i64, i64); 7] = [
    (1_868_227_200, 47),   // 2029-03-15, ballot SC-081v3
    (1_805_068_800, 100),  // 2027-03-15, ballot SC-081v3
    (1_773_532_800, 200),  // 2026-03-15, ballot SC-081v3
    (1_598_918_400, 398),  // 2020-09-01, ballot SC31
    (1_519_862_400, 825),  // 2018-03-01, ballot 193
    (1_427_846_400, 1189), // 2015-04-01, Baseline Requirements 1.0: 39 months
    (1_341_100_800, 1828), // 2012-07-01, Baseline Requirements 1.0: 60 months
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_second_counts_and_a_begun_day_is_one() {
        assert_eq!(days(0, 0), 1);
        assert_eq!(days(0, DAY - 1), 1);
        assert_eq!(days(0, DAY), 2);
        assert_eq!(days(1_000, 1_000 + 398 * DAY - 1), 398);
        assert_eq!(days(1_000, 1_000 + 398 * DAY), 399);
        assert_eq!(days(-DAY, -1), 1);
    }

    #[test]
    fn what_ends_before_it_starts_has_no_days() {
        assert_eq!(days(1, 0), 0);
        assert_eq!(days(i64::MAX, i64::MIN), 0);
        assert!(days(i64::MIN, i64::MAX) > 0);
    }

    #[test]
    fn limits_begin_at_midnight_of_their_day() {
        let limits = [
            (1_341_100_800, None, Some(1828)),
            (1_427_846_400, Some(1828), Some(1189)),
            (1_519_862_400, Some(1189), Some(825)),
            (1_598_918_400, Some(825), Some(398)),
            (1_773_532_800, Some(398), Some(200)),
            (1_805_068_800, Some(200), Some(100)),
            (1_868_227_200, Some(100), Some(47)),
        ];
        for (since, before, after) in limits {
            assert_eq!(since % DAY, 0);
            assert_eq!((most_days(since - 1), most_days(since)), (before, after));
        }
        assert!(LIMITS.is_sorted_by(|newer, older| newer.0 > older.0 && newer.1 < older.1));
    }
}
