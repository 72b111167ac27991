//! The planner alone: all questions of a recorded scan, their answers handed back at once. What is
//! left is what deciding costs: per scan, and (elements) per question.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use taraf_scanner::net::trace::{Recording, Replay};
use taraf_scanner::observe::Endpoint;
use taraf_scanner::probe::{Manners, Planner, Reply};
use taraf_scanner::target::Target;

/// Servers from simple to laborious.
const NAMES: [&str; 4] = ["hrr-p521", "modern-aplus", "098-basic", "intolerant-record"];

/// A scan as a list of what to hand back when: the look-up of answers is no part of the planner.
struct Script {
    target: Target,
    manners: Manners,
    address: std::net::IpAddr,
    seed: u64,
    steps: Vec<Step>,
}

/// What happens to the planner: time passes, and perhaps an answer comes.
#[derive(Clone)]
struct Step {
    now: Duration,
    answer: Option<(u32, Reply)>,
}

impl Script {
    fn new(name: &str) -> Self {
        let path = format!("tests/recordings/{name}.rec.json");
        let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let recording: Recording = serde_json::from_slice(&text).unwrap();
        let trace = recording.endpoints.first().unwrap();
        let mut script = Self {
            target: recording.target.clone(),
            manners: recording.manners,
            address: trace.address,
            seed: trace.seed,
            steps: Vec::new(),
        };
        let mut recorded = Replay::new(trace);
        let mut planner = script.planner();
        let mut flying = Vec::new();
        let mut now = Duration::ZERO;
        loop {
            for (number, probe) in planner.next(now) {
                let (index, at, reply) = recorded.answer(&probe).expect("the answer is recorded");
                flying.push((index, at, number, reply));
            }
            if planner.is_done() {
                return script;
            }
            match (flying.iter().map(|(index, ..)| *index).min(), planner.wake_at(now)) {
                (Some(first), _) => {
                    let place = flying.iter().position(|(index, ..)| *index == first).unwrap();
                    let (_, at, number, reply) = flying.swap_remove(place);
                    now = now.max(at);
                    planner.absorb(number, reply.clone(), now);
                    script.steps.push(Step { now, answer: Some((number, reply)) });
                }
                (None, Some(wake)) if wake > now => {
                    now = wake;
                    script.steps.push(Step { now, answer: None });
                }
                (None, _) => panic!("{name}: the plan does not end"),
            }
        }
    }

    fn planner(&self) -> Planner {
        Planner::new(&self.target, self.address, self.manners.clone(), self.seed)
    }

    fn run(&self, steps: Vec<Step>) -> Endpoint {
        let mut planner = self.planner();
        planner.next(Duration::ZERO);
        let mut last = Duration::ZERO;
        for Step { now, answer } in steps {
            if let Some((number, reply)) = answer {
                planner.absorb(number, reply, now);
            }
            planner.next(now);
            last = now;
        }
        planner.finish(last).expect("the plan ends")
    }
}

fn plan(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    for name in NAMES {
        let script = Script::new(name);
        let questions = script.run(script.steps.clone()).cost.connections;
        group.throughput(Throughput::Elements(questions.into()));
        group.bench_function(format!("{name}, {questions} questions"), |b| {
            let steps = || script.steps.clone();
            b.iter_batched(steps, |steps| script.run(steps), BatchSize::LargeInput);
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
    targets = plan
}
criterion_main!(benches);
