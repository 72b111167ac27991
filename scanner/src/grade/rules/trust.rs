//! Rules about trust and name: T and M.

use super::certificate::{old_hash, sign_anew};
use super::common::{date, holds_if, list, owner, plain};
use super::mend::trust;
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{NameMatch, OutOfDate, PathFault, Why};

/// What a new certificate is valid for, in seconds: 90 days.
const NEW_LIFE: i64 = 90 * 86_400;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "T-ISSUER",
        source: "SSL Labs rating guide: an untrusted certificate is T; RFC 5280 section 6",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Pengeluar sijil tidak dikenali", "Unknown issuer"),
        finding: text(
            "Sijil tidak dipercayai: pengeluar {name} tidak ada dalam stor sijil dipercayai.",
            "The certificate is not trusted: its issuer {name} is not in the trust store.",
        ),
        fix: text(
            "Pasang sijil yang dibekalkan oleh CA berserta rantaian (chain) sijil yang lengkap.",
            "Install the certificate supplied by the CA with its complete chain.",
        ),
        why: text(
            "Pelayar web memaparkan amaran dan menghalang pengguna, kerana tiada CA yang \
             dipercayai mengesahkan pelayan.",
            "Browsers show a warning and stop the user, because no trusted CA vouches for the \
             server.",
        ),
        probe: text(
            "Laluan daripada sijil pelayan ke sijil akar (root) dalam stor Mozilla, dan dalam \
             stor yang ditambah oleh pengendali, dicari.",
            "A path from the server certificate to a root of the Mozilla store, or of what the \
             operator added, is looked for.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        check: |facts| {
            fault(facts, |it| match it {
                PathFault::UnknownIssuer { issuer } => Some(Evidence::of("name", owner(issuer))),
                _ => None,
            })
        },
        mend: Some(|facts| trust(facts, |it| matches!(it, PathFault::UnknownIssuer { .. }))),
        ..REMARK
    },
    Rule {
        id: "T-SELF-SIGNED",
        source: "SSL Labs rating guide: a self-signed certificate is T",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Sijil ditandatangani sendiri", "Self-signed certificate"),
        finding: text(
            "Sijil tidak dipercayai: ditandatangani sendiri.",
            "The certificate is not trusted: it is self-signed.",
        ),
        fix: text(
            "Pasang sijil yang dibekalkan oleh CA menggantikan sijil lalai.",
            "Install the certificate supplied by the CA in place of the default one.",
        ),
        why: text(
            "Sesiapa sahaja dapat membuat sijil seperti ini, maka pelayar web memaparkan amaran.",
            "Anyone can make such a certificate, so browsers show a warning.",
        ),
        probe: text(
            "Sijil pelayan ialah pengeluarnya sendiri dan tidak ada dalam stor sijil dipercayai.",
            "The server certificate is its own issuer and is in no trust store.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        check: |facts| fault(facts, |it| (*it == PathFault::SelfSigned).then(Evidence::default)),
        mend: Some(|facts| trust(facts, |it| *it == PathFault::SelfSigned)),
        ..REMARK
    },
    Rule {
        id: "T-EXPIRED",
        source: "SSL Labs rating guide: an expired certificate is T; RFC 5280 section 4.1.2.5",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Sijil telah luput", "Expired certificate"),
        finding: text(
            "Sijil {name} telah luput pada {date}.",
            "The certificate {name} expired on {date}.",
        ),
        fix: text(
            "Pasang sijil baharu pada semua pelayan.",
            "Install the new certificate on all servers.",
        ),
        why: text(
            "Pelayar web memaparkan amaran dan menghalang pengguna daripada membuka laman.",
            "Browsers show a warning and keep users from opening the site.",
        ),
        probe: text(
            "Tarikh tamat setiap sijil dalam laluan dibandingkan dengan masa semakan.",
            "The end date of each certificate of the path is held against the time of the check.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        check: |facts| out_of_date(facts, false),
        mend: Some(|facts| renew(facts, false)),
        ..REMARK
    },
    Rule {
        id: "T-NOT-YET",
        source: "SSL Labs rating guide: a certificate not yet valid is T; RFC 5280 section \
                 4.1.2.5",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Sijil belum sah", "Certificate not yet valid"),
        finding: text(
            "Sijil {name} hanya sah mulai {date}.",
            "The certificate {name} is valid only from {date}.",
        ),
        fix: text(
            "Semak jam pelayan, dan pasang sijil pada atau selepas tarikh mula.",
            "Check the server clock, and install the certificate on or after its start date.",
        ),
        why: text(
            "Pelayar web memaparkan amaran sehingga tarikh mula sijil.",
            "Browsers show a warning until the start date.",
        ),
        probe: text(
            "Tarikh mula setiap sijil dalam laluan dibandingkan dengan masa semakan.",
            "The start date of each certificate of the path is held against the time of the check.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        check: |facts| out_of_date(facts, true),
        mend: Some(|facts| renew(facts, true)),
        ..REMARK
    },
    Rule {
        id: "T-DISTRUSTED",
        source: "SSL Labs rating guide: untrusted is T; Mozilla's distrust dates",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("CA tidak lagi dipercayai", "Distrusted CA"),
        finding: text(
            "CA {name} tidak lagi dipercayai oleh pelayar web sejak {date}.",
            "CA {name} is no longer trusted by browsers since {date}.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil daripada CA lain yang masih dipercayai.",
            "Ask for a reissue of the certificate from another CA that is still trusted.",
        ),
        why: text(
            "Penjaga stor sijil dipercayai menolak sijil yang dikeluarkan oleh CA ini selepas \
             tarikh itu.",
            "The keepers of trust stores refuse what this CA issued after that date.",
        ),
        probe: text(
            "Tarikh keluaran sijil dibandingkan dengan tarikh yang ditetapkan bagi CA itu dalam \
             stor sijil dipercayai.",
            "The date of issue is held against the date set for the CA in the trust store.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| {
            fault(facts, |it| match it {
                PathFault::Distrusted { authority, since, .. } => {
                    Some(Evidence::of("name", owner(authority)).and("date", date(*since)))
                }
                _ => None,
            })
        },
        mend: Some(|facts| trust(facts, |it| matches!(it, PathFault::Distrusted { .. }))),
        ..REMARK
    },
    Rule {
        id: "T-SHA1",
        source: "SSL Labs rating guide: SHA-1 certificates are not trusted. Recorded results of \
                 February 2017 do not have it yet",
        basis: Basis::Official,
        since: Day::of(2017, 3, 1),
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Sijil ditandatangani dengan SHA-1", "The certificate is signed with SHA-1"),
        finding: text(
            "Sijil tidak dipercayai: algoritma tandatangan ialah {hash}.",
            "The certificate is not trusted: it is signed with {hash}.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil dengan SHA-256.",
            "Ask for a reissue of the certificate with SHA-256.",
        ),
        why: text(
            "Pelayar web menolak tandatangan SHA-1 sejak tahun 2017 kerana sijil palsu dapat \
             dibuat.",
            "Browsers have refused SHA-1 signatures since 2017, because certificates can be \
             forged.",
        ),
        probe: text(
            "Algoritma tandatangan dibaca daripada sijil pelayan.",
            "The signature algorithm is read from the server certificate.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| old_hash(facts, |it| it.leaf),
        mend: Some(|facts| sign_anew(facts, |it| it.leaf)),
        ..REMARK
    },
    Rule {
        id: "T-FORM",
        source: "SSL Labs rating guide: an invalid certificate is T; RFC 5280 section 6",
        basis: Basis::Recorded,
        effect: Effect::Untrusted,
        severity: Severity::Critical,
        title: text("Sijil atau rantaian tidak sah", "Invalid certificate or chain"),
        finding: text(
            "Sijil tidak dipercayai: rantaian (chain) sijil gagal disahkan ({what}).",
            "The certificate is not trusted: its chain fails validation ({what}).",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil, dan pasang fail rantaian yang dibekalkan \
             bersamanya.",
            "Ask for a reissue, and install the chain file supplied with it.",
        ),
        why: text(
            "Pelayar web menolak sijil yang digunakan di luar tujuannya atau yang tandatangannya \
             tidak dapat disahkan.",
            "Browsers refuse a certificate that is used for what it is not for, or whose \
             signature cannot be verified.",
        ),
        probe: text(
            "Penggunaan, kekangan, panjang laluan dan tandatangan setiap sijil disahkan mengikut \
             RFC 5280.",
            "Usage, constraints, path length and signatures are verified by RFC 5280.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| fault(facts, |it| form(it).map(|what| Evidence::of("what", what))),
        mend: Some(|facts| trust(facts, |it| form(it).is_some())),
        ..REMARK
    },
    Rule {
        id: "M-NAME",
        source: "SSL Labs rating guide: a name that does not match is M; in results it is T. \
                 RFC 9525 section 6",
        basis: Basis::Judgement,
        effect: Effect::Mismatch,
        severity: Severity::Critical,
        title: text("Nama domain tidak sepadan", "Name mismatch"),
        finding: text(
            "Nama domain {host} tidak sepadan: sijil untuk {list}.",
            "Name mismatch for {host}: the certificate is for {list}.",
        ),
        fix: text(
            "Betulkan tetapan binding atau SNI, atau pasang sijil yang meliputi {host}.",
            "Fix the binding or SNI, or install a certificate that covers {host}.",
        ),
        why: text(
            "Pelayar web memaparkan amaran kerana sijil ini bukan bukti bagi domain yang dibuka.",
            "Browsers show a warning, because the certificate proves nothing about the domain \
             that was opened.",
        ),
        probe: text(
            "Nama domain dibandingkan dengan nama alternatif subjek (SAN) sijil yang dihantar \
             bagi nama itu.",
            "The name is looked for among the subject alternative names of the certificate sent \
             for it.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        check: |facts| {
            let mut verdict = Verdict::Unknown(Why::NotAsked);
            let mut open = false;
            for served in facts.served() {
                match served.facts.map(|it| &it.name) {
                    Some(NameMatch { by: None, host, .. }) => {
                        let names = served.leaf.map(|leaf| {
                            let alternative = leaf
                                .dns_names
                                .iter()
                                .cloned()
                                .chain(leaf.addresses.iter().map(ToString::to_string));
                            let all: Vec<String> = alternative.collect();
                            if all.is_empty() { leaf.common_names.clone() } else { all }
                        });
                        let names = names.filter(|names| !names.is_empty());
                        return Verdict::Holds(
                            Evidence::of("host", plain(host))
                                .and("list", names.map_or_else(|| plain(""), list)),
                        );
                    }
                    Some(_) => verdict = Verdict::Clear,
                    None => open = true,
                }
            }
            if open { Verdict::Unknown(Why::NotAsked) } else { verdict }
        },
        mend: Some(|facts| {
            facts.mend_chains(|chain| {
                if chain.name.by.is_none() {
                    chain.name.by = Some(chain.name.host.clone());
                    chain.name.only_common_name = false;
                }
            });
        }),
        ..REMARK
    },
];

/// The first reason that is such, in the chains for the name.
fn fault(facts: &Facts, such: impl Fn(&PathFault) -> Option<Evidence>) -> Verdict {
    match facts.distrust() {
        None => Verdict::Unknown(Why::NotAsked),
        Some(faults) => match faults.iter().find_map(such) {
            Some(evidence) => Verdict::Holds(evidence),
            None => Verdict::Clear,
        },
    }
}

/// A certificate whose time is over, or has not begun: as the reason for distrust, or beside
/// another one, in the leaf.
fn out_of_date(facts: &Facts, early: bool) -> Verdict {
    let Some(faults) = facts.distrust() else { return Verdict::Unknown(Why::NotAsked) };
    let reason = faults.iter().find_map(|fault| match fault {
        PathFault::OutOfDate(it) if it.early == early => Some((it.id.clone(), it.at)),
        _ => None,
    });
    let leaf = || {
        if faults.is_empty() {
            return None;
        }
        facts.served().filter_map(|served| served.leaf).find_map(|leaf| {
            let at = if early { leaf.not_before } else { leaf.not_after };
            let wrong = if early { facts.at < at } else { facts.at > at };
            wrong.then(|| (leaf.sha256.clone(), at))
        })
    };
    let found = reason.or_else(leaf);
    holds_if(found.is_some(), || {
        let (id, at) = found.unwrap_or_default();
        let name = facts.certificate(&id).map_or_else(|| plain(&id), |it| owner(&it.subject));
        Evidence::of("name", name).and("date", date(at))
    })
}

/// With certificates that are valid now.
fn renew(facts: &mut Facts, early: bool) {
    let now = facts.at;
    let such = |it: &OutOfDate| it.early == early;
    trust(facts, |fault| matches!(fault, PathFault::OutOfDate(it) if such(it)));
    facts.mend_chains(|chain| chain.out_of_date.retain(|it| !such(it)));
    facts.mend_leaves(|leaf| {
        let wrong = if early { now < leaf.not_before } else { now > leaf.not_after };
        if wrong {
            leaf.not_before = now.saturating_sub(86_400);
            leaf.not_after = leaf.not_before.saturating_add(NEW_LIFE);
            leaf.days = NEW_LIFE / 86_400;
        }
    });
}

/// The part of the certificate that is at fault, by its name in X.509, where no other rule has it.
fn form(fault: &PathFault) -> Option<String> {
    Some(match fault {
        PathFault::NotAnAuthority { .. } => "basicConstraints".to_owned(),
        PathFault::AuthorityAsLeaf => "basicConstraints cA".to_owned(),
        PathFault::Usage => "extKeyUsage".to_owned(),
        PathFault::PathLength => "pathLenConstraint".to_owned(),
        PathFault::NameConstraints => "nameConstraints".to_owned(),
        PathFault::Signature => "signature".to_owned(),
        PathFault::Algorithm { algorithm } => plain(algorithm),
        PathFault::Form { .. } => "X.509".to_owned(),
        PathFault::UnknownIssuer { .. }
        | PathFault::SelfSigned
        | PathFault::OutOfDate(_)
        | PathFault::Distrusted { .. } => return None,
    })
}
