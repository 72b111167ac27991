//! Known flaws, in the numbers of the service. Whether a flaw is there is what the table of known
//! weaknesses says; what nobody asked about is left out, and what was asked in vain has the number
//! the service has for that.

use taraf_scanner::observe::{EarlyCcs, Endpoint, Fact, Oracle, Robot, Why};
use taraf_scanner::report::{Graded, Standing, Weakness};

use super::{Fields, bits};

/// A test that failed.
const FAILED: i64 = -1;
/// A test that did not decide.
const UNKNOWN: i64 = 0;
/// The flaw is not there.
const NO: i64 = 1;
/// A test that came to no answer in time, where that has a number.
const TIMEOUT: i64 = -3;
/// Answers to RSA blocks that differ from time to time.
const INCONSISTENT: i64 = 4;

/// Puts what is known of flaws.
pub(super) fn put(fields: &mut Fields, endpoint: &Endpoint, graded: &Graded) {
    let flaws = &endpoint.flaws;
    let of = |id| graded.weakness(id);
    fields.maybe("heartbleed", of("heartbleed").and_then(there));
    let ccs = |ccs: &EarlyCcs| match ccs {
        EarlyCcs::Taken => 2,
        EarlyCcs::Exploitable => 3,
    };
    fields
        .maybe("openSslCcs", of("ccs-injection").and_then(|it| number(it, &flaws.early_ccs, ccs)));
    let two = |(): &()| 2;
    let lucky = of("cve-2016-2107").and_then(|it| number(it, &flaws.lucky_minus_20, two));
    fields.maybe("openSSLLuckyMinus20", lucky);
    fields
        .maybe("ticketbleed", of("ticketbleed").and_then(|it| number(it, &flaws.ticketbleed, two)));
    fields.maybe("bleichenbacher", of("robot").and_then(|it| robot(it, &flaws.robot)));
    for (key, id, fact, observable) in [
        ("zombiePoodle", "zombie-poodle", &flaws.zombie_poodle, 2),
        ("goldenDoodle", "goldendoodle", &flaws.goldendoodle, 4),
        ("zeroLengthPaddingOracle", "zero-length", &flaws.zero_length, 6),
        ("sleepingPoodle", "sleeping-poodle", &flaws.sleeping_poodle, 10),
    ] {
        let oracle = |oracle: &Oracle| match oracle {
            Oracle::Observable => observable,
            Oracle::Exploitable => observable + 1,
        };
        fields.maybe(key, of(id).and_then(|it| number(it, fact, oracle)));
    }
    let poodle = of("poodle-tls").and_then(|it| match it.why {
        Some(Why::Timeout) => Some(TIMEOUT),
        _ => number(it, &flaws.poodle_tls, two),
    });
    fields.maybe("poodleTls", poodle);
}

/// Whether a weakness is there, if it is known.
pub(super) fn there(weakness: &Weakness) -> Option<bool> {
    match weakness.verdict {
        Standing::Vulnerable => Some(true),
        Standing::NotVulnerable => Some(false),
        Standing::Potential | Standing::NotTestable => None,
    }
}

/// The number for what was shown, for no, and for what is not known.
fn number<T>(weakness: &Weakness, fact: &Fact<T>, yes: impl FnOnce(&T) -> i64) -> Option<i64> {
    match (weakness.verdict, fact.value()) {
        (Standing::NotVulnerable, _) => Some(NO),
        (Standing::Vulnerable | Standing::Potential, Some(value)) => Some(yes(value)),
        _ => match weakness.why? {
            Why::NotAsked | Why::NotApplicable | Why::Budget | Why::Paced | Why::NotRecorded => {
                None
            }
            Why::Inconsistent => Some(UNKNOWN),
            _ => Some(FAILED),
        },
    }
}

/// ROBOT has a number for answers that differ from time to time.
fn robot(weakness: &Weakness, fact: &Fact<Robot>) -> Option<i64> {
    if weakness.why == Some(Why::Inconsistent) {
        return Some(INCONSISTENT);
    }
    number(weakness, fact, |robot| match robot {
        Robot::Little => 2,
        Robot::Much => 3,
    })
}

/// 1 insecure renegotiation by the client, 2 secure renegotiation, 4 secure renegotiation by the
/// client. The field is there where the second is known, or another is set.
pub(super) fn renegotiation(endpoint: &Endpoint) -> Option<u32> {
    let shown = |fact: &Fact<()>| fact.is_yes().then_some(true);
    let flaws = &endpoint.flaws;
    let by_client =
        bits([(1, shown(&flaws.legacy_renegotiation)), (4, shown(&flaws.client_renegotiation))]);
    match (bits([(2, endpoint.secure_renegotiation.known())]), by_client) {
        (Some(secure), by_client) => Some(secure | by_client.unwrap_or_default()),
        (None, by_client) => by_client,
    }
}
