//! What HTTP said: headers, policies and the requests themselves.

use serde_json::{Map, Value};
use taraf_scanner::observe::{Fact, Hsts, HstsState, Http, Transaction};

use super::Fields;

/// The shortest `max-age` of HSTS that counts as long: 180 days, in seconds.
const LONG_MAX_AGE: u64 = 15_552_000;

/// What HTTP said.
pub(super) fn headers(fields: &mut Fields, http: &Fact<Http>) {
    fields.put("hstsPolicy", hsts(http.value().map(|http| &http.hsts)));
    let Some(http) = http.value() else { return };
    fields.put("httpStatusCode", http.status);
    fields.maybe("httpForwarding", http.forwards_to.as_deref());
    fields.maybe("serverSignature", http.server.as_deref());
    fields.list("httpTransactions", http.transactions.iter().map(transaction));
    let last = http.transactions.last();
    for (key, header) in
        [("hpkpPolicy", "public-key-pins"), ("hpkpRoPolicy", "public-key-pins-report-only")]
    {
        let has = |last: &Transaction| {
            last.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
        };
        // A policy that is there would have to be held against the chain: left out for now.
        if last.is_some_and(|last| !has(last)) {
            let mut policy = Fields::default();
            policy.put("status", "absent");
            for list in ["pins", "matchedPins", "directives"] {
                policy.list(list, []);
            }
            fields.put(key, policy.end());
        }
    }
}

/// Strict-Transport-Security; `unknown` is their word for what was not measured.
fn hsts(hsts: Option<&Hsts>) -> Value {
    let status = match hsts.map(|it| it.state) {
        None => "unknown",
        Some(HstsState::Absent) => "absent",
        Some(HstsState::Present) => "present",
        Some(HstsState::Disabled) => "disabled",
        Some(HstsState::Invalid) => "invalid",
    };
    let mut fields = Fields::default();
    fields.put("LONG_MAX_AGE", LONG_MAX_AGE);
    fields.put("status", status);
    let mut directives = Map::new();
    if let Some(hsts) = hsts {
        fields.maybe("header", hsts.headers.first().map(String::as_str));
        fields.maybe("error", hsts.error.as_deref());
        // Clients read it into a signed number.
        fields.maybe("maxAge", hsts.max_age.map(|age| age.min(i64::MAX.unsigned_abs())));
        fields.maybe("includeSubDomains", hsts.include_subdomains.then_some(true));
        fields.maybe("preload", hsts.preload.then_some(true));
        let pairs = hsts.directives.iter();
        directives.extend(pairs.map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
    }
    fields.put("directives", directives);
    fields.end()
}

/// A request and its answer.
fn transaction(transaction: &Transaction) -> Value {
    let headers = &transaction.headers;
    let mut fields = Fields::default();
    fields.put("requestUrl", transaction.url.as_str());
    fields.put("statusCode", transaction.status);
    fields.put("responseLine", transaction.status_line.as_str());
    let raw = headers.iter().map(|(name, value)| Value::from(format!("{name}: {value}")));
    fields.list("responseHeadersRaw", raw);
    let pair = |(name, value): &(String, String)| {
        let mut fields = Fields::default();
        fields.put("name", name.as_str());
        fields.put("value", value.as_str());
        fields.end()
    };
    fields.list("responseHeaders", headers.iter().map(pair));
    // What was sent is not kept, nor does taraf treat any server specially; clients want both.
    fields.list("requestHeaders", []);
    fields.put("fragileServer", false);
    fields.end()
}
