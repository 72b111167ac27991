//! Authorities that root stores stopped trusting for TLS, and since when. The table is
//! `data/distrust.csv`, with a source for each line.
//!
//! A store often keeps the root for what was issued before, so that finding it there is not
//! enough. Only the root at the end of a path counts: an intermediate of the same name under
//! another authority's root is that authority's.

use std::sync::LazyLock;

/// The table as text; lines with `#` are comments, and the first other one names the columns.
const CSV: &str = include_str!("../../data/distrust.csv");

/// The table, parsed once, at first use.
static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| rows().filter_map(parse).collect());

/// That an authority is no longer trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// The authority.
    pub authority: &'static str,
    /// Since when, seconds since 1970: leaves issued after it are concerned, or all from then on.
    pub since: i64,
    /// Who said so, and where.
    pub source: &'static str,
}

/// Whether a store stopped trusting the authority of a path, for a leaf that is valid from
/// `leaf_not_before`, at the time `now` (both seconds since 1970).
///
/// The root is given by its SHA-256 in hex and by its subject as [`super::names`] prints it. The
/// store is that of a path, for instance `mozilla`; `chrome` asks for what Chrome decided. Chrome
/// goes by the first log entry of a leaf, for which its beginning stands here. Where several lines
/// of the table fit, the earliest counts.
#[must_use]
pub fn distrusted(
    root_sha256: &str,
    root_subject: &str,
    store: &str,
    leaf_not_before: i64,
    now: i64,
) -> Option<Distrust> {
    let parts = parts(root_subject);
    let concerns = |row: &&Row| {
        let time = match row.rule {
            Rule::Issued => leaf_not_before > row.distrust.since,
            Rule::All => now >= row.distrust.since,
        };
        time && (row.store == "any" || row.store == store) && row.root.fits(root_sha256, &parts)
    };
    let rows = TABLE.iter().filter(concerns);
    rows.map(|row| row.distrust).min_by_key(|distrust| distrust.since)
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    root: Known,
    store: &'static str,
    rule: Rule,
    distrust: Distrust,
}

/// What an authority's root is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    /// SHA-256 of the certificate, in hex.
    Sha256(&'static str),
    /// Parts of its subject: all have to be there.
    Subject(Vec<&'static str>),
}

impl Known {
    fn fits(&self, sha256: &str, parts: &[String]) -> bool {
        let has = |wanted: &&str| match wanted.strip_suffix('*') {
            Some(start) => parts.iter().any(|part| part.starts_with(start)),
            None => parts.iter().any(|part| part == wanted),
        };
        match self {
            Self::Sha256(known) => known.eq_ignore_ascii_case(sha256),
            Self::Subject(wanted) => wanted.iter().all(has),
        }
    }
}

/// Which certificates of an authority are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Those whose validity begins after the moment.
    Issued,
    /// All, from the moment on.
    All,
}

/// The lines of the table that hold an authority.
fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1)
}

/// One line of the table. A malformed one is left out rather than a panic in the scanner; the
/// tests see to it that there is none.
fn parse(line: &'static str) -> Option<Row> {
    // The source comes last and may hold semicolons.
    let mut fields = line.splitn(6, ';');
    let authority = fields.next().filter(|name| !name.is_empty())?;
    let root = fields.next()?;
    let root = match root.strip_prefix("sha256:") {
        Some(hash) => {
            let hex = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            Known::Sha256(Some(hash).filter(|_| hex)?)
        }
        None => {
            let parts: Vec<_> = root.split(" & ").collect();
            Known::Subject(Some(parts).filter(|parts| parts.iter().all(|part| named(part)))?)
        }
    };
    let store = fields.next().filter(|store| matches!(*store, "any" | "mozilla" | "chrome"))?;
    let rule = match fields.next()? {
        "issued" => Rule::Issued,
        "all" => Rule::All,
        _ => return None,
    };
    let since = moment(fields.next()?)?;
    let source = fields.next().filter(|source| !source.is_empty())?;
    Some(Row { root, store, rule, distrust: Distrust { authority, since, source } })
}

/// True of a word with a value: a part without either would fit what it should not.
fn named(part: &str) -> bool {
    part.split_once('=')
        .is_some_and(|(word, value)| !word.is_empty() && !value.trim_end_matches('*').is_empty())
}

/// The parts of a subject as printed, without the quotation marks and backslashes around values.
fn parts(subject: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut rest = subject;
    while let Some(c) = rest.chars().next() {
        let mut after = rest.get(c.len_utf8()..).unwrap_or_default();
        let separator = rest.strip_prefix(", ").or_else(|| rest.strip_prefix(" + "));
        let part = parts.last_mut();
        match (c, separator, part) {
            (_, Some(next), _) if !quoted => {
                parts.push(String::new());
                after = next;
            }
            ('"', ..) => quoted = !quoted,
            ('\\', _, Some(part)) => {
                if let Some(escaped) = after.chars().next() {
                    part.push(escaped);
                    after = after.get(escaped.len_utf8()..).unwrap_or_default();
                }
            }
            (_, _, Some(part)) => part.push(c),
            (_, _, None) => {}
        }
        rest = after;
    }
    parts
}

