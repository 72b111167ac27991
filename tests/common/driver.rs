//! Brings a planner and a simulated server together on a virtual clock.

use std::net::IpAddr;
use std::time::Duration;

use taraf_scanner::observe::Endpoint;
use taraf_scanner::probe::{End, Manners, Planner, Probe, Reply};
use taraf_scanner::target::Target;

use super::config::{Config, NAME};
use super::simulated::Server;

/// How long an answer takes.
const ROUND_TRIP: Duration = Duration::from_millis(20);

/// The facts, and what the clock showed.
pub struct Outcome {
    pub endpoint: Endpoint,
    /// Rounds of the clock: with nothing else to slow it down, round trips.
    pub took: Duration,
}

/// Scans a simulated server.
pub fn scan(config: &Config, manners: &Manners) -> Outcome {
    let mut server = Server::new(config.clone());
    scan_with(manners, config.seed, |probe, now, others| server.answer(probe, now, others))
}

/// Scans whatever `answer` makes of a question, asked at a time with others open.
pub fn scan_with(
    manners: &Manners,
    seed: u64,
    mut answer: impl FnMut(&Probe, Duration, usize) -> Reply,
) -> Outcome {
    let target = Target::parse(NAME, None).unwrap();
    let address = IpAddr::from([192, 0, 2, 1]);
    let mut planner = Planner::new(&target, address, manners.clone(), seed);
    let mut now = Duration::ZERO;
    let mut flying: Vec<(Duration, u32, Reply)> = Vec::new();
    let mut at_once = 0;
    for round in 0.. {
        assert!(round < 20_000, "it does not end");
        for (number, probe) in planner.next(now) {
            let reply = answer(&probe, now, flying.len());
            let silent = matches!(reply.end, End::Silent) && reply.bytes.is_empty();
            let took = if silent { manners.patience } else { ROUND_TRIP };
            flying.push((now + took, number, reply));
        }
        at_once = at_once.max(flying.len());
        if planner.is_done() {
            break;
        }
        if now >= manners.most_time {
            planner.abandon();
            flying.clear();
            continue;
        }
        let back = flying.iter().map(|(at, ..)| *at).min();
        let wake = planner.wake_at(now).filter(|t| *t > now);
        assert!(back.is_some() || wake.is_some(), "it waits for nothing");
        now = back.into_iter().chain(wake).min().unwrap().min(manners.most_time);
        let mut waiting = Vec::new();
        for (at, number, reply) in flying.drain(..) {
            if at <= now {
                planner.absorb(number, reply, now);
            } else {
                waiting.push((at, number, reply));
            }
        }
        flying = waiting;
    }
    let endpoint = planner.finish(now).expect("a planner that is done has facts");
    assert!(endpoint.cost.connections <= manners.most_connections, "{:?}", endpoint.cost);
    assert!(at_once <= manners.at_once, "{at_once} connections at once");
    assert!(now <= manners.most_time, "{now:?}");
    Outcome { endpoint, took: now }
}
