//! Rules about protocol versions.

use crate::grade::facts::{Facts, known};
use crate::grade::letter::Letter;
use crate::grade::rule::{
    Basis, Day, Effect, Effort, Evidence, Rule, Severity, Text, Verdict, Who,
};
use crate::observe::{Fact, Seen, Why};
use crate::wire::Version;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-SSL2",
        source: "SSL Labs rating guide, 2009d: SSL 2.0 is not allowed; RFC 6176",
        basis: Basis::Recorded,
        since: Day::of(2013, 2, 1),
        until: None,
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: Text { ms: "SSL 2.0 aktif", en: "SSL 2.0 is enabled" },
        finding: Text {
            ms: "SSL 2.0 aktif dan tidak selamat.",
            en: "SSL 2.0 is enabled and unsafe.",
        },
        fix: Text { ms: "Nyahaktifkan SSL 2.0 dengan segera.", en: "Disable SSL 2.0 at once." },
        why: Text {
            ms: "SSL 2.0 dapat dipecahkan, dan kunci yang digunakannya membolehkan sambungan TLS yang \
                 lain turut dibaca (DROWN).",
            en: "SSL 2.0 can be broken, and a key it is used with lets TLS connections be read as \
                 well (DROWN).",
        },
        probe: Text {
            ms: "CLIENT-HELLO SSL 2.0 dihantar; pelayan menjawab dengan sekurang-kurangnya satu sut \
                 sifer (cipher suite).",
            en: "An SSL 2.0 CLIENT-HELLO is sent; the server answers with at least one suite.",
        },
        who: Who::Technical,
        effort: Effort::Minutes,
        check: |facts| match facts.spoken(Version::SSL2) {
            Seen::Yes { .. } => match facts.suites(Version::SSL2) {
                // SSL 2.0 that answers without a suite cannot be used.
                Some(list) if list.accepted.is_empty() && list.unsettled.is_empty() => {
                    Verdict::Clear
                }
                Some(list) if !list.accepted.is_empty() => Verdict::Holds(Evidence::default()),
                _ => Verdict::Unknown(Why::Garbled),
            },
            other => verdict(&other),
        },
        mend: Some(|facts| disable(facts, Version::SSL2)),
    },
    Rule {
        id: "B-TLS10",
        source: "SSL Labs rating guide, 2009q: TLS 1.0 caps to B; RFC 8996",
        basis: Basis::Recorded,
        since: Day::of(2020, 1, 31),
        until: None,
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: Text { ms: "TLS 1.0 masih aktif", en: "TLS 1.0 is enabled" },
        finding: Text {
            ms: "Protokol lapuk TLS 1.0 masih aktif.",
            en: "Obsolete protocol TLS 1.0 is enabled.",
        },
        fix: Text {
            ms: "Nyahaktifkan TLS 1.0; kekalkan TLS 1.2 dan 1.3.",
            en: "Disable TLS 1.0; keep TLS 1.2 and 1.3.",
        },
        why: Text {
            ms: "TLS 1.0 bergantung pada SHA-1 dan MD5 dan tiada sut sifer (cipher suite) moden. \
                 Pelayar web tidak lagi menggunakannya sejak tahun 2020.",
            en: "TLS 1.0 rests on SHA-1 and MD5 and has no modern suites. Browsers stopped using it \
                 in 2020.",
        },
        probe: Text {
            ms: "ClientHello yang hanya menawarkan TLS 1.0 dihantar; pelayan memilihnya.",
            en: "A ClientHello that offers TLS 1.0 only is sent; the server takes it.",
        },
        who: Who::Technical,
        effort: Effort::Minutes,
        check: |facts| verdict(&facts.spoken(Version::TLS10)),
        mend: Some(|facts| disable(facts, Version::TLS10)),
    },
];

/// Holds if so.
fn verdict(seen: &Seen<()>) -> Verdict {
    match seen {
        Seen::Unknown { why } => Verdict::Unknown(*why),
        _ => Verdict::when(known(seen), Why::NotAsked),
    }
}

/// The facts without a version.
pub(super) fn disable(facts: &mut Facts, version: Version) {
    for protocol in facts.endpoint.protocols.iter_mut().filter(|it| it.version == version) {
        protocol.spoken = Fact::no([]);
    }
    facts.endpoint.suites.retain(|list| list.version != version);
    for dh in &mut facts.endpoint.dh {
        dh.suites.retain(|(seen, _)| *seen != version);
    }
}
