//! Rules about certificates and their keys that count for the grade, trust apart.

use super::common::{date, holds_if, leaf, list, owner, plain};
use super::{REMARK, text};
use crate::grade::facts::{Facts, Served};
use crate::grade::letter::Letter;
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{
    CertFacts, CertSource, ChainFacts, Completeness, KeyAlgorithm, Missing, OldHash,
    RevocationStatus, Why,
};

/// Hashes older than SHA-1.
pub(super) const BEFORE_SHA1: [&str; 3] = ["MD2", "MD4", "MD5"];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-REVOKED",
        source: "SSL Labs rating guide: a revoked certificate fails; RFC 5280 section 5, RFC 6960",
        basis: Basis::Recorded,
        effect: Effect::Revoked,
        severity: Severity::Critical,
        title: text("Sijil telah dibatalkan", "The certificate is revoked"),
        finding: text(
            "Sijil telah dibatalkan pada {date} ({reason}).",
            "The certificate was revoked on {date} ({reason}).",
        ),
        fix: text(
            "Hubungi Pentadbir GPKI dan CA dengan segera, dan pasang sijil pengganti.",
            "Contact the GPKI administrator and the CA at once, and install a new certificate.",
        ),
        why: text(
            "Pelayar web menolak sijil yang dibatalkan. Jika puncanya keterdedahan (compromise) \
             kunci persendirian (private key), kunci itu tidak boleh digunakan lagi.",
            "Browsers refuse revoked certificates. If the private key was compromised, it must \
             not be used again.",
        ),
        probe: text(
            "Senarai pembatalan sijil (CRL), jawapan OCSP dan salinan OCSP yang dihantar oleh \
             pelayan dibaca.",
            "The revocation list (CRL), the OCSP responder and the stapled response are read.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: revoked,
        mend: Some(|facts| {
            for leaf in leaves(facts) {
                if let Some(known) = facts.revocation.get_mut(&leaf) {
                    known.crl = RevocationStatus::NotRevoked { until: None };
                    known.ocsp = RevocationStatus::NotRevoked { until: None };
                }
            }
            if let Some(staple) = &mut facts.endpoint.staple {
                staple.status = RevocationStatus::NotRevoked { until: None };
            }
        }),
        ..REMARK
    },
    Rule {
        id: "F-DEBIAN",
        source: "SSL Labs rating guide: Debian keys score 0; CVE-2008-0166",
        basis: Basis::Official,
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kunci lemah Debian", "Debian weak key"),
        finding: text(
            "Kunci sijil ialah kunci lemah Debian (CVE-2008-0166) yang diketahui umum.",
            "The key of the certificate is a Debian weak key (CVE-2008-0166), known to everybody.",
        ),
        fix: text(
            "Jana pasangan kunci dan CSR baharu pada sistem semasa, kemudian mohon penjanaan \
             semula (reissue).",
            "Generate a new key pair and CSR on a current system, then ask for a reissue.",
        ),
        why: text(
            "Kunci persendirian (private key) bagi sijil ini dapat dimuat turun oleh sesiapa \
             sahaja.",
            "Anyone can download the private key of this certificate.",
        ),
        probe: text(
            "Kunci awam sijil dibandingkan dengan senarai kunci yang diketahui. Tanpa senarai itu, \
             sijil yang dikeluarkan sejak 1 Julai 2012 tidak diperiksa, kerana CA wajib menolak \
             kunci tersebut sejak tarikh itu.",
            "The public key is looked up in the list of known keys. Without that list, \
             certificates issued since 1 July 2012 are not looked at, for authorities have to \
             refuse such keys since then (Baseline Requirements 6.1.1.3).",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| match key(facts, |leaf| leaf.key.debian) {
            Verdict::Unknown(_) if is_of_later_years(facts) => Verdict::NotApplicable,
            told => told,
        },
        mend: Some(|facts| facts.mend_leaves(|leaf| leaf.key.debian = Some(false))),
        ..REMARK
    },
    Rule {
        id: "F-EXPONENT",
        source: "SSL Labs rating guide: RSA exponent 1 scores 0",
        basis: Basis::Official,
        since: Day::of(2016, 3, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Eksponen awam RSA ialah 1", "The public RSA exponent is 1"),
        finding: text(
            "Eksponen awam kunci RSA ialah 1, maka tiada penyulitan.",
            "The public exponent of the RSA key is 1, so nothing is encrypted.",
        ),
        fix: text(
            "Jana pasangan kunci dan CSR baharu, kemudian mohon penjanaan semula (reissue).",
            "Generate a new key pair and CSR, then ask for a reissue.",
        ),
        why: text(
            "Dengan eksponen 1, data yang disulitkan sama dengan data asal dan tandatangan dapat \
             dipalsukan.",
            "With exponent 1 what is encrypted is what was there before, and signatures can be \
             forged.",
        ),
        probe: text(
            "Eksponen dibaca daripada kunci awam sijil.",
            "The exponent is read from the certificate's public key.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| {
            key(facts, |leaf| match (&leaf.key.algorithm, &leaf.key.exponent) {
                (KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss, Some(exponent)) => {
                    Some(exponent.trim_start_matches('0') == "1")
                }
                (KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss, None) => None,
                _ => Some(false),
            })
        },
        mend: Some(|facts| {
            facts.mend_leaves(|leaf| {
                if leaf.key.exponent.is_some() {
                    leaf.key.exponent = Some("10001".to_owned());
                }
            });
        }),
        ..REMARK
    },
    Rule {
        id: "F-SIGN",
        source: "SSL Labs rating guide: MD2 and MD5 signatures fail. Recorded results decide \
                 against it: 108 endpoints with an MD5 leaf were T, with trust ignored C; so it \
                 has no effect. What clients make of it is T-SHA1",
        basis: Basis::Recorded,
        since: Day::of(2014, 1, 1),
        severity: Severity::High,
        title: text(
            "Sijil ditandatangani dengan MD5 atau MD2",
            "The certificate is signed with MD5 or MD2",
        ),
        finding: text(
            "Algoritma tandatangan sijil pelayan ialah {hash}, yang telah dipecahkan.",
            "The server certificate is signed with {hash}, which is broken.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil dengan SHA-256.",
            "Ask for a reissue of the certificate with SHA-256.",
        ),
        why: text(
            "Sijil lain dengan tandatangan yang sama dapat dipalsukan.",
            "Another certificate can be forged with the same signature.",
        ),
        probe: text(
            "Algoritma tandatangan dibaca daripada sijil pelayan.",
            "The signature algorithm is read from the server certificate.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| old_hash(facts, |it| it.leaf && BEFORE_SHA1.contains(&it.hash.as_str())),
        mend: Some(|facts| sign_anew(facts, |it| it.leaf)),
        ..REMARK
    },
    Rule {
        id: "B-CHAIN",
        source: "SSL Labs rating guide: an incomplete chain caps to B; RFC 8446 section 4.4.2",
        basis: Basis::Recorded,
        since: Day::of(2014, 12, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::High,
        title: text("Rantaian sijil tidak lengkap", "Certificate chain incomplete"),
        finding: text(
            "Rantaian (chain) sijil tidak lengkap: sijil perantaraan (intermediate) {name} tidak \
             dihantar oleh pelayan.",
            "Chain incomplete: the server does not send the intermediate {name}.",
        ),
        fix: text(
            "Pasang {name} selepas sijil pelayan dan mulakan semula perkhidmatan.",
            "Install {name} after the server certificate and restart the service.",
        ),
        why: text(
            "Pelayar web mungkin menyimpan sijil perantaraan (intermediate) itu, tetapi aplikasi \
             mudah alih dan sistem lain gagal disambung.",
            "Browsers may have the intermediate in store, but mobile applications and other \
             systems fail to connect.",
        ),
        probe: text(
            "Sijil yang dihantar disusun hingga ke sijil akar (root) yang dipercayai; yang perlu \
             ditambah daripada sumber lain dinamakan.",
            "The certificates sent are put in line up to a trusted root; what had to be added \
             from elsewhere is named.",
        ),
        who: Who::Installer,
        // The chain that decides alone: recorded results know no other.
        check: |facts| {
            let served = match leaf(facts) {
                Ok(served) => served,
                Err(unknown) => return unknown,
            };
            match served.facts.map(|it| &it.completeness) {
                None => Verdict::Unknown(Why::NotAsked),
                Some(Completeness::Incomplete { missing }) => {
                    Verdict::Holds(names(&served, missing))
                }
                Some(_) => Verdict::Clear,
            }
        },
        mend: Some(|facts| facts.mend_chains(complete)),
        ..REMARK
    },
    Rule {
        id: "P-SHA1",
        source: "SSL Labs rating guide: no A+ with SHA-1 below the root",
        basis: Basis::Recorded,
        effect: Effect::NoPlus,
        severity: Severity::Medium,
        title: text("SHA-1 dalam rantaian sijil", "SHA-1 in the chain"),
        finding: text(
            "Tandatangan lapuk {hash} ada dalam rantaian (chain) sijil: {list}.",
            "There are obsolete {hash} signatures in the chain: {list}.",
        ),
        fix: text(
            "Gantikan fail rantaian dengan yang menggunakan SHA-256, atau mohon penjanaan semula \
             (reissue).",
            "Replace the chain file by one with SHA-256, or ask for a reissue.",
        ),
        why: text(
            "SHA-1 tidak lagi tahan pelanggaran cincang; pelayar web menolak sijil yang \
             ditandatangani dengannya.",
            "SHA-1 no longer withstands collisions; browsers refuse certificates signed with it.",
        ),
        probe: text(
            "Algoritma tandatangan setiap sijil di bawah sijil akar (root) dibaca.",
            "The signature algorithm of each certificate below the root is read.",
        ),
        who: Who::Installer,
        effort: Effort::Hours,
        // What is sent counts, needed or not, and of that what can be read: so recorded results
        // have it.
        check: |facts| {
            let (mut hashes, mut names, mut sent) = (Vec::new(), Vec::new(), false);
            for served in facts.served() {
                sent = true;
                for cert in served.chain.certificates.iter().filter_map(|id| facts.certificate(id))
                {
                    if let Some(hash) = signed_with_old(cert) {
                        hashes.push(hash);
                        names.push(owner(&cert.subject));
                    }
                }
            }
            if !sent {
                return Verdict::Unknown(Why::NotAsked);
            }
            holds_if(!names.is_empty(), || {
                Evidence::of("hash", list(hashes)).and("list", list(names))
            })
        },
        mend: Some(|facts| {
            let sent: Vec<String> =
                facts.endpoint.chains.iter().flat_map(|it| it.certificates.clone()).collect();
            for id in &sent {
                if let Some(cert) = facts.certificates.get_mut(id).and_then(|it| it.facts.as_mut())
                    && signed_with_old(cert).is_some()
                {
                    cert.signature = "SHA256withRSA".to_owned();
                }
            }
            facts.mend_chains(|chain| chain.old_hashes.retain(|it| !sent.contains(&it.id)));
        }),
        ..REMARK
    },
];

/// What is asked of every key: one that is such decides.
pub(super) fn key(facts: &Facts, such: fn(&CertFacts) -> Option<bool>) -> Verdict {
    let mut verdict = Verdict::Unknown(Why::NotAsked);
    let mut all_known = true;
    for served in facts.served() {
        match served.leaf.and_then(such) {
            Some(true) => return Verdict::Holds(Evidence::default()),
            Some(false) => verdict = Verdict::Clear,
            None => all_known = false,
        }
    }
    if all_known { verdict } else { Verdict::Unknown(Why::NotAsked) }
}

/// True if every leaf was issued since public authorities have had to refuse keys known to be
/// compromised, four years after the generator was mended. Our judgement extends that to private
/// authorities: else every certificate of theirs would leave the grade open for ever, for a key
/// that somebody would have to have kept since 2008.
fn is_of_later_years(facts: &Facts) -> bool {
    let since = i64::from(Day::of(2012, 7, 1).0) * 86_400;
    let later = |served: Served<'_>| served.leaf.is_some_and(|leaf| leaf.not_before >= since);
    facts.served().next().is_some() && facts.served().all(later)
}

/// The hash a certificate is signed with, if it is an old one. Whether a root is does not matter:
/// its signature proves nothing.
fn signed_with_old(cert: &CertFacts) -> Option<&'static str> {
    let algorithm = cert.signature.to_ascii_uppercase();
    let hash = ["SHA1", "MD5", "MD4", "MD2"].into_iter().find(|it| algorithm.starts_with(it))?;
    (!cert.self_issued).then_some(hash)
}

/// Certificates of the best path signed with old hashes, by name, if any is such.
pub(super) fn old_hash(facts: &Facts, such: fn(&OldHash) -> bool) -> Verdict {
    let mut old = Vec::new();
    let (mut examined, mut open) = (false, false);
    for served in facts.served() {
        match served.facts {
            Some(chain) => old.extend(chain.old_hashes.iter().filter(|it| such(it))),
            None => open = true,
        }
        examined = true;
    }
    if old.is_empty() && (open || !examined) {
        return Verdict::Unknown(Why::NotAsked);
    }
    holds_if(!old.is_empty(), || {
        let name = |it: &&OldHash| {
            facts.certificate(&it.id).map_or_else(|| plain(&it.id), |cert| owner(&cert.subject))
        };
        Evidence::of("hash", list(old.iter().map(|it| it.hash.clone())))
            .and("list", list(old.iter().map(name)))
    })
}

/// Signed with SHA-256, where an old hash is such.
pub(super) fn sign_anew(facts: &mut Facts, such: fn(&OldHash) -> bool) {
    let mut changed = Vec::new();
    for chain in facts.endpoint.chains.iter().filter_map(|chain| chain.facts.as_ref()) {
        changed.extend(chain.old_hashes.iter().filter(|it| such(it)).map(|it| it.id.clone()));
    }
    for id in changed {
        if let Some(cert) = facts.certificates.get_mut(&id).and_then(|it| it.facts.as_mut()) {
            cert.signature = "SHA256withRSA".to_owned();
        }
    }
    facts.mend_chains(|chain| chain.old_hashes.retain(|it| !such(it)));
}

fn revoked(facts: &Facts) -> Verdict {
    let staple = facts.endpoint.staple.as_ref().filter(|staple| staple.signed != Some(false));
    let mut verdict = None;
    for (place, id) in leaves(facts).into_iter().enumerate() {
        // What is stapled is about the leaf that decides.
        let staple = staple.filter(|_| place == 0);
        let known = facts.revocation.get(&id);
        let ways = [known.map(|it| &it.crl), known.map(|it| &it.ocsp), staple.map(|it| &it.status)];
        let mut not_revoked = false;
        for status in ways.into_iter().flatten() {
            match status {
                RevocationStatus::Revoked { at, reason } => {
                    return Verdict::Holds(
                        Evidence::of("date", date(*at))
                            .and("reason", plain(reason.as_deref().unwrap_or("unspecified"))),
                    );
                }
                RevocationStatus::NotRevoked { .. } => not_revoked = true,
                RevocationStatus::NotAsked | RevocationStatus::Unknown { .. } => {}
            }
        }
        // A certificate that names no list and no responder cannot be asked about.
        let no_way = facts
            .certificate(&id)
            .is_some_and(|cert| cert.crl_uris.is_empty() && cert.ocsp_uris.is_empty());
        let this = if not_revoked {
            Verdict::Clear
        } else if no_way {
            Verdict::NotApplicable
        } else {
            Verdict::Unknown(Why::NotAsked)
        };
        verdict = Some(match (verdict, this) {
            (None, this) => this,
            (Some(Verdict::Unknown(why)), _) | (_, Verdict::Unknown(why)) => Verdict::Unknown(why),
            (Some(Verdict::NotApplicable), Verdict::NotApplicable) => Verdict::NotApplicable,
            _ => Verdict::Clear,
        });
    }
    verdict.unwrap_or(Verdict::Unknown(Why::NotAsked))
}

/// Ids of the leaves for the name, the one that decides first.
fn leaves(facts: &Facts) -> Vec<String> {
    let mut ids = Vec::new();
    for served in facts.served() {
        if let Some(id) = served.chain.certificates.first()
            && !ids.contains(id)
        {
            ids.push(id.clone());
        }
    }
    ids
}

/// What is missing, by name; the issuer of the leaf, where only that something is missing is known.
pub(super) fn names(served: &Served<'_>, missing: &[Missing]) -> Evidence {
    let subjects = missing.iter().map(|it| it.subject.as_str());
    let issuer = served.leaf.map_or("", |leaf| leaf.issuer.as_str());
    let issuer = missing.is_empty().then_some(issuer);
    Evidence::of("name", list(subjects.chain(issuer).map(owner)))
}

/// With everything sent that belongs to it.
pub(super) fn complete(chain: &mut ChainFacts) {
    if !matches!(chain.completeness, Completeness::Incomplete { .. }) {
        return;
    }
    chain.completeness = Completeness::Complete;
    for step in &mut chain.should_be {
        step.source = CertSource::Sent;
    }
    if let Some(best) = chain.paths.first_mut() {
        best.sent = true;
    }
}
