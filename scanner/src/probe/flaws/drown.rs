//! DROWN (CVE-2016-0800): SSL 2.0 with a suite, on this server or on another one with the same RSA
//! key. What SSL 2.0 showed anyway is enough; no question of its own.

use super::Shown;
use crate::observe::{Fact, Protocol, Suites, Why};
use crate::wire::Version;

/// What this server itself says.
pub(super) fn here(protocols: &[Protocol], suites: &[Suites]) -> Shown<()> {
    let Some(ssl2) = protocols.iter().find(|p| p.version == Version::SSL2) else {
        return Shown::unknown(Why::NotAsked, []);
    };
    let suites = suites.iter().find(|s| s.version == Version::SSL2).map_or(0, |s| s.accepted.len());
    let how = ssl2.spoken.how.clone();
    match ssl2.spoken.known() {
        Some(true) if suites > 0 => {
            Shown::with(Fact::yes((), how), format!("SSL 2.0 with {suites} suites"))
        }
        // Old OpenSSL takes suites it does not name (CVE-2015-3197); nobody asks for them here.
        Some(true) => Shown::with(Fact::unknown(Why::NotAsked, how), "SSL 2.0 without a suite"),
        Some(false) => Shown::with(Fact::no(how), "no SSL 2.0 here"),
        None => Shown { fact: Fact { seen: ssl2.spoken.seen.clone(), how }, evidence: None },
    }
}
