//! Recordings of real servers, replayed without a network: the same facts as the scan that made
//! them, every time.
//!
//! Beside each recording `NAME.rec.json` stands `NAME.facts.json`, a summary of what the scan said
//! of itself while it was connected. `recordings/README.md` tells how to make both anew.
//!
//! `TARAF_BLESS=DIR` writes the summaries from `DIR/NAME.json`, the reports of the scans that made
//! the recordings; `TARAF_BLESS=1` writes them from the recordings, for when a summary's form
//! changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::{Map, Value, json};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::observe::{Endpoint, Fact, Observation, Seen};
use taraf_scanner::pki::store::Stores;
use taraf_scanner::scan::{Trust, replay};

/// What a recording tells without any store: Mozilla's list changes with every version.
fn replayed(recording: &Recording) -> Observation {
    replay(recording, &Trust { stores: Stores::none(), known: Arc::default(), expected: None })
}

#[test]
fn recordings_give_the_facts_of_the_scan_that_made_them() {
    let bless = std::env::var_os("TARAF_BLESS").filter(|value| !value.is_empty());
    let mut differ = Vec::new();
    for (name, recording) in recordings() {
        let replayed = replayed(&recording);
        if let Some(from) = &bless {
            let live = Path::new(from).join(format!("{name}.json"));
            let live: Option<Observation> =
                (from != "1").then(|| serde_json::from_slice(&fs::read(live).unwrap()).unwrap());
            let summary = summary(live.as_ref().unwrap_or(&replayed));
            let text = serde_json::to_string_pretty(&summary).unwrap() + "\n";
            fs::write(facts(&name), text).unwrap();
        }
        let stored = fs::read(facts(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let stored: Value = serde_json::from_slice(&stored).unwrap();
        differences(&name, &stored, &summary(&replayed), &mut differ);
    }
    assert!(differ.is_empty(), "recorded and replayed:\n{}", differ.join("\n"));
}

#[test]
fn a_recording_gives_the_same_every_time() {
    for (name, recording) in recordings() {
        assert_eq!(replayed(&recording), replayed(&recording), "{name}");
    }
}

#[test]
fn every_question_of_a_replay_is_recorded() {
    for (name, recording) in recordings() {
        let observation = replayed(&recording);
        let text = serde_json::to_string(&observation).unwrap();
        assert!(!text.contains(r#""why":"not-recorded""#), "{name}");
        for (endpoint, trace) in observation.endpoints.iter().zip(&recording.endpoints) {
            for asked in &endpoint.asked {
                assert!(!asked.answer.contains("notrecorded"), "{name}: {asked:?}");
            }
            // And every recorded answer has its question.
            assert_eq!(endpoint.cost.connections as usize, trace.entries.len(), "{name}");
        }
        assert_eq!(observation.endpoints.len(), recording.endpoints.len(), "{name}");
    }
}

/// What is missing in a recording is unknown, and the rest is as it was.
#[test]
fn half_a_recording_is_half_the_facts() {
    for (name, recording) in recordings() {
        let whole = replayed(&recording);
        for part in 0..4 {
            let mut recording = recording.clone();
            for trace in &mut recording.endpoints {
                let kept = trace.entries.len() * part / 4;
                trace.entries.truncate(kept);
            }
            let half = replayed(&recording);
            for (part, whole) in half.endpoints.iter().zip(&whole.endpoints) {
                for (a, b) in part.protocols.iter().zip(&whole.protocols) {
                    let agree = a.spoken.known().is_none() || a.spoken.seen == b.spoken.seen;
                    assert!(agree, "{name}: {} {:?}", a.version, a.spoken);
                }
                for suites in &part.suites {
                    let whole = whole.suites.iter().find(|s| s.version == suites.version);
                    let whole = &whole.unwrap().accepted;
                    assert!(suites.accepted.iter().all(|s| whole.contains(s)), "{name}");
                }
            }
        }
    }
}

/// Servers answer what they like: the plan ends all the same, within its budget.
#[test]
fn damaged_recordings_are_replayed_to_an_end() {
    let recordings = recordings();
    let damages = proptest::collection::vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..60);
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() };
    let end = |(which, damages): (Index, Vec<(Index, Index, u8)>)| {
        let (name, mut recording) = recordings[which.index(recordings.len())].clone();
        for trace in recording.endpoints.iter_mut().filter(|trace| !trace.entries.is_empty()) {
            for (entry, place, change) in &damages {
                let count = trace.entries.len();
                if *change == 0 {
                    trace.entries.swap(entry.index(count), place.index(count));
                    continue;
                }
                let bytes = &mut trace.entries[entry.index(count)].reply.bytes;
                if !bytes.is_empty() {
                    let place = place.index(bytes.len());
                    bytes[place] ^= change;
                }
            }
        }
        for endpoint in replayed(&recording).endpoints {
            prop_assert!(endpoint.cost.connections <= 400, "{}: {:?}", name, endpoint.cost);
        }
        Ok(())
    };
    TestRunner::new(config).run(&(any::<Index>(), damages), end).unwrap();
}

// ---- The recordings ---------------------------------------------------------------------------

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn facts(name: &str) -> PathBuf {
    folder().join(format!("{name}.facts.json"))
}

fn recordings() -> Vec<(String, Recording)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let mut found: Vec<_> = files
        .filter_map(|file| {
            let name = file.file_name().into_string().unwrap();
            let name = name.strip_suffix(".rec.json")?.to_owned();
            let recording = serde_json::from_slice(&fs::read(file.path()).unwrap());
            Some((name.clone(), recording.unwrap_or_else(|error| panic!("{name}: {error}"))))
        })
        .collect();
    assert!(found.len() >= 10, "{} recordings", found.len());
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    found
}

// ---- Summaries --------------------------------------------------------------------------------

/// What a person would look up first, in a form in which a difference is easy to see.
fn summary(observation: &Observation) -> Value {
    let endpoints: Vec<Value> = observation.endpoints.iter().map(endpoint).collect();
    json!({ "target": observation.target.to_string(), "endpoints": endpoints })
}

fn endpoint(endpoint: &Endpoint) -> Value {
    let e = endpoint;
    let mut protocols = Map::new();
    for protocol in &e.protocols {
        let said = match &protocol.refusal {
            Some(refusal) => json!({ "spoken": fact(&protocol.spoken), "refused": refusal }),
            None => fact(&protocol.spoken),
        };
        protocols.insert(protocol.version.to_string(), said);
    }
    let mut suites = Map::new();
    for found in &e.suites {
        let lists = lists(&found.server_order, &found.accepted, &found.unsettled);
        suites.insert(found.version.to_string(), lists);
    }
    let mut groups = Map::new();
    for found in &e.groups {
        let lists = lists(&found.server_order, &found.accepted, &found.unsettled);
        groups.insert(found.version.to_string(), lists);
    }
    let chains: Vec<_> = e.chains.iter().map(|chain| &chain.certificates).collect();
    json!({
        "contact": e.contact,
        "protocols": protocols,
        "suites": suites,
        "groups": groups,
        "dh_bits": e.dh.iter().map(|dh| dh.bits).collect::<Vec<_>>(),
        "chains": chains,
        "alpn": fact(&e.alpn),
        "id_resumed": fact(&e.session.id_resumed),
        "ticket_resumed": fact(&e.session.ticket_resumed),
        "psk_resumed": fact(&e.session.psk_resumed),
        "secure_renegotiation": fact(&e.secure_renegotiation),
        "fallback_scsv": fact(&e.fallback_scsv),
        "compression": fact(&e.compression),
        "flaws": flaws(e),
        "connections": e.cost.connections,
    })
}

/// What is known of flaws, with what it rests on.
fn flaws(endpoint: &Endpoint) -> Value {
    let all = json!(endpoint.flaws);
    let evidence = &endpoint.flaws.evidence;
    let mut known = Map::new();
    for (name, fact) in all.as_object().unwrap() {
        let said = match fact["answer"].as_str() {
            Some("yes") if fact["value"].is_null() => json!("yes"),
            Some("yes") => fact["value"].clone(),
            Some("no") => json!("no"),
            _ => continue,
        };
        known.insert(name.clone(), json!([said, evidence.get(name)]));
    }
    Value::Object(known)
}

fn lists<T: ToString>(order: &Fact<()>, accepted: &[T], unsettled: &[T]) -> Value {
    let decides = match order.seen {
        Seen::Yes { .. } => json!("server"),
        Seen::No => json!("client"),
        Seen::Unknown { .. } => fact(order),
    };
    let names = |list: &[T]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({ "decides": decides, "accepted": names(accepted), "unsettled": names(unsettled) })
}

/// The value if it was seen, else `no` or why it is not known.
fn fact<T: Serialize>(fact: &Fact<T>) -> Value {
    match &fact.seen {
        Seen::Yes { value } => match json!(value) {
            Value::Null => json!("yes"),
            value => value,
        },
        Seen::No => json!("no"),
        Seen::Unknown { why } => json!({ "unknown": why }),
    }
}

/// Where two summaries differ, one line for each place.
fn differences(place: &str, stored: &Value, replayed: &Value, found: &mut Vec<String>) {
    match (stored, replayed) {
        (Value::Object(a), Value::Object(b)) => {
            let both = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            for key in both {
                let side = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                differences(&format!("{place}/{key}"), &side(a), &side(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{place}/{index}"), a, b, found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{place}: {a} and {b}")),
    }
}
