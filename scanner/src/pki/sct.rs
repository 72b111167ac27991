//! Signed certificate timestamps (RFC 6962 section 3.2) and the names of the logs that give them.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::observe::Sct;
use crate::wire::codec::{CodecError, Reader};

/// The logs: three columns under their names, after lines of remarks that begin with `#`. It says
/// which logs it has: names are for people, and a log without one is none the worse.
const CSV: &str = include_str!("../../data/ct_logs.csv");

/// The names of the logs by their ids in base64. Parsed once, at first use.
static NAMES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let fields = |line: &'static str| {
        let mut fields = line.split(',');
        Some((fields.next()?, fields.next()?))
    };
    rows().filter_map(fields).collect()
});

/// The most timestamps taken from a list; certificates have two or three.
const MOST: usize = 64;

/// The timestamps of a list (RFC 6962 section 3.3), as it stands in certificates, OCSP responses
/// and the TLS extension; at most 64. Those of another version than the first are left out: it is
/// not known what is in them. An error if the list is not as it should be.
pub fn read(list: &[u8]) -> Result<Vec<Sct>, CodecError> {
    let mut reader = Reader::new(list);
    let mut timestamps = reader.vec16()?;
    reader.end()?;
    let mut scts = Vec::new();
    while !timestamps.is_empty() && scts.len() < MOST {
        let mut sct = timestamps.vec16()?;
        if sct.u8()? != 0 {
            continue;
        }
        let log = STANDARD.encode(sct.array::<32>()?);
        let at_ms = u64::from_be_bytes(sct.array()?);
        let _extensions = sct.vec16()?;
        let _algorithm = sct.u16()?;
        let _signature = sct.vec16()?;
        sct.end()?;
        let name = name(&log).map(str::to_owned);
        scts.push(Sct { log, name, at_ms });
    }
    Ok(scts)
}

/// The name of a log by its id in base64, if it is a known one.
#[must_use]
pub fn name(log: &str) -> Option<&'static str> {
    NAMES.get(log).copied()
}

/// The lines of the table that hold a log.
fn rows() -> impl Iterator<Item = &'static str> {
    CSV.lines().filter(|line| !line.starts_with('#')).skip(1).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::codec::Writer;

    fn list(scts: &[Vec<u8>]) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.vec16(|writer| {
            for sct in scts {
                writer.vec16(|writer| {
                    writer.bytes(sct);
                });
            }
        });
        writer.done()
    }

    fn sct(version: u8, log: [u8; 32], at_ms: u64) -> Vec<u8> {
        let rest = b"\x00\x00\x04\x03\x00\x01\x00";
        [&[version][..], &log, &at_ms.to_be_bytes(), rest].concat()
    }

    #[test]
    fn timestamps_are_read_and_logs_named() {
        // Google's Aviator, one of the first logs, by its id.
        let aviator = "aPaY+B9kgr46jO65KB1M/HFRXWeT1ETRCmesu09P+8Q=";
        let id = <[u8; 32]>::try_from(STANDARD.decode(aviator).unwrap()).unwrap();
        let bytes = list(&[sct(0, id, 1_400_000_000_123), sct(1, id, 7), sct(0, [9; 32], 5)]);
        let scts = read(&bytes).unwrap();
        let named = |log: &str, name: Option<&str>, at_ms| Sct {
            log: log.to_owned(),
            name: name.map(str::to_owned),
            at_ms,
        };
        let nine = STANDARD.encode([9; 32]);
        let expected =
            [named(aviator, Some("Google Aviator"), 1_400_000_000_123), named(&nine, None, 5)];
        assert_eq!(scts, expected);
        assert_eq!(read(&[0, 0]), Ok(Vec::new()));
    }

    #[test]
    fn a_list_that_is_not_in_order_is_an_error() {
        assert!(read(&[]).is_err());
        assert!(read(&[0, 0, 0]).is_err());
        assert!(read(&list(&[vec![0; 40]])).is_err());
        assert!(read(&list(&[vec![]])).is_err());
        let whole = list(&[sct(0, [1; 32], 1)]);
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err());
        }
    }

    #[test]
    fn a_long_list_is_cut() {
        let many = vec![sct(0, [1; 32], 1); 100];
        assert_eq!(read(&list(&many)).unwrap().len(), MOST);
    }

    #[test]
    fn the_table_is_sorted_and_its_ids_are_hashes() {
        assert!(CSV.lines().any(|line| line == "id,name,operator"));
        let rows: Vec<_> = rows().collect();
        assert!(rows.len() > 100 && rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(NAMES.len(), rows.len());
        for row in rows {
            let fields: Vec<_> = row.split(',').collect();
            assert_eq!(fields.len(), 3, "{row}");
            assert_eq!(STANDARD.decode(fields[0]).unwrap().len(), 32, "{row}");
            assert!(fields.iter().all(|field| !field.is_empty() && field.trim() == *field));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = read(&list(&[bytes]));
        }
    }
}
