//! The grade of an endpoint, and what known clients make of it, as the service tells them.

use serde_json::Value;
use taraf_scanner::grade::simulate::Failure;
use taraf_scanner::observe::Endpoint;
use taraf_scanner::report::{Graded, Simulation};

use super::{Fields, suites};

/// Puts the grade where the service has it.
pub(super) fn grade(fields: &mut Fields, graded: &Graded) {
    fields.put("grade", graded.grade.ssllabs().as_str());
    fields.put("gradeTrustIgnored", graded.grade_trust_ignored.ssllabs().as_str());
    fields.put("hasWarnings", graded.has_warnings);
    fields.put("isExceptional", graded.is_exceptional);
}

/// Puts what follows from known clients, and what each of them gets.
pub(super) fn clients(fields: &mut Fields, endpoint: &Endpoint, graded: &Graded) {
    fields.maybe("forwardSecrecy", graded.forward_secrecy);
    fields.maybe("rc4WithModern", graded.rc4_with_modern);
    let results: Vec<Value> =
        graded.simulations.iter().filter_map(|it| simulation(endpoint, it)).collect();
    if results.is_empty() {
        return;
    }
    let mut sims = Fields::default();
    sims.list("results", results);
    fields.put("sims", sims.end());
}

/// What one client gets; nothing if it is not known.
fn simulation(endpoint: &Endpoint, simulation: &Simulation) -> Option<Value> {
    let mut fields = Fields::default();
    fields.put("client", client(simulation));
    match (simulation.version, simulation.suite, simulation.fails) {
        (Some(version), Some(suite), _) => {
            fields.put("errorCode", 0);
            fields.put("attempts", 1);
            fields.put("protocolId", suites::number(version));
            fields.put("suiteId", suite.0);
            fields.maybe("suiteName", suite.info().map(|info| info.name));
            suites::simulated_exchange(&mut fields, endpoint, version, suite, simulation.group);
        }
        (_, _, Some(why)) => {
            let (message, attempts) = match why {
                Failure::Protocol => ("Protocol mismatch (not simulated)", 0),
                Failure::ServerName => {
                    ("Client does not support SNI, which the server needs (not simulated)", 0)
                }
                _ => ("Server sent fatal alert: handshake_failure", 1),
            };
            fields.put("errorCode", 1);
            fields.put("errorMessage", message);
            fields.put("attempts", attempts);
        }
        _ => return None,
    }
    Some(fields.end())
}

/// A client, its name taken apart as the service has it.
fn client(simulation: &Simulation) -> Value {
    let (name, version, platform) = parts(simulation.client);
    let mut fields = Fields::default();
    fields.put("id", simulation.id);
    fields.put("name", name);
    fields.maybe("platform", platform);
    fields.put("version", version);
    fields.put("isReference", simulation.reference);
    fields.end()
}

/// Name, version and platform of a name such as `Firefox 31.3.0 ESR / Win 7`. The version begins
/// with the first word that has a digit, or that is a month before a year.
fn parts(client: &str) -> (&str, &str, Option<&str>) {
    let (client, platform) = match client.split_once(" / ") {
        Some((client, platform)) => (client, Some(platform)),
        None => (client, None),
    };
    let starts_version = |word: &str| {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        word.starts_with(|c: char| c.is_ascii_digit()) || MONTHS.contains(&word)
    };
    let words = client.match_indices(' ').map(|(at, _)| at + 1);
    let version = words
        .filter_map(|at| client.get(at..).map(|rest| (at, rest)))
        .find(|(_, rest)| rest.split(' ').next().is_some_and(starts_version));
    match version {
        Some((at, version)) => (client.get(..at - 1).unwrap_or(client), version, platform),
        None => (client, "", platform),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clients_are_taken_apart() {
        for (client, want) in [
            ("Firefox 31.3.0 ESR / Win 7", ("Firefox", "31.3.0 ESR", Some("Win 7"))),
            ("Yahoo Slurp Jan 2015", ("Yahoo Slurp", "Jan 2015", None)),
            ("Android 2.3.7", ("Android", "2.3.7", None)),
            ("IE 8-10 / Win 7", ("IE", "8-10", Some("Win 7"))),
            ("Apple ATS 9 / iOS 9", ("Apple ATS", "9", Some("iOS 9"))),
            ("OpenSSL 1.0.1l", ("OpenSSL", "1.0.1l", None)),
            ("curl", ("curl", "", None)),
        ] {
            assert_eq!(parts(client), want);
        }
    }
}
