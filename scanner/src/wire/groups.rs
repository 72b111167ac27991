//! What a named group is. The table in `data/groups.csv` holds the IANA registry of TLS supported
//! groups but for GREASE (RFC 8701) and the two markers for explicit curve parameters (RFC 8422
//! section 5.1.1), which name no group.

use std::sync::LazyLock;

use super::names::{Group, Version};
use super::suites::version;

/// The table as text; its first line names the columns.
const CSV: &str = include_str!("../../data/groups.csv");

/// The table, sorted by number. Parsed once, at first use: every scan looks groups up.
static TABLE: LazyLock<Vec<GroupInfo>> = LazyLock::new(|| {
    let mut table: Vec<_> = rows().filter_map(parse).collect();
    // The file is sorted, but the look-up below must not be wrong if an edit breaks that.
    table.sort_unstable_by_key(|info| info.group);
    table
});

/// What kind of mathematics a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// An elliptic curve (RFC 8422).
    Ec,
    /// A prime field (RFC 7919).
    Ff,
    /// A key encapsulation that withstands quantum computers, alone.
    Kem,
    /// Such an encapsulation together with an elliptic curve: both must fall.
    Hybrid,
}

impl GroupKind {
    /// The word for it in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ec => "ec",
            Self::Ff => "ff",
            Self::Kem => "kem",
            Self::Hybrid => "hybrid",
        }
    }

    /// True if recorded traffic stays secret from a quantum computer.
    #[must_use]
    pub const fn is_post_quantum(self) -> bool {
        matches!(self, Self::Kem | Self::Hybrid)
    }

    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "ec" => Self::Ec,
            "ff" => Self::Ff,
            "kem" => Self::Kem,
            "hybrid" => Self::Hybrid,
            _ => return None,
        })
    }
}

/// What a named group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupInfo {
    /// Its number.
    pub group: Group,
    /// Its name in the registry.
    pub name: &'static str,
    /// Its kind.
    pub kind: GroupKind,
    /// The size of the field; of a hybrid, that of the classical part; 0 without one.
    pub bits: u16,
    /// The size of an RSA key about as hard to break (NIST SP 800-57 part 1, table 2); of a
    /// hybrid, for the classical part.
    pub rsa_bits: u16,
    /// The oldest version a server can use it in.
    pub first: Version,
    /// The newest version a server can use it in: most curves have no place in TLS 1.3 (RFC 8446
    /// section 4.2.7).
    pub last: Version,
}

impl GroupInfo {
    /// True if a server can use it in that version.
    #[must_use]
    pub fn fits(&self, version: Version) -> bool {
        (self.first..=self.last).contains(&version)
    }
}

/// What a group is, if the table has it.
#[must_use]
pub fn info(group: Group) -> Option<&'static GroupInfo> {
    let table = all();
    let index = table.binary_search_by_key(&group, |info| info.group).ok()?;
    table.get(index)
}

/// Every group of the table, sorted by number.
#[must_use]
pub fn all() -> &'static [GroupInfo] {
    &TABLE
}

/// The lines of the table that hold a group.
fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().skip(1).filter(|line| !line.is_empty())
}

