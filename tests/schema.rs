//! The JSON of `taraf scan --format json` is a promise: `docs/observation.schema.json` describes
//! every field of it, and nothing that is not there. `docs/OBSERVATION.md` tells people the same;
//! its tables are made from the schema. To make them anew after a change:
//!
//! ```text
//! TARAF_WRITE_DOCS=1 cargo test --test schema
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::observe::*;
use taraf_scanner::scan::Trust;
use taraf_scanner::wire::StartTls;
use taraf_scanner::wire::flight::Foreign;

use samples::{full, samples};

#[path = "schema/pki.rs"]
mod pki;
#[path = "schema/samples.rs"]
mod samples;

#[test]
fn every_field_is_described_and_every_description_has_a_field() {
    let schema = Schema::read();
    let mut used = BTreeSet::new();
    for (name, observation) in samples() {
        let json = serde_json::to_value(&observation).unwrap();
        let found = schema.check(&json);
        assert_eq!(found.faults, [""; 0], "{name}");
        used.extend(found.used);
        let back: Observation = serde_json::from_value(json).unwrap();
        assert_eq!(back, observation, "{name}: nothing is lost on the way");
    }
    let unused: Vec<_> = schema.properties().difference(&used).cloned().collect();
    assert_eq!(unused, [""; 0], "described, but never there");
}

#[test]
fn every_value_of_a_closed_list_is_described() {
    let schema = Schema::read();
    let is = |pointer: &str, variants: Vec<String>| {
        assert_eq!(schema.choices(pointer), variants, "{pointer}");
    };
    is("/$defs/why", variants::<Why>(json!("?")));
    is("/$defs/starttls", variants::<StartTls>(json!("?")));
    is("/$defs/contact", variants::<Contact>(json!({"state": "?"})));
    is("/$defs/refusal", variants::<Refusal>(json!({"by": "?"})));
    is("/$defs/foreign", variants::<Foreign>(json!({"kind": "?"})));
    is("/$defs/fact/properties/answer", variants::<Seen<()>>(json!({"answer": "?"})));
    is("/$defs/dns/properties/source", variants::<AddressSource>(json!("?")));
    is("/$defs/sent/properties/sni", variants::<SniSent>(json!("?")));
    is("/$defs/sent/properties/key", variants::<KeyType>(json!("?")));
    is("/$defs/hsts/properties/state", variants::<HstsState>(json!("?")));
    is("/$defs/sni/properties/unrecognised/properties/value", variants::<Unrecognised>(json!("?")));
    is("/$defs/endpoint/properties/alpn_mismatch/properties/value", {
        variants::<AlpnMismatch>(json!("?"))
    });
    is("/$defs/dns/properties/dnssec/properties/value", variants::<Dnssec>(json!("?")));
    is("/$defs/chain/properties/serves", variants::<Serves>(json!("?")));
    is("/$defs/placed/properties/role", variants::<Role>(json!("?")));
    is("/$defs/completeness", variants::<Completeness>(json!({"state": "?"})));
    is("/$defs/path_fault", variants::<PathFault>(json!({"fault": "?"})));
    is("/$defs/cert_source", variants::<CertSource>(json!("?")));
    is("/$defs/validation", variants::<Validation>(json!("?")));
    is("/$defs/revocation_status", variants::<RevocationStatus>(json!({"status": "?"})));
    is("/$defs/flaws/properties/early_ccs/properties/value", variants::<EarlyCcs>(json!("?")));
    is("/$defs/flaws/properties/robot/properties/value", variants::<Robot>(json!("?")));
    is("/$defs/oracle", variants::<Oracle>(json!("?")));
    is("/$defs/live_simulation/properties/outcome", {
        variants::<LiveOutcome>(json!({"outcome": "?"}))
    });
}

/// The kinds of keys are an open list, so they stand in a description.
#[test]
fn every_kind_of_key_is_described() {
    use KeyAlgorithm::{Dsa, Ec, Ed448, Ed25519, Rsa, RsaPss};
    let schema = Schema::read();
    let told = schema.at("/$defs/key_facts/properties/algorithm/description").as_str().unwrap();
    for kind in [Rsa, RsaPss, Ec, Dsa, Ed25519, Ed448] {
        let name = kind.as_str();
        assert!(told.contains(&format!("`{name}`")), "{name} is not in: {told}");
        assert_eq!(KeyAlgorithm::from(name.to_owned()), kind);
    }
}

