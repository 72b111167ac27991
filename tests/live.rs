//! Known clients asked for real: what they get from a simulated server is what is worked out from
//! the facts of a scan of the same server.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use std::future::Future;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use common::config::{Config, NAME};
use common::simulated::Server;
use common::strategies::tame;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use taraf_scanner::grade::clients::{self, Format};
use taraf_scanner::grade::simulate::{Agreement, compare};
use taraf_scanner::grade::{Facts, simulate};
use taraf_scanner::observe::{
    DnsFacts, Endpoint, LiveOutcome, LiveSimulation, Observation, Pki, SCHEMA, Why,
};
use taraf_scanner::probe::{End, Link, Manners, Probe, Reply};
use taraf_scanner::scan;
use taraf_scanner::target::Target;
use taraf_scanner::wire::{ClientHello, Ext, Extension, Version};

#[allow(dead_code, reason = "what the planner's tests need besides")]
mod common;

/// A link to a server in memory. It never makes anybody wait.
struct Memory<A> {
    answer: Mutex<A>,
    asked: AtomicUsize,
}

impl<A: FnMut(&Probe) -> Reply + Send> Link for Memory<A> {
    fn ask(&self, probe: &Probe) -> impl Future<Output = Reply> + Send {
        self.asked.fetch_add(1, Ordering::Relaxed);
        std::future::ready((self.answer.lock().unwrap())(probe))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep_until(&self, _: Duration) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// The simulations, and how many connections they took.
fn ask(
    endpoint: &Endpoint,
    manners: &Manners,
    answer: impl FnMut(&Probe) -> Reply + Send,
) -> (Vec<LiveSimulation>, usize) {
    let target = Target::parse(NAME, None).unwrap();
    let link = Memory { answer: Mutex::new(answer), asked: AtomicUsize::new(0) };
    let live = {
        let live = std::pin::pin!(scan::simulate::ask(&link, &target, endpoint, manners, 7));
        let Poll::Ready(live) = live.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("nothing in memory makes it wait")
        };
        live
    };
    (live, link.asked.into_inner())
}

fn a_server() -> (Config, Endpoint) {
    let mut runner = TestRunner::deterministic();
    let config = tame().new_tree(&mut runner).unwrap().current();
    let endpoint = common::driver::scan(&config, &Manners::fast()).endpoint;
    (config, endpoint)
}

/// Clients that are asked.
fn asked() -> usize {
    clients::all().iter().filter(|it| it.counts() && it.format == Format::Tls).count()
}

#[test]
fn a_hello_holds_the_lists_of_its_client() {
    for client in clients::all() {
        let Some(probe) = scan::simulate::probe(client, Some(NAME), 7) else {
            assert_eq!(client.format, Format::Ssl2, "{}", client.label);
            continue;
        };
        let Probe::Hello { hello, .. } = probe else { panic!("{}", client.label) };
        let back = ClientHello::decode(hello.record_version, &hello.encode()).unwrap();
        assert_eq!(back, hello, "{}: what is sent can be read", client.label);
        assert_eq!(back.suites, [client.suites.clone(), client.signals.clone()].concat());
        assert_eq!(back.version, client.highest.min(Version::TLS12), "{}", client.label);
        let of = |number| back.extension(number).cloned();
        let name = client.sends_name.then(|| Ext::ServerName(NAME.to_owned()));
        assert_eq!(of(Extension::SERVER_NAME), name, "{}", client.label);
        let groups = client.groups.clone().map(Ext::Groups);
        assert_eq!(of(Extension::SUPPORTED_GROUPS), groups, "{}", client.label);
        let schemes = Some(client.schemes.clone()).filter(|it| !it.is_empty()).map(Ext::Schemes);
        assert_eq!(of(Extension::SIGNATURE_ALGORITHMS), schemes, "{}", client.label);
        let versions = Some(client.versions.clone()).filter(|it| !it.is_empty());
        let versions = versions.map(Ext::SupportedVersions);
        assert_eq!(of(Extension::SUPPORTED_VERSIONS), versions, "{}", client.label);
        if let Some(Ext::KeyShares(shares)) = of(Extension::KEY_SHARE) {
            let groups: Vec<_> = shares.into_iter().map(|(group, _)| group).collect();
            assert_eq!(groups, client.shares, "{}: a share for each", client.label);
        }
    }
}

#[test]
fn clients_get_what_is_worked_out() {
    let mut runner = TestRunner::deterministic();
    let (mut same, mut differs) = (0, Vec::new());
    for _ in 0..24 {
        let config = tame().new_tree(&mut runner).unwrap().current();
        let mut endpoint = common::driver::scan(&config, &Manners::fast()).endpoint;
        let mut server = Server::new(config);
        let manners = Manners { most_connections: 10_000, ..Manners::fast() };
        let (live, _) = ask(&endpoint, &manners, |probe| server.answer(probe, Duration::ZERO, 0));
        endpoint.simulations = live;
        for handshake in &simulate::clients(&facts(&endpoint)).handshakes {
            let live = endpoint.simulations.iter().find(|it| it.client == handshake.id);
            let Some(live) = live else { continue };
            match compare(handshake, &live.outcome) {
                Agreement::Agrees => same += 1,
                Agreement::Differs => {
                    let outcome = &live.outcome;
                    differs.push(format!("{}: {:?}, {outcome:?}", live.name, handshake.outcome));
                }
                Agreement::Unknown => {}
            }
        }
    }
    // Where they differ, the simulated server is of a make that the facts do not tell.
    assert!(differs.len() * 100 <= same, "{} of {same}: {differs:#?}", differs.len());
    assert!(same > 24 * asked() / 2, "{same}");
}

#[test]
fn a_server_that_stops_answering_is_left_alone() {
    let (config, endpoint) = a_server();
    let mut server = Server::new(config);
    let mut left = 10;
    let (live, took) = ask(&endpoint, &Manners::fast(), |probe| {
        if left == 0 {
            return Reply::empty(End::Closed);
        }
        left -= 1;
        server.answer(probe, Duration::ZERO, 0)
    });
    assert_eq!(took, 10 + 3 + 1, "three closed, and one more to be sure");
    let unasked = LiveOutcome::Unknown { why: Why::NotAsked };
    assert_eq!(live.iter().filter(|it| it.outcome == unasked).count(), asked() - 12);
    let closed = LiveOutcome::Refuses { alert: None };
    assert!(live.iter().all(|it| it.outcome != closed), "closing says nothing of the hello then");
}

#[test]
fn a_server_that_closes_on_old_clients_is_asked_on() {
    let (config, endpoint) = a_server();
    let mut server = Server::new(config);
    let (live, took) = ask(&endpoint, &Manners::fast(), |probe| match probe {
        Probe::Hello { hello, .. } if hello.extension(Extension::SUPPORTED_VERSIONS).is_none() => {
            Reply::empty(End::Closed)
        }
        _ => server.answer(probe, Duration::ZERO, 0),
    });
    assert!(took > asked());
    assert_eq!(live.len(), asked());
    let unknown = |it: &&LiveSimulation| matches!(it.outcome, LiveOutcome::Unknown { .. });
    assert_eq!(live.iter().find(unknown), None);
    let refused = LiveOutcome::Refuses { alert: None };
    assert!(live.iter().any(|it| it.outcome == refused));
}

#[test]
fn no_more_connections_than_the_budget_allows() {
    let (config, endpoint) = a_server();
    let mut server = Server::new(config);
    let manners = Manners { most_connections: endpoint.cost.connections + 5, ..Manners::fast() };
    let (_, took) = ask(&endpoint, &manners, |probe| server.answer(probe, Duration::ZERO, 0));
    assert_eq!(took, 5);
}

fn facts(endpoint: &Endpoint) -> Facts {
    let observation = Observation {
        schema: SCHEMA,
        tool: "taraf".to_owned(),
        target: Target::parse(NAME, None).unwrap(),
        started_ms: 0,
        duration_ms: 0,
        dns: DnsFacts { addresses: vec![IpAddr::from([192, 0, 2, 1])], ..DnsFacts::default() },
        endpoints: vec![endpoint.clone()],
        pki: Pki::default(),
    };
    Facts::of(&observation, endpoint).unwrap()
}
