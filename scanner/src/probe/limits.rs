//! Budgets and manners: when the next connection may be opened, and when a closed connection is an
//! answer. Pure; the time comes in as an argument.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::flaws::Flaw;

/// How hard one address may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manners {
    /// Connections at once.
    pub at_once: usize,
    /// New connections in any one second; `None`: no pacing.
    pub per_second: Option<u32>,
    /// Connections in all.
    pub most_connections: u32,
    /// Bytes received in all.
    pub most_bytes: u64,
    /// Time in all.
    pub most_time: Duration,
    /// How long one connection may keep silent.
    pub patience: Duration,
    /// Which known flaws to ask about. Recordings of versions that asked about none have none.
    #[serde(default)]
    pub flaws: BTreeSet<Flaw>,
}

impl Manners {
    /// The default: 4 connections at once, 10 new ones in a second.
    #[must_use]
    pub fn polite() -> Self {
        Self {
            at_once: 4,
            per_second: Some(10),
            most_connections: 400,
            most_bytes: 16 << 20,
            most_time: Duration::from_secs(180),
            patience: Duration::from_secs(10),
            flaws: Flaw::ALL.into(),
        }
    }

    /// No pacing, for servers of one's own.
    #[must_use]
    pub fn fast() -> Self {
        Self { at_once: 24, per_second: None, most_time: Duration::from_secs(90), ..Self::polite() }
    }

    /// Into how many parallel questions a search may be split. More width finds the same in fewer
    /// round trips and more connections, which only pays when connections are not paced.
    #[must_use]
    pub fn width(&self) -> usize {
        if self.per_second.is_some() { 1 } else { (self.at_once / 4).clamp(1, 6) }
    }
}

/// Pauses after which the server is left alone.
const MOST_OBJECTIONS: u32 = 5;

/// New connections in a second once a question was closed and then answered, which is chance or a
/// limit on their number.
const CAREFUL: u32 = 5;

/// New connections in a second once the server has objected.
const SUBDUED: u32 = 2;

/// Answers at the first attempt after which a server counts as reliable: one that closes 30 % of
/// all connections by chance shows itself within so many with 98 % certainty.
const RELIABLE_AFTER: u32 = 12;

/// Decides when a connection may be opened, and what a closed one means.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    manners: Manners,
    /// Connections allowed at once now; halved when crowding gets connections closed.
    limit: usize,
    flying: usize,
    opened: u32,
    received: u64,
    starts: VecDeque<Duration>,
    paused_until: Duration,
    paused: Duration,
    objections: u32,
    /// Rises when the limit falls, so that one burst halves it once.
    epoch: u32,
    /// Answers with at least a byte.
    good: u32,
    /// A question closed while alone was answered when repeated.
    flaky: bool,
    /// The server has refused in words, so closing is not its usual way.
    alerts: bool,
}

impl Pacer {
    pub(crate) fn new(manners: Manners) -> Self {
        Self {
            limit: manners.at_once.max(1),
            manners,
            flying: 0,
            opened: 0,
            received: 0,
            starts: VecDeque::new(),
            paused_until: Duration::ZERO,
            paused: Duration::ZERO,
            objections: 0,
            epoch: 0,
            good: 0,
            flaky: false,
            alerts: false,
        }
    }