#[test]
fn recorded_scans_fit_the_schema() {
    let schema = Schema::read();
    let Ok(directory) = std::fs::read_dir(top().join("tests/recordings")) else { return };
    for entry in directory {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".rec.json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for recording in serde_json::Deserializer::from_str(&text).into_iter::<Recording>() {
            let recording = recording.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let observation = taraf_scanner::scan::replay(&recording, &Trust::default());
            let found = schema.check(&serde_json::to_value(&observation).unwrap());
            assert_eq!(found.faults, [""; 0], "{}", path.display());
        }
    }
}

#[test]
fn the_document_for_people_says_the_same() {
    const BEGIN: &str = "<!-- Made from observation.schema.json by tests/schema.rs. -->\n";
    let path = top().join("docs/OBSERVATION.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, tables) = text.split_once(BEGIN).expect("the mark where the tables begin");
    let made = format!("\n{}", Schema::read().tables());
    if std::env::var_os("TARAF_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{made}")).unwrap();
        return;
    }
    let differs = made.lines().zip(tables.lines()).find(|(made, found)| made != found);
    assert!(made == tables, "run with TARAF_WRITE_DOCS=1; the first difference: {differs:#?}");
}

#[test]
fn the_number_is_the_one_of_the_schema() {
    let schema = Schema::read();
    assert_eq!(schema.0["properties"]["schema"]["const"], json!(SCHEMA));
    assert_eq!(schema.0["$id"], json!(format!("urn:taraf:observation:{SCHEMA}")));
}

/// The check can fail: each fault is planted in an observation without any.
#[test]
fn the_check_sees_what_is_wrong() {
    let schema = Schema::read();
    let mut good = full();
    good.endpoints.truncate(1);
    let good = serde_json::to_value(good).unwrap();
    type Plant = fn(&mut Value);
    let plants: [(&str, Plant); 18] = [
        ("a field nobody described", |v| v["endpoints"][0]["mood"] = json!("fine")),
        ("a field gone", |v| drop(v["endpoints"][0].as_object_mut().unwrap().remove("dh"))),
        ("another type", |v| v["started_ms"] = json!("today")),
        ("another schema", |v| v["schema"] = json!(SCHEMA + 1)),
        ("a value with a no", |v| v["dns"]["ech"] = json!({"answer": "no", "value": "AA=="})),
        ("a yes without a value", |v| v["dns"]["ech"] = json!({"answer": "yes"})),
        ("an unknown without a reason", |v| v["dns"]["ech"] = json!({"answer": "unknown"})),
        ("a reason nobody described", |v| {
            v["dns"]["ech"] = json!({"answer": "unknown", "why": "tired"});
        }),
        ("a value of another type", |v| {
            v["dns"]["ech"] = json!({"answer": "yes", "value": 1, "how": []});
        }),
        ("a field of another case", |v| v["endpoints"][0]["contact"]["why"] = json!("closed")),
        ("a number out of range", |v| v["target"]["port"] = json!(0)),
        ("a name that is none", |v| v["endpoints"][0]["chains"][0]["certificates"][0] = json!("a")),
        ("half a pair", |v| {
            drop(v["endpoints"][0]["dh"][0]["suites"][0].as_array_mut().unwrap().pop());
        }),
        ("a certificate by another name", |v| {
            let all = v["pki"]["certificates"].as_object_mut().unwrap();
            let one = all.values().next().unwrap().clone();
            all.insert("leaf".to_owned(), one);
        }),
        ("a role nobody described", |v| {
            v["endpoints"][0]["chains"][0]["facts"]["sent"][0]["role"] = json!("guest");
        }),
        ("a fault of another case", |v| {
            v["endpoints"][0]["chains"][0]["facts"]["trust"][0]["fault"]["since"] = json!(1);
        }),
        ("nothing missing and yet incomplete", |v| {
            v["endpoints"][0]["chains"][0]["facts"]["completeness"] =
                json!({"state": "incomplete"});
        }),
        ("a moment that is a word", |v| {
            v["endpoints"][0]["staple"]["this_update"] = json!("yesterday");
        }),
    ];
    assert_eq!(schema.check(&good).faults, [""; 0]);
    for (what, plant) in plants {
        let mut json = good.clone();
        plant(&mut json);
        assert!(!schema.check(&json).faults.is_empty(), "{what}");
    }
}

fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The values an enum knows, asked of serde: it lists them when it meets another.
fn variants<T: DeserializeOwned + Debug>(unknown: Value) -> Vec<String> {
    let error = serde_json::from_value::<T>(unknown).unwrap_err().to_string();
    let (_, list) = error.split_once("expected").unwrap_or_else(|| panic!("{error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A checker for the part of JSON Schema that the document uses; a keyword it does not know is a
/// fault of the document. Stricter than the standard: a field that is not described is a fault.
struct Schema(Value);

/// What a check found.
#[derive(Default)]
struct Found {
    faults: Vec<String>,
    /// Places in the document of the fields that were described.
    fields: BTreeSet<String>,
    /// Places in the schema of the descriptions that were used.
    used: BTreeSet<String>,
}

impl Found {
    fn fault(&mut self, at: &str, what: impl std::fmt::Display) {
        self.faults.push(format!("{at}: {what}"));
    }

    fn add(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.fields.extend(other.fields);
        self.used.extend(other.used);
    }
}

impl Schema {
    fn read() -> Self {
        let path: PathBuf = top().join("docs/observation.schema.json");
        Self(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    }

    fn at(&self, pointer: &str) -> &Value {
        self.0.pointer(pointer).unwrap_or_else(|| panic!("the schema has no {pointer}"))
    }

    /// Checks a whole document, and that each of its fields was described.
    fn check(&self, value: &Value) -> Found {
        let mut found = self.check_one("", value, "");
        let mut open = vec![(String::new(), value)];
        while let Some((at, value)) = open.pop() {
            for (name, field) in value.as_object().into_iter().flatten() {
                let at = format!("{at}/{name}");
                if !found.fields.contains(&at) {
                    found.fault(&at, "is not described");
                }
                open.push((at, field));
            }
            for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                open.push((format!("{at}/{i}"), item));
            }
        }
        found
    }

    fn check_one(&self, pointer: &str, value: &Value, at: &str) -> Found {
        let mut found = Found::default();
        let keywords = match self.at(pointer) {
            Value::Bool(true) => return found,
            Value::Bool(false) => {
                found.fault(at, "may not be here");
                return found;
            }
            Value::Object(keywords) => keywords,
            other => panic!("{pointer}: {other} is no schema"),
        };
        for (keyword, rule) in keywords {
            let inner = format!("{pointer}/{keyword}");
            match keyword.as_str() {
                "$ref" => {
                    let target = rule.as_str().unwrap().strip_prefix('#').unwrap();
                    found.add(self.check_one(target, value, at));
                }
                "type" if !types(rule).iter().any(|name| is_type(value, name)) => {
                    found.fault(at, format_args!("{value} is not of type {rule}"));
                }
                "const" if value != rule => found.fault(at, format_args!("{value} is not {rule}")),
                "minimum" if value.as_i64() < rule.as_i64() && value.is_number() => {
                    found.fault(at, format_args!("{value} is less than {rule}"));
                }
                "maximum" if value.as_i64() > rule.as_i64() && value.is_number() => {
                    found.fault(at, format_args!("{value} is more than {rule}"));
                }
                "pattern" if !fits(rule.as_str().unwrap(), value.as_str().unwrap_or_default()) => {
                    found.fault(at, format_args!("{value} does not fit {rule}"));
                }
                "contentEncoding" if !is_base64(value.as_str().unwrap_or_default()) => {
                    found.fault(at, format_args!("{value} is not base64"));
                }
                "required" => {
                    for name in rule.as_array().unwrap() {
                        if value.get(name.as_str().unwrap()).is_none() {
                            found.fault(at, format_args!("{name} is missing"));
                        }
                    }
                }
                "properties" => {
                    for name in rule.as_object().unwrap().keys() {
                        if let Some(field) = value.get(name) {
                            let place = format!("{inner}/{name}");
                            let at = format!("{at}/{name}");
                            found.add(self.check_one(&place, field, &at));
                            found.used.insert(place);
                            found.fields.insert(at);
                        }
                    }
                }
                "propertyNames" => {
                    for name in value.as_object().into_iter().flat_map(Map::keys) {
                        found.add(self.check_one(&inner, &json!(name), at));
                    }
                }
                "additionalProperties" => {
                    for (name, field) in value.as_object().into_iter().flatten() {
                        let at = format!("{at}/{name}");
                        found.add(self.check_one(&inner, field, &at));
                        found.fields.insert(at);
                    }
                }
                "prefixItems" => {
                    for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                        if i < rule.as_array().unwrap().len() {
                            let place = format!("{inner}/{i}");
                            found.add(self.check_one(&place, item, &format!("{at}/{i}")));
                        }
                    }
                }
                "items" => {
                    let first = keywords.get("prefixItems").and_then(Value::as_array);
                    let first = first.map_or(0, Vec::len);
                    for (i, item) in value.as_array().into_iter().flatten().enumerate().skip(first)
                    {
                        found.add(self.check_one(&inner, item, &format!("{at}/{i}")));
                    }
                }
                "minItems" => {
                    let length = value.as_array().map_or(0, Vec::len);
                    if (length as u64) < rule.as_u64().unwrap() {
                        found.fault(at, format_args!("{length} items are less than {rule}"));
                    }
                }
                "oneOf" => {
                    let branches = 0..rule.as_array().unwrap().len();
                    let tried: Vec<Found> = branches
                        .map(|i| self.check_one(&format!("{inner}/{i}"), value, at))
                        .collect();
                    let fitting = tried.iter().filter(|branch| branch.faults.is_empty()).count();
                    if fitting == 1 {
                        let fit = tried.into_iter().find(|branch| branch.faults.is_empty());
                        found.add(fit.unwrap());
                    } else {
                        let faults: Vec<_> = tried.into_iter().flat_map(|b| b.faults).collect();
                        found.fault(at, format_args!("{fitting} cases fit {value}: {faults:?}"));
                    }
                }
                "type" | "const" | "minimum" | "maximum" | "pattern" | "contentEncoding" => {}
                "title" | "description" | "$defs" | "$schema" | "$id" => {}
                _ => panic!("{inner}: the checker does not know this keyword"),
            }
        }
        found
    }

    /// Every field the schema describes, as places within it.
    fn properties(&self) -> BTreeSet<String> {
        fn walk(schema: &Value, at: &str, into: &mut BTreeSet<String>) {
            match schema {
                Value::Object(map) => {
                    for (key, inner) in map {
                        let place = format!("{at}/{key}");
                        let described = at.ends_with("/properties") && !inner.is_boolean();
                        if described {
                            into.insert(place.clone());
                        }
                        walk(inner, &place, into);
                    }
                }
                Value::Array(list) => {
                    for (i, inner) in list.iter().enumerate() {
                        walk(inner, &format!("{at}/{i}"), into);
                    }
                }
                _ => {}
            }
        }
        let mut places = BTreeSet::new();
        walk(&self.0, "", &mut places);
        places
    }

    /// The constants of a closed list, or those that tell its cases apart.
    fn choices(&self, pointer: &str) -> Vec<String> {
        let cases = self.at(pointer)["oneOf"].as_array().unwrap();
        let choice = |case: &Value| choice(case).unwrap().1.as_str().unwrap().to_owned();
        cases.iter().map(choice).collect()
    }
}

fn types(rule: &Value) -> Vec<&str> {
    match rule {
        Value::Array(list) => list.iter().map(|name| name.as_str().unwrap()).collect(),
        one => vec![one.as_str().unwrap()],
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => panic!("the checker does not know the type {name}"),
    }
}

/// The two patterns of the document.
fn fits(pattern: &str, text: &str) -> bool {
    let hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match pattern {
        "^[0-9a-f]*$" => hex,
        "^[0-9a-f]{64}$" => hex && text.len() == 64,
        _ => panic!("the checker does not know the pattern {pattern}"),
    }
}

fn is_base64(text: &str) -> bool {
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    text.len().is_multiple_of(4) && text.bytes().all(alphabet)
}

/// The constant of a case: its own, or that of the one field that tells it from the others.
fn choice(case: &Value) -> Option<(Option<&str>, &Value)> {
    if let Some(own) = case.get("const") {
        return Some((None, own));
    }
    let fields = case.get("properties")?.as_object()?;
    fields.iter().find_map(|(name, field)| Some((Some(name.as_str()), field.get("const")?)))
}

/// The tables for people.
impl Schema {
    fn tables(&self) -> String {
        let mut order = vec![String::new()];
        let mut next = 0;
        while let Some(pointer) = order.get(next).cloned() {
            next += 1;
            let mut at = next;
            for target in self.targets(&pointer) {
                if !order.contains(&target) && !told_in_prose(&target) {
                    order.insert(at, target);
                    at += 1;
                }
            }
        }
        let tables = order.iter().map(|pointer| self.table(self.at(pointer)));
        tables.collect::<Vec<_>>().join("\n")
    }

    fn table(&self, schema: &Value) -> String {
        let title = schema["title"].as_str().unwrap();
        let mut text = format!("### {title}\n\n{}\n\n", schema["description"].as_str().unwrap());
        if let Some(cases) = schema.get("oneOf").and_then(Value::as_array) {
            let tag = choice(&cases[0]).unwrap().0;
            let head = tag.map_or_else(|| "Value".to_owned(), |tag| format!("`{tag}`"));
            writeln!(text, "| {head} | Meaning |\n| --- | --- |").unwrap();
            for case in cases {
                let (_, value) = choice(case).unwrap();
                let mut meaning = case["description"].as_str().unwrap().to_owned();
                for (name, field) in fields(case).iter().filter(|(name, _)| Some(*name) != tag) {
                    let what = field["description"].as_str().unwrap();
                    write!(meaning, "<br>`{name}` ({}): {what}", self.kind(field)).unwrap();
                }
                writeln!(text, "| `{}` | {meaning} |", value.as_str().unwrap()).unwrap();
            }
            return text;
        }
        text.push_str("| Field | Type | Meaning |\n| --- | --- | --- |\n");
        for (name, field) in fields(schema) {
            let mut meaning = field["description"].as_str().unwrap().to_owned();
            let value = field.pointer("/properties/value").unwrap_or(field);
            for case in value.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
                if let Some((None, value)) = choice(case) {
                    let what = case["description"].as_str().unwrap();
                    write!(meaning, "<br>`{}`: {what}", value.as_str().unwrap()).unwrap();
                }
            }
            writeln!(text, "| `{name}` | {} | {meaning} |", self.kind(field)).unwrap();
        }
        text
    }

    /// The kind of a value in words.
    fn kind(&self, schema: &Value) -> String {
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            return match target {
                "#/$defs/fact" => format!("fact: {}", self.kind(&schema["properties"]["value"])),
                "#/$defs/flag" => "fact".to_owned(),
                "#/$defs/questions" => "list of integers".to_owned(),
                _ => {
                    let target = self.at(target.strip_prefix('#').unwrap());
                    let title = target["title"].as_str().unwrap();
                    format!("[{title}](#{})", title.to_lowercase().replace(' ', "-"))
                }
            };
        }
        if let Some(items) = schema.get("prefixItems").and_then(Value::as_array) {
            let items: Vec<_> = items.iter().map(|item| self.kind(item)).collect();
            return format!("[{}]", items.join(", "));
        }
        if let Some(cases) = schema.get("oneOf").and_then(Value::as_array) {
            let cases = cases.iter().filter(|case| case.get("const").is_none());
            let cases: Vec<_> = cases.map(|case| self.kind(case)).collect();
            return if cases.is_empty() { "string".to_owned() } else { cases.join(" or ") };
        }
        if let Some(constant) = schema.get("const") {
            return constant.to_string();
        }
        if let Some(items) = schema.get("items") {
            return format!("list of {}", plural(self.kind(items)));
        }
        if schema.get("contentEncoding").is_some() {
            return "base64".to_owned();
        }
        types(&schema["type"]).join(" or ")
    }

    /// What a part of the schema refers to, in the order of its fields.
    fn targets(&self, pointer: &str) -> Vec<String> {
        fn refs(schema: &Value, into: &mut Vec<String>) {
            if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
                into.push(target.trim_start_matches('#').to_owned());
            }
            for inner in ["items", "additionalProperties"].iter().filter_map(|k| schema.get(k)) {
                refs(inner, into);
            }
            for key in ["oneOf", "prefixItems"] {
                let list = schema.get(key).and_then(Value::as_array);
                list.into_iter().flatten().for_each(|inner| refs(inner, into));
            }
            fields(schema).iter().for_each(|(_, field)| refs(field, into));
        }
        let mut found = Vec::new();
        refs(self.at(pointer), &mut found);
        found
    }
}

/// The fields of an object: those that are always there in their order, then the others.
fn fields(schema: &Value) -> Vec<(&str, &Value)> {
    let Some(all) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
    let required = schema.get("required").and_then(Value::as_array);
    let always: Vec<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    let rest = all.keys().map(String::as_str).filter(|name| !always.contains(name));
    let names = always.iter().copied().chain(rest);
    names.filter_map(|name| Some((name, all.get(name)?))).collect()
}

fn plural(kind: String) -> String {
    if kind.ends_with(['r', 'n', 'g']) { kind + "s" } else { kind }
}

/// Parts of the schema that the document explains before the tables.
fn told_in_prose(pointer: &str) -> bool {
    ["/$defs/fact", "/$defs/flag", "/$defs/questions"].contains(&pointer)
}