/// Seconds since 1970 of a moment written as `2024-11-30T23:59:59Z`.
fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !valid {
        return None;
    }
    // Years that begin in March have the leap day at their end, and months of 153 days in five.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between the first of March of year 0 and 1970.
    Some((days - 719_468) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Three numbers and nothing else.
fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let mut fields = text.split(separator);
    let numbers = [number(fields.next()?)?, number(fields.next()?)?, number(fields.next()?)?];
    fields.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    use super::*;
    use crate::pki::CertFacts;

    /// 23 November 2026.
    const NOW: i64 = 1_795_392_000;
    /// 30 November 2024, 23:59:59 UTC, as `date -u +%s` has it.
    const ENTRUST: i64 = 1_733_011_199;
    const G2: &str = concat!(
        "CN=Entrust Root Certification Authority - G2, ",
        "OU=\"(c) 2009 Entrust, Inc. - for authorized use only\", ",
        "OU=See www.entrust.net/legal-terms, O=\"Entrust, Inc.\", C=US"
    );

    fn named(subject: &str) -> Option<&'static str> {
        distrusted("", subject, "system", NOW, NOW).map(|distrust| distrust.authority)
    }

    #[test]
    fn no_row_is_skipped() {
        for line in rows() {
            assert!(parse(line).is_some(), "{line}");
        }
        assert!(rows().count() > 20);
        assert!(CSV.contains("Dated 20"));
        for row in TABLE.iter() {
            // DigiNotar was the first, and nothing is known of the future.
            assert!((1_314_662_400..NOW).contains(&row.distrust.since), "{row:?}");
        }
    }

    #[test]
    fn a_malformed_row_is_skipped() {
        assert!(parse("A;CN=a;any;all;2020-01-01T00:00:00Z;s; t").is_some());
        for bad in [
            "",
            "A;CN=a;any;all;2020-01-01T00:00:00Z",
            "A;CN=a;any;all;2020-01-01T00:00:00Z;",
            ";CN=a;any;all;2020-01-01T00:00:00Z;s",
            "A;;any;all;2020-01-01T00:00:00Z;s",
            "A;CN;any;all;2020-01-01T00:00:00Z;s",
            "A;CN=*;any;all;2020-01-01T00:00:00Z;s",
            "A;CN=a & ;any;all;2020-01-01T00:00:00Z;s",
            "A;sha256:00;any;all;2020-01-01T00:00:00Z;s",
            "A;CN=a;apple;all;2020-01-01T00:00:00Z;s",
            "A;CN=a;any;some;2020-01-01T00:00:00Z;s",
            "A;CN=a;any;all;2020-13-01T00:00:00Z;s",
            "A;CN=a;any;all;2020-01-01;s",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_those_of_date() {
        assert_eq!(moment("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(moment("2000-02-29T12:34:56Z"), Some(951_827_696));
        assert_eq!(moment("2024-11-30T23:59:59Z"), Some(ENTRUST));
        assert_eq!(moment("2026-11-23T00:00:00Z"), Some(NOW));
        assert_eq!(moment("+2024-11-30T23:59:59Z"), None);
        assert_eq!(moment("2024-11-30T23:59:59"), None);
    }

    #[test]
    fn the_second_after_the_last_trusted_one_counts() {
        let at = |leaf| distrusted("", G2, "mozilla", leaf, NOW);
        assert_eq!(at(ENTRUST - 1), None);
        assert_eq!(at(ENTRUST), None);
        let found = at(ENTRUST + 1).unwrap();
        assert_eq!((found.authority, found.since), ("Entrust", ENTRUST));
        assert!(found.source.contains("1922387"));
        // Whenever it is scanned.
        assert_eq!(distrusted("", G2, "mozilla", ENTRUST + 1, 0), Some(found));
    }

    #[test]
    fn what_is_gone_for_all_is_gone_from_that_moment() {
        let root = "CN=GeoTrust Primary Certification Authority, O=GeoTrust Inc., C=US";
        let chrome_70 = 1_539_648_000;
        let at = |now| distrusted("", root, "mozilla", 1_400_000_000, now);
        assert_eq!(at(chrome_70 - 1), None);
        assert_eq!(at(chrome_70).map(|distrust| distrust.authority), Some("Symantec (GeoTrust)"));
    }

    #[test]
    fn stores_differ() {
        let root = "CN=HiPKI Root CA - G1, O=\"Chunghwa Telecom Co., Ltd.\", C=TW";
        assert_eq!(distrusted("", root, "mozilla", NOW, NOW), None);
        assert_eq!(distrusted("", root, "chrome", 1_754_006_399, NOW), None);
        let found = distrusted("", root, "chrome", 1_754_006_400, NOW).unwrap();
        assert_eq!(found.authority, "Chunghwa Telecom");
        // Chrome was earlier.
        let chrome = distrusted("", G2, "chrome", ENTRUST + 1, NOW).unwrap();
        assert!(chrome.since < ENTRUST && chrome.source.contains("Chrome"));
    }

    #[test]
    fn names_of_these_authorities_are_recognised() {
        for (subject, authority) in [
            ("CN=AffirmTrust Premium ECC, O=AffirmTrust, C=US", "AffirmTrust (Entrust)"),
            (
                "CN=VeriSign Class 3 Public Primary Certification Authority - G5, \
                 OU=\"(c) 2006 VeriSign, Inc. - For authorized use only\", \
                 OU=VeriSign Trust Network, O=\"VeriSign, Inc.\", C=US",
                "Symantec (VeriSign)",
            ),
            (
                "CN=thawte Primary Root CA - G3, OU=Certification Services Division, \
                 O=\"thawte, Inc.\", C=US",
                "Symantec (Thawte)",
            ),
            ("CN=CNNIC ROOT, O=CNNIC, C=CN", "CNNIC"),
            ("CN=Certification Authority of WoSign, O=WoSign CA Limited, C=CN", "WoSign"),
            (
                "CN=emSign ECC Root CA - G3, O=eMudhra Technologies Limited, OU=emSign PKI, C=IN",
                "eMudhra (emSign)",
            ),
        ] {
            assert_eq!(named(subject), Some(authority), "{subject}");
        }
    }

    #[test]
    fn names_that_only_sound_alike_are_not() {
        for subject in [
            "",
            "CN=DigiCert Global Root G2, OU=www.digicert.com, O=DigiCert Inc, C=US",
            "CN=GeoTrust TLS RSA CA G1, OU=www.digicert.com, O=DigiCert Inc, C=US",
            "CN=Thawte TLS RSA CA G1, OU=www.digicert.com, O=DigiCert Inc, C=US",
            "CN=RapidSSL TLS RSA CA G1, OU=www.digicert.com, O=DigiCert Inc, C=US",
            "CN=SSL.com TLS RSA Root CA 2022, O=SSL Corporation, C=US",
            "CN=Entrust OV TLS Issuing RSA CA 2, O=Entrust Corporation, C=CA",
            "CN=Sectigo Public Server Authentication Root R46, O=Sectigo Limited, C=GB",
            "CN=emSign Root CA - G1, O=eMudhra Technologies Limited, OU=emSign PKI, C=IN",
            "CN=Entrust Root Certification Authority - G2, O=Somebody Else, C=US",
            "CN=\"x, O=DigiNotar\", O=Somebody Else",
            "CN=x, O=DigiNotar B.V.",
        ] {
            assert_eq!(named(subject), None, "{subject}");
        }
    }

    #[test]
    fn of_the_built_in_roots_only_these_have_a_date() {
        let mut found: Vec<_> = TLS_SERVER_ROOT_CERTS
            .iter()
            .filter_map(|der| {
                let root = CertFacts::read(der).unwrap();
                distrusted(&root.sha256, &root.subject, "mozilla", NOW, NOW)
            })
            .map(|distrust| distrust.authority)
            .collect();
        found.sort_unstable();
        assert_eq!(found, ["Izenpe"]);
        let mut chrome: Vec<_> = TLS_SERVER_ROOT_CERTS
            .iter()
            .filter_map(|der| {
                let root = CertFacts::read(der).unwrap();
                distrusted(&root.sha256.to_uppercase(), &root.subject, "chrome", NOW, NOW)
            })
            .map(|distrust| distrust.authority)
            .collect();
        chrome.sort_unstable();
        assert_eq!(chrome, ["Chunghwa Telecom", "NetLock"]);
    }

    #[test]
    fn a_subject_falls_into_its_parts() {
        assert_eq!(parts(r#"CN="a, \"b\" + c", O=d + OU=e"#), ["CN=a, \"b\" + c", "O=d", "OU=e"]);
        assert_eq!(parts("CN=\"a"), ["CN=a"]);
        assert_eq!(parts("CN=a\\"), ["CN=a"]);
    }

    proptest! {
        #[test]
        fn no_subject_panics(subject in "\\PC*", hash in "\\PC*") {
            let _ = distrusted(&hash, &subject, "mozilla", i64::MAX, i64::MIN);
        }

        #[test]
        fn no_moment_panics(text in "[0-9]{1,20}-[0-9]{1,20}-[0-9]{1,3}T[0-9:]{0,20}Z") {
            let _ = moment(&text);
        }
    }
}
