//! Where questions wait and answers arrive. The inquiries of a plan are ordinary `async` functions
//! that await answers here; the desk decides which question may go out next, which must be put
//! again, and what silence or a closed connection means. No sockets, no clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use super::flaws::Flaw;
use super::limits::{ClosedBefore, Manners, Pacer};
use super::{End, Handshake, HandshakeReply, Probe, Reply};
use crate::legacy::Heard;
use crate::observe::{Asked, Cost, Refusal, Why};
use crate::wire::flight::{self, Flight, Foreign, Stop};
use crate::wire::{ClientHello, CodecError, Version, sslv2};

/// What became of a question.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    /// Its id, see [`Asked`].
    pub(crate) id: u32,
    pub(crate) answer: Answer,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A flight with a ServerHello, of any version.
    Flight(Arc<Seen>),
    /// A handshake, completed or not.
    Handshake(Box<HandshakeReply>, End),
    /// A conversation of the legacy client, and how it ended.
    Talk(Box<Heard>, End),
    /// The first lines of an answer in plain text.
    Text(String),
    /// A refusal.
    Refused(Refusal),
    /// Nothing that decides.
    Unknown(Why),
}

/// A hello and the flight it brought.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: u32,
    /// The hello sent; `None` for SSL 2.0.
    pub(crate) hello: Option<ClientHello>,
    pub(crate) flight: Flight,
    /// Seconds since 1970 when it came.
    pub(crate) at: u64,
}

/// The desk of one endpoint. Clones share it.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Mutex<Inner>>);

struct Inner {
    pacer: Pacer,
    queue: VecDeque<Waiting>,
    /// Closed often enough, but nothing else was answered since: wait for proof of life.
    held: Vec<Waiting>,
    flying: BTreeMap<u32, Waiting>,
    next_id: u32,
    next_flight: u32,
    seed: u64,
    /// A hello that was answered: asked again to tell a refusal from an objection.
    control: Option<Probe>,
    control_pending: bool,
    asked: Vec<Asked>,
    cost: Cost,
    seen: Vec<Arc<Seen>>,
    handshakes: Vec<(u32, Handshake, HandshakeReply)>,
    foreign: Option<Foreign>,
    no_starttls: Option<String>,
    abandoned: bool,
    longest_answered: usize,
    /// Why no further question is put: none would be answered.
    dead: Option<Why>,
    vain: u32,
    /// Why nothing came, last time nothing came.
    nothing: Option<Why>,
    last_alert: Option<crate::wire::hello::AlertMessage>,
}

/// A question that has no final answer yet.
struct Waiting {
    id: u32,
    about: String,
    probe: Probe,
    slot: Arc<Mutex<Slot>>,
    is_control: bool,
    attempts: u16,
    closes: u32,
    closed_alone: bool,
    /// The pacer's count of answers when it was first closed.
    good_then: u32,
    silences: u16,
    alone: bool,
    epoch: u32,
    needs_alone: bool,
    not_before: Duration,
    last: Option<Refusal>,
}

#[derive(Default)]
struct Slot {
    answer: Option<Answered>,
    waker: Option<Waker>,
}

/// How long the last proof of a refusal by closing waits, where closing is not the usual way.
const PROOF: Duration = Duration::from_millis(1100);

/// Times a question is put again after silence.
const MOST_SILENCES: u16 = 2;

/// Questions without an answer after which a server that never gave one is left alone: each of
/// the first round's, and a few short hellos for a server that minds long ones.
const MOST_IN_VAIN: u32 = 9;

/// Times a flight that broke off is asked for.
const MOST_CUTS: u16 = 6;

/// True when less came than the question needs, and no alert says why.
fn is_cut(probe: &Probe, read: &Flight) -> bool {
    let needs_all = matches!(probe, Probe::Hello { stop: Stop::Flight, .. });
    let modern = read.hello.as_ref().is_some_and(|h| h.version() >= Version::TLS13);
    match &read.hello {
        Some(_) => needs_all && !modern && !read.done && read.alert.is_none(),
        None => read.error == Some(CodecError::Short),
    }
}

