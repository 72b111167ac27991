//! Everything about a server that is neither suite nor certificate: HTTP, sessions, extensions,
//! flaws. Numbers are those of their documents; -1 and other negative ones mean that a test failed.

use taraf_scanner::observe::{
    Caa, CaaRecord, EarlyCcs, Fact, Flaws, Hsts, HstsState, Http, Oracle, RevocationStatus, Robot,
    Session, Staple, Tolerance, Why,
};

use super::document::{Cert, Details, Endpoint, Host};
use super::{bit, told, unknown};

/// What HTTP said. Without a word about HSTS, nothing is known: the request failed.
pub(super) fn http(details: &Details) -> Fact<Http> {
    let Some(hsts) = hsts(details) else { return unknown() };
    let http = Http {
        transactions: Vec::new(),
        // 0 is no status of HTTP: the document has none.
        status: details.http_status_code.and_then(|it| u16::try_from(it).ok()).unwrap_or(0),
        forwards_to: details.http_forwarding.clone(),
        server: details.server_signature.clone(),
        hsts,
    };
    Fact::yes(http, [])
}

/// Strict-Transport-Security, of the policy or else of the older fields of version 2.
fn hsts(details: &Details) -> Option<Hsts> {
    let policy = details.hsts_policy.as_ref();
    let status = policy.and_then(|it| it.status.as_deref()).or(details.sts_status.as_deref())?;
    let state = match status.to_ascii_lowercase().as_str() {
        "absent" => HstsState::Absent,
        "present" => HstsState::Present,
        "disabled" => HstsState::Disabled,
        "invalid" => HstsState::Invalid,
        _ => return None,
    };
    let header = policy.and_then(|it| it.header.clone()).or(details.sts_response_header.clone());
    let max_age = policy.and_then(|it| it.max_age).or(details.sts_max_age);
    let subdomains = policy.and_then(|it| it.include_sub_domains).or(details.sts_subdomains);
    let preload = policy.and_then(|it| it.preload).or(details.sts_preload);
    let directives = policy.and_then(|it| it.directives.clone()).unwrap_or_default();
    Some(Hsts {
        state,
        headers: header.filter(|it| !it.is_empty()).into_iter().collect(),
        max_age: max_age.and_then(|it| u64::try_from(it).ok()),
        include_subdomains: subdomains == Some(true),
        preload: preload == Some(true),
        directives: directives.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect(),
        error: policy.and_then(|it| it.error.clone()),
    })
}

/// Who may issue certificates: the document says it of leaves.
pub(super) fn caa<'a>(host: &'a Host, endpoints: impl Iterator<Item = &'a Endpoint>) -> Fact<Caa> {
    let old = endpoints.filter_map(|it| it.details.as_ref()?.cert.as_ref());
    let mut certs: Vec<&Cert> = host.certs.iter().flatten().chain(old).collect();
    certs.retain(|it| it.dns_caa.is_some());
    let policy = certs.iter().find_map(|it| it.caa_policy.as_ref());
    match (certs.iter().filter_map(|it| it.dns_caa).max(), policy) {
        (Some(true), Some(policy)) => {
            let records = policy.caa_records.iter().flatten().map(|it| CaaRecord {
                critical: bit(it.flags, 128) == Some(true),
                tag: it.tag.clone().unwrap_or_default(),
                value: it.value.clone().unwrap_or_default(),
            });
            let at = policy.policy_hostname.clone().unwrap_or_default();
            Fact::yes(Caa { at, records: records.collect() }, [])
        }
        (Some(false), _) => Fact::no([]),
        _ => unknown(),
    }
}

/// Names of application protocols.
pub(super) fn names(supported: Option<bool>, names: Option<&str>) -> Fact<Vec<String>> {
    told(supported, names.unwrap_or_default().split_whitespace().map(str::to_owned).collect())
}

/// Only DEFLATE (RFC 3749) has a bit of its own.
pub(super) fn compression(details: &Details) -> Fact<u8> {
    match details.compression_methods {
        Some(0) => Fact::no([]),
        Some(methods) if methods > 0 && methods & 1 != 0 => Fact::yes(1, []),
        _ => unknown(),
    }
}

