//! Rules about known flaws. A flaw counts where it was shown. Where it was not looked for, what
//! else is known may say that it cannot be there; else it stays open.

use super::common::{given, if_seen, list};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::needs::{self, possible};
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict};
use crate::observe::{EarlyCcs, Fact, Oracle, Robot, Seen};

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
            "Perlu ada: sambungan heartbeat; produk yang menyokong TLS 1.3 tidak mempunyai \
             kerentanan ini. Satu sambungan, dua jika diputuskan tanpa amaran: selepas jabat tangan \
             TLS (handshake) lengkap, mesej heartbeat 3 bait yang mendakwa 4 bait data dihantar, \
             kemudian close_notify. Jawapan heartbeat membuktikan \
             kerentanan; penutupan atau amaran tanpa jawapan itu bermakna tiada. Tanpa jawapan \
             langsung, hasilnya tidak diketahui.",
            "Needs the heartbeat extension; products with TLS 1.3 do not have the fault. One \
             connection, two where it is closed without an alert: after a completed handshake a \
             heartbeat of 3 bytes that claims 4 bytes of payload is sent, then close_notify. A heartbeat in answer shows the fault; an alert \
             or the end of the connection without one means no. Silence is inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| flaw(&facts.endpoint.flaws.heartbleed, possible(&needs::heartbleed(facts))),
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
            "Perlu ada: TLS 1.2 ke bawah; produk yang menyokong TLS 1.3 tidak mempunyai \
             kerentanan ini. Satu sambungan, dua jika diputuskan tanpa amaran: ChangeCipherSpec dihantar sebelum masanya dengan \
             kunci daripada rahsia induk kosong, kemudian pertukaran kunci dan Finished dengan \
             kunci itu. Finished daripada pelayan membuktikan kerentanan; bad_record_mac atau \
             decrypt_error bermakna mesej awal itu diterima sahaja (R-CCS); unexpected_message \
             atau penutupan bermakna tiada. Jawapan lain tidak muktamad.",
            "Needs TLS 1.2 or older; products with TLS 1.3 do not have the fault. One connection, \
             two where it is closed without an alert: a ChangeCipherSpec is sent before its time, with keys from an empty master secret, \
             then the key exchange and Finished under those keys. The server's Finished shows the \
             fault; bad_record_mac or decrypt_error means that it was taken, no more (R-CCS); \
             unexpected_message or a closed connection means no. Any other answer is inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let possible = possible(&needs::early_ccs(facts));
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
            "Perlu ada: sut sifer (cipher suite) CBC dalam TLS 1.0 hingga 1.2. Tujuh bentuk rekod \
             CBC yang dirosakkan dihantar, satu sambungan dengan jabat tangan TLS (handshake) \
             lengkap bagi setiap bentuk; jawapan yang berbeza diulang dua kali. Jika rekod dengan \
             pelapik (padding) yang salah diterima seperti rekod yang betul, kerentanan ini \
             terbukti; jika ditolak, tiada. Jawapan yang berubah-ubah, atau jabat tangan yang \
             tidak lengkap, tidak muktamad.",
            "Needs a CBC suite in TLS 1.0 to 1.2. Seven forms of spoilt CBC record are sent, one \
             connection with a completed handshake for each; answers that differ are repeated \
             twice. Where the record with wrong padding is taken as if it were sound, the fault is \
             shown; where it is refused, it is not there. Answers that change from time to time, \
             or a handshake that does not complete, are inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| flaw(&facts.endpoint.flaws.poodle_tls, possible(&needs::padding(facts))),
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
            "Perlu ada: sut sifer (cipher suite) AES-CBC dalam TLS 1.0 hingga 1.2; produk yang \
             menyokong TLS 1.3 tidak mempunyai kerentanan ini. Tujuh bentuk rekod CBC yang \
             dirosakkan dihantar, satu sambungan dengan jabat tangan TLS (handshake) lengkap bagi \
             setiap bentuk; jawapan yang berbeza diulang dua kali. Jika rekod yang pelapiknya \
             (padding) tidak muat dijawab dengan amaran record_overflow, kerentanan ini terbukti; \
             jika jawapannya sama seperti yang lain, tiada. Jawapan yang berubah-ubah, atau jabat \
             tangan yang tidak lengkap, tidak muktamad.",
            "Needs an AES-CBC suite in TLS 1.0 to 1.2; products with TLS 1.3 do not have the \
             fault. Seven forms of spoilt CBC record are sent, one connection with a completed \
             handshake for each; answers that differ are repeated twice. Where a record whose \
             padding does not fit is answered by the alert record_overflow, the fault is shown; \
             where it is answered like the others, it is not there. Answers that change from time \
             to time, or a handshake that does not complete, are inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| {
            flaw(&facts.endpoint.flaws.lucky_minus_20, possible(&needs::lucky_minus_20(facts)))
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
            "Perlu ada: tiket sesi dalam TLS 1.0 hingga 1.2; produk yang menyokong TLS 1.3 tidak \
             mempunyai kerentanan ini. Satu jabat tangan TLS (handshake) lengkap untuk mendapatkan \
             tiket, kemudian hingga 2 ClientHello dengan tiket itu dan pengenal sesi sepanjang 28 \
             dan 12 bait. Pengenal yang kembali dengan bait tambahan membuktikan kerentanan; \
             pengenal yang sama atau tiada sambungan semula bermakna tiada. Tanpa tiket daripada \
             jabat tangan itu, hasilnya tidak diketahui.",
            "Needs session tickets in TLS 1.0 to 1.2; products with TLS 1.3 do not have the \
             fault. One completed handshake for a ticket, then up to 2 hellos with it and a \
             session id of 28 and 12 bytes. A session id that comes back with more bytes shows the \
             fault; the same id, or another that is not its continuation, means no. Without a \
             ticket from that handshake it is inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| {
            flaw(&facts.endpoint.flaws.ticketbleed, possible(&needs::ticketbleed(facts)))
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
            "Perlu ada: SSL 2.0 dan kunci RSA. Tiada sambungan tambahan: SSL 2.0 dengan \
             sekurang-kurangnya satu sut sifer (cipher suite) di sini membuktikan kerentanan; \
             pelayan lain yang diketahui berkongsi kunci turut dikira. Pelayan yang tidak \
             diketahui tidak dicari.",
            "Needs SSL 2.0 and an RSA key. No connection of its own: SSL 2.0 with at least one \
             suite here shows the fault; other servers known to share the key count as well. \
             Servers that nobody named are not looked for.",
        ),
        effort: Effort::Hours,
        check: |facts| flaw(&facts.endpoint.flaws.drown, possible(&needs::drown(facts))),
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
            "Perlu ada: sut sifer (cipher suite) TLS_RSA. Lima bentuk blok RSA dihantar dalam \
             pertukaran kunci, satu sambungan bagi setiap bentuk: satu betul dan empat salah. Jika \
             semua jawapan sama, dua bentuk dihantar lagi tanpa mesej seterusnya. Jawapan yang \
             berbeza diulang dua kali; jika tetap berbeza, kerentanan terbukti, dan jika semuanya \
             sama, tiada. Jawapan yang berubah-ubah tidak muktamad.",
            "Needs a TLS_RSA suite. Five forms of the RSA block are sent in the key exchange, one \
             connection for each: one sound, four wrong. Where all answers are alike, two forms \
             are sent again without what follows. Answers that differ are repeated twice; where \
             they differ each time, the fault is shown, and where all are the same, it is not \
             there. Answers that change from time to time are inconclusive.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let robot = &facts.endpoint.flaws.robot;
            match (flaw(robot, possible(&needs::robot(facts))), robot.value()) {
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
            "Perlu ada: sut sifer (cipher suite) CBC dalam TLS 1.0 hingga 1.2. Tujuh bentuk rekod \
             CBC yang dirosakkan dihantar, satu sambungan dengan jabat tangan TLS (handshake) \
             lengkap bagi setiap bentuk; jawapan yang berbeza diulang dua kali. Jika pelapik \
             (padding) yang salah, MAC yang salah atau rekod kosong dapat dibezakan setiap kali \
             daripada rekod yang semuanya salah, kerentanan ini terbukti; jika semua jawapan sama, \
             tiada. Jawapan yang berubah-ubah, atau jabat tangan yang tidak lengkap, tidak \
             muktamad.",
            "Needs a CBC suite in TLS 1.0 to 1.2. Seven forms of spoilt CBC record are sent, one \
             connection with a completed handshake for each; answers that differ are repeated \
             twice. Where wrong padding, a wrong MAC or an empty record is told apart each time \
             from a record with nothing right, the fault is shown; where all answers are the same, \
             it is not there. Answers that change from time to time, or a handshake that does not \
             complete, are inconclusive.",
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
            let possible = possible(&needs::padding(facts));
            unknown.map_or(Verdict::Clear, |(_, fact)| flaw(fact, possible))
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
            "Sambungan yang sama seperti F-CCS: selepas ChangeCipherSpec awal, pelayan menjawab \
             bad_record_mac atau decrypt_error. Ia menerima mesej itu, tetapi kuncinya tidak dapat \
             diteka.",
            "The connection of F-CCS: after the early ChangeCipherSpec the server answers \
             bad_record_mac or decrypt_error. It took the message, but its keys cannot be \
             foreseen.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let possible = possible(&needs::early_ccs(facts));
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
pub(super) fn flaw<T>(fact: &Fact<T>, possible: Option<bool>) -> Verdict {
    match if_seen(&fact.seen) {
        Verdict::Unknown(why) => given(possible, Verdict::Unknown(why)),
        other => other,
    }
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
