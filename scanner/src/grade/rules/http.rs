//! Rules about HTTP: Strict-Transport-Security, and what the answer gives away.
//!
//! Where HTTP is not spoken (STARTTLS, and ports registered for other protocols over TLS) there is
//! nothing to judge, and nothing stands in the way of A+ (our judgement: the rating guide knows web
//! servers only).

use super::common::{holds_if, plain};
use super::{REMARK, text};
use crate::grade::facts::Facts;
use crate::grade::rule::{Basis, Day, Effect, Effort, Evidence, Rule, Severity, Verdict, Who};
use crate::observe::{Fact, Hsts, HstsState, Http, Seen, Why};

/// The least `max-age` for A+, in seconds: 180 days.
pub const LONG: u64 = 15_552_000;

/// A year, which is what preload lists want.
const YEAR: u64 = 31_536_000;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "W-HSTS",
        source: "SSL Labs rating guide, 2009r: an invalid or disabled policy, A-; RFC 6797",
        basis: Basis::Official,
        since: Day::of(2025, 5, 16),
        effect: Effect::Warning,
        severity: Severity::Medium,
        title: text("HSTS tidak sah", "HSTS is not valid"),
        finding: text(
            "Pengepala HTTP HSTS tidak sah atau dimatikan: {value}.",
            "The HSTS header is invalid or disabled: {value}.",
        ),
        fix: text(
            "Betulkan pengepala kepada satu nilai sahaja: Strict-Transport-Security: \
             max-age=31536000.",
            "Correct the header to one value: Strict-Transport-Security: max-age=31536000.",
        ),
        why: text(
            "Pelayar web mengabaikan pengepala yang tidak sah, dan max-age=0 memadamkan \
             perlindungan yang telah disimpan.",
            "Browsers ignore an invalid header, and max-age=0 removes the protection they have \
             stored.",
        ),
        probe: text(
            "Laman utama dibaca; pengepala Strict-Transport-Security tidak mematuhi RFC 6797, \
             berulang dengan nilai berlainan, atau max-age ialah 0.",
            "The front page is read; its Strict-Transport-Security header is against RFC 6797, \
             comes twice with different values, or has max-age 0.",
        ),
        check: |facts| {
            about(facts, |hsts| {
                let wrong = matches!(hsts.state, HstsState::Invalid | HstsState::Disabled);
                holds_if(wrong, || value(hsts))
            })
        },
        mend: Some(lengthen),
        ..REMARK
    },
    Rule {
        id: "P-HSTS",
        source: "SSL Labs rating guide: A+ needs HSTS of 180 days; RFC 6797. Where HTTP is not \
                 spoken, it is no condition, by our judgement",
        basis: Basis::Recorded,
        effect: Effect::NoPlus,
        severity: Severity::Low,
        title: text("Tiada HSTS jangka panjang", "No long HSTS policy"),
        finding: text(
            "Tiada HSTS dengan max-age sekurang-kurangnya 15552000 saat (kini: {value}).",
            "No HSTS with a max-age of at least 15552000 seconds (now: {value}).",
        ),
        fix: text(
            "Hantar pengepala Strict-Transport-Security: max-age=31536000 pada setiap jawapan \
             HTTPS.",
            "Send Strict-Transport-Security: max-age=31536000 with every HTTPS answer.",
        ),
        why: text(
            "HSTS memastikan pelayar web hanya menggunakan HTTPS walaupun pengguna menaip alamat \
             tanpa https. Taraf A+ memerlukannya.",
            "HSTS makes browsers use HTTPS only, even where the user types an address without \
             https. A+ needs it.",
        ),
        probe: text(
            "Laman utama dibaca melalui HTTPS dan pengepala Strict-Transport-Security dihuraikan.",
            "The front page is read over HTTPS and its Strict-Transport-Security header parsed.",
        ),
        check: |facts| about(facts, |hsts| holds_if(!is_long(hsts), || value(hsts))),
        mend: Some(lengthen),
        ..REMARK
    },
    Rule {
        id: "R-HSTS-NONE",
        source: "RFC 6797",
        severity: Severity::Low,
        title: text("Tiada HSTS", "No HSTS"),
        finding: text("Pengepala HTTP HSTS tidak dihantar.", "The HSTS header is not sent."),
        fix: text(
            "Hantar pengepala Strict-Transport-Security, mula-mula dengan max-age yang singkat.",
            "Send the Strict-Transport-Security header, with a short max-age at first.",
        ),
        why: text(
            "Tanpa HSTS, lawatan melalui http dapat dipintas sebelum dialihkan kepada https.",
            "Without HSTS a visit by http can be intercepted before it is redirected to https.",
        ),
        probe: text(
            "Laman utama dibaca melalui HTTPS; pengepala itu tiada.",
            "The front page is read over HTTPS; the header is not there.",
        ),
        check: |facts| {
            about(facts, |hsts| holds_if(hsts.state == HstsState::Absent, Evidence::default))
        },
        mend: Some(lengthen),
        ..REMARK
    },
    Rule {
        id: "R-HSTS-SHORT",
        source: "RFC 6797",
        title: text("HSTS singkat", "HSTS is short"),
        finding: text(
            "HSTS hanya sah selama {seconds} saat.",
            "HSTS is valid for {seconds} seconds only.",
        ),
        fix: text("Naikkan max-age kepada 31536000 saat.", "Raise max-age to 31536000 seconds."),
        why: text(
            "Pengguna yang tidak kembali dalam tempoh itu kehilangan perlindungan.",
            "Users who do not come back within that time lose the protection.",
        ),
        probe: text(
            "Nilai max-age dibaca daripada pengepala.",
            "The value of max-age is read from the header.",
        ),
        check: |facts| {
            about(facts, |hsts| {
                let short = hsts.state == HstsState::Present && !is_long(hsts);
                holds_if(short, || Evidence::of("seconds", hsts.max_age.unwrap_or(0)))
            })
        },
        mend: Some(lengthen),
        ..REMARK
    },
    Rule {
        id: "R-HSTS-SUBDOMAINS",
        source: "RFC 6797 section 14.4",
        title: text("HSTS tanpa subdomain", "HSTS without subdomains"),
        finding: text(
            "HSTS tidak meliputi subdomain (tiada includeSubDomains).",
            "HSTS does not cover subdomains (no includeSubDomains).",
        ),
        fix: text(
            "Tambah includeSubDomains selepas semua subdomain menggunakan HTTPS.",
            "Add includeSubDomains once all subdomains use HTTPS.",
        ),
        why: text(
            "Kuki domain dapat ditetapkan atau dibaca melalui subdomain yang dibuka dengan http.",
            "Cookies of the domain can be set or read through a subdomain that is opened by http.",
        ),
        probe: text(
            "Arahan includeSubDomains dicari dalam pengepala.",
            "The directive is looked for in the header.",
        ),
        check: |facts| {
            about(facts, |hsts| {
                let narrow = hsts.state == HstsState::Present && !hsts.include_subdomains;
                holds_if(narrow, Evidence::default)
            })
        },
        mend: Some(|facts| {
            change(facts, |hsts| {
                hsts.include_subdomains = true;
                hsts.directives.insert("includesubdomains".to_owned(), String::new());
            });
        }),
        ..REMARK
    },
    Rule {
        id: "R-REDIRECT-PLAIN",
        source: "RFC 9110 section 15.4; RFC 6797 section 7.2",
        severity: Severity::Medium,
        title: text("Dialihkan kepada http", "Redirected to plain http"),
        finding: text(
            "Pelayan mengalihkan pengguna daripada https kepada alamat http tanpa penyulitan.",
            "The server redirects from https to an http address without encryption.",
        ),
        fix: text(
            "Tukar sasaran pengalihan kepada https.",
            "Change the target of the redirection to https.",
        ),
        why: text(
            "Data pengguna keluar daripada penyulitan dan dapat dibaca atau diubah.",
            "What the user sends leaves encryption and can be read or changed.",
        ),
        probe: text(
            "Laman utama dibaca; pengepala Location menunjuk kepada http.",
            "The front page is read; its Location header points to http.",
        ),
        who: Who::Developer,
        check: |facts| {
            http(facts, |http| {
                let plain_http = http.forwards_to.as_ref().is_some_and(|to| {
                    to.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("http://"))
                });
                holds_if(plain_http, Evidence::default)
            })
        },
        mend: Some(|facts| {
            if let Seen::Yes { value } = &mut facts.endpoint.http.seen {
                value.forwards_to = None;
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-SERVER-VERSION",
        source: "RFC 9110 section 10.2.4",
        title: text("Versi perisian didedahkan", "The software version is shown"),
        finding: text(
            "Pengepala Server mendedahkan versi perisian: {value}.",
            "The Server header shows the software version: {value}.",
        ),
        fix: text(
            "Buang nombor versi daripada pengepala Server.",
            "Remove the version number from the Server header.",
        ),
        why: text(
            "Penyerang yang mencari versi dengan kerentanan tertentu menemuinya dengan lebih \
             mudah.",
            "Who looks for a version with a known vulnerability finds it more easily.",
        ),
        probe: text(
            "Pengepala Server dibaca; ada nombor selepas nama perisian.",
            "The Server header is read; a number follows the name.",
        ),
        check: |facts| {
            http(facts, |http| {
                let named = http.server.as_deref().filter(|server| names_version(server));
                holds_if(named.is_some(), || {
                    Evidence::of("value", plain(named.unwrap_or_default()))
                })
            })
        },
        mend: Some(|facts| {
            if let Seen::Yes { value } = &mut facts.endpoint.http.seen {
                value.server = None;
            }
        }),
        ..REMARK
    },
    Rule {
        id: "R-HTTP",
        source: "what could not be found out never costs a grade, but earns no A+",
        title: text("HTTP tidak dapat dicapai", "HTTP cannot be reached"),
        finding: text(
            "Tiada jawapan HTTP diterima selepas sambungan TLS, maka HSTS belum dapat ditentukan.",
            "No HTTP answer came after the TLS connection, so HSTS is not yet determined.",
        ),
        fix: text(
            "Pastikan laman utama memberi jawapan, dan ulang semakan.",
            "See that the front page answers, and repeat the check.",
        ),
        why: text(
            "Taraf A+ tidak dapat diberikan tanpa melihat pengepala HSTS.",
            "A+ cannot be given without a look at the HSTS header.",
        ),
        probe: text(
            "Permintaan GET dihantar selepas jabat tangan TLS (handshake); tiada jawapan HTTP \
             yang dapat dibaca.",
            "A GET request is sent after the handshake; no HTTP answer can be read.",
        ),
        effort: Effort::Hours,
        // A failure is what this rule tells of, so it is no unknown here; not having asked is.
        check: |facts| {
            let failed = match &facts.endpoint.http.seen {
                _ if !speaks_http(facts) => return Verdict::NotApplicable,
                Seen::Yes { .. } => false,
                Seen::No => true,
                Seen::Unknown { why } => match why {
                    Why::Garbled | Why::Timeout | Why::Closed | Why::Reset => true,
                    _ => return Verdict::Unknown(*why),
                },
            };
            holds_if(failed, Evidence::default)
        },
        mend: Some(|facts| {
            let hsts = Hsts {
                state: HstsState::Present,
                headers: Vec::new(),
                max_age: Some(YEAR),
                include_subdomains: true,
                preload: false,
                directives: std::collections::BTreeMap::new(),
                error: None,
            };
            let http = Http {
                transactions: Vec::new(),
                status: 200,
                forwards_to: None,
                server: None,
                hsts,
            };
            facts.endpoint.http = Fact::yes(http, []);
        }),
        ..REMARK
    },
];

/// Whether HTTP is what is spoken here, as far as the target tells: not after STARTTLS, and not on
/// the ports registered for another protocol over TLS.
fn speaks_http(facts: &Facts) -> bool {
    let other = matches!(
        facts.target.port,
        465 | 563 | 636 | 853 | 989..=995 | 3269 | 5061 | 5223 | 5671 | 6514 | 6697 | 8883
    );
    facts.target.starttls.is_none() && !other
}

/// What is said of the HTTP answer.
fn http(facts: &Facts, judge: impl Fn(&Http) -> Verdict) -> Verdict {
    if !speaks_http(facts) {
        return Verdict::NotApplicable;
    }
    match &facts.endpoint.http.seen {
        Seen::Yes { value } => judge(value),
        Seen::No => Verdict::NotApplicable,
        Seen::Unknown { why } => Verdict::Unknown(*why),
    }
}

/// What is said of the policy.
fn about(facts: &Facts, judge: impl Fn(&Hsts) -> Verdict) -> Verdict {
    http(facts, |http| judge(&http.hsts))
}

fn is_long(hsts: &Hsts) -> bool {
    hsts.state == HstsState::Present && hsts.max_age.is_some_and(|age| age >= LONG)
}

/// The header as sent.
fn value(hsts: &Hsts) -> Evidence {
    let header = hsts.headers.first().map_or("-", String::as_str);
    Evidence::of("value", plain(header))
}

fn change(facts: &mut Facts, change: impl Fn(&mut Hsts)) {
    if let Seen::Yes { value } = &mut facts.endpoint.http.seen {
        change(&mut value.hsts);
    }
}

/// With a policy of a year. One that was not there covers the subdomains as well, so that no other
/// remark follows.
fn lengthen(facts: &mut Facts) {
    change(facts, |hsts| {
        let was_there = hsts.state == HstsState::Present;
        hsts.state = HstsState::Present;
        hsts.max_age = Some(YEAR);
        hsts.include_subdomains |= !was_there;
        hsts.error = None;
        hsts.directives.insert("max-age".to_owned(), YEAR.to_string());
        hsts.headers = vec![format!("max-age={YEAR}")];
    });
}

/// True if a digit follows a slash, as in `nginx/1.24`.
fn names_version(server: &str) -> bool {
    let after = server.split('/').skip(1);
    after.filter_map(|part| part.chars().next()).any(|c| c.is_ascii_digit())
}