    pub(crate) fn manners(&self) -> &Manners {
        &self.manners
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn good(&self) -> u32 {
        self.good
    }

    pub(crate) fn flying(&self) -> usize {
        self.flying
    }

    pub(crate) fn opened(&self) -> u32 {
        self.opened
    }

    pub(crate) fn paused(&self) -> Duration {
        self.paused
    }

    /// True when the budget allows no further connection.
    pub(crate) fn is_spent(&self, now: Duration) -> bool {
        self.opened >= self.manners.most_connections
            || self.received >= self.manners.most_bytes
            || now >= self.manners.most_time
    }

    /// True when the server objected so often that it is left alone.
    pub(crate) fn is_unwelcome(&self) -> bool {
        self.objections > MOST_OBJECTIONS
    }

    /// When the next connection may be opened as far as time decides; `None`: not before another
    /// ends.
    pub(crate) fn next_start(&self, now: Duration) -> Option<Duration> {
        if self.flying >= self.limit {
            return None;
        }
        let most = match (self.objections, self.flaky) {
            (0, false) => None,
            (0, true) => Some(CAREFUL),
            _ => Some(SUBDUED),
        };
        let rate = match (self.manners.per_second, most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let paced = rate.and_then(|rate| {
            let rate = usize::try_from(rate).unwrap_or(usize::MAX).max(1);
            let earlier = self.starts.len().checked_sub(rate)?;
            self.starts.get(earlier).map(|t| *t + Duration::from_secs(1))
        });
        Some(paced.unwrap_or(now).max(self.paused_until).max(now))
    }

    pub(crate) fn started(&mut self, now: Duration) {
        self.flying += 1;
        self.opened += 1;
        self.starts.push_back(now);
        if self.starts.len() > 64 {
            self.starts.pop_front();
        }
    }

    pub(crate) fn ended(&mut self, received: u64) {
        self.flying = self.flying.saturating_sub(1);
        self.received += received;
    }

    /// A question got an answer.
    pub(crate) fn answered(&mut self) {
        self.good += 1;
    }

    /// A question was answered that had been closed before: the closing did not mean the question.
    pub(crate) fn flipped(&mut self, closed: ClosedBefore) {
        match closed {
            ClosedBefore::Alone => self.flaky = true, // And slower, see `next_start`.
            ClosedBefore::InCrowd { epoch } if epoch == self.epoch => {
                self.epoch += 1;
                self.limit = (self.limit / 2).max(1);
            }
            ClosedBefore::InCrowd { .. } => {}
        }
    }

    /// How often a question must be closed, without an answer between, to count as refused.
    pub(crate) fn closes_needed(&self) -> u32 {
        match (self.flaky, self.alerts, self.good >= RELIABLE_AFTER) {
            (true, ..) => 8,
            (_, true, _) => 5,
            (.., true) => 2,
            _ => 3,
        }
    }

    /// The server refused a question by an alert.
    pub(crate) fn alerted(&mut self) {
        self.alerts = true;
    }

    /// True when a closed connection may be something else than a refusal.
    pub(crate) fn doubts_closing(&self) -> bool {
        self.alerts || self.flaky
    }

    /// Even what was answered before is now refused: wait, longer each time.
    pub(crate) fn objected(&mut self, now: Duration) {
        if now < self.paused_until {
            return;
        }
        self.objections += 1;
        self.epoch += 1;
        self.limit = (self.limit / 2).max(1);
        let pause = Duration::from_secs(1 << self.objections.min(5));
        self.paused_until = now + pause;
        self.paused += pause;
    }
}

/// Under which conditions a question was closed that was answered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClosedBefore {
    /// No other connection was open.
    Alone,
    /// Others were open.
    InCrowd {
        /// The pacer's epoch when it was opened.
        epoch: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn ten_start_at_once_and_the_eleventh_a_second_later() {
        let mut pacer = Pacer::new(Manners { at_once: 100, ..Manners::polite() });
        for n in 0..10 {
            assert_eq!(pacer.next_start(ms(n)), Some(ms(n)));
            pacer.started(ms(n));
        }
        assert_eq!(pacer.next_start(ms(20)), Some(ms(1000)));
    }

    #[test]
    fn an_objection_pauses_longer_each_time_and_slows_down() {
        let mut pacer = Pacer::new(Manners::fast());
        assert_eq!(pacer.next_start(ms(5)), Some(ms(5)));
        pacer.objected(ms(5));
        assert_eq!(pacer.next_start(ms(6)), Some(ms(2005)));
        pacer.objected(ms(7));
        assert_eq!(pacer.next_start(ms(8)), Some(ms(2005)), "one pause at a time");
        pacer.objected(ms(2005));
        assert_eq!(pacer.next_start(ms(2005)), Some(ms(6005)));
        pacer.started(ms(6005));
        pacer.started(ms(6005));
        assert_eq!(pacer.next_start(ms(6006)), Some(ms(7005)));
    }

    #[test]
    fn crowding_halves_the_limit_once_for_each_burst() {
        let mut pacer = Pacer::new(Manners::fast());
        let epoch = pacer.epoch();
        pacer.flipped(ClosedBefore::InCrowd { epoch });
        pacer.flipped(ClosedBefore::InCrowd { epoch });
        assert_eq!(pacer.limit, 12);
        assert_eq!(pacer.closes_needed(), 3);
        pacer.flipped(ClosedBefore::Alone);
        assert_eq!(pacer.closes_needed(), 8);
    }
}