/// Resumption: by id 0 no ids, 1 ids that are not taken back, 2 it works; tickets in bits, 1 for
/// those handed out.
pub(super) fn session(details: &Details) -> Session {
    let (issued, resumed) = match details.session_resumption {
        Some(0) => (Some(false), Some(false)),
        Some(1) => (Some(true), Some(false)),
        Some(2) => (Some(true), Some(true)),
        _ => (None, None),
    };
    Session {
        id_issued: told(issued, ()),
        id_resumed: told(resumed, ()),
        ticket_issued: told(bit(details.session_tickets, 1), None),
        ticket_resumed: unknown(),
        psk_issued: unknown(),
        psk_resumed: unknown(),
        early_data: told(bit(details.zero_rtt_enabled, 1), ()),
    }
}

/// A set bit is a hello that was not answered.
pub(super) fn tolerance(details: &Details) -> Tolerance {
    let answers = |bits, of| told(bit(bits, of).map(|refused| !refused), ());
    Tolerance {
        tls13: answers(details.protocol_intolerance, 8),
        version_0499: answers(details.protocol_intolerance, 32),
        unknown_extension: answers(details.misc_intolerance, 1),
        over_512: answers(details.misc_intolerance, 2),
        ..Tolerance::default()
    }
}

/// The stapled response, as far as its status is told.
pub(super) fn staple(details: &Details) -> Option<Staple> {
    if details.ocsp_stapling != Some(true) {
        return None;
    }
    let status = match details.stapling_status {
        Some(1) => RevocationStatus::Revoked { at: 0, reason: None },
        Some(2) => RevocationStatus::NotRevoked { until: None },
        _ => return None,
    };
    let (produced_at, this_update, next_update) = (None, None, None);
    Some(Staple { status, produced_at, this_update, next_update, signed: None })
}

/// Known flaws.
pub(super) fn flaws(details: &Details) -> Flaws {
    Flaws {
        heartbleed: told(details.heartbleed, ()),
        early_ccs: among(details.open_ssl_ccs, &[(2, EarlyCcs::Taken), (3, EarlyCcs::Exploitable)]),
        // 3 is another fault of the same kind that gives nothing away.
        ticketbleed: match details.ticketbleed {
            Some(3) => Fact::no([]),
            other => among(other, &[(2, ())]),
        },
        // 4 is that answers did not agree.
        robot: match details.bleichenbacher {
            Some(4) => Fact::unknown(Why::Inconsistent, []),
            other => among(other, &[(2, Robot::Little), (3, Robot::Much)]),
        },
        poodle_tls: among(details.poodle_tls, &[(2, ())]),
        lucky_minus_20: among(details.lucky_minus_20, &[(2, ())]),
        zombie_poodle: oracle(details.zombie_poodle, 2),
        goldendoodle: oracle(details.golden_doodle, 4),
        sleeping_poodle: oracle(details.sleeping_poodle, 10),
        zero_length: oracle(details.zero_length_padding_oracle, 6),
        // Not to have found such a server means nothing if the search failed.
        drown: match (details.drown_vulnerable, details.drown_errors) {
            (Some(false), Some(true)) => unknown(),
            (vulnerable, _) => told(vulnerable, ()),
        },
        legacy_renegotiation: told(bit(details.reneg_support, 1), ()),
        client_renegotiation: told(bit(details.reneg_support, 4), ()),
        ..Flaws::default()
    }
}

/// Padding oracles have one number for each, and the next for one that can be used.
fn oracle(answer: Option<i64>, observable: i64) -> Fact<Oracle> {
    among(answer, &[(observable, Oracle::Observable), (observable + 1, Oracle::Exploitable)])
}

/// 1 is always no; all that is not among the numbers for yes is unknown.
fn among<T: Copy>(answer: Option<i64>, yes: &[(i64, T)]) -> Fact<T> {
    if answer == Some(1) {
        return Fact::no([]);
    }
    let found = yes.iter().find(|(number, _)| answer == Some(*number));
    found.map_or_else(unknown, |(_, value)| Fact::yes(*value, []))
}
