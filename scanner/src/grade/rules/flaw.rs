//! Rules about known flaws. A flaw counts where it was shown. Where it was not looked for, what
//! else is known may say that it cannot be there; else it stays open.

use super::common::{CBC, OLD, given, if_seen, is_tls_cbc, list};
use super::{REMARK, text};
use crate::grade::facts::{Facts, any};
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict};
use crate::observe::{EarlyCcs, Fact, KeyAlgorithm, Oracle, Robot, Seen};
use crate::wire::Version;
use crate::wire::suites::{Cipher, Kx, SuiteInfo};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-HEARTBLEED",
        source: "SSL Labs rating guide; CVE-2014-0160",
        basis: Basis::Recorded,
        since: Day::of(2014, 4, 8),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan Heartbleed", "Heartbleed"),
        finding: text(
            "Kerentanan Heartbleed (CVE-2014-0160) disahkan.",
            "Vulnerability Heartbleed (CVE-2014-0160) confirmed.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) OpenSSL, jana kunci baharu dan mohon penjanaan \
             semula (reissue).",
            "Patch OpenSSL, generate a new key and ask for a reissue.",
        ),
        why: text(
            "Sesiapa sahaja dapat membaca ingatan pelayan, termasuk kata laluan dan kunci \
             persendirian (private key).",
            "Anyone can read the server's memory, passwords and the private key included.",
        ),
        probe: text(
            "Mesej heartbeat yang terlalu pendek dihantar; kandungan ingatan dikembalikan. Tanpa \
             sambungan heartbeat, kerentanan ini tidak mungkin ada.",
            "A heartbeat that is too short is sent; memory comes back. Without the heartbeat \
             extension the fault cannot be there.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let possible = both(facts.endpoint.heartbeat.known(), is_old_product(facts));
            flaw(&facts.endpoint.flaws.heartbleed, possible)
        },
        mend: Some(|facts| facts.endpoint.flaws.heartbleed = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-CCS",
        source: "SSL Labs rating guide; CVE-2014-0224",
        basis: Basis::Recorded,
        since: Day::of(2014, 6, 5),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan OpenSSL CCS", "OpenSSL CCS injection"),
        finding: text(
            "Kerentanan OpenSSL CCS (CVE-2014-0224) disahkan dan boleh dieksploitasi.",
            "Vulnerability OpenSSL CCS (CVE-2014-0224) confirmed, and exploitable.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) OpenSSL dan semak semula pada hari yang sama.",
            "Patch OpenSSL and re-check the same day.",
        ),
        why: text(
            "Penyerang di tengah sambungan dapat menetapkan kunci yang diketahuinya lalu membaca \
             dan mengubah data.",
            "An attacker in the middle can have keys used that he knows, and read and change the \
             data.",
        ),
        probe: text(
            "ChangeCipherSpec dihantar sebelum masanya; pelayan menerimanya dengan kunci kosong. \
             Produk yang menyokong TLS 1.3 tidak mempunyai kerentanan ini.",
            "A ChangeCipherSpec is sent before its time; the server takes it with empty keys. \
             Products with TLS 1.3 do not have the fault.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let possible = both(facts.speaks_any(&OLD), is_old_product(facts));
            match &facts.endpoint.flaws.early_ccs.seen {
                Seen::Yes { value: EarlyCcs::Taken } => Verdict::Clear,
                _ => flaw(&facts.endpoint.flaws.early_ccs, possible),
            }
        },
        mend: Some(|facts| facts.endpoint.flaws.early_ccs = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-POODLE-TLS",
        source: "SSL Labs rating guide; CVE-2014-8730",
        basis: Basis::Recorded,
        since: Day::of(2014, 12, 8),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan POODLE (TLS)", "POODLE (TLS)"),
        finding: text(
            "Kerentanan POODLE terhadap TLS (CVE-2014-8730) disahkan.",
            "Vulnerability POODLE against TLS (CVE-2014-8730) confirmed.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) produk dan semak semula pada hari yang sama.",
            "Patch the product and re-check the same day.",
        ),
        why: text(
            "Pelayan tidak menyemak pelapik (padding) rekod CBC, maka kuki sesi dapat dibaca \
             satu demi satu bait.",
            "The server does not look at the padding of CBC records, so a session cookie can be \
             read byte by byte.",
        ),
        probe: text(
            "Rekod CBC dengan pelapik (padding) yang salah dihantar; pelayan menerimanya. Tanpa \
             sut sifer (cipher suite) CBC dalam TLS 1.0 hingga 1.2, kerentanan ini tidak mungkin \
             ada.",
            "A CBC record with wrong padding is sent; the server takes it. Without CBC suites in \
             TLS 1.0 to 1.2 the fault cannot be there.",
        ),
        effort: Effort::Days,
        check: |facts| flaw(&facts.endpoint.flaws.poodle_tls, facts.offers(is_tls_cbc)),
        mend: Some(|facts| facts.endpoint.flaws.poodle_tls = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-LUCKY20",
        source: "SSL Labs rating guide; CVE-2016-2107",
        basis: Basis::Recorded,
        since: Day::of(2016, 5, 4),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan CVE-2016-2107", "CVE-2016-2107"),
        finding: text(
            "Kerentanan pelapik (padding) AES-NI dalam OpenSSL (CVE-2016-2107) disahkan.",
            "The padding oracle in the AES-NI code of OpenSSL (CVE-2016-2107) is confirmed.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) OpenSSL dan semak semula pada hari yang sama.",
            "Patch OpenSSL and re-check the same day.",
        ),
        why: text(
            "Penyerang di tengah sambungan dapat membaca sebahagian data yang disulitkan.",
            "An attacker in the middle can read parts of the encrypted data.",
        ),
        probe: text(
            "Rekod AES-CBC yang rosak dihantar dan jawapan pelayan dibandingkan. Tanpa sut sifer \
             (cipher suite) AES-CBC, atau pada produk dengan TLS 1.3, kerentanan ini tidak ada.",
            "Damaged AES-CBC records are sent and the answers compared. Without AES-CBC suites, \
             or in products with TLS 1.3, the fault is not there.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let aes = |version: Version, info: &SuiteInfo| {
                is_tls_cbc(version, info) && info.cipher == Cipher::Aes
            };
            let possible = both(facts.offers(aes), is_old_product(facts));
            flaw(&facts.endpoint.flaws.lucky_minus_20, possible)
        },
        mend: Some(|facts| facts.endpoint.flaws.lucky_minus_20 = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-TICKETBLEED",
        source: "SSL Labs rating guide; CVE-2016-9244",
        basis: Basis::Official,
        since: Day::of(2017, 2, 9),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan Ticketbleed", "Ticketbleed"),
        finding: text(
            "Kerentanan Ticketbleed (CVE-2016-9244) disahkan.",
            "Vulnerability Ticketbleed (CVE-2016-9244) confirmed.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) peranti F5 BIG-IP, atau matikan tiket sesi.",
            "Patch the F5 BIG-IP appliance, or turn session tickets off.",
        ),
        why: text(
            "Hingga 31 bait ingatan peranti terdedah dalam setiap sambungan.",
            "Up to 31 bytes of the appliance's memory come out with each connection.",
        ),
        probe: text(
            "Tiket sesi dihantar bersama pengenal sesi yang pendek; bait lain dikembalikan. Tanpa \
             tiket dalam TLS 1.2 ke bawah, kerentanan ini tidak mungkin ada.",
            "A ticket is sent with a short session id; other bytes come back. Without tickets in \
             TLS 1.2 and older the fault cannot be there.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let tickets =
                both(facts.speaks_any(&CBC), facts.endpoint.session.ticket_issued.known());
            flaw(&facts.endpoint.flaws.ticketbleed, both(tickets, is_old_product(facts)))
        },
        mend: Some(|facts| facts.endpoint.flaws.ticketbleed = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-DROWN",
        source: "SSL Labs rating guide; CVE-2016-0800",
        basis: Basis::Recorded,
        since: Day::of(2016, 3, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan DROWN", "DROWN"),
        finding: text(
            "Kerentanan DROWN (CVE-2016-0800): kunci sijil ini turut digunakan dengan SSL 2.0.",
            "DROWN (CVE-2016-0800): the key of this certificate is also used with SSL 2.0.",
        ),
        fix: text(
            "Nyahaktifkan SSL 2.0 pada setiap pelayan yang berkongsi kunci, termasuk pelayan \
             e-mel.",
            "Disable SSL 2.0 on every server that shares the key, mail servers included.",
        ),
        why: text(
            "Penyerang menggunakan pelayan SSL 2.0 itu untuk menyahsulit sambungan TLS yang \
             dirakam.",
            "The SSL 2.0 server is used to decrypt recorded TLS connections.",
        ),
        probe: text(
            "SSL 2.0 dicuba di sini; pelayan lain yang diketahui berkongsi kunci turut dikira. \
             Tanpa kunci RSA, kerentanan ini tidak mungkin ada.",
            "SSL 2.0 is tried here; other servers known to share the key count as well. Without \
             an RSA key the fault cannot be there.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            // Only hosts known to share the key count: with no SSL 2.0 here, none is known.
            let here = facts.speaks_any(&[Version::SSL2]);
            flaw(&facts.endpoint.flaws.drown, both(here, has_rsa_key(facts)))
        },
        mend: Some(|facts| facts.endpoint.flaws.drown = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-ROBOT",
        source: "SSL Labs rating guide; CVE-2017-13099 and others",
        basis: Basis::Recorded,
        since: Day::of(2018, 3, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan ROBOT", "ROBOT"),
        finding: text(
            "Kerentanan ROBOT (oracle {degree} bagi pelapik RSA) disahkan.",
            "Vulnerability ROBOT ({degree} oracle on RSA padding) confirmed.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) TLS_RSA, dan pasang tampalan keselamatan (patch) \
             produk.",
            "Remove the TLS_RSA suites, and patch the product.",
        ),
        why: text(
            "Jawapan pelayan membolehkan sambungan yang dirakam dinyahsulit dan tandatangan \
             dipalsukan tanpa kunci persendirian (private key).",
            "The server's answers let recorded connections be decrypted and signatures be forged \
             without the private key.",
        ),
        probe: text(
            "Pertukaran kunci RSA dengan pelapik (padding) yang salah dihantar dan jawapan \
             dibandingkan. Tanpa sut sifer (cipher suite) TLS_RSA, kerentanan ini tidak mungkin \
             ada.",
            "RSA key exchanges with wrong padding are sent and the answers compared. Without \
             TLS_RSA suites the fault cannot be there.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let rsa = |version: Version, info: &SuiteInfo| {
                version > Version::SSL2 && matches!(info.kx, Kx::Rsa | Kx::RsaExport | Kx::RsaPsk)
            };
            let robot = &facts.endpoint.flaws.robot;
            match (flaw(robot, facts.offers(rsa)), robot.value()) {
                (Verdict::Holds(_), Some(Robot::Little)) => {
                    Verdict::Holds(Evidence::of("degree", "weak"))
                }
                (Verdict::Holds(_), _) => Verdict::Holds(Evidence::of("degree", "strong")),
                (other, _) => other,
            }
        },
        mend: Some(|facts| facts.endpoint.flaws.robot = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "F-CBC-ORACLE",
        source: "SSL Labs rating guide; CVE-2019-1559, Zombie POODLE, GOLDENDOODLE. No recorded \
                 result tests it; observable ones count like exploitable ones by our judgement",
        basis: Basis::Official,
        since: Day::of(2019, 5, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Kerentanan pelapik CBC", "CBC padding oracle"),
        finding: text(
            "Kerentanan pelapik (padding) CBC disahkan: {list}.",
            "CBC padding oracle confirmed: {list}.",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) produk, atau buang sut sifer (cipher suite) CBC.",
            "Patch the product, or remove the CBC suites.",
        ),
        why: text(
            "Jawapan pelayan terhadap rekod yang rosak membolehkan penyerang di tengah sambungan \
             membaca data yang disulitkan.",
            "The server's answers to damaged records let an attacker in the middle read encrypted \
             data.",
        ),
        probe: text(
            "Rekod CBC yang rosak dalam beberapa cara dihantar dan jawapan dibandingkan. Tanpa \
             sut sifer (cipher suite) CBC dalam TLS 1.0 hingga 1.2, kerentanan ini tidak mungkin \
             ada.",
            "CBC records damaged in several ways are sent and the answers compared. Without CBC \
             suites in TLS 1.0 to 1.2 the fault cannot be there.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let oracles = oracles(facts);
            let seen: Vec<_> =
                oracles.iter().filter(|(_, fact)| fact.is_yes()).map(|(name, _)| *name).collect();
            if !seen.is_empty() {
                return Verdict::Holds(Evidence::of("list", list(seen)));
            }
            let unknown = oracles.iter().find(|(_, fact)| fact.known().is_none());
            unknown.map_or(Verdict::Clear, |(_, fact)| flaw(fact, facts.offers(is_tls_cbc)))
        },
        mend: Some(|facts| {
            let flaws = &mut facts.endpoint.flaws;
            for oracle in [
                &mut flaws.zombie_poodle,
                &mut flaws.goldendoodle,
                &mut flaws.sleeping_poodle,
                &mut flaws.zero_length,
            ] {
                *oracle = Fact::no([]);
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-CCS",
        source: "CVE-2014-0224; no cap of its own in the SSL Labs rating guide",
        basis: Basis::Recorded,
        since: Day::of(2014, 6, 5),
        severity: Severity::Medium,
        title: text("OpenSSL CCS, tidak boleh dieksploitasi", "OpenSSL CCS, not exploitable"),
        finding: text(
            "ChangeCipherSpec diterima sebelum masanya (CVE-2014-0224), tetapi tidak boleh \
             dieksploitasi.",
            "A ChangeCipherSpec is taken before its time (CVE-2014-0224), but not exploitable.",
        ),
        fix: text("Pasang tampalan keselamatan (patch) OpenSSL.", "Patch OpenSSL."),
        why: text(
            "Perisian TLS ini tidak ditampal sejak tahun 2014 dan mungkin mempunyai kerentanan \
             lain.",
            "This TLS software has not been patched since 2014 and may have other faults.",
        ),
        probe: text(
            "ChangeCipherSpec dihantar sebelum masanya; pelayan menerimanya, tetapi kuncinya \
             tidak dapat diteka.",
            "A ChangeCipherSpec is sent before its time; the server takes it, but its keys cannot \
             be foreseen.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let possible = both(facts.speaks_any(&OLD), is_old_product(facts));
            match &facts.endpoint.flaws.early_ccs.seen {
                Seen::Yes { value: EarlyCcs::Exploitable } => Verdict::Clear,
                _ => flaw(&facts.endpoint.flaws.early_ccs, possible),
            }
        },
        mend: Some(|facts| facts.endpoint.flaws.early_ccs = Fact::no([])),
        ..REMARK
    },
];

/// The verdict about a flaw: what was shown counts; what was not looked for is out of the question
/// where it is not possible.
fn flaw<T>(fact: &Fact<T>, possible: Option<bool>) -> Verdict {
    match if_seen(&fact.seen) {
        Verdict::Unknown(why) => given(possible, Verdict::Unknown(why)),
        other => other,
    }
}

/// Whether both are so; one that is not decides.
fn both(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// Whether it can be a product of before TLS 1.3: the faults of OpenSSL up to 1.0.2 and of BIG-IP
/// up to 12 were gone when those learnt it.
fn is_old_product(facts: &Facts) -> Option<bool> {
    facts.speaks_any(&[Version::TLS13]).map(|new| !new)
}

/// Whether a leaf for the name has an RSA key.
fn has_rsa_key(facts: &Facts) -> Option<bool> {
    any(facts.served().map(|served| {
        let key = &served.leaf?.key;
        Some(matches!(key.algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss))
    }))
}

/// The oracles by name.
fn oracles(facts: &Facts) -> [(&'static str, &Fact<Oracle>); 4] {
    let flaws = &facts.endpoint.flaws;
    [
        ("Zombie POODLE", &flaws.zombie_poodle),
        ("GOLDENDOODLE", &flaws.goldendoodle),
        ("Sleeping POODLE", &flaws.sleeping_poodle),
        ("CVE-2019-1559", &flaws.zero_length),
    ]
}