impl Desk {
    pub(crate) fn new(manners: Manners, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            pacer: Pacer::new(manners),
            queue: VecDeque::new(),
            held: Vec::new(),
            flying: BTreeMap::new(),
            next_id: 1,
            next_flight: 1,
            seed,
            control: None,
            control_pending: false,
            asked: Vec::new(),
            cost: Cost::default(),
            seen: Vec::new(),
            handshakes: Vec::new(),
            foreign: None,
            no_starttls: None,
            abandoned: false,
            longest_answered: 0,
            dead: None,
            vain: 0,
            nothing: None,
            last_alert: None,
        })))
    }

    /// Asks and waits for the final answer.
    pub(crate) async fn ask(&self, about: impl Into<String>, probe: Probe) -> Answered {
        let slot = Arc::new(Mutex::new(Slot::default()));
        self.lock().enqueue(about.into(), probe, Arc::clone(&slot), Place::Back);
        poll_fn(move |context| {
            let mut slot = unpoisoned(&slot);
            match slot.answer.take() {
                Some(answered) => Poll::Ready(answered),
                None => {
                    slot.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Asks with one hello.
    pub(crate) async fn hello(
        &self,
        about: impl Into<String>,
        hello: ClientHello,
        stop: Stop,
    ) -> Answered {
        self.ask(about, Probe::Hello { hello, stop }).await
    }

    /// 32 fresh bytes. Not for secrets: they make hellos differ from each other, and the same scan
    /// with the same seed the same.
    pub(crate) fn random(&self) -> [u8; 32] {
        let mut inner = self.lock();
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            inner.seed = inner.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&mix(inner.seed).to_be_bytes());
        }
        bytes
    }

    /// How wide searches may be.
    pub(crate) fn width(&self) -> usize {
        self.lock().pacer.manners().width()
    }

    /// Which flaws to ask about.
    pub(crate) fn flaws(&self) -> BTreeSet<Flaw> {
        self.lock().pacer.manners().flaws.clone()
    }

    /// Every hello that was answered with a flight, so far.
    pub(crate) fn seen(&self) -> Vec<Arc<Seen>> {
        self.lock().seen.clone()
    }

    /// Every handshake tried, so far.
    pub(crate) fn handshakes(&self) -> Vec<(u32, Handshake, HandshakeReply)> {
        self.lock().handshakes.clone()
    }

    pub(crate) fn foreign(&self) -> Option<Foreign> {
        self.lock().foreign.clone()
    }

    pub(crate) fn no_starttls(&self) -> Option<String> {
        self.lock().no_starttls.clone()
    }

    pub(crate) fn nothing(&self) -> Option<Why> {
        self.lock().nothing
    }

    pub(crate) fn last_alert(&self) -> Option<crate::wire::hello::AlertMessage> {
        self.lock().last_alert
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut asked = self.lock().asked.clone();
        asked.sort_by_key(|a| a.id);
        asked
    }

    pub(crate) fn cost(&self, now: Duration) -> Cost {
        let inner = self.lock();
        Cost {
            connections: inner.pacer.opened(),
            duration_ms: millis(now),
            paused_ms: millis(inner.pacer.paused()),
            ..inner.cost
        }
    }

    /// Length of the longest hello that was answered with a flight.
    pub(crate) fn longest_answered(&self) -> usize {
        self.lock().longest_answered
    }

    /// True when nothing is ever answered.
    pub(crate) fn is_dead(&self) -> bool {
        let inner = self.lock();
        inner.dead.is_some() && inner.pacer.good() == 0
    }

    /// How many questions have a final answer, and what the last one was about.
    pub(crate) fn progress(&self) -> (usize, String) {
        let inner = self.lock();
        (inner.asked.len(), inner.asked.last().map(|a| a.about.clone()).unwrap_or_default())
    }

    /// Final answers that need no connection: what the budget no longer allows, and questions to a
    /// server that has shown to be no TLS server. True if any was given.
    pub(crate) fn settle(&self, now: Duration) -> bool {
        let mut inner = self.lock();
        let why = if inner.abandoned {
            Some(Why::Budget)
        } else if inner.no_starttls.is_some() {
            Some(Why::StartTls)
        } else if inner.foreign.is_some() && inner.pacer.good() == 0 {
            Some(Why::NotTls)
        } else if inner.pacer.is_spent(now) {
            Some(Why::Budget)
        } else if inner.pacer.is_unwelcome() {
            Some(Why::Paced)
        } else {
            inner.dead
        };
        let Some(why) = why else { return false };
        let mut waiting: Vec<Waiting> = inner.queue.drain(..).collect();
        waiting.append(&mut inner.held);
        let any = !waiting.is_empty();
        for w in waiting {
            inner.deliver(w, Answer::Unknown(why));
        }
        any
    }

    /// Gives up on everything without an answer, now and from now on.
    pub(crate) fn abandon(&self) {
        let mut inner = self.lock();
        inner.abandoned = true;
        let flying = std::mem::take(&mut inner.flying);
        for w in flying.into_values() {
            inner.deliver(w, Answer::Unknown(Why::Budget));
        }
    }

    /// The questions that may go out now.
    pub(crate) fn outgoing(&self, now: Duration) -> Vec<(u32, Probe)> {
        let mut inner = self.lock();
        let mut out = Vec::new();
        while inner.pacer.next_start(now).is_some_and(|t| t <= now) && !inner.pacer.is_spent(now) {
            // A question that must be asked alone waits for the others to end, and they for it.
            if inner.flying.values().any(|w| w.needs_alone) {
                break;
            }
            let ready = |w: &Waiting| w.not_before <= now;
            let alone = inner.queue.iter().position(|w| w.needs_alone && ready(w));
            let next = match alone {
                Some(_) if inner.pacer.flying() > 0 => break,
                Some(index) => inner.queue.remove(index),
                None => match inner.queue.iter().position(ready) {
                    Some(index) => inner.queue.remove(index),
                    None => break,
                },
            };
            let Some(mut w) = next else { break };
            w.attempts += 1;
            w.alone = inner.pacer.flying() == 0;
            w.epoch = inner.pacer.epoch();
            inner.pacer.started(now);
            if !w.alone {
                inner.flying.values_mut().for_each(|other| other.alone = false);
            }
            let flight = inner.next_flight;
            inner.next_flight += 1;
            out.push((flight, w.probe.clone()));
            inner.flying.insert(flight, w);
        }
        out
    }

    /// When [`Self::outgoing`] will have something, if only time is in the way.
    pub(crate) fn wake_at(&self, now: Duration) -> Option<Duration> {
        let inner = self.lock();
        let ready = inner.queue.iter().map(|w| w.not_before).min()?;
        // Only time is in the way of what waits for its time; else another answer must come first.
        inner.pacer.next_start(now).map(|start| start.max(ready))
    }

    /// Takes in what came back on one connection.
    pub(crate) fn absorb(&self, flight: u32, reply: Reply, now: Duration) {
        let mut inner = self.lock();
        let Some(w) = inner.flying.remove(&flight) else { return };
        inner.pacer.ended(reply.received);
        inner.cost.bytes_sent += reply.sent;
        inner.cost.bytes_received += reply.received;
        inner.take_in(w, reply, now);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        unpoisoned(&self.0)
    }
}

/// Where in the queue a question goes.
enum Place {
    Front,
    Back,
}

impl Inner {
    fn enqueue(&mut self, about: String, probe: Probe, slot: Arc<Mutex<Slot>>, place: Place) {
        let id = self.next_id;
        self.next_id += 1;
        let w = Waiting {
            id,
            about,
            probe,
            slot,
            is_control: false,
            attempts: 0,
            closes: 0,
            closed_alone: false,
            good_then: 0,
            silences: 0,
            alone: false,
            epoch: 0,
            needs_alone: false,
            not_before: Duration::ZERO,
            last: None,
        };
        match place {
            Place::Back => self.queue.push_back(w),
            Place::Front => self.queue.push_front(Waiting { is_control: true, ..w }),
        }
    }

    fn take_in(&mut self, w: Waiting, reply: Reply, now: Duration) {
        if let Some(handshake) = reply.handshake {
            let spoke = reply.received > 0 || handshake.alert.is_some();
            if spoke || handshake.completed {
                self.good(&w);
                if let Probe::Handshake(plan) = &w.probe {
                    self.handshakes.push((w.id, plan.clone(), handshake.clone()));
                }
                return self.deliver(w, Answer::Handshake(Box::new(handshake), reply.end));
            }
            return self.without_answer(w, &reply.end, now);
        }
        if let Some(heard) = reply.heard {
            if heard.version.is_some() || !heard.words.is_empty() {
                self.good(&w);
                return self.deliver(w, Answer::Talk(Box::new(heard), reply.end));
            }
            return self.without_answer(w, &reply.end, now);
        }
        if matches!(w.probe, Probe::Plain { .. }) {
            // Another port says nothing of this one: neither a sign of life nor an objection.
            let answer = match &reply.end {
                End::NotRecorded => Answer::Unknown(Why::NotRecorded),
                End::Refused => Answer::Refused(Refusal::Close),
                _ if reply.bytes.is_empty() => Answer::Unknown(Why::Timeout),
                _ => Answer::Text(String::from_utf8_lossy(&reply.bytes).into_owned()),
            };
            return self.deliver(w, answer);
        }
        let read = flight::read(&reply.bytes);
        if let Some(foreign) = &read.foreign {
            self.foreign.get_or_insert_with(|| foreign.clone());
            return self.deliver(w, Answer::Unknown(Why::NotTls));
        }
        let refusal = match &read.ssl2 {
            Some(sslv2::Answer::Error(code)) => Some(Refusal::Ssl2Error { code: *code }),
            _ => read.alert.or(read.warning.filter(|_| read.hello.is_none())).map(|a| {
                self.last_alert = Some(a);
                Refusal::Alert { level: a.level, description: a.description }
            }),
        };
        let has_hello = read.hello.is_some() || matches!(read.ssl2, Some(sslv2::Answer::Hello(_)));
        // A flight that broke off is asked for again, as if it had not come; but not for ever.
        let broke_off = is_cut(&w.probe, &read) && reply.end != End::Enough;
        if broke_off && w.attempts < MOST_CUTS && self.pacer.good() > 0 {
            return self.without_answer(w, &reply.end, now);
        }
        if has_hello {
            self.good(&w);
            if self.control.is_none() || self.seen.is_empty() {
                self.control = Some(w.probe.clone());
            }
            let hello = match &w.probe {
                Probe::Hello { hello, .. } => Some(hello.clone()),
                _ => None,
            };
            if let Some(hello) = &hello {
                self.longest_answered = self.longest_answered.max(hello.message_len());
            }
            let seen = Arc::new(Seen { id: w.id, hello, flight: read, at: reply.at });
            self.seen.push(Arc::clone(&seen));
            return self.deliver(w, Answer::Flight(seen));
        }
        if let Some(refusal) = refusal {
            self.good(&w);
            self.pacer.alerted();
            // A refusal in words is a sign of life too, until there is a better one.
            if self.seen.is_empty() && self.control.is_none() {
                self.control = Some(w.probe.clone());
            }
            return self.deliver(w, Answer::Refused(refusal));
        }
        if read.error.is_some_and(|e| e != CodecError::Short) || broke_off {
            return self.deliver(w, Answer::Unknown(Why::Garbled));
        }
        self.without_answer(w, &reply.end, now);
    }

    /// A question got an answer: a sign of life for those that are held.
    fn good(&mut self, w: &Waiting) {
        self.pacer.answered();
        self.dead = None;
        if w.closes > 0 {
            let before = if w.closed_alone {
                ClosedBefore::Alone
            } else {
                ClosedBefore::InCrowd { epoch: w.epoch }
            };
            self.pacer.flipped(before);
        }
        if w.is_control {
            self.control_pending = false;
        }
        let (needed, good) = (self.pacer.closes_needed(), self.pacer.good());
        for held in std::mem::take(&mut self.held) {
            if held.closes >= needed && good > held.good_then {
                self.refused_by_closing(held);
            } else {
                self.queue.push_back(held);
            }
        }
    }

    fn refused_by_closing(&mut self, w: Waiting) {
        let refusal = w.last.unwrap_or(Refusal::Close);
        self.deliver(w, Answer::Refused(refusal));
    }

    fn without_answer(&mut self, w: Waiting, end: &End, now: Duration) {
        let why = match end {
            End::Closed | End::Enough => Why::Closed,
            End::Reset => Why::Reset,
            End::Silent => Why::Timeout,
            End::Refused => Why::Refused,
            End::NoConnection => Why::Timeout,
            End::Unreachable => Why::Unreachable,
            End::Flooded => Why::Garbled,
            // The server was asked for more than STARTTLS, and refused all of it.
            End::NoStartTls { .. } if matches!(&w.probe, Probe::Talk(t) if !t.injected.is_empty()) =>
            {
                return self.deliver(w, Answer::Refused(Refusal::Close));
            }
            End::NoStartTls { said } | End::OtherProtocol { said } => {
                // One refusal among successes is an objection; with no success it is the answer.
                if self.pacer.good() == 0 {
                    self.no_starttls = Some(said.clone());
                    return self.deliver(w, Answer::Unknown(Why::StartTls));
                }
                Why::Closed
            }
            End::NotRecorded => return self.deliver(w, Answer::Unknown(Why::NotRecorded)),
        };
        self.nothing = Some(why);
        match why {
            Why::Closed | Why::Reset => self.closed(w, why, now),
            Why::Refused | Why::Unreachable if self.pacer.good() == 0 => {
                self.dead = Some(why);
                self.deliver(w, Answer::Unknown(why));
            }
            Why::Refused | Why::Unreachable => self.objected(w, now),
            Why::Timeout => self.silent(w, end, now),
            _ => self.deliver(w, Answer::Unknown(why)),
        }
    }

    fn closed(&mut self, mut w: Waiting, why: Why, now: Duration) {
        if w.is_control {
            return self.objected(w, now);
        }
        if w.closes == 0 {
            w.good_then = self.pacer.good();
        }
        w.closes += 1;
        w.closed_alone |= w.alone;
        w.last = Some(if why == Why::Reset { Refusal::Reset } else { Refusal::Close });
        let needed = match w.probe {
            // Whoever never heard of SSL 2.0 sees garbage, and closes.
            Probe::Ssl2 { .. } => self.pacer.closes_needed().min(3),
            _ => self.pacer.closes_needed(),
        };
        // A crowd of our own connections may be why it was closed: the proof is made alone.
        if w.closes < needed || !w.closed_alone {
            self.cost.repeated += 1;
            w.needs_alone = true;
            // A limit on connections in a second looks like this, too: the last proof takes time.
            let old = matches!(w.probe, Probe::Ssl2 { .. });
            if w.closes + 1 >= needed && self.pacer.doubts_closing() && !old {
                w.not_before = now + PROOF;
            }
            return self.queue.push_back(w);
        }
        if self.pacer.good() > w.good_then {
            return self.refused_by_closing(w);
        }
        match (&self.control, self.control_pending) {
            // Nothing was ever answered: closing means nothing.
            (None, _) => {
                self.in_vain(why);
                self.deliver(w, Answer::Unknown(why));
            }
            (Some(_), true) => self.held.push(w),
            (Some(control), false) => {
                let control = control.clone();
                self.held.push(w);
                self.control_pending = true;
                self.enqueue(
                    "is the server still willing".into(),
                    control,
                    Arc::default(),
                    Place::Front,
                );
            }
        }
    }

    fn silent(&mut self, mut w: Waiting, end: &End, now: Duration) {
        w.silences += 1;
        if w.silences >= MOST_SILENCES || self.pacer.good() == 0 {
            self.in_vain(Why::Timeout);
            return self.deliver(w, Answer::Unknown(Why::Timeout));
        }
        self.cost.repeated += 1;
        if *end == End::NoConnection {
            self.pacer.objected(now);
        }
        self.queue.push_back(w);
    }

    /// A question found no answer; when nothing ever does, the rest need not be asked.
    fn in_vain(&mut self, why: Why) {
        self.vain += 1;
        if self.pacer.good() == 0 && self.vain >= MOST_IN_VAIN {
            self.dead = Some(why);
        }
    }

    /// The server does not even take what it took before: pause, and count nothing of it.
    fn objected(&mut self, mut w: Waiting, now: Duration) {
        self.pacer.objected(now);
        self.cost.repeated += 1;
        for held in &mut self.held {
            held.closes = 0;
            held.closed_alone = false;
        }
        w.closes = 0;
        w.closed_alone = false;
        self.queue.push_front(w);
    }

    fn deliver(&mut self, w: Waiting, answer: Answer) {
        if w.is_control {
            self.control_pending = false;
            // Without a sign of life those that wait for one learn nothing.
            if let Answer::Unknown(why) = answer {
                for held in std::mem::take(&mut self.held) {
                    self.deliver(held, Answer::Unknown(why));
                }
            }
        }
        self.asked.push(Asked {
            id: w.id,
            about: w.about,
            attempts: w.attempts,
            answer: in_few_words(&answer),
        });
        let mut slot = unpoisoned(&w.slot);
        slot.answer = Some(Answered { id: w.id, answer });
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    }
}

fn in_few_words(answer: &Answer) -> String {
    match answer {
        Answer::Flight(seen) => match (&seen.flight.hello, &seen.flight.ssl2) {
            (Some(hello), _) => {
                let retry = if hello.is_retry() { ", retry" } else { "" };
                let group = hello.group().map(|g| format!(", {g}")).unwrap_or_default();
                format!("{} {}{group}{retry}", hello.version(), hello.suite)
            }
            (None, Some(sslv2::Answer::Hello(hello))) => {
                format!("SSL 2.0, {} cipher kinds", hello.suites.len())
            }
            _ => "a flight".to_owned(),
        },
        Answer::Handshake(reply, end) => match (reply.completed, reply.alert, &reply.error) {
            (true, ..) if reply.resumed => "resumed".to_owned(),
            (true, ..) => "completed".to_owned(),
            (_, Some(alert), _) => format!("alert {}", crate::wire::Alert(alert)),
            (_, _, Some(error)) => error.clone(),
            _ => format!("{end:?}").to_lowercase(),
        },
        Answer::Talk(heard, end) => match (heard.alerts().last(), heard.handshakes) {
            (Some((_, alert)), _) => format!("alert {}", crate::wire::Alert(alert)),
            (None, 0) => format!("{end:?}").to_lowercase(),
            (None, n) => format!("{n} completed"),
        },
        Answer::Text(text) => text.lines().next().unwrap_or_default().chars().take(80).collect(),
        Answer::Refused(refusal) => match refusal {
            Refusal::Alert { description, .. } => format!("alert {description}"),
            Refusal::Ssl2Error { code } => format!("SSL 2.0 error {code}"),
            Refusal::OtherVersion { version } => format!("{version} instead"),
            Refusal::Close => "closed each time".to_owned(),
            Refusal::Reset => "reset each time".to_owned(),
            Refusal::NotTls => "not TLS".to_owned(),
        },
        Answer::Unknown(why) => format!("unknown: {why:?}").to_lowercase(),
    }
}

/// A panic elsewhere must not turn into a second one here; the data stays consistent because every
/// change is made by one short method.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn millis(d: Duration) -> u64 {
    u64::try_from(d.as_millis()).unwrap_or(u64::MAX)
}

/// The output step of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
