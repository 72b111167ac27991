//! Recordings: every question of a scan and what came back, so that the same facts can be had again
//! without a network, years later and by a later version.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::source::Exchange;
use crate::legacy::{self, Step, Talk};
use crate::observe::DnsFacts;
use crate::probe::{Link, Manners, Probe, Reply};
use crate::target::Target;
use crate::wire::Ext;

/// Version of the form of a recording.
pub const FORMAT: u16 = 1;

/// A whole scan as it went over the network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    /// Version of this form, see [`FORMAT`].
    pub format: u16,
    /// Program and version that made it.
    pub tool: String,
    /// What was scanned.
    pub target: Target,
    /// When it began: milliseconds since 1970, UTC.
    pub started_ms: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// What DNS said.
    pub dns: DnsFacts,
    /// Pace and budgets, which decide the questions.
    pub manners: Manners,
    /// The conversation with each address.
    pub endpoints: Vec<Trace>,
    /// What was fetched beside the scan, such as issuers and revocation lists. Not there in
    /// recordings of versions that fetched nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Exchange>,
}

/// The conversation with one address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trace {
    /// The address.
    pub address: IpAddr,
    /// What the hellos' randoms were made from.
    pub seed: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Questions and what came back, in the order of the answers.
    pub entries: Vec<Entry>,
}

/// One question and what came back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Milliseconds since the scan began when it ended.
    pub at_ms: u64,
    /// The question, without its random parts.
    pub probe: Probe,
    /// What came back.
    pub reply: Reply,
}

/// A link that keeps what passes through it.
pub struct Recorder<L> {
    link: L,
    entries: Mutex<Vec<Entry>>,
}

impl<L: Link> Recorder<L> {
    /// Records what passes through `link`.
    pub fn new(link: L) -> Self {
        Self { link, entries: Mutex::default() }
    }

    /// What was recorded.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Link + Sync> Link for Recorder<L> {
    async fn ask(&self, probe: &Probe) -> Reply {
        let reply = self.link.ask(probe).await;
        let at_ms = u64::try_from(self.link.now().as_millis()).unwrap_or(u64::MAX);
        let entry = Entry { at_ms, probe: without_randoms(probe), reply: reply.clone() };
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        reply
    }

    fn now(&self) -> Duration {
        self.link.now()
    }

    fn sleep_until(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.link.sleep_until(time)
    }
}

/// Answers from a recording. A question put several times gets its answers in the order recorded,
/// the last one for ever.
pub struct Replay {
    replies: HashMap<String, VecDeque<(usize, Entry)>>,
}

impl Replay {
    /// Answers from this conversation.
    #[must_use]
    pub fn new(trace: &Trace) -> Self {
        let mut replies: HashMap<String, VecDeque<(usize, Entry)>> = HashMap::new();
        for (index, entry) in trace.entries.iter().enumerate() {
            replies.entry(key(&entry.probe)).or_default().push_back((index, entry.clone()));
        }
        Self { replies }
    }

    /// The place in the recording, the time and the reply; `None` if it is not recorded.
    pub fn answer(&mut self, probe: &Probe) -> Option<(usize, Duration, Reply)> {
        let list = self.replies.get_mut(&key(probe))?;
        let (index, entry) = if list.len() > 1 { list.pop_front()? } else { list.front()?.clone() };
        Some((index, Duration::from_millis(entry.at_ms), entry.reply))
    }
}

/// The question without what differs from scan to scan.
fn without_randoms(probe: &Probe) -> Probe {
    let mut probe = probe.clone();
    if let Probe::Talk(Talk { steps, .. }) = &mut probe {
        for step in steps {
            if let Step::KeyExchange { exchange: legacy::Exchange::Point { point, secret } } = step
            {
                point.clear();
                secret.clear();
            }
        }
    }
    match &mut probe {
        Probe::Hello { hello, .. } | Probe::Talk(Talk { hello, .. }) => {
            hello.random = [0; 32];
            hello.session_id.fill(0);
            for ext in &mut hello.extensions {
                match ext {
                    Ext::KeyShares(shares) => {
                        shares.iter_mut().for_each(|(_, share)| share.fill(0));
                    }
                    // A ticket is the server's, and another one in every scan.
                    Ext::SessionTicket(ticket) => ticket.clear(),
                    _ => {}
                }
            }
        }
        Probe::Ssl2 { hello } => hello.challenge.fill(0),
        Probe::Handshake(_) | Probe::Plain { .. } => {}
    }
    probe
}

fn key(probe: &Probe) -> String {
    serde_json::to_string(&without_randoms(probe)).unwrap_or_default()
}
