//! Remarks about known flaws that the SSL Labs rating guide does not grade. They cost no grade,
//! however bad they are: the severity says how bad.

use super::common::{given, holds_if, plain};
use super::flaw::flaw;
use super::{REMARK, text};
use crate::grade::needs::{self, possible};
use crate::grade::rule::{Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::grade::weakness::{Winshock, refuses_strangers, winshock};
use crate::observe::{Fact, Seen, Unrecognised};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R-INVALID-CURVE",
        source: "RFC 8422 section 5.11; CVE-2015-7940 and others; not in the SSL Labs rating guide",
        severity: Severity::Critical,
        title: text("Titik di luar lengkung diterima", "Points off the curve are accepted"),
        finding: text(
            "Pelayan menerima titik yang bukan pada lengkung eliptik (invalid curve).",
            "The server takes a point that is not on the elliptic curve (invalid curve).",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) perisian TLS dan jana kunci baharu.",
            "Patch the TLS software and generate a new key.",
        ),
        why: text(
            "Dengan titik pilihan sendiri, penyerang dapat mengira kunci ECDH pelayan sedikit \
             demi sedikit.",
            "With points of his own choice an attacker works out the server's ECDH key piece by \
             piece.",
        ),
        probe: text(
            "Perlu ada: sut sifer (cipher suite) ECDHE dalam TLS 1.2 ke bawah dengan lengkung \
             selain x25519 dan x448. Titik berperingkat kecil yang bukan pada lengkung P-256 \
             dihantar dalam pertukaran kunci, dua titik dengan satu sambungan setiap satu, \
             beserta Finished bagi rahsia yang diteka. Jabat tangan TLS (handshake) yang selesai \
             membuktikan kerentanan; amaran terhadap titik itu atau penutupan bermakna tiada. \
             Tanpa jawapan, atau jika hanya Finished yang ditolak, hasilnya tidak diketahui.",
            "Needs an ECDHE suite in TLS 1.2 or older, with another curve than x25519 and x448. Two \
             points of small order that are not on P-256 are sent in the key exchange, one \
             connection for each, and Finished for the secret guessed. A completed handshake shows \
             the fault; an alert at the point or a closed connection means no. Silence is \
             inconclusive, and so is a server that only minds the Finished.",
        ),
        who: Who::Supplier,
        effort: Effort::Days,
        check: |facts| {
            flaw(&facts.endpoint.flaws.invalid_curve, possible(&needs::invalid_curve(facts)))
        },
        mend: Some(|facts| facts.endpoint.flaws.invalid_curve = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-TICKET-KEY",
        source: "RFC 5077 section 5.5; CVE-2020-13777; not in the SSL Labs rating guide",
        severity: Severity::Critical,
        title: text("Kunci tiket sesi diketahui umum", "The session ticket key is known"),
        finding: text(
            "Tiket sesi dilindungi dengan kunci yang diketahui umum: {key}.",
            "Session tickets are protected with a key that everybody knows: {key}.",
        ),
        fix: text(
            "Kemas kini perisian TLS, tetapkan kunci tiket rawak dan tukar dengan kerap; jika \
             tidak boleh, matikan tiket sesi.",
            "Update the TLS software, set a random ticket key and change it often; else turn \
             tickets off.",
        ),
        why: text(
            "Sesiapa yang merakam sambungan dapat membuka tiketnya lalu membaca data, atau \
             menyamar sebagai pelayan.",
            "Who records a connection can open its ticket and read the data, or pose as the \
             server.",
        ),
        probe: text(
            "Perlu ada: tiket sesi. Tiket daripada jabat tangan TLS (handshake) cuba dibuka \
             dengan kunci yang diketahui, misalnya kunci kosong. Tiket yang terbuka membuktikan \
             kerentanan; jika tidak terbuka, tiada antara kunci itu digunakan. Tanpa tiket, \
             hasilnya tidak diketahui.",
            "Needs session tickets. A ticket from a handshake is tried with keys that are known, \
             such as the one of zeros. A ticket that opens shows the fault; one that does not \
             means that none of those keys is used. Without a ticket it is inconclusive.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let fact = &facts.endpoint.flaws.ticket_key;
            match (flaw(fact, possible(&needs::ticket_key(facts))), fact.value()) {
                (Verdict::Holds(_), Some(key)) => Verdict::Holds(Evidence::of("key", plain(key))),
                (other, _) => other,
            }
        },
        mend: Some(|facts| facts.endpoint.flaws.ticket_key = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-STARTTLS-INJECTION",
        source: "CVE-2011-0411; RFC 3207 section 4.2; not in the SSL Labs rating guide",
        severity: Severity::High,
        title: text("Suntikan perintah STARTTLS", "STARTTLS command injection"),
        finding: text(
            "Perintah yang dihantar bersama STARTTLS diproses selepas TLS bermula \
             (CVE-2011-0411).",
            "Commands sent together with STARTTLS are processed once TLS is up (CVE-2011-0411).",
        ),
        fix: text(
            "Pasang tampalan keselamatan (patch) perisian pelayan e-mel.",
            "Patch the mail server software.",
        ),
        why: text(
            "Penyerang di tengah sambungan dapat menyisipkan perintah yang kelihatan seolah-olah \
             datang daripada pengguna.",
            "An attacker in the middle can slip in commands that seem to come from the user.",
        ),
        probe: text(
            "Perlu ada: STARTTLS dalam protokol berbaris seperti SMTP, IMAP, POP3 dan FTP. Satu \
             sambungan: perintah yang tidak berbahaya dihantar bersama STARTTLS dalam paket yang \
             sama, jabat tangan TLS (handshake) diselesaikan, dan perintah kedua dihantar di dalam \
             TLS. Jawapan kepada perintah pertama membuktikan kerentanan; jawapan kepada perintah \
             kedua, atau penolakan, bermakna tiada. Jawapan lain tidak muktamad.",
            "Needs STARTTLS in a protocol made of lines, such as SMTP, IMAP, POP3 and FTP. One \
             connection: a harmless command is sent together with STARTTLS, the handshake is \
             completed, and a second command is sent within TLS. An answer to the first shows the \
             fault; an answer to the second, or a refusal, means no. Any other answer is \
             inconclusive.",
        ),
        who: Who::Supplier,
        effort: Effort::Days,
        check: |facts| {
            let needs = needs::starttls_injection(facts);
            flaw(&facts.endpoint.flaws.starttls_injection, possible(&needs))
        },
        mend: Some(|facts| facts.endpoint.flaws.starttls_injection = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-OPOSSUM",
        source: "CVE-2025-49812; RFC 2817; not in the SSL Labs rating guide",
        severity: Severity::Medium,
        title: text("Naik taraf TLS dalam HTTP (Opossum)", "TLS upgrade within HTTP (Opossum)"),
        finding: text(
            "HTTP pada port 80 beralih kepada TLS dalam sambungan yang sama (Opossum, \
             CVE-2025-49812).",
            "HTTP on port 80 goes over to TLS within the connection (Opossum, CVE-2025-49812).",
        ),
        fix: text(
            "Matikan naik taraf TLS dalam HTTP (SSLEngine optional) atau kemas kini Apache.",
            "Turn off the TLS upgrade within HTTP (SSLEngine optional), or update Apache.",
        ),
        why: text(
            "Penyerang di tengah sambungan dapat menyisipkan satu jawapan sehingga pengguna \
             menerima jawapan yang salah bagi setiap permintaan.",
            "An attacker in the middle can slip in an answer, so that the user gets the wrong \
             answer to each request.",
        ),
        probe: text(
            "Perlu ada: HTTP. Satu sambungan ke port 80: permintaan dengan Upgrade: TLS/1.0 \
             dihantar. Jawapan 101 yang menamakan TLS membuktikan keadaan ini; jawapan lain atau \
             port yang tertutup bermakna tiada. Tanpa jawapan, hasilnya tidak diketahui.",
            "Needs HTTP. One connection to port 80: a request with Upgrade: TLS/1.0 is sent. The \
             answer 101 that names TLS shows it; any other answer or a closed port means no. \
             Silence is inconclusive.",
        ),
        effort: Effort::Hours,
        check: |facts| flaw(&facts.endpoint.flaws.opossum, possible(&needs::http(facts))),
        mend: Some(|facts| facts.endpoint.flaws.opossum = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-BREACH",
        source: "CVE-2013-3587; not in the SSL Labs rating guide",
        severity: Severity::Low,
        title: text("Halaman dimampatkan (BREACH)", "Pages are compressed (BREACH)"),
        finding: text(
            "Halaman dihantar termampat ({how}), iaitu satu syarat serangan BREACH.",
            "Pages come compressed ({how}), one condition of the BREACH attack.",
        ),
        fix: text(
            "Matikan pemampatan bagi halaman yang memuatkan rahsia dan input pengguna, atau tukar \
             rahsia setiap kali.",
            "Turn off compression for pages with a secret and user input, or mask the secret each \
             time.",
        ),
        why: text(
            "Jika halaman memuatkan rahsia dan input pengguna, panjang jawapan yang termampat \
             mendedahkan rahsia itu sedikit demi sedikit.",
            "Where a page has both a secret and input of the user, the length of the compressed \
             answer gives the secret away bit by bit.",
        ),
        probe: text(
            "Perlu ada: HTTP. Tiada sambungan tambahan: halaman utama diminta dengan \
             Accept-Encoding; jawapan yang termampat ialah satu syarat sahaja. Sama ada halaman \
             memuatkan rahsia dan input pengguna tidak dapat dilihat dari luar. Ralat, penghalaan \
             semula atau tiada jawapan HTTP tidak muktamad.",
            "Needs HTTP. No connection of its own: the front page is asked for with \
             Accept-Encoding; an answer that comes compressed is one condition. Whether the page \
             has a secret and input of the user cannot be seen from outside. An error, a redirect \
             or no HTTP answer is inconclusive.",
        ),
        who: Who::Developer,
        effort: Effort::Hours,
        check: |facts| {
            let fact = &facts.endpoint.flaws.breach;
            match (flaw(fact, possible(&needs::http(facts))), fact.value()) {
                (Verdict::Holds(_), Some(how)) => Verdict::Holds(Evidence::of("how", plain(how))),
                (other, _) => other,
            }
        },
        mend: Some(|facts| facts.endpoint.flaws.breach = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-WINSHOCK",
        source: "CVE-2014-6321 (MS14-066); not in the SSL Labs rating guide",
        severity: Severity::Medium,
        title: text("Petunjuk Windows tanpa tampalan (WinShock)", "Signs of WinShock"),
        finding: text(
            "{product} tanpa sut GCM yang datang bersama tampalan MS14-066: mungkin belum ditampal \
             (WinShock).",
            "{product} without the GCM suites that came with MS14-066: perhaps not patched \
             (WinShock).",
        ),
        fix: text(
            "Pasang MS14-066, atau lebih baik pindah ke versi Windows yang masih disokong.",
            "Install MS14-066, or better, move to a version of Windows that is still supported.",
        ),
        why: text(
            "Tanpa tampalan itu, penyerang dapat menjalankan kod pada pelayan melalui jabat \
             tangan TLS (handshake).",
            "Without the patch an attacker can run code on the server by way of the handshake.",
        ),
        probe: text(
            "Petunjuk sahaja, tanpa sambungan tambahan: pengepala Server menamakan IIS 7.5 hingga \
             8.5, dan tiada antara empat sut sifer (cipher suite) GCM yang datang bersama \
             tampalan itu ditawarkan. Sut itu mungkin dimatikan, maka ini tidak muktamad.",
            "An indicator only, without a connection of its own: the Server header names IIS 7.5 \
             to 8.5, and none of the four GCM suites that came with the patch is offered. They \
             may have been turned off, so it is inconclusive.",
        ),
        effort: Effort::Days,
        check: |facts| match winshock(facts) {
            Winshock::Signs(server) => Verdict::Holds(Evidence::of("product", plain(&server))),
            Winshock::None(_) => Verdict::Clear,
            Winshock::Unknown(why) => Verdict::Unknown(why),
        },
        mend: Some(|facts| {
            if let Seen::Yes { value } = &mut facts.endpoint.http.seen {
                value.server = Some("Microsoft-IIS/10.0".to_owned());
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-ALPACA",
        source: "CVE-2021-3618; RFC 7301 section 3.2; not in the SSL Labs rating guide",
        title: text("ALPN dan SNI asing tidak ditolak", "Foreign ALPN and SNI are not refused"),
        finding: text(
            "Pelayan menerima ALPN asing dan nama domain asing (ALPACA).",
            "The server takes a foreign ALPN and a foreign name (ALPACA).",
        ),
        fix: text(
            "Tolak ALPN yang tidak dikenali dan SNI yang tidak dikenali, dan elakkan sijil \
             wildcard yang dikongsi dengan perkhidmatan lain.",
            "Refuse an unknown ALPN and an unknown SNI, and share no certificate with other \
             services.",
        ),
        why: text(
            "Jika sijil dikongsi dengan perkhidmatan lain seperti e-mel atau FTP, penyerang dapat \
             mengalihkan sambungan antara perkhidmatan itu.",
            "Where the certificate is shared with other services such as mail or FTP, an attacker \
             can redirect connections between them.",
        ),
        probe: text(
            "Dua ClientHello: satu menawarkan protokol aplikasi (ALPN) yang tidak dikenali, satu \
             lagi nama domain (SNI) yang tidak dikenali. Jika kedua-duanya diterima, keadaan ini \
             terbukti; jika salah satunya ditolak, tiada. Sama ada sijil dikongsi dengan \
             perkhidmatan lain tidak dapat dilihat dari luar.",
            "Two hellos: one with an application protocol (ALPN) that nobody has, one with a \
             server name that nobody has. Where both are taken, it is shown; where one is \
             refused, it is not. Whether other services share the certificate cannot be seen from \
             outside.",
        ),
        check: |facts| {
            let verdict = match refuses_strangers(facts) {
                Ok(refuses) => holds_if(!refuses, Evidence::default),
                Err(why) => Verdict::Unknown(why),
            };
            given(Some(facts.target.server_name().is_some()), verdict)
        },
        mend: Some(|facts| {
            facts.endpoint.sni.unrecognised = Fact::yes(Unrecognised::Refused, []);
        }),
        ..REMARK
    },
];
