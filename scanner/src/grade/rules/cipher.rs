//! Rules about ciphers.

use super::common::{given, if_absent, if_offered, is_block64, is_tls_cbc, open, suites};
use super::mend::{aead, disable, without};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::letter::Letter;
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict};
use crate::observe::{Fact, Seen, Why};
use crate::wire::Version;
use crate::wire::suites::{Cipher, SuiteInfo};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-ANON",
        source: "SSL Labs rating guide: anonymous key exchange scores 0",
        basis: Basis::Recorded,
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Sut sifer tanpa pengesahan", "Anonymous suites"),
        finding: text(
            "Sut sifer (cipher suite) tanpa pengesahan pelayan ditawarkan: {list}.",
            "Suites without authentication of the server are offered: {list}.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) anon (aNULL) daripada konfigurasi dengan segera.",
            "Remove the anon (aNULL) suites from the configuration at once.",
        ),
        why: text(
            "Tanpa pengesahan, sesiapa sahaja di tengah sambungan dapat menyamar sebagai pelayan.",
            "Without authentication anyone in the middle can pose as the server.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; ada antaranya yang tidak \
             memerlukan sijil.",
            "All suites accepted are listed; some need no certificate.",
        ),
        check: |facts| if_offered(facts, |_, info| info.is_anonymous()),
        mend: Some(|facts| without(facts, |_, info| info.is_anonymous())),
        ..REMARK
    },
    Rule {
        id: "F-NULL",
        source: "SSL Labs rating guide: a cipher of 0 bits scores 0",
        basis: Basis::Official,
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Sut sifer tanpa penyulitan", "Suites without encryption"),
        finding: text(
            "Sut sifer (cipher suite) tanpa penyulitan (NULL) ditawarkan: {list}.",
            "Suites without encryption (NULL) are offered: {list}.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) NULL daripada konfigurasi dengan segera.",
            "Remove the NULL suites from the configuration at once.",
        ),
        why: text(
            "Data dihantar tanpa penyulitan dan dapat dibaca oleh sesiapa sahaja di laluannya.",
            "The data go unencrypted and can be read by anyone on their way.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; ada NULL antaranya.",
            "All suites accepted are listed; there are NULL ones.",
        ),
        check: |facts| if_offered(facts, is_null),
        mend: Some(|facts| without(facts, is_null)),
        ..REMARK
    },
    Rule {
        id: "F-WEAK",
        source: "SSL Labs rating guide: ciphers below 112 bits fail",
        basis: Basis::Recorded,
        since: Day::of(2017, 4, 3),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Sifer di bawah 112 bit", "Ciphers below 112 bits"),
        finding: text(
            "Sifer lemah di bawah 112 bit ditawarkan: {list}.",
            "Weak ciphers below 112 bits are offered: {list}.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) DES dan EXPORT daripada konfigurasi dengan segera.",
            "Remove the DES and EXPORT suites from the configuration at once.",
        ),
        why: text(
            "Kunci 40 atau 56 bit dapat diteka dengan komputer biasa.",
            "Keys of 40 or 56 bits can be guessed with ordinary computers.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan bersama panjang kuncinya.",
            "All suites accepted are listed with the length of their keys.",
        ),
        check: |facts| if_offered(facts, is_weak),
        mend: Some(|facts| without(facts, is_weak)),
        ..REMARK
    },
    Rule {
        id: "F-RC4-ONLY",
        source: "SSL Labs rating guide: RC4 alone fails; RFC 7465",
        basis: Basis::Recorded,
        since: Day::of(2015, 10, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Hanya RC4 ditawarkan", "RC4 only"),
        finding: text(
            "Hanya sifer lemah RC4 ditawarkan: {list}.",
            "Only the weak cipher RC4 is offered: {list}.",
        ),
        fix: text(
            "Gantikan RC4 dengan ECDHE dan AES-GCM, serta nyahaktifkan SSL 3.0.",
            "Replace RC4 by ECDHE with AES-GCM, and disable SSL 3.0.",
        ),
        why: text(
            "RC4 dilarang sejak tahun 2015; pelayar web semasa tidak menyokongnya, maka laman \
             tidak dapat dibuka.",
            "RC4 has been forbidden since 2015; current browsers do not have it, so the site \
             cannot be opened.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; tiada selain RC4.",
            "All suites accepted are listed; there is nothing but RC4.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            if !facts.offered().any(|(version, info)| is_rc4(version, info)) {
                return Verdict::Clear;
            }
            match facts.offers(|version, info| !is_rc4(version, info)) {
                Some(true) => Verdict::Clear,
                Some(false) => Verdict::Holds(Evidence::of("list", suites(facts, is_rc4))),
                None => Verdict::Unknown(open(facts)),
            }
        },
        mend: Some(without_rc4),
        ..REMARK
    },
    Rule {
        id: "C-RC4-MODERN",
        source: "SSL Labs rating guide: RC4 with TLS 1.1 or newer caps to C; RFC 7465",
        basis: Basis::Recorded,
        since: Day::of(2015, 5, 1),
        effect: Effect::Cap(Letter::C),
        severity: Severity::High,
        title: text("RC4 dengan TLS 1.1 ke atas", "RC4 with TLS 1.1 or newer"),
        finding: text(
            "Sifer lemah RC4 dirundingkan dengan TLS 1.1 ke atas: {list}.",
            "The weak cipher RC4 is negotiated with TLS 1.1 or newer: {list}.",
        ),
        fix: text(
            "Buang RC4 daripada konfigurasi, dan nyahaktifkan SSL 3.0 jika masih aktif.",
            "Remove RC4 from the configuration, and disable SSL 3.0 if it is still there.",
        ),
        why: text(
            "Klien yang mampu menggunakan sifer lebih kuat tetap diberi RC4, yang dapat \
             dipecahkan.",
            "Clients that could use better ciphers are given RC4, which can be broken.",
        ),
        probe: text(
            "Simulasi pelayar: sekurang-kurangnya satu klien merundingkan RC4 dengan TLS 1.1 ke \
             atas.",
            "Browser simulation: at least one client negotiates RC4 over TLS 1.1 or newer.",
        ),
        check: |facts| simulated(facts, &facts.clients.rc4_with_modern, is_rc4),
        mend: Some(without_rc4),
        ..REMARK
    },
    Rule {
        id: "C-SWEET32",
        source: "SSL Labs rating guide: 64-bit blocks with TLS 1.1 or newer cap to C; \
                 CVE-2016-2183",
        basis: Basis::Recorded,
        since: Day::of(2017, 4, 3),
        effect: Effect::Cap(Letter::C),
        severity: Severity::High,
        title: text(
            "3DES dengan TLS 1.1 ke atas (Sweet32)",
            "3DES with TLS 1.1 or newer (Sweet32)",
        ),
        finding: text(
            "Sifer lemah blok 64 bit dirundingkan dengan TLS 1.1 ke atas: {list}.",
            "Weak ciphers with 64-bit blocks are negotiated with TLS 1.1 or newer: {list}.",
        ),
        fix: text(
            "Buang 3DES, DES, IDEA dan RC2 daripada konfigurasi.",
            "Remove 3DES, DES, IDEA and RC2 from the configuration.",
        ),
        why: text(
            "Selepas banyak data dihantar dengan blok 64 bit, sebahagian kandungan seperti kuki \
             dapat dikira (CVE-2016-2183).",
            "After much data in blocks of 64 bits, parts of it such as cookies can be worked out \
             (CVE-2016-2183).",
        ),
        probe: text(
            "Simulasi pelayar: sekurang-kurangnya satu klien merundingkan sifer itu dengan TLS \
             1.1 ke atas.",
            "Browser simulation: at least one client negotiates such a cipher over TLS 1.1 or \
             newer.",
        ),
        check: |facts| {
            let such = |_: Version, info: &SuiteInfo| is_block64(info);
            simulated(facts, &facts.clients.block64_with_modern, such)
        },
        mend: Some(|facts| without(facts, |_, info| is_block64(info))),
        ..REMARK
    },
    Rule {
        id: "B-RC4",
        source: "SSL Labs rating guide: RC4 caps to B; RFC 7465",
        basis: Basis::Recorded,
        since: Day::of(2014, 12, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("RC4 ditawarkan", "RC4 is offered"),
        finding: text(
            "Sifer lemah RC4 ditawarkan: {list}.",
            "The weak cipher RC4 is offered: {list}.",
        ),
        fix: text(
            "Buang RC4 daripada konfigurasi, dan nyahaktifkan SSL 3.0 jika masih aktif.",
            "Remove RC4 from the configuration, and disable SSL 3.0 if it is still there.",
        ),
        why: text(
            "RC4 dapat dipecahkan dan dilarang oleh RFC 7465 sejak tahun 2015.",
            "RC4 can be broken and has been forbidden by RFC 7465 since 2015.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; ada RC4 antaranya.",
            "All suites accepted are listed; there is RC4 among them.",
        ),
        check: |facts| if_offered(facts, is_rc4),
        mend: Some(without_rc4),
        ..REMARK
    },
    Rule {
        id: "B-AEAD",
        source: "SSL Labs rating guide: no AEAD suite caps to B",
        basis: Basis::Recorded,
        since: Day::of(2018, 3, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("Tiada sut sifer AEAD", "No AEAD suite"),
        finding: text(
            "Tiada sut sifer (cipher suite) AEAD ditawarkan.",
            "No AEAD suite is offered.",
        ),
        fix: text(
            "Aktifkan AES-GCM atau ChaCha20-Poly1305 dengan ECDHE.",
            "Enable AES-GCM or ChaCha20-Poly1305 with ECDHE.",
        ),
        why: text(
            "Sifer CBC berulang kali menjadi punca kerentanan; pelayar web semasa mengutamakan \
             AEAD.",
            "CBC ciphers keep being the source of vulnerabilities; current browsers prefer AEAD.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; tiada GCM, CCM atau \
             Poly1305.",
            "All suites accepted are listed; there is no GCM, CCM or Poly1305.",
        ),
        check: |facts| match facts.offers(|_, info| info.is_aead()) {
            Some(true) => Verdict::Clear,
            Some(false) => Verdict::Holds(Evidence::default()),
            None => Verdict::Unknown(open(facts)),
        },
        mend: Some(aead),
        ..REMARK
    },
    Rule {
        id: "R-3DES",
        source: "CVE-2016-2183; merely offering costs nothing in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("Sifer blok 64 bit ditawarkan", "Ciphers with 64-bit blocks are offered"),
        finding: text(
            "Sifer lemah blok 64 bit (3DES) ditawarkan: {list}.",
            "Weak ciphers with 64-bit blocks (3DES) are offered: {list}.",
        ),
        fix: text(
            "Buang 3DES, DES, IDEA dan RC2 daripada konfigurasi.",
            "Remove 3DES, DES, IDEA and RC2 from the configuration.",
        ),
        why: text(
            "Klien lama yang merundingkannya terdedah kepada serangan Sweet32.",
            "Old clients that negotiate it are open to the Sweet32 attack.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan.",
            "All suites accepted are listed.",
        ),
        // The ciphers of SSL 2.0 are a matter of F-SSL2.
        check: |facts| {
            if_offered(facts, |version, info| version > Version::SSL2 && is_block64(info))
        },
        mend: Some(|facts| {
            without(facts, |version, info| version > Version::SSL2 && is_block64(info));
        }),
        ..REMARK
    },
    Rule {
        id: "R-CBC",
        source: "RFC 9325 section 4.2; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Sut sifer CBC ditawarkan", "CBC suites are offered"),
        finding: text(
            "Sut sifer (cipher suite) CBC masih ditawarkan: {list}.",
            "CBC suites are still offered: {list}.",
        ),
        fix: text(
            "Kekalkan ECDHE dengan AES-GCM dan ChaCha20-Poly1305 sahaja, jika klien lama tidak \
             lagi perlu disokong.",
            "Keep ECDHE with AES-GCM and ChaCha20-Poly1305 only, if old clients need no support.",
        ),
        why: text(
            "Sifer CBC terdedah kepada serangan pelapik (padding) jika pelaksanaannya cacat; \
             taraf tidak terjejas.",
            "CBC is open to padding attacks where its implementation is faulty; it costs no \
             grade.",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan; ada CBC antaranya.",
            "All suites accepted are listed; there is CBC among them.",
        ),
        check: |facts| if_offered(facts, is_tls_cbc),
        // What is older than CBC must go first, else clients would fall back on it.
        mend: Some(|facts| {
            for version in [Version::SSL3, Version::TLS10, Version::TLS11] {
                if facts.speaks(version) {
                    disable(facts, version);
                }
            }
            without(facts, |version, info| {
                version == Version::TLS12 && !(info.is_aead() && info.is_ephemeral())
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-ETM",
        source: "RFC 7366",
        title: text("Encrypt-then-MAC tidak disokong", "No encrypt-then-MAC"),
        finding: text(
            "Sut sifer (cipher suite) CBC digunakan tanpa encrypt-then-MAC (RFC 7366).",
            "CBC suites are used without encrypt-then-MAC (RFC 7366).",
        ),
        fix: text(
            "Utamakan AES-GCM; encrypt-then-MAC hanya perlu jika CBC dikekalkan.",
            "Prefer AES-GCM; encrypt-then-MAC matters only where CBC is kept.",
        ),
        why: text(
            "Encrypt-then-MAC menutup serangan pelapik (padding) terhadap CBC.",
            "Encrypt-then-MAC closes the padding attacks on CBC.",
        ),
        probe: text(
            "ClientHello dengan sambungan itu dan sut sifer (cipher suite) CBC dihantar; pelayan \
             tidak menjawabnya.",
            "A ClientHello with the extension and CBC suites is sent; the server does not answer \
             it.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let verdict = if_absent(&facts.endpoint.encrypt_then_mac.seen);
            given(facts.offers(is_tls_cbc), verdict)
        },
        mend: Some(|facts| facts.endpoint.encrypt_then_mac = Fact::yes((), [])),
        ..REMARK
    },
];

fn is_null(_: Version, info: &SuiteInfo) -> bool {
    info.cipher == Cipher::Null
}

fn is_weak(_: Version, info: &SuiteInfo) -> bool {
    (1..112).contains(&info.bits)
}

fn is_rc4(_: Version, info: &SuiteInfo) -> bool {
    info.cipher == Cipher::Rc4
}

/// What a simulated client negotiates, with the suites it can be.
fn simulated(
    facts: &Facts,
    seen: &Seen<()>,
    such: impl Fn(Version, &SuiteInfo) -> bool + Copy,
) -> Verdict {
    let modern = |version: Version, info: &SuiteInfo| {
        version >= Version::TLS11 && info.fits(version) && such(version, info)
    };
    match seen {
        Seen::Yes { .. } => Verdict::Holds(Evidence::of("list", suites(facts, modern))),
        Seen::No => Verdict::Clear,
        // What is not offered nobody negotiates.
        Seen::Unknown { .. } if facts.offers(modern) == Some(false) => Verdict::Clear,
        Seen::Unknown { why: Why::NotAsked } => Verdict::Unknown(open(facts)),
        Seen::Unknown { why } => Verdict::Unknown(*why),
    }
}

/// RC4 went together with SSL 3.0, where only CBC would be left: POODLE.
fn without_rc4(facts: &mut Facts) {
    let offered = facts.suites(Version::SSL3).is_some_and(|list| {
        list.accepted.iter().filter_map(|it| it.info()).any(|info| info.cipher == Cipher::Rc4)
    });
    if offered {
        disable(facts, Version::SSL3);
    }
    without(facts, is_rc4);
}