/// One line of the table. A malformed one is no group rather than a panic in the scanner; the
/// tests see to it that there is none.
fn parse(line: &'static str) -> Option<GroupInfo> {
    let mut fields = line.split(',');
    let info = GroupInfo {
        group: Group(fields.next()?.parse().ok()?),
        name: fields.next()?,
        kind: GroupKind::parse(fields.next()?)?,
        bits: fields.next()?.parse().ok()?,
        rsa_bits: fields.next()?.parse().ok()?,
        first: version(fields.next()?)?,
        last: version(fields.next()?)?,
    };
    fields.next().is_none().then_some(info)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_row_is_skipped() {
        for line in rows() {
            assert!(parse(line).is_some(), "{line}");
        }
        assert_eq!(rows().count(), all().len());
    }

    #[test]
    fn the_file_is_sorted_and_numbers_and_names_are_unique() {
        let numbers: Vec<_> = rows().filter_map(parse).map(|info| info.group).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
        let names: HashSet<_> = all().iter().map(|info| info.name).collect();
        assert_eq!(names.len(), all().len());
    }

    #[test]
    fn the_table_is_the_registry() {
        let registry = [1..=41, 256..=260, 512..=514, 4585..=4590, 0x6399..=0x639a];
        let registry: Vec<_> = registry.into_iter().flatten().map(Group).collect();
        let found: Vec<_> = all().iter().map(|info| info.group).collect();
        assert_eq!(registry, found);
    }

    #[test]
    fn a_malformed_row_is_skipped() {
        assert!(parse("23,N,ec,256,3072,TLS10,TLS13").is_some());
        for bad in [
            "",
            "23",
            "0x17,N,ec,256,3072,TLS10,TLS13",
            "65536,N,ec,256,3072,TLS10,TLS13",
            "23,N,curve,256,3072,TLS10,TLS13",
            "23,N,ec,256,3072,TLS10",
            "23,N,ec,256,3072,TLS10,TLS13,",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_and_columns_agree() {
        for group in all() {
            let name = group.name;
            let kem = name.contains("MLKEM") || name.contains("Kyber");
            assert_eq!(group.kind.is_post_quantum(), kem, "{name}");
            assert_eq!(group.kind == GroupKind::Kem, name.starts_with("MLKEM") && group.bits == 0);
            assert_eq!(group.kind == GroupKind::Ff, name.starts_with("ffdhe"), "{name}");
            assert!(group.first <= group.last, "{name}");
            assert!(!kem || group.first == Version::TLS13, "{name}");
            let curve = |word: &str| name.to_ascii_lowercase().contains(word);
            let bits = match group.kind {
                GroupKind::Kem => 0,
                _ if curve("25519") || curve("sm2") => 256,
                _ => {
                    let digits = name.chars().skip_while(|c| !c.is_ascii_digit());
                    let digits: String = digits.take_while(char::is_ascii_digit).collect();
                    digits.parse().unwrap_or(0)
                }
            };
            assert_eq!(group.bits, bits, "{name}");
            let rsa_bits = match (group.kind, group.bits) {
                (GroupKind::Ff, bits) => bits,
                (GroupKind::Kem, _) => match name {
                    "MLKEM512" => 3072,
                    "MLKEM768" => 7680,
                    _ => 15360,
                },
                (_, 160..=223) => 1024,
                (_, 224..=255) => 2048,
                (_, 256..=383) => 3072,
                (_, 384..=511) => 7680,
                _ => 15360,
            };
            assert_eq!(group.rsa_bits, rsa_bits, "{name}");
        }
    }

    #[test]
    fn spot_values() {
        let row = |group: Group| {
            let found = info(group)?;
            assert_eq!(found.group, group);
            Some((found.name, found.kind, found.bits, found.rsa_bits))
        };
        assert_eq!(row(Group::SECP256R1), Some(("secp256r1", GroupKind::Ec, 256, 3072)));
        assert_eq!(row(Group::SECP384R1), Some(("secp384r1", GroupKind::Ec, 384, 7680)));
        assert_eq!(row(Group::SECP521R1), Some(("secp521r1", GroupKind::Ec, 521, 15360)));
        assert_eq!(row(Group::X25519), Some(("x25519", GroupKind::Ec, 256, 3072)));
        assert_eq!(row(Group::X448), Some(("x448", GroupKind::Ec, 448, 7680)));
        assert_eq!(row(Group::FFDHE2048), Some(("ffdhe2048", GroupKind::Ff, 2048, 2048)));
        assert_eq!(
            row(Group::X25519MLKEM768),
            Some(("X25519MLKEM768", GroupKind::Hybrid, 256, 3072))
        );
        assert_eq!(row(Group(513)), Some(("MLKEM768", GroupKind::Kem, 0, 7680)));
        assert_eq!(row(Group(15)), Some(("secp160k1", GroupKind::Ec, 160, 1024)));
        assert_eq!(row(Group(0)), None);
        assert_eq!(row(Group(0x0a0a)), None);
    }

    #[test]
    fn versions() {
        let fits = |group| info(group).map(|found| Version::ALL.map(|version| found.fits(version)));
        let old = Some([false, false, true, true, true, false]);
        let both = Some([false, false, true, true, true, true]);
        let new = Some([false, false, false, false, false, true]);
        assert_eq!(fits(Group(22)), old);
        assert_eq!(fits(Group(26)), old);
        assert_eq!(fits(Group::SECP256R1), both);
        assert_eq!(fits(Group::X448), both);
        assert_eq!(fits(Group::FFDHE2048), both);
        assert_eq!(fits(Group(31)), new);
        assert_eq!(fits(Group(41)), new);
        assert_eq!(fits(Group::X25519MLKEM768), new);
        assert_eq!(fits(Group(34)), Some([false, false, false, false, true, true]));
    }
}
