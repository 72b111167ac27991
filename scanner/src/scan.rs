//! One scan: a target, its addresses, and for each of them the planner and a link brought together.

mod examine;
pub mod simulate;
mod ssl2_keys;

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{Either, join_all, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use futures_util::{FutureExt, join};

use crate::net::dns::{Dns, Records};
use crate::net::fetch::Fetcher;
use crate::net::live::Live;
use crate::net::source::Source;
use crate::net::trace::{self, Recorder, Recording, Replay, Trace};
use crate::observe::{
    AddressSource, Contact, DnsFacts, Endpoint, Fact, Observation, Pki, SCHEMA, Why,
};
use crate::probe::{Link, Manners, Planner};
use crate::target::Target;

pub use examine::{Trust, built_in};
pub use ssl2_keys::Ssl2Keys;

/// How to scan.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the addresses come from.
    pub addresses: Addresses,
    /// Which of them to scan.
    pub family: Family,
    /// Pace and budgets for each address.
    pub manners: Manners,
    /// After the scan, ask for real as known clients would.
    pub simulate_live: bool,
    /// What certificates are held against.
    pub trust: Trust,
    /// Whom to ask for names; shared by all scans of a run.
    pub dns: Dns,
    /// What fetches issuers and lists; shared by all scans of a run.
    pub fetcher: Fetcher,
    /// Keys seen with SSL 2.0; shared by all scans of a run.
    pub ssl2_keys: Ssl2Keys,
}

/// Where the addresses come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// From DNS, or the target itself.
    Resolve,
    /// These and no others; DNS is not asked.
    Given(Vec<IpAddr>),
}

/// Which addresses to scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// All.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// What a scan says while it works.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// The addresses are known.
    Resolved {
        /// What is scanned.
        target: &'a Target,
        /// Its addresses.
        addresses: &'a [IpAddr],
    },
    /// A question has its final answer.
    Answer {
        /// What is scanned.
        target: &'a Target,
        /// Which address.
        address: IpAddr,
        /// Answers so far.
        answers: usize,
        /// What the last one was about.
        about: &'a str,
    },
    /// One address is done.
    Done {
        /// What is scanned.
        target: &'a Target,
        /// Which address.
        address: IpAddr,
    },
}

/// The result of a scan.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The facts.
    pub observation: Observation,
    /// The conversation they rest on.
    pub recording: Recording,
}

/// Scans every address of the target. Trouble on the network is part of the result.
pub async fn scan(
    target: &Target,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Send + Sync),
) -> Scan {
    let began = SystemTime::now();
    let started_ms = millis(began.duration_since(UNIX_EPOCH).unwrap_or_default());
    let dns = &options.dns;
    let (mut facts, from_dns) = addresses(target, options, dns).await;
    progress(Progress::Resolved { target, addresses: &facts.addresses });
    let records = async {
        if from_dns { dns.records(&target.host, target.port).await } else { Records::default() }
    };
    let each = facts.addresses.iter().enumerate().map(|(i, address)| async move {
        let seed = started_ms.rotate_left(20) ^ (i as u64);
        let link = Recorder::new(Live::new(target, *address, options.manners.patience));
        let planner = Planner::new(target, *address, options.manners.clone(), seed);
        let mut endpoint = run(planner, &link, &options.manners, |answers, about| {
            progress(Progress::Answer { target, address: *address, answers, about });
        })
        .await;
        if let (true, Some(endpoint)) = (options.simulate_live, &mut endpoint) {
            endpoint.simulations =
                simulate::ask(&link, target, endpoint, &options.manners, seed).await;
        }
        progress(Progress::Done { target, address: *address });
        // The same reading as in the facts, so that a replay has it, too.
        let duration_ms = endpoint.as_ref().map_or(0, |e| e.cost.duration_ms);
        let entries = link.into_entries();
        (endpoint, Trace { address: *address, seed, duration_ms, entries })
    });
    let (done, records) = join!(join_all(each), records);
    let Records { ech, caa, tlsa, https, dnssec } = records;
    facts = DnsFacts { ech, caa, tlsa, https, dnssec, ..facts };
    let (endpoints, traces): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let mut observation = Observation {
        schema: SCHEMA,
        tool: tool(),
        target: target.clone(),
        started_ms,
        duration_ms: 0,
        dns: facts,
        endpoints: endpoints.into_iter().flatten().collect(),
        pki: Pki::default(),
    };
    let source = Source::live(options.fetcher.clone());
    examine::examine(&mut observation, &options.trust, &source).await;
    options.ssl2_keys.apply(&mut observation);
    observation.duration_ms = millis(began.elapsed().unwrap_or_default());
    let recording = Recording {
        format: trace::FORMAT,
        tool: tool(),
        target: target.clone(),
        started_ms,
        duration_ms: observation.duration_ms,
        dns: observation.dns.clone(),
        manners: options.manners.clone(),
        endpoints: traces,
        fetches: source.into_exchanges(),
    };
    Scan { observation, recording }
}

