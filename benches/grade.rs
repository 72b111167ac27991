//! Judgement: what a grade costs, and what known clients make of a server.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use taraf_scanner::grade::{Day, Facts, grade, simulate};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::observe::Observation;
use taraf_scanner::report::Report;
use taraf_scanner::scan::{Trust, replay};

/// Servers from simple to laborious.
const NAMES: [&str; 3] = ["hrr-p521", "modern-aplus", "098-basic"];

/// The day whose rules are applied.
const DAY: Day = Day::of(2026, 11, 23);

/// What a recording tells.
fn observation(name: &str) -> Observation {
    let path = format!("tests/recordings/{name}.rec.json");
    let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let recording: Recording = serde_json::from_slice(&text).unwrap();
    replay(&recording, &Trust::default())
}

/// The facts of its first endpoint.
fn facts(name: &str) -> Facts {
    let observation = observation(name);
    Facts::of(&observation, observation.endpoints.first().unwrap()).unwrap()
}

fn simulations(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulate");
    for name in NAMES {
        let facts = facts(name);
        let n = facts.clients.handshakes.len();
        group.bench_function(format!("{name}, {n} clients"), |b| {
            b.iter(|| simulate::clients(black_box(&facts)));
        });
    }
    group.finish();
}

/// The letter alone, and the whole report with what would raise it.
fn grades(c: &mut Criterion) {
    let mut group = c.benchmark_group("grade");
    for name in NAMES {
        let (observation, facts) = (observation(name), facts(name));
        group.bench_function(format!("{name}, letter"), |b| {
            b.iter(|| grade(black_box(&facts), DAY));
        });
        group.bench_function(format!("{name}, report"), |b| {
            b.iter(|| Report::of(black_box(&observation), DAY));
        });
    }
    group.finish();
}

/// Ten thousand stored observations graded anew, on two threads: facts, clients and letter. The aim
/// is less than five seconds.
fn many(c: &mut Criterion) {
    let all: Vec<Observation> = NAMES.iter().map(|name| observation(name)).collect();
    let half = |from: usize| {
        let mut letters = 0_usize;
        for i in 0..5_000 {
            let observation = &all[(from + i) % all.len()];
            for endpoint in &observation.endpoints {
                if let Some(facts) = Facts::of(observation, endpoint) {
                    letters += usize::from(grade(&facts, DAY).letter.is_a());
                }
            }
        }
        letters
    };
    let mut group = c.benchmark_group("regrade");
    group.sample_size(10).bench_function("10,000 observations, 2 threads", |b| {
        b.iter(|| {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| half(5_000));
                half(0) + other.join().unwrap()
            })
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = simulations, grades, many
}
criterion_main!(benches);
