//! Remarks about DNS. They cost no grade.

use super::common::{given, holds_if, if_absent};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::rule::{Basis, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{Caa, CaaRecord, Dnssec, Fact, Seen, Why};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R-CAA",
        source: "RFC 8659; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Tiada rekod CAA", "No CAA record"),
        finding: text(
            "Tiada rekod DNS CAA yang menghadkan CA bagi domain ini.",
            "No DNS CAA record restricts which CAs may issue for this domain.",
        ),
        fix: text(
            "Tambah rekod CAA yang menamakan CA yang digunakan.",
            "Add a CAA record that names the CA in use.",
        ),
        why: text(
            "Rekod CAA menghalang CA lain daripada mengeluarkan sijil bagi domain ini secara \
             silap.",
            "A CAA record keeps other CAs from issuing for the domain by mistake.",
        ),
        probe: text(
            "Rekod CAA dicari dari nama domain ke atas (RFC 8659).",
            "CAA records are looked for from the name upwards (RFC 8659).",
        ),
        who: Who::Dns,
        check: |facts| given(is_named(facts), if_absent(&facts.dns.caa.seen)),
        mend: Some(|facts| {
            let record =
                CaaRecord { critical: false, tag: "issue".to_owned(), value: String::new() };
            let caa = Caa { at: facts.target.host.clone(), records: vec![record] };
            facts.dns.caa = Fact::yes(caa, []);
        }),
        ..REMARK
    },
    Rule {
        id: "R-TLSA",
        source: "RFC 6698 section 2.1; RFC 7671",
        severity: Severity::Medium,
        title: text("Rekod TLSA tidak sepadan", "TLSA records do not match"),
        finding: text(
            "Tiada rekod TLSA (DANE) yang sepadan dengan rantaian (chain) sijil.",
            "No TLSA record (DANE) fits the chain.",
        ),
        fix: text(
            "Kemas kini rekod TLSA mengikut sijil semasa sebelum sijil ditukar.",
            "Update the TLSA records for the current certificate, before it is changed.",
        ),
        why: text(
            "Pelayan e-mel yang menggunakan DANE menolak sambungan.",
            "Mail servers that use DANE refuse the connection.",
        ),
        probe: text(
            "Setiap rekod TLSA dibandingkan dengan rantaian (chain) sijil yang dihantar.",
            "Each TLSA record is held against the chain that is sent.",
        ),
        who: Who::Dns,
        effort: Effort::Hours,
        check: |facts| match &facts.dns.tlsa.seen {
            Seen::No => Verdict::NotApplicable,
            Seen::Unknown { why } => Verdict::Unknown(*why),
            Seen::Yes { value } if value.is_empty() => Verdict::NotApplicable,
            Seen::Yes { .. } => {
                // One record that fits is enough, for each chain.
                let mut verdict = Verdict::Unknown(Why::NotAsked);
                for chain in facts.served().filter_map(|served| served.facts) {
                    let fits = chain.tlsa.iter().any(|it| it.fits == Some(true));
                    let open =
                        chain.tlsa.is_empty() || chain.tlsa.iter().any(|it| it.fits.is_none());
                    match (fits, open) {
                        (true, _) => verdict = Verdict::Clear,
                        (false, true) => return Verdict::Unknown(Why::NotAsked),
                        (false, false) => return Verdict::Holds(Evidence::default()),
                    }
                }
                verdict
            }
        },
        mend: Some(|facts| {
            facts.mend_chains(|chain| {
                chain.tlsa.iter_mut().for_each(|it| it.fits = Some(true));
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-DNSSEC",
        source: "RFC 4035 section 4.3",
        severity: Severity::High,
        title: text("DNSSEC salah", "DNSSEC is bogus"),
        finding: text(
            "Tandatangan DNSSEC bagi domain ini salah atau tiada.",
            "The DNSSEC signatures of this domain are wrong or gone.",
        ),
        fix: text(
            "Betulkan rekod DS di zon induk dan tandatangani semula zon.",
            "Correct the DS record in the parent zone and sign the zone anew.",
        ),
        why: text(
            "Pengguna di rangkaian yang menyemak DNSSEC tidak dapat membuka laman.",
            "Users in networks that check DNSSEC cannot open the site.",
        ),
        probe: text(
            "Rekod alamat diminta dengan pengesahan DNSSEC.",
            "The address records are asked for with DNSSEC validation.",
        ),
        who: Who::Dns,
        effort: Effort::Hours,
        check: |facts| match &facts.dns.dnssec.seen {
            Seen::Yes { value } => holds_if(*value == Dnssec::Bogus, Evidence::default),
            Seen::No => Verdict::Clear,
            Seen::Unknown { why } => given(is_named(facts), Verdict::Unknown(*why)),
        },
        mend: Some(|facts| facts.dns.dnssec = Fact::yes(Dnssec::Signed, [])),
        ..REMARK
    },
];

/// Whether there is a name that DNS could say something of.
fn is_named(facts: &Facts) -> Option<bool> {
    Some(facts.target.ip().is_none())
}
