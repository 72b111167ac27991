//! What recorded clients made of a server, as far as rules ask for it.

use taraf_scanner::grade::simulate::{Clients, Kind};
use taraf_scanner::observe::{Seen, Why};
use taraf_scanner::wire::{Suite, Version};

use super::document::{Details, Sim};

/// Clients that send no server name (RFC 6066 section 3), all on Windows XP or as old. Internet
/// Explorer 8 to 10 on later systems has another version in the documents.
const NAMELESS: [(&str, &str); 4] =
    [("IE", "6"), ("IE", "8"), ("Android", "2.3.7"), ("Java", "6u45")];

/// What follows from all clients together. Two of the answers the service gives itself.
pub(super) fn clients(details: &Details) -> Clients {
    let forward_secrecy = details.forward_secrecy.filter(|level| *level >= 0);
    Clients {
        handshakes: Vec::new(),
        forward_secrecy: forward_secrecy.map_or_else(unknown, |level| Seen::Yes {
            value: [4_u8, 2, 1].into_iter().find(|it| level & i64::from(*it) != 0).unwrap_or(0),
        }),
        rc4_with_modern: seen(details.rc4_with_modern),
        block64_with_modern: seen(block64_with_modern(details)),
    }
}

/// Whether some client negotiates a cipher with blocks of 64 bits over TLS 1.1 or newer.
fn block64_with_modern(details: &Details) -> Option<bool> {
    let results = details.sims.as_ref()?.results.as_ref().filter(|it| !it.is_empty())?;
    Some(results.iter().filter(|sim| connects(sim)).any(|sim| {
        let info = sim.suite_id.and_then(|id| Suite(id).info());
        // Drafts of TLS 1.3 have numbers of their own, all above.
        let version = sim.protocol_id.map(Version);
        version.zip(info).is_some_and(|(it, info)| Kind::of(it, info).block64_with_modern)
    }))
}

/// True if some client got a chain, and none that sends a name.
pub(super) fn only_without_name(details: &Details, chain: &str) -> bool {
    let results = details.sims.iter().flat_map(|it| it.results.iter().flatten());
    let mut got = results
        .filter(|sim| connects(sim) && sim.cert_chain_id.as_deref() == Some(chain))
        .peekable();
    got.peek().is_some() && got.all(sends_no_name)
}

fn sends_no_name(sim: &Sim) -> bool {
    sim.client.as_ref().is_some_and(|client| {
        NAMELESS.iter().any(|(name, version)| {
            client.name.as_deref() == Some(*name) && client.version.as_deref() == Some(*version)
        })
    })
}

fn connects(sim: &Sim) -> bool {
    sim.error_code == Some(0)
}

fn seen(so: Option<bool>) -> Seen<()> {
    match so {
        Some(true) => Seen::Yes { value: () },
        Some(false) => Seen::No,
        None => unknown(),
    }
}

fn unknown<T>() -> Seen<T> {
    Seen::Unknown { why: Why::NotRecorded }
}
