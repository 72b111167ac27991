//! Remarks about certificates and chains. They cost no grade.

use super::certificate::{complete, key, names};
use super::common::{date, given, holds_if, if_absent, leaf, list, owner, plain};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::rule::{Basis, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{
    CertFacts, Completeness, Fact, OldHash, Placed, RevocationStatus, Role, Sct, Seen, Serves,
    Unrecognised, Why,
};
use crate::pki::store::DECIDING;

/// A day in seconds.
const DAY: i64 = 86_400;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R-CHAIN-ORDER",
        source: "RFC 5246 section 7.4.2; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("Turutan rantaian salah", "Wrong chain order"),
        finding: text(
            "Turutan sijil dalam rantaian (chain) tidak betul.",
            "The certificates are in the wrong order.",
        ),
        fix: text(
            "Susun semula: sijil pelayan dahulu, kemudian sijil perantaraan (intermediate).",
            "Reorder: server certificate first, then the intermediates.",
        ),
        why: text(
            "Sesetengah klien lama tidak dapat menyusun sendiri rantaian (chain) sijil.",
            "Some old clients cannot put the chain in order themselves.",
        ),
        probe: text(
            "Kedudukan setiap sijil dibandingkan dengan pengeluarnya.",
            "The place of each certificate is held against that of its issuer.",
        ),
        who: Who::Installer,
        check: |facts| placed(facts, |it| !it.in_place && it.role != Role::Root, false),
        mend: Some(|facts| {
            facts.mend_chains(|chain| chain.sent.iter_mut().for_each(|it| it.in_place = true));
        }),
        ..REMARK
    },
    Rule {
        id: "R-ROOT-SENT",
        source: "RFC 8446 section 4.4.2; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Sijil akar turut dihantar", "The root is sent"),
        finding: text(
            "Sijil akar (root) turut dihantar; tidak menjejaskan taraf.",
            "The root is also sent; no effect on the grade.",
        ),
        fix: text(
            "Boleh dibuang semasa penyelenggaraan berikutnya.",
            "May be removed at the next maintenance.",
        ),
        why: text(
            "Klien sudah mempunyai sijil akar (root); menghantarnya hanya menambah saiz jabat \
             tangan TLS (handshake).",
            "Clients have the root already; sending it only makes handshakes longer.",
        ),
        probe: text(
            "Sijil yang dikeluarkan oleh pemiliknya sendiri dicari antara sijil yang dihantar.",
            "A self-issued certificate is looked for among those sent.",
        ),
        who: Who::Installer,
        check: |facts| placed(facts, |it| it.role == Role::Root, false),
        mend: Some(|facts| drop_sent(facts, |it| it.role == Role::Root)),
        ..REMARK
    },
    Rule {
        id: "R-CHAIN-EXTRA",
        source: "RFC 8446 section 4.4.2; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("Sijil berlebihan", "Extra certificates"),
        finding: text(
            "Sijil berlebihan dihantar (berulang atau tidak berkaitan): {list}.",
            "Extra certificates are sent (duplicate or unrelated): {list}.",
        ),
        fix: text(
            "Buang sijil tersebut daripada fail rantaian.",
            "Remove them from the chain file.",
        ),
        why: text(
            "Sijil yang tidak diperlukan memperlahankan sambungan dan mengelirukan klien lama.",
            "Certificates that are not needed slow connections down and confuse old clients.",
        ),
        probe: text(
            "Sijil yang dihantar dibandingkan dengan rantaian (chain) yang sepatutnya.",
            "What is sent is held against the chain as it should be.",
        ),
        who: Who::Installer,
        check: |facts| placed(facts, is_extra, true),
        mend: Some(|facts| drop_sent(facts, is_extra)),
        ..REMARK
    },
    Rule {
        id: "R-PREVIOUS-CA",
        source: "our judgement: mostly left over from the certificate before",
        severity: Severity::Medium,
        title: text(
            "Sijil perantaraan terdahulu masih dihantar",
            "The previous intermediate is still sent",
        ),
        finding: text(
            "Sijil perantaraan (intermediate) yang dihantar milik pengeluar terdahulu: {list}.",
            "An intermediate of the previous issuer is sent: {list}.",
        ),
        fix: text(
            "Gantikan fail rantaian dengan yang dibekalkan bersama sijil baharu.",
            "Replace the chain file with the one supplied with the new certificate.",
        ),
        why: text(
            "Fail rantaian lama tidak sesuai dengan sijil baharu, maka rantaian (chain) sijil \
             mungkin tidak lengkap bagi sesetengah klien.",
            "The old chain file does not fit the new certificate, so the chain may be incomplete \
             for some clients.",
        ),
        probe: text(
            "Antara sijil yang dihantar ada sijil CA yang tidak mengeluarkan mana-mana sijil \
             dalam rantaian (chain) ini.",
            "Among what is sent there is a CA certificate that issued nothing in this chain.",
        ),
        who: Who::Installer,
        check: |facts| placed(facts, |it| it.role == Role::PreviousCa, true),
        mend: Some(|facts| drop_sent(facts, |it| it.role == Role::PreviousCa)),
        ..REMARK
    },
    Rule {
        id: "R-CHAIN-OTHER",
        source: "our judgement: recorded results judge one chain only",
        severity: Severity::Medium,
        title: text("Rantaian sijil kedua tidak lengkap", "A second chain is incomplete"),
        finding: text(
            "Rantaian (chain) sijil yang dihantar kepada sebahagian klien tidak lengkap: {name} \
             tiada.",
            "The chain sent to some clients is incomplete: {name} is missing.",
        ),
        fix: text(
            "Pasang {name} selepas sijil pelayan bagi setiap jenis kunci.",
            "Install {name} after the server certificate for each type of key.",
        ),
        why: text(
            "Pelayan mempunyai lebih daripada satu sijil; klien yang menerima rantaian ini gagal \
             disambung.",
            "The server has more than one certificate; clients that get this chain fail to \
             connect.",
        ),
        probe: text(
            "Sijil diminta dengan setiap jenis kunci dan versi; setiap rantaian (chain) diperiksa.",
            "Certificates are asked for with each type of key and version; each chain is examined.",
        ),
        who: Who::Installer,
        check: |facts| {
            let mut others = facts.served().skip(1).peekable();
            if others.peek().is_none() {
                return Verdict::NotApplicable;
            }
            let missing = others.find_map(|served| match &served.facts?.completeness {
                Completeness::Incomplete { missing } => Some(names(&served, missing)),
                _ => None,
            });
            missing.map_or(Verdict::Clear, Verdict::Holds)
        },
        mend: Some(|facts| facts.mend_chains(complete)),
        ..REMARK
    },
    Rule {
        id: "R-NOT-SUPPLIED",
        source: "our judgement: a certificate was named that the host ought to serve",
        severity: Severity::High,
        title: text("Bukan sijil yang dibekalkan", "Not the supplied certificate"),
        finding: text(
            "Sijil yang dihantar (siri {serial}, tamat {date}) bukan sijil yang dibekalkan.",
            "The certificate sent (serial {serial}, ends {date}) is not the supplied one.",
        ),
        fix: text(
            "Pasang sijil yang dibekalkan pada semua nod dan mulakan semula perkhidmatan.",
            "Install the supplied certificate on all nodes and restart the service.",
        ),
        why: text(
            "Sijil baharu belum digunakan pada pelayan atau nod ini; sijil lama akan luput.",
            "The new certificate is not in use on this server or node; the old one will expire.",
        ),
        probe: text(
            "Cap jari sijil yang dihantar dibandingkan dengan sijil yang dinyatakan.",
            "The fingerprint of the certificate sent is held against that of the one named.",
        ),
        who: Who::Installer,
        check: |facts| {
            let mut told = false;
            for served in facts.served() {
                match served.chain.serves {
                    None => {}
                    Some(Serves::This | Serves::Newer) => told = true,
                    Some(Serves::Older | Serves::Other) => {
                        let (serial, end) = served.leaf.map_or_else(
                            || (plain(""), plain("")),
                            |leaf| (plain(&leaf.serial), date(leaf.not_after)),
                        );
                        return Verdict::Holds(Evidence::of("serial", serial).and("date", end));
                    }
                }
            }
            if told { Verdict::Clear } else { Verdict::NotApplicable }
        },
        mend: Some(|facts| {
            for chain in &mut facts.endpoint.chains {
                chain.serves = chain.serves.map(|_| Serves::This);
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-ENDS-30",
        source: "GPKI renews within the last 30 days",
        severity: Severity::Low,
        title: text("Sijil luput dalam 30 hari", "The certificate ends within 30 days"),
        finding: text(
            "Sijil akan luput pada {date} ({days} hari lagi).",
            "The certificate ends on {date} (days left: {days}).",
        ),
        fix: text(
            "Mohon pembaharuan sijil; tetingkap pembaharuan telah dibuka.",
            "Apply for renewal; the renewal window is open.",
        ),
        why: text(
            "Pembaharuan hanya dapat dibuat dalam tempoh 30 hari terakhir.",
            "Renewal is possible in the last 30 days only.",
        ),
        probe: text(
            "Tarikh tamat sijil dibandingkan dengan masa semakan.",
            "The end date is held against the time of the check.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| ends_within(facts, 14..30),
        mend: Some(renew),
        ..REMARK
    },
    Rule {
        id: "R-ENDS-14",
        source: "GPKI renews within the last 30 days",
        severity: Severity::Medium,
        title: text("Sijil luput dalam 14 hari", "The certificate ends within 14 days"),
        finding: text(
            "Sijil akan luput pada {date} ({days} hari lagi).",
            "The certificate ends on {date} (days left: {days}).",
        ),
        fix: text(
            "Mohon pembaharuan sijil dengan segera dan rancang masa henti untuk pemasangan.",
            "Apply for renewal at once and plan the downtime for its installation.",
        ),
        why: text(
            "Kelulusan, penghantaran dan pemasangan sijil mengambil masa beberapa hari.",
            "Approval, delivery and installation take several days.",
        ),
        probe: text(
            "Tarikh tamat sijil dibandingkan dengan masa semakan.",
            "The end date is held against the time of the check.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| ends_within(facts, 7..14),
        mend: Some(renew),
        ..REMARK
    },
    Rule {
        id: "R-ENDS-7",
        source: "GPKI renews within the last 30 days",
        severity: Severity::High,
        title: text("Sijil luput dalam 7 hari", "The certificate ends within 7 days"),
        finding: text(
            "Sijil akan luput pada {date} ({days} hari lagi).",
            "The certificate ends on {date} (days left: {days}).",
        ),
        fix: text(
            "Pasang sijil baharu sebelum {date}; jika belum diterima, hubungi CA dengan segera.",
            "Install the new certificate before {date}; if it has not come, contact the CA at \
             once.",
        ),
        why: text(
            "Selepas tarikh itu pelayar web menghalang pengguna daripada membuka laman.",
            "After that date browsers keep users from opening the site.",
        ),
        probe: text(
            "Tarikh tamat sijil dibandingkan dengan masa semakan.",
            "The end date is held against the time of the check.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| ends_within(facts, 0..7),
        mend: Some(renew),
        ..REMARK
    },
    Rule {
        id: "R-LIFETIME",
        source: "CA/Browser Forum Baseline Requirements section 6.3.2; without effect in the SSL \
                 Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Medium,
        title: text("Tempoh sah sijil terlalu panjang", "The validity period is too long"),
        finding: text(
            "Tempoh sah sijil {days} hari melebihi had {most} hari pada tarikh keluarannya.",
            "The validity period of {days} days is more than the {most} allowed when it was issued.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil dengan tempoh sah yang dibenarkan.",
            "Ask for a reissue with a validity period that is allowed.",
        ),
        why: text(
            "Sesetengah pelayar web menolak sijil yang tempoh sahnya melebihi had.",
            "Some browsers refuse certificates valid for longer than allowed.",
        ),
        probe: text(
            "Tempoh antara tarikh mula dan tarikh tamat sijil dikira.",
            "The days from start to end are counted.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| {
            given(
                public(facts),
                about_leaf(facts, |leaf| {
                    let most = leaf.most_days.filter(|most| leaf.days > *most)?;
                    Some(Evidence::of("days", leaf.days).and("most", most))
                }),
            )
        },
        mend: Some(|facts| {
            let now = facts.at;
            facts.mend_leaves(|leaf| {
                if let Some(most) = leaf.most_days.filter(|most| leaf.days > *most) {
                    leaf.days = most;
                    // The new one begins today, so it does not end sooner than it should.
                    leaf.not_before = now;
                    leaf.not_after = now.saturating_add(most.saturating_mul(DAY));
                }
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-SCT",
        source: "RFC 6962; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Medium,
        title: text("Tiada ketelusan sijil (CT)", "No certificate transparency"),
        finding: text(
            "Tiada bukti ketelusan sijil (CT) dalam sijil atau jabat tangan TLS (handshake).",
            "There is no proof of certificate transparency in certificate or handshake.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil dengan cap masa CT.",
            "Ask for a reissue with CT timestamps.",
        ),
        why: text(
            "Chrome dan Safari menolak sijil awam tanpa bukti CT.",
            "Chrome and Safari refuse public certificates without proof of CT.",
        ),
        probe: text(
            "Cap masa CT (SCT) dicari dalam sijil dan dalam sambungan TLS.",
            "Timestamps (SCT) are looked for in the certificate and in the TLS extension.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| {
            let verdict = about_leaf(facts, |leaf| (!leaf.embedded_scts).then(Evidence::default));
            let verdict = match (verdict, facts.endpoint.scts.known()) {
                (Verdict::Holds(_), Some(true)) => Verdict::Clear,
                (Verdict::Holds(_), None) => Verdict::Unknown(Why::NotAsked),
                (other, _) => other,
            };
            given(public(facts), verdict)
        },
        mend: Some(|facts| {
            let at_ms = u64::try_from(facts.at).unwrap_or(0).saturating_mul(1000);
            facts.mend_leaves(|leaf| {
                if !leaf.embedded_scts {
                    leaf.embedded_scts = true;
                    leaf.scts = vec![Sct { log: String::new(), name: None, at_ms }];
                }
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-STAPLE",
        source: "RFC 6066 section 8; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Tiada OCSP stapling", "No OCSP stapling"),
        finding: text(
            "Pelayan tidak menghantar status pembatalan (OCSP stapling).",
            "The server does not send the revocation status (OCSP stapling).",
        ),
        fix: text(
            "Aktifkan OCSP stapling jika CA masih menyediakan OCSP.",
            "Enable OCSP stapling if the CA still has OCSP.",
        ),
        why: text(
            "Tanpanya, klien perlu bertanya kepada CA atau tidak menyemak pembatalan.",
            "Without it clients have to ask the CA, or do not check revocation.",
        ),
        probe: text(
            "ClientHello yang meminta status pembatalan dihantar; tiada jawapan OCSP diterima.",
            "A ClientHello that asks for the status is sent; no OCSP response comes.",
        ),
        check: |facts| match leaf(facts).map(|it| it.leaf) {
            Ok(Some(leaf)) if leaf.ocsp_uris.is_empty() || leaf.must_staple => {
                Verdict::NotApplicable
            }
            _ => if_absent(&facts.endpoint.ocsp_staple.seen),
        },
        mend: Some(|facts| facts.endpoint.ocsp_staple = Fact::yes(String::new(), [])),
        ..REMARK
    },
    Rule {
        id: "R-MUST-STAPLE",
        source: "RFC 7633",
        severity: Severity::Medium,
        title: text("Sijil mewajibkan OCSP stapling", "The certificate requires OCSP stapling"),
        finding: text(
            "Sijil mewajibkan OCSP stapling (must-staple), tetapi pelayan tidak menghantarnya.",
            "The certificate requires OCSP stapling (must-staple), but the server does not send \
             it.",
        ),
        fix: text(
            "Aktifkan OCSP stapling pada pelayan, atau mohon sijil tanpa must-staple.",
            "Enable OCSP stapling, or ask for a certificate without must-staple.",
        ),
        why: text(
            "Firefox menolak sambungan apabila status yang diwajibkan tidak dihantar.",
            "Firefox refuses the connection when the required status is not sent.",
        ),
        probe: text(
            "Sambungan RFC 7633 dibaca daripada sijil, dan status diminta daripada pelayan.",
            "The extension of RFC 7633 is read from the certificate, and the status asked for.",
        ),
        check: |facts| {
            let required = leaf(facts).ok().and_then(|it| it.leaf).map(|it| it.must_staple);
            given(required, if_absent(&facts.endpoint.ocsp_staple.seen))
        },
        mend: Some(|facts| facts.endpoint.ocsp_staple = Fact::yes(String::new(), [])),
        ..REMARK
    },
    Rule {
        id: "R-STAPLE-OLD",
        source: "RFC 6960 section 4.2.2.1",
        severity: Severity::Medium,
        title: text("Status OCSP yang dihantar tidak sah", "The stapled status is not valid"),
        finding: text(
            "Status OCSP yang dihantar oleh pelayan telah lapuk atau tandatangannya salah.",
            "The OCSP status that the server sends is out of date or wrongly signed.",
        ),
        fix: text(
            "Pastikan pelayan dapat menghubungi responder OCSP, dan mulakan semula perkhidmatan.",
            "See that the server can reach the OCSP responder, and restart the service.",
        ),
        why: text(
            "Sesetengah klien menolak sambungan dengan status yang telah lapuk.",
            "Some clients refuse a connection with a status out of date.",
        ),
        probe: text(
            "Tarikh dan tandatangan status yang dihantar disemak.",
            "The dates and the signature of the stapled status are checked.",
        ),
        check: |facts| {
            let Some(staple) = &facts.endpoint.staple else { return Verdict::NotApplicable };
            let over = staple.next_update.is_some_and(|at| at < facts.at);
            holds_if(over || staple.signed == Some(false), Evidence::default)
        },
        mend: Some(|facts| {
            let now = facts.at;
            if let Some(staple) = &mut facts.endpoint.staple {
                staple.signed = Some(true);
                staple.this_update = Some(now);
                staple.next_update = Some(now.saturating_add(7 * DAY));
                // A fresh status of a certificate that stands.
                if matches!(staple.status, RevocationStatus::Revoked { .. }) {
                    staple.status = RevocationStatus::NotRevoked { until: None };
                }
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-SHA1-ELSEWHERE",
        source: "RFC 9155; only what is sent counts for A+",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text(
            "SHA-1 pada sijil yang tidak dihantar",
            "SHA-1 in a certificate that is not sent",
        ),
        finding: text(
            "Sijil lain dalam laluan, yang tidak dihantar, ditandatangani dengan SHA-1 atau MD5: \
             {list}.",
            "Another certificate of the path, which is not sent, is signed with SHA-1 or MD5: \
             {list}.",
        ),
        fix: text(
            "Pasang fail rantaian yang dibekalkan bersama sijil, dengan SHA-256.",
            "Install the chain file supplied with the certificate, with SHA-256.",
        ),
        why: text(
            "SHA-1 tidak lagi tahan pelanggaran cincang; klien yang menyusun laluan itu menolaknya.",
            "SHA-1 no longer withstands collisions; clients that take this path refuse it.",
        ),
        probe: text(
            "Algoritma tandatangan setiap sijil dalam laluan terbaik dibaca.",
            "The signature algorithms of the certificates of the best path are read.",
        ),
        who: Who::Installer,
        check: |facts| {
            let mut old = Vec::new();
            let mut examined = false;
            for served in facts.served() {
                let Some(chain) = served.facts else { continue };
                examined = true;
                let not_sent = |it: &&OldHash| !served.chain.certificates.contains(&it.id);
                old.extend(chain.old_hashes.iter().filter(not_sent).map(|it| name(facts, &it.id)));
            }
            if !examined {
                return Verdict::Unknown(Why::NotAsked);
            }
            holds_if(!old.is_empty(), || Evidence::of("list", list(old)))
        },
        mend: Some(|facts| {
            for chain in &mut facts.endpoint.chains {
                let sent = chain.certificates.clone();
                if let Some(examined) = &mut chain.facts {
                    examined.old_hashes.retain(|it| sent.contains(&it.id));
                }
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-ROCA",
        source: "CVE-2017-15361; the SSL Labs rating guide does not have it",
        severity: Severity::Critical,
        title: text("Kunci ROCA", "ROCA key"),
        finding: text(
            "Kunci RSA sijil mempunyai bentuk kerentanan ROCA (CVE-2017-15361).",
            "The RSA key has the form of ROCA (CVE-2017-15361).",
        ),
        fix: text(
            "Jana pasangan kunci dan CSR baharu dengan perisian lain, kemudian mohon penjanaan \
             semula (reissue).",
            "Generate a new key pair and CSR with other software, then ask for a reissue.",
        ),
        why: text(
            "Kunci persendirian (private key) dapat dikira daripada kunci awam.",
            "The private key can be worked out from the public one.",
        ),
        probe: text(
            "Modulus kunci awam diuji terhadap cap jari ROCA.",
            "The modulus of the public key is tested for the fingerprint of ROCA.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| key(facts, |leaf| Some(leaf.key.roca == Some(true))),
        mend: Some(|facts| facts.mend_leaves(|leaf| leaf.key.roca = leaf.key.roca.map(|_| false))),
        ..REMARK
    },
    Rule {
        id: "R-COMMON-NAME",
        source: "RFC 9525 section 2",
        severity: Severity::Medium,
        title: text("Nama hanya dalam common name", "The name is in the common name only"),
        finding: text(
            "Nama domain {host} ada dalam common name sahaja, bukan dalam SAN.",
            "The name {host} is in the common name only, not among the alternative names.",
        ),
        fix: text(
            "Mohon penjanaan semula (reissue) sijil dengan nama dalam SAN.",
            "Ask for a reissue with the name among the alternative names.",
        ),
        why: text(
            "Pelayar web tidak lagi membaca common name.",
            "Browsers no longer read the common name.",
        ),
        probe: text(
            "Nama domain dicari dalam SAN, kemudian dalam common name.",
            "The name is looked for among the alternative names, then in the common name.",
        ),
        who: Who::Applicant,
        effort: Effort::Days,
        check: |facts| match leaf(facts).map(|it| it.facts) {
            Ok(Some(chain)) => holds_if(chain.name.only_common_name, || {
                Evidence::of("host", plain(&chain.name.host))
            }),
            _ => Verdict::Unknown(Why::NotAsked),
        },
        mend: Some(|facts| {
            facts.mend_chains(|chain| {
                if chain.name.only_common_name {
                    chain.name.only_common_name = false;
                    chain.name.by = Some(chain.name.host.clone());
                }
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-DEFAULT-CERTIFICATE",
        source: "RFC 6066 section 3; only what is sent with the name counts",
        basis: Basis::Recorded,
        title: text("Sijil lain tanpa SNI", "Another certificate without SNI"),
        finding: text(
            "Sijil lain dihantar apabila klien tidak memberikan nama domain (SNI).",
            "Another certificate is sent when the client gives no name (SNI).",
        ),
        fix: text(
            "Tiada tindakan diperlukan, melainkan klien tanpa SNI masih digunakan.",
            "Nothing is needed, unless clients without SNI are still in use.",
        ),
        why: text(
            "Klien lama tanpa SNI memaparkan amaran nama domain; taraf tidak terjejas.",
            "Old clients without SNI show a warning about the name; it costs no grade.",
        ),
        probe: text(
            "Sijil diminta tanpa SNI dan dengan nama yang tidak dikenali.",
            "The certificate is asked for without SNI and with a name nobody serves.",
        ),
        check: |facts| {
            if facts.target.server_name().is_none() {
                return Verdict::NotApplicable;
            }
            match &facts.endpoint.sni.unrecognised.seen {
                Seen::Yes { value } => {
                    holds_if(*value == Unrecognised::OtherCertificate, Evidence::default)
                }
                Seen::No => Verdict::Clear,
                Seen::Unknown { why } => Verdict::Unknown(*why),
            }
        },
        mend: Some(|facts| {
            facts.endpoint.sni.unrecognised = Fact::yes(Unrecognised::SameCertificate, []);
        }),
        ..REMARK
    },
];

fn is_extra(placed: &Placed) -> bool {
    matches!(placed.role, Role::Duplicate | Role::Unrelated | Role::Unreadable)
}

/// The certificates sent that are such; by name, if the sentence has a place for them.
fn placed(facts: &Facts, such: fn(&Placed) -> bool, named: bool) -> Verdict {
    let mut found = Vec::new();
    let mut open = true;
    for chain in facts.served().filter_map(|served| served.facts) {
        open = false;
        // The first is the leaf, whatever it is.
        let rest = chain.sent.iter().skip(1).filter(|it| such(it));
        found.extend(rest.map(|it| name(facts, &it.id)));
    }
    if open {
        return Verdict::Unknown(Why::NotAsked);
    }
    holds_if(!found.is_empty(), || {
        if named { Evidence::of("list", list(found)) } else { Evidence::default() }
    })
}

/// Without the certificates that are such; what is left is in its place.
fn drop_sent(facts: &mut Facts, such: fn(&Placed) -> bool) {
    for chain in &mut facts.endpoint.chains {
        let Some(examined) = &mut chain.facts else { continue };
        let mut is_leaf = true;
        examined.sent.retain(|it| std::mem::take(&mut is_leaf) || !such(it));
        if !examined.sent.is_empty() {
            chain.certificates = examined.sent.iter().map(|it| it.id.clone()).collect();
        }
    }
}

/// The owner of a certificate.
fn name(facts: &Facts, id: &str) -> String {
    facts.certificate(id).map_or_else(|| plain(id), |cert| owner(&cert.subject))
}

/// Something that stands in the leaf that decides.
fn about_leaf(facts: &Facts, such: impl Fn(&CertFacts) -> Option<Evidence>) -> Verdict {
    match leaf(facts).map(|it| it.leaf) {
        Ok(Some(leaf)) => such(leaf).map_or(Verdict::Clear, Verdict::Holds),
        Ok(None) | Err(_) => Verdict::Unknown(Why::NotAsked),
    }
}

/// Whether a public store vouches for the certificate that decides: the rules of the public
/// authorities do not concern others.
fn public(facts: &Facts) -> Option<bool> {
    let chain = leaf(facts).ok()?.facts?;
    let store = chain.trust.iter().find(|trust| Some(&trust.store.as_str()) == DECIDING.first())?;
    Some(store.fault.is_none())
}

/// The certificate ends within so many days, counted full, and is still valid.
fn ends_within(facts: &Facts, days: std::ops::Range<i64>) -> Verdict {
    let mut ends = None;
    for served in facts.served() {
        let Some(leaf) = served.leaf else { return Verdict::Unknown(Why::NotAsked) };
        ends = Some(ends.map_or(leaf.not_after, |least: i64| least.min(leaf.not_after)));
    }
    let Some(end) = ends else { return Verdict::Unknown(Why::NotAsked) };
    let left = end.saturating_sub(facts.at).div_euclid(DAY);
    holds_if(days.contains(&left), || Evidence::of("date", date(end)).and("days", left))
}

/// With a new certificate like the old one.
fn renew(facts: &mut Facts) {
    let now = facts.at;
    facts.mend_leaves(|leaf| {
        if (0..30 * DAY).contains(&(leaf.not_after.saturating_sub(now))) {
            leaf.not_before = now;
            leaf.not_after = now.saturating_add(90 * DAY);
            leaf.days = 90;
        }
    });
}
