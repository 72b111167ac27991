//! Rules about protocol versions, compression, renegotiation and fallback.

use super::common::{OLD, given, if_absent, if_offered, if_seen, list, open, poodle};
use super::mend::{disable, enable};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::letter::Letter;
use crate::grade::needs::{self, possible};
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict};
use crate::observe::{Fact, Seen, Why};
use crate::wire::Version;
use crate::wire::suites::SuiteInfo;

/// The versions of TLS proper.
const TLS: [Version; 4] = [Version::TLS10, Version::TLS11, Version::TLS12, Version::TLS13];

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-SSL2",
        source: "SSL Labs rating guide: SSL 2.0 is not allowed; RFC 6176",
        basis: Basis::Recorded,
        since: Day::of(2013, 2, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("SSL 2.0 aktif", "SSL 2.0 is enabled"),
        finding: text("SSL 2.0 aktif dan tidak selamat.", "SSL 2.0 is enabled and unsafe."),
        fix: text("Nyahaktifkan SSL 2.0 dengan segera.", "Disable SSL 2.0 at once."),
        why: text(
            "SSL 2.0 dapat dipecahkan, dan kunci yang digunakannya membolehkan sambungan TLS yang \
             lain turut dibaca (DROWN).",
            "SSL 2.0 can be broken, and a key it is used with lets TLS connections be read as well \
             (DROWN).",
        ),
        probe: text(
            "CLIENT-HELLO SSL 2.0 dihantar; pelayan menjawab dengan sekurang-kurangnya satu sut \
             sifer (cipher suite).",
            "An SSL 2.0 CLIENT-HELLO is sent; the server answers with at least one suite.",
        ),
        check: |facts| match facts.spoken(Version::SSL2) {
            Seen::Yes { .. } => match facts.suites(Version::SSL2) {
                // SSL 2.0 that answers without a suite cannot be used. That it answers is enough
                // where the suites are not known: so a recorded result has it.
                Some(list) if list.accepted.is_empty() && list.unsettled.is_empty() => {
                    Verdict::Clear
                }
                _ => Verdict::Holds(Evidence::default()),
            },
            other => if_seen(&other),
        },
        mend: Some(|facts| disable(facts, Version::SSL2)),
        ..REMARK
    },
    Rule {
        id: "F-SSL3-BEST",
        source: "SSL Labs rating guide: SSL 3.0 as the best protocol fails; RFC 7568",
        basis: Basis::Recorded,
        since: Day::of(2014, 12, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("SSL 3.0 ialah protokol terbaik", "SSL 3.0 is the best protocol"),
        finding: text(
            "SSL 3.0 ialah protokol terbaik yang disokong; TLS tidak disokong.",
            "SSL 3.0 is the best protocol supported; there is no TLS.",
        ),
        fix: text(
            "Aktifkan TLS 1.2 dan 1.3, kemudian nyahaktifkan SSL 3.0.",
            "Enable TLS 1.2 and 1.3, then disable SSL 3.0.",
        ),
        why: text(
            "SSL 3.0 dapat dipecahkan (POODLE) dan pelayar web semasa tidak menyokongnya, maka \
             laman tidak dapat dibuka dengan selamat.",
            "SSL 3.0 can be broken (POODLE) and current browsers do not have it, so the site \
             cannot be opened safely.",
        ),
        probe: text(
            "ClientHello bagi setiap versi protokol dihantar; hanya SSL 3.0 dijawab.",
            "A ClientHello for each version is sent; only SSL 3.0 is answered.",
        ),
        effort: Effort::Days,
        check: |facts| match (facts.spoken(Version::SSL3), facts.speaks_any(&TLS)) {
            (Seen::No, _) | (_, Some(true)) => Verdict::Clear,
            (Seen::Unknown { why }, _) => Verdict::Unknown(why),
            (_, None) => Verdict::Unknown(open(facts)),
            (Seen::Yes { .. }, Some(false)) => Verdict::Holds(Evidence::default()),
        },
        mend: Some(|facts| {
            enable(facts, Version::TLS12);
            enable(facts, Version::TLS13);
            disable(facts, Version::SSL3);
        }),
        ..REMARK
    },
    Rule {
        id: "F-RENEG",
        source: "SSL Labs rating guide: insecure renegotiation fails; CVE-2009-3555; RFC 5746",
        basis: Basis::Recorded,
        since: Day::of(2013, 2, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Rundingan semula tidak selamat", "Insecure renegotiation by the client"),
        finding: text(
            "Pelayan membenarkan rundingan semula yang tidak selamat oleh klien (CVE-2009-3555).",
            "The server allows insecure renegotiation by the client (CVE-2009-3555).",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) perisian TLS, atau matikan rundingan semula oleh \
             klien.",
            "Patch the TLS software, or turn off renegotiation by the client.",
        ),
        why: text(
            "Penyerang di tengah sambungan dapat menyisipkan permintaan sendiri di hadapan \
             permintaan pengguna yang sah.",
            "An attacker in the middle can put a request of his own before that of the user.",
        ),
        probe: text(
            "Perlu ada: TLS 1.2 ke bawah tanpa sambungan selamat RFC 5746. Satu sambungan: \
             selepas jabat tangan TLS (handshake) lengkap, klien memulakan hingga 5 rundingan \
             semula tanpa isyarat RFC 5746. Jika semuanya selesai, kerentanan terbukti; jika \
             pelayan menolak atau menutup sambungan, tiada. Tanpa jawapan, atau jika jabat tangan \
             pertama gagal, hasilnya tidak diketahui.",
            "Needs TLS 1.2 or older without RFC 5746. One connection: after a completed handshake \
             the client starts up to 5 renegotiations without the signal of RFC 5746. Where all \
             complete, the fault is shown; where the server refuses or closes, it is not there. \
             Silence, or a first handshake that fails, is inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let flaw = &facts.endpoint.flaws.legacy_renegotiation;
            let verdict = super::flaw::flaw(flaw, possible(&needs::legacy_renegotiation(facts)));
            given(facts.speaks_any(&OLD), verdict)
        },
        mend: Some(|facts| {
            facts.endpoint.flaws.legacy_renegotiation = Fact::no([]);
        }),
        ..REMARK
    },
    Rule {
        id: "C-POODLE",
        source: "SSL Labs rating guide: POODLE caps to C; CVE-2014-3566; RFC 7568",
        basis: Basis::Recorded,
        since: Day::of(2014, 10, 1),
        effect: Effect::Cap(Letter::C),
        severity: Severity::High,
        title: text("Kerentanan POODLE (SSL 3.0)", "POODLE (SSL 3.0)"),
        finding: text(
            "SSL 3.0 aktif dengan sut sifer (cipher suite) CBC: kerentanan POODLE (CVE-2014-3566).",
            "SSL 3.0 is enabled with CBC suites: POODLE (CVE-2014-3566).",
        ),
        fix: text("Nyahaktifkan SSL 3.0 dengan segera.", "Disable SSL 3.0 at once."),
        why: text(
            "Penyerang di tengah sambungan dapat memaksa SSL 3.0 digunakan lalu membaca kuki sesi \
             satu demi satu bait.",
            "An attacker in the middle can force SSL 3.0 and then read a session cookie byte by \
             byte.",
        ),
        probe: text(
            "ClientHello SSL 3.0 dihantar; pelayan memilih sut sifer (cipher suite) CBC. Jika \
             pelayan menetapkan turutan dan meletakkan sut lain di hadapan, peraturan ini tidak \
             terpakai.",
            "An SSL 3.0 ClientHello is sent; the server takes a CBC suite. Where the server \
             decides and puts another suite first, the rule does not hold: so recorded results \
             have it.",
        ),
        check: |facts| Verdict::when(poodle(facts), why_ssl3(facts)),
        mend: Some(|facts| disable(facts, Version::SSL3)),
        ..REMARK
    },
    Rule {
        id: "C-CRIME",
        source: "SSL Labs rating guide: TLS compression caps to C; CVE-2012-4929",
        basis: Basis::Recorded,
        since: Day::of(2015, 5, 1),
        effect: Effect::Cap(Letter::C),
        severity: Severity::High,
        title: text("Pemampatan TLS aktif (CRIME)", "TLS compression is enabled (CRIME)"),
        finding: text(
            "Pemampatan TLS aktif: kerentanan CRIME (CVE-2012-4929).",
            "TLS compression is enabled: CRIME (CVE-2012-4929).",
        ),
        fix: text("Matikan pemampatan TLS pada pelayan.", "Turn TLS compression off."),
        why: text(
            "Saiz data yang dimampatkan mendedahkan kandungan rahsia seperti kuki sesi kepada \
             penyerang.",
            "The size of compressed data tells an attacker about secrets such as session cookies.",
        ),
        probe: text(
            "ClientHello yang menawarkan DEFLATE dihantar; pelayan memilihnya.",
            "A ClientHello that offers DEFLATE is sent; the server takes it.",
        ),
        check: |facts| given(facts.speaks_any(&OLD), if_seen(&facts.endpoint.compression.seen)),
        mend: Some(|facts| facts.endpoint.compression = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "C-OLD-ONLY",
        source: "SSL Labs rating guide: no TLS 1.2 caps to C; RFC 8996",
        basis: Basis::Recorded,
        since: Day::of(2015, 5, 1),
        effect: Effect::Cap(Letter::C),
        severity: Severity::High,
        title: text("TLS 1.2 dan 1.3 tidak disokong", "Neither TLS 1.2 nor TLS 1.3"),
        finding: text(
            "TLS 1.2 tidak disokong; hanya {list}.",
            "TLS 1.2 is not supported; only {list}.",
        ),
        fix: text(
            "Aktifkan TLS 1.2 dan 1.3; jika perisian tidak menyokongnya, rancang peningkatan \
             versi.",
            "Enable TLS 1.2 and 1.3; if the software does not have them, plan its upgrade.",
        ),
        why: text(
            "Pelayar web semasa menolak versi yang lebih lama, maka laman tidak dapat dibuka.",
            "Current browsers refuse older versions, so the site cannot be opened.",
        ),
        probe: text(
            "ClientHello TLS 1.2 dan TLS 1.3 dihantar; pelayan menolak kedua-duanya.",
            "A ClientHello for TLS 1.2 and one for TLS 1.3 are sent; the server refuses both.",
        ),
        effort: Effort::Days,
        check: |facts| match facts.speaks_any(&[Version::TLS12, Version::TLS13]) {
            Some(true) => Verdict::Clear,
            Some(false) => Verdict::Holds(Evidence::of("list", list(facts.versions()))),
            None => Verdict::Unknown(open(facts)),
        },
        mend: Some(|facts| enable(facts, Version::TLS12)),
        ..REMARK
    },
    Rule {
        id: "B-SSL3",
        source: "SSL Labs rating guide: SSL 3.0 caps to B; RFC 7568",
        basis: Basis::Recorded,
        since: Day::of(2014, 10, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::High,
        title: text("SSL 3.0 aktif", "SSL 3.0 is enabled"),
        finding: text("SSL 3.0 aktif dan tidak selamat.", "SSL 3.0 is enabled and unsafe."),
        fix: text("Nyahaktifkan SSL 3.0 dengan segera.", "Disable SSL 3.0 at once."),
        why: text(
            "SSL 3.0 dimansuhkan pada tahun 2015; pelayar web semasa tidak lagi menggunakannya.",
            "SSL 3.0 was abolished in 2015; current browsers no longer use it.",
        ),
        probe: text(
            "ClientHello yang hanya menawarkan SSL 3.0 dihantar; pelayan memilihnya.",
            "A ClientHello that offers SSL 3.0 only is sent; the server takes it.",
        ),
        check: |facts| if_seen(&facts.spoken(Version::SSL3)),
        mend: Some(|facts| disable(facts, Version::SSL3)),
        ..REMARK
    },
    Rule {
        id: "B-TLS10",
        source: "SSL Labs rating guide, 2009q: TLS 1.0 caps to B; RFC 8996",
        basis: Basis::Recorded,
        since: Day::of(2020, 1, 31),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("TLS 1.0 masih aktif", "TLS 1.0 is enabled"),
        finding: text(
            "Protokol lapuk TLS 1.0 masih aktif.",
            "Obsolete protocol TLS 1.0 is enabled.",
        ),
        fix: text(
            "Nyahaktifkan TLS 1.0; kekalkan TLS 1.2 dan 1.3.",
            "Disable TLS 1.0; keep TLS 1.2 and 1.3.",
        ),
        why: text(
            "TLS 1.0 bergantung pada SHA-1 dan MD5 dan tiada sut sifer (cipher suite) moden. \
             Pelayar web tidak lagi menggunakannya sejak tahun 2020.",
            "TLS 1.0 rests on SHA-1 and MD5 and has no modern suites. Browsers stopped using it \
             in 2020.",
        ),
        probe: text(
            "ClientHello yang hanya menawarkan TLS 1.0 dihantar; pelayan memilihnya.",
            "A ClientHello that offers TLS 1.0 only is sent; the server takes it.",
        ),
        check: |facts| if_seen(&facts.spoken(Version::TLS10)),
        mend: Some(|facts| disable(facts, Version::TLS10)),
        ..REMARK
    },
    Rule {
        id: "B-TLS11",
        source: "SSL Labs rating guide, 2009q: TLS 1.1 caps to B; RFC 8996",
        basis: Basis::Recorded,
        since: Day::of(2020, 1, 31),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("TLS 1.1 masih aktif", "TLS 1.1 is enabled"),
        finding: text(
            "Protokol lapuk TLS 1.1 masih aktif.",
            "Obsolete protocol TLS 1.1 is enabled.",
        ),
        fix: text(
            "Nyahaktifkan TLS 1.1; kekalkan TLS 1.2 dan 1.3.",
            "Disable TLS 1.1; keep TLS 1.2 and 1.3.",
        ),
        why: text(
            "TLS 1.1 bergantung pada SHA-1 dan MD5 dan tiada sut sifer (cipher suite) moden. \
             Pelayar web tidak lagi menggunakannya sejak tahun 2020.",
            "TLS 1.1 rests on SHA-1 and MD5 and has no modern suites. Browsers stopped using it \
             in 2020.",
        ),
        probe: text(
            "ClientHello yang hanya menawarkan TLS 1.1 dihantar; pelayan memilihnya.",
            "A ClientHello that offers TLS 1.1 only is sent; the server takes it.",
        ),
        check: |facts| if_seen(&facts.spoken(Version::TLS11)),
        mend: Some(|facts| disable(facts, Version::TLS11)),
        ..REMARK
    },
    Rule {
        id: "W-RENEG",
        source: "SSL Labs rating guide: no secure renegotiation, A-; RFC 5746",
        basis: Basis::Recorded,
        since: Day::of(2014, 1, 1),
        effect: Effect::Warning,
        severity: Severity::Medium,
        title: text("Rundingan semula selamat tidak disokong", "No secure renegotiation"),
        finding: text(
            "Rundingan semula selamat (RFC 5746) tidak disokong.",
            "Secure renegotiation (RFC 5746) is not supported.",
        ),
        fix: text(
            "Pasang versi perisian TLS yang menyokong RFC 5746.",
            "Install a version of the TLS software that has RFC 5746.",
        ),
        why: text(
            "Tanpa RFC 5746, klien tidak dapat mengesan permintaan yang disisipkan oleh penyerang \
             sebelum sambungannya, dan klien baharu boleh menolak pelayan.",
            "Without RFC 5746 a client cannot tell whether an attacker put a request before its \
             own, and new clients may refuse the server.",
        ),
        probe: text(
            "ClientHello dengan isyarat RFC 5746 dihantar; pelayan tidak menjawab isyarat itu.",
            "A ClientHello with the signal of RFC 5746 is sent; the server does not answer it.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let seen = &facts.endpoint.secure_renegotiation.seen;
            match (facts.speaks_any(&OLD), if_absent(seen)) {
                // No old version is known to be spoken, but one may be.
                (None, Verdict::Holds(_)) => Verdict::Unknown(open(facts)),
                (exists, verdict) => given(exists, verdict),
            }
        },
        mend: Some(|facts| facts.endpoint.secure_renegotiation = Fact::yes((), [])),
        ..REMARK
    },
    Rule {
        id: "W-TLS13",
        source: "SSL Labs rating guide, 2009r: no TLS 1.3, A-; RFC 8446",
        basis: Basis::Official,
        since: Day::of(2025, 5, 16),
        effect: Effect::Warning,
        severity: Severity::Medium,
        title: text("TLS 1.3 belum disokong", "No TLS 1.3"),
        finding: text("TLS 1.3 belum disokong.", "TLS 1.3 is not supported yet."),
        fix: text(
            "Aktifkan TLS 1.3, atau rancang peningkatan versi perisian.",
            "Enable TLS 1.3, or plan the upgrade of the software.",
        ),
        why: text(
            "TLS 1.3 menyulitkan lebih banyak bahagian sambungan, lebih pantas, dan ialah syarat \
             bagi pertukaran kunci pascakuantum.",
            "TLS 1.3 encrypts more of the connection, is faster, and is needed for post-quantum \
             key exchange.",
        ),
        probe: text(
            "ClientHello TLS 1.3 dihantar; pelayan tidak memilih TLS 1.3.",
            "A TLS 1.3 ClientHello is sent; the server does not take TLS 1.3.",
        ),
        effort: Effort::Days,
        check: |facts| if_absent(&facts.spoken(Version::TLS13)),
        mend: Some(|facts| enable(facts, Version::TLS13)),
        ..REMARK
    },
    Rule {
        id: "P-SCSV",
        source: "SSL Labs rating guide until 2009r: A+ needs TLS_FALLBACK_SCSV; RFC 7507",
        basis: Basis::Recorded,
        since: Day::EVER,
        until: Some(Day::of(2025, 5, 16)),
        effect: Effect::NoPlus,
        severity: Severity::Low,
        title: text("TLS_FALLBACK_SCSV tidak dipatuhi", "TLS_FALLBACK_SCSV is not honoured"),
        finding: text(
            "Pelayan tidak memberikan perlindungan TLS_FALLBACK_SCSV terhadap penurunan versi.",
            "The server does not protect against downgrade by TLS_FALLBACK_SCSV.",
        ),
        fix: text(
            "Pasang versi perisian TLS yang mematuhi TLS_FALLBACK_SCSV bersama TLS 1.2.",
            "Install TLS software that honours TLS_FALLBACK_SCSV, with TLS 1.2.",
        ),
        why: text(
            "Pelayar web lama mencuba semula dengan versi yang lebih rendah; isyarat ini \
             menghalang penyerang memaksa percubaan itu.",
            "Old browsers try again with a lower version; the signal keeps attackers from forcing \
             that.",
        ),
        probe: text(
            "ClientHello versi lebih rendah dengan isyarat itu dihantar; pelayan menerimanya. \
             Keadaan yang tidak diketahui tidak dikira, dan pelayan TLS 1.3 sahaja tidak memenuhi \
             syarat ini.",
            "A ClientHello of a lower version with the signal is sent; the server takes it. What \
             is not known does not count; a server with TLS 1.3 alone did not meet the condition.",
        ),
        effort: Effort::Days,
        // Unknown is fine here: so recorded results have it.
        check: |facts| {
            let holds =
                facts.endpoint.fallback_scsv.is_no() || facts.speaks_any(&OLD) == Some(false);
            if holds { Verdict::Holds(Evidence::default()) } else { Verdict::Clear }
        },
        mend: Some(|facts| {
            facts.endpoint.fallback_scsv = Fact::yes((), []);
            if facts.speaks_any(&OLD) == Some(false) {
                enable(facts, Version::TLS12);
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-SCSV",
        source: "RFC 7507",
        since: Day::of(2025, 5, 16),
        title: text("TLS_FALLBACK_SCSV tidak dipatuhi", "TLS_FALLBACK_SCSV is not honoured"),
        finding: text(
            "Pelayan menerima sambungan yang diturunkan versinya walaupun ada TLS_FALLBACK_SCSV.",
            "The server takes a downgraded connection in spite of TLS_FALLBACK_SCSV.",
        ),
        fix: text(
            "Nyahaktifkan protokol lapuk; tiada tindakan lain diperlukan.",
            "Disable obsolete protocols; nothing else is needed.",
        ),
        why: text(
            "Isyarat ini melindungi pelayar web lama sahaja; pelayar web semasa tidak mencuba \
             semula dengan versi lebih rendah.",
            "The signal protects old browsers only; current ones do not try again with a lower \
             version.",
        ),
        probe: text(
            "ClientHello versi lebih rendah dengan isyarat itu dihantar; pelayan menerimanya.",
            "A ClientHello of a lower version with the signal is sent; the server takes it.",
        ),
        check: |facts| {
            let several = OLD.iter().filter(|it| facts.speaks(**it)).count() > 1;
            if several {
                if_absent(&facts.endpoint.fallback_scsv.seen)
            } else {
                Verdict::NotApplicable
            }
        },
        mend: Some(|facts| facts.endpoint.fallback_scsv = Fact::yes((), [])),
        ..REMARK
    },
    Rule {
        id: "R-CLIENT-RENEG",
        source: "CVE-2011-1473; RFC 5746",
        severity: Severity::Low,
        title: text(
            "Rundingan semula oleh klien dibenarkan",
            "Renegotiation by the client is possible",
        ),
        finding: text(
            "Klien boleh memulakan rundingan semula (secara selamat).",
            "A client may start renegotiation (securely).",
        ),
        fix: text(
            "Matikan rundingan semula oleh klien jika tidak diperlukan.",
            "Turn off renegotiation by the client unless it is needed.",
        ),
        why: text(
            "Satu sambungan dapat meminta banyak jabat tangan TLS (handshake) yang membebankan \
             pelayan.",
            "One connection can ask for many handshakes, which are work for the server.",
        ),
        probe: text(
            "Perlu ada: TLS 1.2 ke bawah. Satu sambungan: selepas jabat tangan TLS (handshake) \
             lengkap, klien memulakan hingga 5 rundingan semula. Jika semuanya selesai, keadaan \
             ini terbukti; jika pelayan menolak, menutup sambungan atau berhenti selepas beberapa \
             kali, tiada. Tanpa jawapan, atau jika jabat tangan pertama gagal, hasilnya tidak \
             diketahui.",
            "Needs TLS 1.2 or older. One connection: after a completed handshake the client \
             starts up to 5 renegotiations. All of them have to complete; where the server \
             refuses, closes or stops after a few, the answer is no. Silence, or a first handshake \
             that fails, is inconclusive.",
        ),
        check: |facts| {
            let seen = &facts.endpoint.flaws.client_renegotiation.seen;
            given(facts.speaks_any(&OLD), if_seen(seen))
        },
        mend: Some(|facts| facts.endpoint.flaws.client_renegotiation = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-BEAST",
        source: "CVE-2011-3389; without effect in the SSL Labs rating guide since 2013",
        basis: Basis::Recorded,
        title: text("Serangan BEAST tidak dihalang", "BEAST is not prevented"),
        finding: text(
            "Sut sifer (cipher suite) CBC digunakan dengan TLS 1.0 atau SSL 3.0 (BEAST).",
            "CBC suites are used with TLS 1.0 or SSL 3.0 (BEAST).",
        ),
        fix: text(
            "Nyahaktifkan TLS 1.0 dan SSL 3.0; kekalkan TLS 1.2 dan 1.3.",
            "Disable TLS 1.0 and SSL 3.0; keep TLS 1.2 and 1.3.",
        ),
        why: text(
            "Pelayar web telah menghalang serangan ini sejak tahun 2013; oleh itu taraf tidak \
             terjejas.",
            "Browsers have prevented the attack since 2013, so it costs no grade.",
        ),
        probe: text(
            "Senarai sut sifer (cipher suite) bagi TLS 1.0 dan SSL 3.0 mengandungi CBC.",
            "The suites of TLS 1.0 and SSL 3.0 are listed; there is CBC among them.",
        ),
        check: |facts| match if_offered(facts, is_beast) {
            Verdict::Holds(_) => Verdict::Holds(Evidence::default()),
            other => other,
        },
        mend: Some(|facts| {
            for version in [Version::SSL3, Version::TLS10] {
                if facts.speaks(version) {
                    disable(facts, version);
                }
            }
        }),
        ..REMARK
    },
];

fn is_beast(version: Version, info: &SuiteInfo) -> bool {
    info.is_cbc() && matches!(version, Version::SSL3 | Version::TLS10)
}

/// Why it is not known what SSL 3.0 is used with.
fn why_ssl3(facts: &Facts) -> Why {
    match facts.spoken(Version::SSL3) {
        Seen::Unknown { why } => why,
        _ => Why::Timeout,
    }
}