/// Puts a planner's questions to a link until it has its facts. `None` only if the planner stops
/// asking without an end, which is a fault of ours.
pub async fn run<L: Link>(
    mut planner: Planner,
    link: &L,
    manners: &Manners,
    mut progress: impl FnMut(usize, &str),
) -> Option<Endpoint> {
    let mut flying = FuturesUnordered::new();
    loop {
        let now = link.now();
        for (number, probe) in planner.next(now) {
            flying.push(async move { (number, link.ask(&probe).await) });
        }
        if planner.is_done() {
            break;
        }
        let (answers, about) = planner.progress();
        progress(answers, &about);
        if now >= manners.most_time {
            planner.abandon();
            flying.clear();
            continue;
        }
        let wake = planner.wake_at(now).unwrap_or(manners.most_time).min(manners.most_time);
        if flying.is_empty() {
            if wake <= now {
                // Nothing is under way and nothing may start.
                planner.abandon();
            } else {
                link.sleep_until(wake).await;
            }
            continue;
        }
        let pause = std::pin::pin!(link.sleep_until(wake.max(now + Duration::from_millis(1))));
        if let Either::Left((Some((number, reply)), _)) = select(flying.next(), pause).await {
            planner.absorb(number, reply, link.now());
        }
    }
    planner.finish(link.now())
}

/// The facts of a recording: the same as when it was made, if this version asks the same questions
/// and the stores are the same.
#[must_use]
pub fn replay(recording: &Recording, trust: &Trust) -> Observation {
    let endpoints = recording
        .endpoints
        .iter()
        .filter_map(|trace| replay_endpoint(&recording.target, trace, &recording.manners))
        .collect();
    let mut observation = Observation {
        schema: SCHEMA,
        tool: tool(),
        target: recording.target.clone(),
        started_ms: recording.started_ms,
        duration_ms: recording.duration_ms,
        dns: DnsFacts { source: AddressSource::Recording, ..recording.dns.clone() },
        endpoints,
        pki: Pki::default(),
    };
    let source = Source::replay(&recording.fetches);
    // A recording never makes anybody wait.
    let _ = examine::examine(&mut observation, trust, &source).now_or_never();
    Ssl2Keys::default().apply(&mut observation);
    observation
}

/// Hands the answers back in the order in which they came, at the times at which they came.
fn replay_endpoint(target: &Target, trace: &Trace, manners: &Manners) -> Option<Endpoint> {
    let mut planner = Planner::new(target, trace.address, manners.clone(), trace.seed);
    let mut recorded = Replay::new(trace);
    // What was under way when the time was over has no entry, and is not missing.
    let timed_out = Duration::from_millis(trace.duration_ms) >= manners.most_time;
    let mut now = Duration::ZERO;
    let mut flying: Vec<(usize, Duration, u32, crate::probe::Reply)> = Vec::new();
    let mut absorbed = 0;
    let mut used = HashSet::new();
    loop {
        for (number, probe) in planner.next(now) {
            match recorded.answer(&probe) {
                // An answer serves again where a later version asks again, but not where the time
                // for the second asking was over.
                Some((index, ..)) if !used.insert(index) && timed_out => {}
                Some((index, at, reply)) => flying.push((index, at, number, reply)),
                None if timed_out => {}
                None => {
                    let reply = crate::probe::Reply::empty(crate::probe::End::NotRecorded);
                    flying.push((usize::MAX, now, number, reply));
                }
            }
        }
        if planner.is_done() {
            break;
        }
        if now >= manners.most_time {
            planner.abandon();
            flying.clear();
            continue;
        }
        let next = flying.iter().enumerate().min_by_key(|(_, (index, ..))| *index);
        let next = next.map(|(place, (index, ..))| (place, *index));
        match (next, planner.wake_at(now)) {
            // An earlier answer belongs to a question that the pace still holds back.
            (Some((_, index)), Some(wake)) if index > absorbed && wake > now => now = wake,
            (Some((place, index)), _) => {
                let (_, at, number, reply) = flying.swap_remove(place);
                now = now.max(at);
                planner.absorb(number, reply, now);
                absorbed = absorbed.max(index.saturating_add(1));
            }
            (None, Some(wake)) if wake > now => now = wake,
            (None, _) => planner.abandon(),
        }
    }
    let mut endpoint = planner.finish(Duration::from_millis(trace.duration_ms))?;
    if endpoint.contact == Contact::Tls {
        endpoint.simulations = simulate::replayed(&mut recorded, target);
    }
    Some(endpoint)
}

/// The target's addresses, and whether DNS is to be asked for more.
async fn addresses(target: &Target, options: &Options, dns: &Dns) -> (DnsFacts, bool) {
    let (source, found) = match (&options.addresses, target.ip()) {
        (Addresses::Given(list), _) => (AddressSource::Given, Ok(list.clone())),
        (Addresses::Resolve, Some(ip)) => (AddressSource::Literal, Ok(vec![ip])),
        (Addresses::Resolve, None) => (AddressSource::Dns, dns.addresses(&target.host).await),
    };
    let ech = Fact::unknown(Why::NotAsked, []);
    let from_dns = source == AddressSource::Dns;
    match found {
        Err(error) => (DnsFacts { source, error: Some(error), ech, ..DnsFacts::default() }, false),
        Ok(all) => {
            let mut addresses = all.clone();
            addresses.retain(|ip| match options.family {
                Family::Any => true,
                Family::V4 => ip.is_ipv4(),
                Family::V6 => ip.is_ipv6(),
            });
            let error = (addresses.is_empty()).then(|| match all.first() {
                Some(ip) => format!("no address of the family asked for; there is {ip}"),
                None => "the name has no address".to_owned(),
            });
            (DnsFacts { source, addresses, error, ech, ..DnsFacts::default() }, from_dns)
        }
    }
}

fn tool() -> String {
    format!("taraf {}", env!("CARGO_PKG_VERSION"))
}

fn millis(d: Duration) -> u64 {
    u64::try_from(d.as_millis()).unwrap_or(u64::MAX)
}
