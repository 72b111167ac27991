//! Rules about key exchange and forward secrecy.

use super::common::{CBC, given, holds_if, if_absent, if_offered, if_seen, list, open};
use super::mend::{ENOUGH_BITS, enable, exchanges, forward_secrecy, without};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::letter::Letter;
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{Dh, Fact, Seen, Why};
use crate::wire::groups::GroupKind;
use crate::wire::suites::{Kx, SuiteInfo};
use crate::wire::{Group, Version};

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "F-KX",
        source: "SSL Labs rating guide: below 1024 bits fails; Logjam (CVE-2015-4000), FREAK \
                 (CVE-2015-0204)",
        basis: Basis::Recorded,
        since: Day::of(2014, 1, 1),
        effect: Effect::Fail,
        severity: Severity::Critical,
        title: text("Pertukaran kunci di bawah 1024 bit", "Key exchange below 1024 bits"),
        finding: text(
            "Pertukaran kunci {what} hanya sekuat RSA {bits} bit dan dapat dipecahkan.",
            "Key exchange {what} is only as strong as RSA of {bits} bits and can be broken.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) EXPORT, dan guna parameter serta kunci 2048 bit ke \
             atas.",
            "Remove EXPORT suites, and use parameters and keys of 2048 bits or more.",
        ),
        why: text(
            "Kunci sependek ini dapat dipecahkan dengan kos yang rendah (Logjam, FREAK), lalu \
             sambungan dapat dibaca.",
            "Keys this short can be broken cheaply (Logjam, FREAK), and connections read.",
        ),
        probe: text(
            "Parameter Diffie-Hellman, lengkung eliptik, sut sifer (cipher suite) EXPORT dan \
             kunci sijil dibaca daripada jabat tangan TLS (handshake).",
            "Diffie-Hellman parameters, curves, EXPORT suites and the certificate's key are read \
             from handshakes.",
        ),
        effort: Effort::Hours,
        check: |facts| match weakest(facts) {
            Some((bits, what)) if bits < 1024 => found(&what, bits),
            _ => open_exchange(facts).map_or(Verdict::Clear, Verdict::Unknown),
        },
        mend: Some(exchanges),
        ..REMARK
    },
    Rule {
        id: "B-KX",
        source: "SSL Labs rating guide: below 2048 bits caps to B; NIST SP 800-131A",
        basis: Basis::Recorded,
        since: Day::of(2014, 1, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("Pertukaran kunci di bawah 2048 bit", "Key exchange below 2048 bits"),
        finding: text(
            "Pertukaran kunci {what} hanya sekuat RSA {bits} bit; sekurang-kurangnya 2048 bit \
             diperlukan.",
            "Key exchange {what} is only as strong as RSA of {bits} bits; 2048 are needed.",
        ),
        fix: text(
            "Guna parameter dan kunci 2048 bit ke atas, atau nyahaktifkan DHE dan guna ECDHE.",
            "Use parameters and keys of 2048 bits or more, or disable DHE and use ECDHE.",
        ),
        why: text(
            "Kunci 1024 bit dipercayai dapat dipecahkan oleh pihak yang mempunyai sumber besar, \
             dan sambungan yang dirakam hari ini dapat dibaca kemudian.",
            "Keys of 1024 bits are believed to be within reach of those with large means, and \
             what is recorded today can be read later.",
        ),
        probe: text(
            "Parameter Diffie-Hellman, lengkung eliptik dan kunci sijil dibaca daripada jabat \
             tangan TLS (handshake).",
            "Diffie-Hellman parameters, curves and the certificate's key are read from handshakes.",
        ),
        effort: Effort::Hours,
        check: |facts| match weakest(facts) {
            // Worse is a matter of F-KX.
            Some((bits, _)) if bits < 1024 => Verdict::Clear,
            Some((bits, what)) if bits < 2048 => found(&what, bits),
            _ => open_exchange(facts).map_or(Verdict::Clear, Verdict::Unknown),
        },
        mend: Some(exchanges),
        ..REMARK
    },
    Rule {
        id: "B-FS",
        source: "SSL Labs rating guide: no forward secrecy caps to B",
        basis: Basis::Recorded,
        since: Day::of(2018, 3, 1),
        effect: Effect::Cap(Letter::B),
        severity: Severity::Medium,
        title: text("Tiada kerahsiaan hadapan (Forward Secrecy)", "No forward secrecy"),
        finding: text(
            "Kerahsiaan hadapan (Forward Secrecy) tidak tersedia untuk pelayar web semasa.",
            "No forward secrecy with current browsers.",
        ),
        fix: text(
            "Tawarkan sut sifer (cipher suite) ECDHE di kedudukan atas, dan buang TLS_RSA serta SSL \
             3.0.",
            "Offer ECDHE suites first, and remove TLS_RSA suites and SSL 3.0.",
        ),
        why: text(
            "Tanpa kerahsiaan hadapan (Forward Secrecy), sesiapa yang memperoleh kunci \
             persendirian (private key) pelayan dapat membaca semua sambungan yang pernah \
             dirakam.",
            "Without forward secrecy whoever obtains the server's private key can read every \
             connection ever recorded.",
        ),
        probe: text(
            "Simulasi pelayar: daripada sut sifer (cipher suite) yang diterima, dikira apa yang \
             akan dirundingkan oleh setiap klien rujukan.",
            "Browser simulation: what each reference client would negotiate is worked out from \
             the suites accepted.",
        ),
        check: forward_secrecy_below_2,
        mend: Some(forward_secrecy),
        ..REMARK
    },
    Rule {
        id: "W-FS",
        source: "SSL Labs rating guide: no forward secrecy, A-",
        basis: Basis::Recorded,
        since: Day::of(2014, 1, 1),
        effect: Effect::Warning,
        severity: Severity::Medium,
        title: text(
            "Kerahsiaan hadapan (Forward Secrecy) tidak menyeluruh",
            "Forward secrecy is not complete",
        ),
        finding: text(
            "Sekurang-kurangnya satu pelayar web rujukan tidak mendapat kerahsiaan hadapan \
             (Forward Secrecy).",
            "At least one reference browser gets no forward secrecy.",
        ),
        fix: text(
            "Tawarkan sut sifer (cipher suite) ECDHE di kedudukan atas, dan buang TLS_RSA serta SSL \
             3.0.",
            "Offer ECDHE suites first, and remove TLS_RSA suites and SSL 3.0.",
        ),
        why: text(
            "Sambungan yang dirakam dapat dibaca kemudian jika kunci persendirian (private key) \
             pelayan terdedah.",
            "Recorded connections can be read later if the server's private key comes out.",
        ),
        probe: text("Simulasi pelayar, seperti bagi B-FS.", "Browser simulation, as for B-FS."),
        check: forward_secrecy_below_2,
        mend: Some(forward_secrecy),
        ..REMARK
    },
    Rule {
        id: "R-DH-COMMON",
        source: "Logjam (CVE-2015-4000); without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        title: text("Parameter Diffie-Hellman dikongsi umum", "Common Diffie-Hellman parameters"),
        finding: text(
            "Parameter Diffie-Hellman {list} digunakan oleh banyak pelayan lain.",
            "Diffie-Hellman parameters {list} are those of many other servers.",
        ),
        fix: text(
            "Jana parameter Diffie-Hellman sendiri 2048 bit ke atas, atau guna ECDHE.",
            "Generate parameters of your own with 2048 bits or more, or use ECDHE.",
        ),
        why: text(
            "Kerja memecahkan satu parameter berguna terhadap semua pelayan yang berkongsi \
             parameter itu; pada 1024 bit hal ini penting, pada 2048 bit tidak.",
            "The work of breaking one set serves against every server that shares it: a danger \
             at 1024 bits, none at 2048.",
        ),
        probe: text(
            "Nombor perdana dibandingkan dengan senarai yang diketahui; kumpulan RFC 7919 tidak \
             dikira.",
            "The prime is looked up in a list of known ones; the groups of RFC 7919 do not count.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let names: Vec<_> =
                common_primes(facts).filter_map(|dh| dh.known_as.as_ref()).collect();
            if facts.endpoint.dh.is_empty() {
                return Verdict::NotApplicable;
            }
            holds_if(!names.is_empty(), || Evidence::of("list", list(names)))
        },
        mend: Some(|facts| {
            for dh in facts.endpoint.dh.iter_mut().filter(|dh| is_common(dh)) {
                dh.known_as = None;
                dh.prime = String::new();
                dh.bits = dh.bits.max(ENOUGH_BITS);
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-DH-REUSE",
        source: "RFC 7525 section 6.4; CVE-2020-1968 (Raccoon); without effect in the SSL Labs \
                 rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text(
            "Nilai awam Diffie-Hellman digunakan semula",
            "Diffie-Hellman public values are reused",
        ),
        finding: text(
            "Pelayan menggunakan nilai awam Diffie-Hellman (DHE) yang sama dalam beberapa \
             sambungan.",
            "The server uses the same Diffie-Hellman (DHE) public value in several connections.",
        ),
        fix: text(
            "Tetapkan supaya kunci DHE baharu dijana bagi setiap sambungan, atau guna ECDHE.",
            "Have a new DHE key made for each connection, or use ECDHE.",
        ),
        why: text(
            "Penggunaan semula melemahkan kerahsiaan hadapan (Forward Secrecy) dan membuka jalan \
             kepada serangan masa (Raccoon).",
            "Reuse weakens forward secrecy and opens the way for timing attacks (Raccoon).",
        ),
        probe: text(
            "Nilai awam daripada beberapa sambungan dibandingkan.",
            "The public values of several connections are compared.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let uses = |_: Version, info: &SuiteInfo| matches!(info.kx, Kx::Dhe | Kx::DheExport);
            given(facts.offers(uses), if_seen(&facts.endpoint.reuse.dh.seen))
        },
        mend: Some(|facts| facts.endpoint.reuse.dh = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-ECDH-REUSE",
        source: "RFC 7525 section 6.4; without effect in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("Nilai awam ECDHE digunakan semula", "ECDHE public values are reused"),
        finding: text(
            "Pelayan menggunakan nilai awam ECDHE yang sama dalam beberapa sambungan.",
            "The server uses the same ECDHE public value in several connections.",
        ),
        fix: text(
            "Tetapkan supaya kunci ECDHE baharu dijana bagi setiap sambungan, atau kemas kini \
             perisian TLS.",
            "Have a new ECDHE key made for each connection, or update the TLS software.",
        ),
        why: text(
            "Penggunaan semula melemahkan kerahsiaan hadapan (Forward Secrecy).",
            "Reuse weakens forward secrecy.",
        ),
        probe: text(
            "Nilai awam daripada beberapa sambungan dibandingkan.",
            "The public values of several connections are compared.",
        ),
        effort: Effort::Hours,
        check: |facts| {
            let uses = |_: Version, info: &SuiteInfo| {
                matches!(info.kx, Kx::Ecdhe | Kx::EcdhePsk | Kx::Any)
            };
            given(facts.offers(uses), if_seen(&facts.endpoint.reuse.ecdh.seen))
        },
        mend: Some(|facts| facts.endpoint.reuse.ecdh = Fact::no([])),
        ..REMARK
    },
    Rule {
        id: "R-STATIC-RSA",
        source: "RFC 9325 section 4.1; without effect of its own in the SSL Labs rating guide",
        basis: Basis::Recorded,
        severity: Severity::Low,
        title: text("Pertukaran kunci RSA statik ditawarkan", "Static RSA key exchange is offered"),
        finding: text(
            "Sut sifer (cipher suite) tanpa kerahsiaan hadapan (Forward Secrecy) ditawarkan: \
             {list}.",
            "Suites without forward secrecy are offered: {list}.",
        ),
        fix: text(
            "Buang sut sifer (cipher suite) TLS_RSA daripada konfigurasi; kekalkan ECDHE.",
            "Remove the TLS_RSA suites; keep ECDHE.",
        ),
        why: text(
            "Sambungan yang menggunakannya dapat dibaca kemudian jika kunci persendirian (private \
             key) terdedah, dan cara ini berulang kali menjadi punca kerentanan (ROBOT).",
            "Connections that use it can be read once the private key comes out, and it keeps \
             being the source of vulnerabilities (ROBOT).",
        ),
        probe: text(
            "Semua sut sifer (cipher suite) yang diterima disenaraikan.",
            "All suites accepted are listed.",
        ),
        check: |facts| if_offered(facts, is_static_rsa),
        mend: Some(|facts| without(facts, is_static_rsa)),
        ..REMARK
    },
    Rule {
        id: "R-POST-QUANTUM",
        source: "NIST FIPS 203; RFC 9794; draft-ietf-tls-ecdhe-mlkem",
        title: text("Tiada pertukaran kunci pascakuantum", "No post-quantum key exchange"),
        finding: text(
            "Pertukaran kunci pascakuantum (X25519MLKEM768) belum ditawarkan.",
            "Post-quantum key exchange (X25519MLKEM768) is not offered yet.",
        ),
        fix: text(
            "Aktifkan X25519MLKEM768 dengan TLS 1.3 apabila perisian menyokongnya.",
            "Enable X25519MLKEM768 with TLS 1.3 once the software has it.",
        ),
        why: text(
            "Sambungan yang dirakam hari ini dapat dibaca oleh komputer kuantum pada masa hadapan.",
            "What is recorded today can be read by a quantum computer one day.",
        ),
        probe: text(
            "ClientHello TLS 1.3 yang menawarkan kumpulan itu dihantar; pelayan tidak memilihnya.",
            "A TLS 1.3 ClientHello that offers the groups is sent; the server takes none.",
        ),
        who: Who::Supplier,
        effort: Effort::Weeks,
        check: |facts| match facts.spoken(Version::TLS13) {
            Seen::No => Verdict::Holds(Evidence::default()),
            Seen::Unknown { why } => Verdict::Unknown(why),
            Seen::Yes { .. } => match facts.groups(Version::TLS13) {
                None => Verdict::Unknown(Why::NotAsked),
                Some(groups) if groups.accepted.iter().any(is_post_quantum) => Verdict::Clear,
                Some(groups) if groups.unsettled.iter().any(is_post_quantum) => {
                    Verdict::Unknown(Why::Timeout)
                }
                Some(_) => Verdict::Holds(Evidence::default()),
            },
        },
        mend: Some(|facts| {
            if !facts.speaks(Version::TLS13) {
                enable(facts, Version::TLS13);
            }
            for groups in facts.endpoint.groups.iter_mut() {
                if groups.version == Version::TLS13 {
                    groups.accepted.insert(0, Group::X25519MLKEM768);
                }
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-SIGNATURE",
        source: "RFC 9155: no MD5 and SHA-1 signatures in TLS 1.2",
        severity: Severity::Low,
        title: text(
            "Tandatangan SHA-1 atau MD5 dalam jabat tangan",
            "SHA-1 or MD5 signatures in the handshake",
        ),
        finding: text(
            "Algoritma tandatangan lapuk diterima dalam jabat tangan TLS (handshake): {list}.",
            "Obsolete signature algorithms are accepted in the handshake: {list}.",
        ),
        fix: text(
            "Hadkan algoritma tandatangan kepada SHA-256 ke atas.",
            "Restrict signature algorithms to SHA-256 and better.",
        ),
        why: text(
            "SHA-1 dan MD5 tidak lagi tahan pelanggaran cincang; RFC 9155 melarang penggunaannya \
             dalam TLS 1.2.",
            "SHA-1 and MD5 no longer withstand collisions; RFC 9155 forbids them in TLS 1.2.",
        ),
        probe: text(
            "ClientHello TLS 1.2 yang menawarkan satu algoritma tandatangan sahaja dihantar bagi \
             setiap algoritma.",
            "A TLS 1.2 ClientHello that offers one signature algorithm alone is sent for each.",
        ),
        check: |facts| {
            let schemes = &facts.endpoint.schemes;
            let used = schemes.used.iter().filter(|(version, _)| *version >= Version::TLS12);
            let old: Vec<_> = schemes
                .accepted
                .iter()
                .chain(used.map(|(_, scheme)| scheme))
                .filter(|scheme| is_old_scheme(scheme.0))
                .collect();
            let verdict = if !old.is_empty() {
                Verdict::Holds(Evidence::of("list", list(old)))
            } else if schemes.unsettled.iter().any(|scheme| is_old_scheme(scheme.0)) {
                Verdict::Unknown(Why::Timeout)
            } else if schemes.accepted.is_empty() {
                Verdict::Unknown(Why::NotAsked)
            } else {
                Verdict::Clear
            };
            given(facts.speaks_any(&[Version::TLS12]), verdict)
        },
        mend: Some(|facts| {
            let schemes = &mut facts.endpoint.schemes;
            schemes.accepted.retain(|scheme| !is_old_scheme(scheme.0));
            schemes
                .used
                .retain(|(version, scheme)| *version < Version::TLS12 || !is_old_scheme(scheme.0));
            schemes.unsettled.retain(|scheme| !is_old_scheme(scheme.0));
        }),
        ..REMARK
    },
    Rule {
        id: "R-EMS",
        source: "RFC 7627; triple handshake",
        severity: Severity::Low,
        title: text("Extended master secret tidak disokong", "No extended master secret"),
        finding: text(
            "Sambungan extended master secret (RFC 7627) tidak disokong.",
            "Extended master secret (RFC 7627) is not supported.",
        ),
        fix: text(
            "Kemas kini perisian TLS kepada versi yang menyokong RFC 7627.",
            "Update the TLS software to a version that has RFC 7627.",
        ),
        why: text(
            "Tanpanya, kunci sesi TLS 1.2 tidak terikat kepada keseluruhan jabat tangan TLS \
             (handshake).",
            "Without it the keys of a TLS 1.2 session are not bound to the whole handshake.",
        ),
        probe: text(
            "ClientHello dengan sambungan itu dihantar; pelayan tidak menjawabnya.",
            "A ClientHello with the extension is sent; the server does not answer it.",
        ),
        effort: Effort::Days,
        check: |facts| {
            let verdict = if_absent(&facts.endpoint.extended_master_secret.seen);
            given(facts.speaks_any(&CBC), verdict)
        },
        mend: Some(|facts| facts.endpoint.extended_master_secret = Fact::yes((), [])),
        ..REMARK
    },
];

fn found(what: &str, bits: u32) -> Verdict {
    Verdict::Holds(Evidence::of("what", what).and("bits", bits))
}

fn forward_secrecy_below_2(facts: &Facts) -> Verdict {
    match facts.clients.forward_secrecy {
        Seen::Yes { value } => holds_if(value < 2, Evidence::default),
        Seen::No => Verdict::Holds(Evidence::default()),
        Seen::Unknown { why } => Verdict::Unknown(why),
    }
}

/// The weakest key exchange, certificates' keys included, and what it is. Anonymous ones are a
/// matter of F-ANON.
fn weakest(facts: &Facts) -> Option<(u32, String)> {
    let keys = facts.served().filter_map(|served| {
        let key = &served.leaf?.key;
        Some((key.strength?, key.algorithm.as_str().to_owned()))
    });
    let exchanges = facts.exchanges().filter_map(|it| {
        let bits = it.bits.filter(|bits| *bits > 0)?;
        let info = it.suite.info()?;
        let what = match info.kx {
            Kx::RsaExport => "RSA EXPORT".to_owned(),
            Kx::DheExport => "DH EXPORT".to_owned(),
            Kx::Dhe | Kx::Dh | Kx::DhePsk => "DH".to_owned(),
            kx => {
                let group = facts.group(it.version, kx == Kx::Any);
                group.map_or_else(|| kx.as_str().to_owned(), |group| group.name.to_owned())
            }
        };
        Some((bits, what))
    });
    // Where a key is the weakest part, it is named, not the exchange it weakens.
    keys.chain(exchanges).min_by_key(|(bits, _)| *bits)
}

/// Why not every key exchange is known, if so.
fn open_exchange(facts: &Facts) -> Option<Why> {
    let strengths_known =
        facts.served().all(|it| it.leaf.is_some_and(|l| l.key.strength.is_some()));
    if facts.served().next().is_none() || !strengths_known {
        return Some(Why::NotAsked);
    }
    let parameters_missing = facts.offered().any(|(version, info)| match info.kx {
        Kx::Dhe | Kx::DheExport | Kx::DhePsk if !info.is_anonymous() => {
            facts.dh(version, info.suite).is_none()
        }
        Kx::Ecdhe | Kx::EcdhePsk if !info.is_anonymous() => facts.group(version, false).is_none(),
        Kx::Any => facts.group(version, true).is_none(),
        _ => false,
    });
    if parameters_missing {
        return Some(Why::NotAsked);
    }
    let finite = |_: Version, info: &SuiteInfo| {
        matches!(info.kx, Kx::RsaExport | Kx::Dhe | Kx::DheExport | Kx::DhePsk)
            && !info.is_anonymous()
    };
    // Offered or not, what is open could have other parameters.
    let unsettled = Version::ALL.iter().any(|version| match facts.spoken(*version) {
        Seen::No => false,
        Seen::Unknown { .. } => {
            crate::wire::suites::all().iter().any(|i| i.fits(*version) && finite(*version, i))
        }
        Seen::Yes { .. } => facts.suites(*version).is_none_or(|list| {
            list.unsettled.iter().filter_map(|it| it.info()).any(|info| finite(*version, info))
        }),
    });
    unsettled.then(|| open(facts))
}

fn is_common(dh: &Dh) -> bool {
    dh.known_as.as_ref().is_some_and(|name| !name.starts_with("ffdhe"))
}

fn common_primes(facts: &Facts) -> impl Iterator<Item = &Dh> {
    facts.endpoint.dh.iter().filter(|dh| is_common(dh))
}

/// SSL 2.0 knows nothing else, and is a matter of F-SSL2.
fn is_static_rsa(version: Version, info: &SuiteInfo) -> bool {
    version > Version::SSL2 && matches!(info.kx, Kx::Rsa | Kx::RsaPsk)
}

fn is_post_quantum(group: &Group) -> bool {
    group.info().is_some_and(|info: &crate::wire::groups::GroupInfo| match info.kind {
        GroupKind::Kem | GroupKind::Hybrid => true,
        GroupKind::Ec | GroupKind::Ff => false,
    })
}

/// MD5 or SHA-1 with RSA, DSA or ECDSA (RFC 5246 section 7.4.1.4.1).
const fn is_old_scheme(scheme: u16) -> bool {
    matches!(scheme >> 8, 1 | 2) && matches!(scheme & 0xff, 1..=3)
}
