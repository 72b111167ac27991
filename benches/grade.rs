//! Judgement: what it costs to work out what every known client makes of a server.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use taraf_scanner::grade::{Facts, simulate};
use taraf_scanner::net::trace::Recording;
use taraf_scanner::scan::{Trust, replay};

/// Servers from simple to laborious.
const NAMES: [&str; 3] = ["hrr-p521", "modern-aplus", "098-basic"];

/// The facts of the first endpoint of a recording.
fn facts(name: &str) -> Facts {
    let path = format!("tests/recordings/{name}.rec.json");
    let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let recording: Recording = serde_json::from_slice(&text).unwrap();
    let observation = replay(&recording, &Trust::default());
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

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = simulations
}
criterion_main!(benches);
