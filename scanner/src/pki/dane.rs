//! TLSA records against a chain (RFC 6698 section 2.1).

use aws_lc_rs::digest;

use super::parsed::Parsed;
use super::path::{Graph, Way};
use super::{digest_hex, hex};
use crate::observe::{CertSource, Tlsa, TlsaMatch};

/// Which of the records a chain fits: usages 0 and 2 by any authority sent or on a way to a root,
/// 1 and 3 by the leaf. The order and the trust of what fits is for others to look at.
pub(super) fn matches<'w>(
    records: &[Tlsa],
    graph: &Graph<'_>,
    ways: impl Iterator<Item = &'w Way>,
) -> Vec<TlsaMatch> {
    if records.is_empty() {
        return Vec::new();
    }
    let sent = (0..graph.nodes.len())
        .filter(|node| graph.nodes.get(*node).is_some_and(|node| node.source == CertSource::Sent));
    let mut places: Vec<usize> = sent.chain(ways.flat_map(|way| way.nodes.clone())).collect();
    places.sort_unstable();
    places.dedup();
    let authorities: Vec<&Parsed> = places
        .iter()
        .filter_map(|node| graph.cert(*node))
        .filter(|cert| cert.facts.is_ca)
        .map(|cert| &**cert)
        .collect();
    let fits = |tlsa: &Tlsa| match tlsa.usage {
        0 | 2 => {
            let mut any = Some(false);
            for cert in &authorities {
                any = if fits_one(tlsa, cert)? { Some(true) } else { any };
            }
            any
        }
        1 | 3 => fits_one(tlsa, graph.cert(0)?),
        _ => None,
    };
    let records = records.iter().enumerate();
    records.map(|(record, tlsa)| TlsaMatch { record, fits: fits(tlsa) }).collect()
}

/// For a chain that cannot be read.
pub(super) fn unknown(records: &[Tlsa]) -> Vec<TlsaMatch> {
    (0..records.len()).map(|record| TlsaMatch { record, fits: None }).collect()
}

/// Whether a record names this certificate; `None` if its parameters are unknown.
fn fits_one(tlsa: &Tlsa, cert: &Parsed) -> Option<bool> {
    let selected = match tlsa.selector {
        0 => cert.der.as_slice(),
        1 => cert.key_info(),
        _ => return None,
    };
    let data = match tlsa.matching {
        0 => hex(selected),
        1 => digest_hex(&digest::SHA256, selected),
        2 => digest_hex(&digest::SHA512, selected),
        _ => return None,
    };
    Some(data.eq_ignore_ascii_case(&tlsa.data))
}
