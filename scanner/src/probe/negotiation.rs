//! Groups, signature schemes and application protocols of TLS 1.2 and older. They are independent
//! of each other, so one hello asks for one of each: an answer settles all three, and only a
//! refusal has to be taken apart. What other inquiries want to know of an otherwise ordinary hello
//! rides along.

use std::sync::Arc;

use futures_util::future::join_all;
use futures_util::join;

use super::Handshake;
use super::desk::{Answer, Desk, Seen};
use super::elimination::{Choice, Found, eliminate, halves};
use super::offer;
use super::suites::with_certificate;
use super::versions::Spoken;
use super::{Probe, ResumeBy, extensions, server_name};
use crate::observe::{AlpnMismatch, Fact, Groups, Refusal, Schemes, Suites, Why};
use crate::wire::flight::{KeyExchange, Stop};
use crate::wire::suites::{Auth, SuiteInfo};
use crate::wire::{Alert, ClientHello, Ext, Extension, Group, Scheme, Suite, Version};

/// Application protocols that are asked for, most common first.
const PROTOCOLS: [&str; 3] = ["h2", "http/1.1", "http/1.0"];

/// Others, asked for together: of the drafts before HTTP/2, and of other services.
const OTHER_PROTOCOLS: [&str; 14] = [
    "spdy/3.1",
    "spdy/3",
    "spdy/2",
    "h2c",
    "h3",
    "smtp",
    "imap",
    "pop3",
    "ftp",
    "xmpp-client",
    "xmpp-server",
    "postgresql",
    "mqtt",
    "dot",
];

/// What is found here.
#[derive(Default)]
pub(crate) struct Negotiated {
    pub(crate) groups: Option<Groups>,
    pub(crate) schemes: Schemes,
    pub(crate) alpn: Fact<Vec<String>>,
    pub(crate) alpn_mismatch: Fact<AlpnMismatch>,
    /// The riders that were answered.
    pub(crate) riders: Vec<(Rider, Arc<Seen>)>,
}

impl Negotiated {
    /// The answer to a rider, if it had one.
    pub(crate) fn rider(&self, rider: Rider) -> Option<Arc<Seen>> {
        self.riders.iter().find(|(r, _)| *r == rider).map(|(_, seen)| Arc::clone(seen))
    }
}

/// A change to a hello that another inquiry wants to see answered. If it is not, that inquiry asks
/// by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rider {
    /// Every extension and method there is.
    Rich,
    /// No server name.
    NoName,
    /// A server name nobody has.
    Nobody,
    /// A version field of a far future.
    FarVersion,
}

impl Rider {
    const ALL: [Self; 4] = [Self::Rich, Self::NoName, Self::Nobody, Self::FarVersion];

    fn change(self, hello: &mut ClientHello) {
        match self {
            Self::Rich => extensions::enrich(hello),
            Self::NoName => server_name::rename(hello, None),
            Self::Nobody => server_name::rename(hello, Some(server_name::NOBODY)),
            Self::FarVersion => hello.version = Version::FAR,
        }
    }

    fn makes_sense(self, spoken: &Spoken) -> bool {
        match self {
            Self::NoName | Self::Nobody => spoken.base.server_name.is_some(),
            Self::Rich | Self::FarVersion => true,
        }
    }
}

/// One question: a group, a scheme, an application protocol; `None` leaves the usual offer.
#[derive(Clone, Debug, Default)]
struct Row {
    /// Key type of the suites offered.
    auth: Option<Auth>,
    groups: Option<Vec<Group>>,
    schemes: Option<Vec<Scheme>>,
    alpn: Option<Vec<&'static str>>,
    rider: Option<Rider>,
}

/// What an answered row shows.
#[derive(Clone, Debug, Default)]
struct Shown {
    group: Option<Group>,
    scheme: Option<Scheme>,
    /// `Some(None)`: the handshake goes on without an application protocol.
    alpn: Option<Option<String>>,
    /// The protocols offered were what was refused.
    alpn_refused: bool,
    seen: Option<Arc<Seen>>,
}

struct Inquiry<'a> {
    desk: &'a Desk,
    spoken: &'a Spoken,
    version: Version,
    suites: &'a Suites,
}

/// Asks in the newest version of TLS 1.2 and older; `suites` are those accepted there. `likely` are
/// groups that TLS 1.3 has shown.
pub(crate) async fn of_older(
    desk: &Desk,
    spoken: &Spoken,
    suites: &Suites,
    likely: &[Group],
) -> Negotiated {
    let q = Inquiry { desk, spoken, version: suites.version, suites };
    if q.version == Version::SSL3 {
        return Negotiated::default(); // No extensions there.
    }
    let rows = q.likely(likely);
    let mut riders = Vec::new();
    let (answers, rare_groups, rare_schemes, rare_alpn) = join!(
        join_all(rows.iter().map(|row| q.ask("one of each", row.clone()))),
        q.rare_groups(&rows),
        q.rare_schemes(&rows),
        q.ask(
            "other application protocols",
            Row { alpn: Some(OTHER_PROTOCOLS.to_vec()), ..Row::default() }
        ),
    );
    let mut groups = Found::default();
    let mut schemes = Found::default();
    let (mut protocols, mut alpn_how, mut mismatch) = (Vec::new(), Vec::new(), Fact::default());
    let mut again = Vec::new();
    let (mut without_alpn, mut alpn_open) = (None, false);
    for (row, (id, shown)) in rows.iter().zip(answers) {
        match shown {
            Choice::Took(shown) if shown.alpn_refused => {
                alpn_how.push(id);
                mismatch = Fact::yes(AlpnMismatch::Refused, [id]);
                again.extend(Row { alpn: None, ..row.clone() }.parts());
            }
            Choice::Took(shown) => {
                if row.groups.is_some() {
                    take(&mut groups, shown.group, row.groups.as_deref(), id);
                }
                if row.schemes.is_some() {
                    take(&mut schemes, shown.scheme, row.schemes.as_deref(), id);
                }
                riders.extend(row.rider.zip(shown.seen));
                match shown.alpn {
                    Some(Some(protocol)) => {
                        alpn_how.push(id);
                        protocols.push(protocol);
                    }
                    Some(None) => {
                        alpn_how.push(id);
                        without_alpn = Some(id);
                    }
                    None => {}
                }
            }
            _ => again.extend(row.parts()),
        }
    }
    let apart = join_all(again.iter().map(|row| q.ask("one alone", row.clone()))).await;
    for (row, (id, shown)) in again.iter().zip(apart) {
        let (shown, why) = match shown {
            Choice::Took(shown) => (Some(shown), None),
            Choice::None => (None, None),
            Choice::Unknown(why) => (None, Some(why)),
        };
        if let Some(offered) = &row.groups {
            settle(&mut groups, shown.as_ref().and_then(|s| s.group), offered, id, why);
        }
        if let Some(offered) = &row.schemes {
            settle(&mut schemes, shown.as_ref().and_then(|s| s.scheme), offered, id, why);
        }
        if row.alpn.is_some() {
            alpn_how.push(id);
            match shown {
                Some(shown) if shown.alpn_refused => {
                    mismatch = Fact::yes(AlpnMismatch::Refused, [id]);
                }
                Some(Shown { alpn: Some(Some(protocol)), .. }) => protocols.push(protocol),
                Some(_) => without_alpn = Some(id),
                None => alpn_open = true,
            }
        }
    }
    let (id, other) = rare_alpn;
    alpn_how.push(id);
    match other {
        Choice::Took(shown) if shown.alpn_refused => {
            mismatch = Fact::yes(AlpnMismatch::Refused, [id]);
        }
        Choice::Took(Shown { alpn: Some(Some(protocol)), .. }) => protocols.push(protocol),
        Choice::Took(_) => without_alpn = Some(id),
        Choice::None | Choice::Unknown(_) => alpn_open = true,
    }
    if let (Some(id), false) = (without_alpn, mismatch.is_yes()) {
        mismatch = Fact::yes(AlpnMismatch::Ignored, [id]);
    }
    // A list with a gap is no list.
    let alpn = match alpn_open {
        true => Fact::unknown(Why::Closed, alpn_how),
        false => alpn_fact(protocols, alpn_how, &mismatch),
    };
    groups.merge(rare_groups);
    schemes.merge(rare_schemes);
    let ours = offer::groups_for(Version::TLS12);
    groups.accepted.sort_by_key(|g| ours.iter().position(|o| o == g));
    groups.accepted.dedup();
    let has_groups = q.auths(true).next().is_some();
    Negotiated {
        groups: has_groups.then(|| Groups {
            version: q.version,
            accepted: groups.accepted,
            unsettled: groups.unsettled,
            server_order: Fact::default(),
            how: groups.how,
        }),
        schemes: Schemes {
            used: Vec::new(),
            accepted: sorted_schemes(schemes.accepted),
            unsettled: schemes.unsettled,
            how: schemes.how,
        },
        alpn,
        alpn_mismatch: mismatch,
        riders,
    }
}

/// What the server says of ALPN, for servers of TLS 1.3 only: it takes a whole handshake.
pub(crate) async fn alpn_of_tls13(
    desk: &Desk,
    spoken: &Spoken,
) -> (Fact<Vec<String>>, Fact<AlpnMismatch>) {
    let ask = |protocols: Vec<&'static str>| async move {
        let plan = Handshake {
            alpn: protocols.into_iter().map(str::to_owned).collect(),
            ..plain_handshake(Version::TLS13, spoken.base.server_name.clone())
        };
        let a = desk.ask("application protocol", Probe::Handshake(plan)).await;
        (a.id, a.answer)
    };
    let mut sets: Vec<Vec<&'static str>> = PROTOCOLS.iter().map(|p| vec![*p]).collect();
    sets.push(OTHER_PROTOCOLS.to_vec());
    let answers = join_all(sets.into_iter().map(ask)).await;
    let (mut protocols, mut how, mut mismatch, mut completed) =
        (vec![], vec![], Fact::default(), false);
    for (id, answer) in answers {
        let Answer::Handshake(reply, _) = answer else { continue };
        how.push(id);
        match (reply.completed, reply.alpn, reply.alert) {
            (true, Some(protocol), _) => protocols.push(protocol),
            (true, None, _) => mismatch = Fact::yes(AlpnMismatch::Ignored, [id]),
            (_, _, Some(alert)) if Alert(alert) == Alert::NO_APPLICATION_PROTOCOL => {
                mismatch = Fact::yes(AlpnMismatch::Refused, [id]);
            }
            _ => continue,
        }
        completed = true;
    }
    if !completed {
        return (Fact::unknown(Why::NoHandshake, how), mismatch);
    }
    (alpn_fact(protocols, how, &mismatch), mismatch)
}

/// A handshake with nothing special asked.
pub(crate) fn plain_handshake(version: Version, server_name: Option<String>) -> Handshake {
    Handshake {
        version,
        server_name,
        schemes: Vec::new(),
        alpn: Vec::new(),
        slot: None,
        resume_by: ResumeBy::Ticket,
        early_data: false,
        get: None,
        await_tickets: false,
    }
}

fn alpn_fact(
    mut protocols: Vec<String>,
    how: Vec<u32>,
    mismatch: &Fact<AlpnMismatch>,
) -> Fact<Vec<String>> {
    protocols.dedup();
    if !protocols.is_empty() {
        return Fact::yes(protocols, how);
    }
    match mismatch.value() {
        // It knows ALPN, but none of the protocols we can name.
        Some(AlpnMismatch::Refused) => Fact::yes(Vec::new(), how),
        Some(AlpnMismatch::Ignored) => Fact::no(how),
        None => Fact::unknown(Why::Garbled, how),
    }
}

impl Row {
    /// True when nothing but the application protocol can be what is refused.
    fn is_alpn_alone(&self) -> bool {
        self.groups.is_none() && self.schemes.is_none() && self.rider.is_none()
    }

    /// The same questions, each alone.
    fn parts(&self) -> Vec<Self> {
        let auth = self.auth;
        let mut parts = Vec::new();
        if self.groups.is_some() {
            parts.push(Self { auth, groups: self.groups.clone(), ..Self::default() });
        }
        if self.schemes.is_some() {
            parts.push(Self { auth, schemes: self.schemes.clone(), ..Self::default() });
        }
        if self.alpn.is_some() {
            parts.push(Self { alpn: self.alpn.clone(), ..Self::default() });
        }
        parts
    }
}

impl Inquiry<'_> {
    /// Key types of the accepted suites with a signed, or at least an elliptic, key exchange. RSA
    /// first: an RSA certificate goes with every group, an ECDSA one only with its own curve.
    fn auths(&self, elliptic: bool) -> impl Iterator<Item = Auth> + '_ {
        [Auth::Rsa, Auth::Ecdsa, Auth::Dss, Auth::None].into_iter().filter(move |auth| {
            self.suites_with(Some(*auth)).iter().any(|s| {
                s.info().is_some_and(|i| {
                    use crate::wire::suites::Kx;
                    if elliptic { i.kx == Kx::Ecdhe } else { is_signed(i) }
                })
            })
        })
    }

    fn suites_with(&self, auth: Option<Auth>) -> Vec<Suite> {
        let mut suites: Vec<Suite> = self.suites.accepted.clone();
        if let Some(auth) = auth {
            suites.retain(|s| s.info().is_some_and(|i| i.auth == auth && i.is_ephemeral()));
        }
        suites
    }

    /// Schemes a server with such a key most probably takes.
    fn likely_schemes(auth: Auth) -> &'static [Scheme] {
        match auth {
            Auth::Rsa => &[
                Scheme::RSA_PSS_RSAE_SHA256,
                Scheme::RSA_PKCS1_SHA256,
                Scheme::RSA_PSS_RSAE_SHA384,
                Scheme::RSA_PKCS1_SHA384,
                Scheme::RSA_PSS_RSAE_SHA512,
                Scheme::RSA_PKCS1_SHA512,
            ],
            Auth::Ecdsa => &[
                Scheme::ECDSA_SECP256R1_SHA256,
                Scheme::ECDSA_SECP384R1_SHA384,
                Scheme::ECDSA_SECP521R1_SHA512,
            ],
            _ => &[],
        }
    }

    fn likely(&self, groups13: &[Group]) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        if self.version == Version::TLS12 {
            for auth in self.auths(false) {
                for scheme in Self::likely_schemes(auth) {
                    let schemes = Some(vec![*scheme]);
                    rows.push(Row { auth: Some(auth), schemes, ..Row::default() });
                }
            }
        }
        // Groups go with RSA rows; an ECDSA certificate needs its own curve beside them.
        if let Some(auth) = self.auths(true).next()
            && auth != Auth::Ecdsa
        {
            let mut groups = offer::groups_for(Version::TLS12);
            groups.truncate(5);
            if !groups13.is_empty() {
                groups.retain(|g| groups13.contains(g));
            }
            let elliptic = self.is_elliptic_only(auth);
            for group in groups {
                let fits = |row: &&mut Row| row.auth == Some(auth) && row.groups.is_none();
                match rows.iter_mut().find(fits).filter(|_| elliptic) {
                    Some(row) => row.groups = Some(vec![group]),
                    None => {
                        let groups = Some(vec![group]);
                        rows.push(Row { auth: Some(auth), groups, ..Row::default() });
                    }
                }
            }
        }
        for protocol in PROTOCOLS {
            match rows.iter_mut().find(|row| row.alpn.is_none()) {
                Some(row) => row.alpn = Some(vec![protocol]),
                None => rows.push(Row { alpn: Some(vec![protocol]), ..Row::default() }),
            }
        }
        for rider in Rider::ALL.into_iter().filter(|r| r.makes_sense(self.spoken)) {
            match rows.iter_mut().rev().find(|row| row.rider.is_none() && row.alpn.is_none()) {
                Some(row) => row.rider = Some(rider),
                None => rows.push(Row { rider: Some(rider), ..Row::default() }),
            }
        }
        rows
    }

    /// True when every suite of this key type uses a curve: then its rows show a group.
    fn is_elliptic_only(&self, auth: Auth) -> bool {
        self.suites_with(Some(auth))
            .iter()
            .all(|s| s.info().is_some_and(|i| i.kx == crate::wire::suites::Kx::Ecdhe))
    }

    async fn rare_groups(&self, rows: &[Row]) -> Found<Group> {
        let Some(auth) = self.auths(true).next() else { return Found::default() };
        let asked: Vec<Group> = rows.iter().filter_map(|r| r.groups.clone()).flatten().collect();
        let mut left = offer::groups_for(Version::TLS12);
        left.retain(|g| !asked.contains(g));
        if auth != Auth::Ecdsa {
            return self.search_groups(auth, left, None).await;
        }
        self.groups_beside_ecdsa(left).await
    }

    /// Many servers use an ECDSA certificate only when its curve is among the groups offered. So
    /// that curve is found first, and goes with every question.
    async fn groups_beside_ecdsa(&self, all: Vec<Group>) -> Found<Group> {
        let Some(first) = self.first_group() else {
            return self.search_groups(Auth::Ecdsa, all, None).await;
        };
        let curves = [Group::SECP256R1, Group::SECP384R1, Group::SECP521R1];
        let without = |curve: Group| {
            let groups = all.iter().copied().filter(|g| *g != curve).collect();
            let row = Row { auth: Some(Auth::Ecdsa), groups: Some(groups), ..Row::default() };
            async move { (curve, self.ask("the certificate's curve", row).await) }
        };
        let mut asked = curves.to_vec();
        asked.extend((!curves.contains(&first)).then_some(first));
        let answers = join_all(asked.into_iter().map(without)).await;
        let needed = answers.iter().find(|(_, (_, c))| matches!(c, Choice::None)).map(|(c, _)| *c);
        let mut how: Vec<u32> = answers.iter().map(|(_, (id, _))| *id).collect();
        let anchor = needed;
        let mut left = all;
        left.retain(|g| *g != first && Some(*g) != anchor);
        let mut found = self.search_groups(Auth::Ecdsa, left, anchor).await;
        let mut accepted = vec![first];
        accepted.extend(anchor.filter(|a| *a != first));
        accepted.append(&mut found.accepted);
        how.append(&mut found.how);
        Found { accepted, unsettled: found.unsettled, how }
    }

    fn first_group(&self) -> Option<Group> {
        match &self.spoken.first(self.version)?.flight.key_exchange {
            Some(KeyExchange::Ecdhe { group, .. }) => *group,
            _ => None,
        }
    }

    async fn search_groups(
        &self,
        auth: Auth,
        left: Vec<Group>,
        anchor: Option<Group>,
    ) -> Found<Group> {
        let hidden = std::sync::atomic::AtomicBool::new(false);
        let mut found = eliminate(vec![left.clone()], usize::MAX, 1, halves, |set| {
            let hidden = &hidden;
            async move {
                let mut offered = set.clone();
                offered.extend(anchor);
                let row = Row { auth: Some(auth), groups: Some(offered), ..Row::default() };
                let (id, choice) = self.ask("groups", row).await;
                let choice = match choice {
                    Choice::Took(Shown { group: Some(g), .. }) if Some(g) == anchor => {
                        // Either it has none of the set, or it prefers the certificate's curve.
                        hidden.store(true, std::sync::atomic::Ordering::Relaxed);
                        Choice::None
                    }
                    Choice::Took(Shown { group: Some(g), .. }) => Choice::Took(g),
                    Choice::Took(_) => Choice::Unknown(Why::Garbled),
                    Choice::None => Choice::None,
                    Choice::Unknown(why) => Choice::Unknown(why),
                };
                (id, choice)
            }
        })
        .await;
        if hidden.into_inner() {
            found.unsettled = left;
            found.unsettled.retain(|g| !found.accepted.contains(g));
        }
        found
    }

    async fn rare_schemes(&self, rows: &[Row]) -> Found<Scheme> {
        if self.version != Version::TLS12 {
            return Found::default();
        }
        let asked: Vec<Scheme> = rows.iter().filter_map(|r| r.schemes.clone()).flatten().collect();
        let mut left = offer::SCHEMES.to_vec();
        left.retain(|s| !asked.contains(s));
        let suites = self.suites_with(None);
        if !suites.iter().any(|s| s.info().is_some_and(is_signed)) {
            return Found::default();
        }
        // Where there are two kinds of keys, each has a scheme of its own to choose.
        let both = self.auths(false).count() > 1 && self.desk.width() > 1;
        let (rsa, other): (Vec<Scheme>, Vec<Scheme>) =
            left.into_iter().partition(|s| !both || s.0 & 0xff == 1);
        eliminate(vec![rsa, other], usize::MAX, 1, halves, |set| async move {
            let row = Row { schemes: Some(set.clone()), ..Row::default() };
            let (id, choice) = self.ask("signature schemes", row).await;
            let choice = match choice {
                Choice::Took(Shown { scheme: Some(s), .. }) if set.contains(&s) => Choice::Took(s),
                // A scheme that was not offered, or a suite without a signature: it has none.
                Choice::Took(_) | Choice::None => Choice::None,
                Choice::Unknown(why) => Choice::Unknown(why),
            };
            (id, choice)
        })
        .await
    }

    async fn ask(&self, about: &str, row: Row) -> (u32, Choice<Shown>) {
        let mut suites = self.suites_with(row.auth);
        if row.schemes.is_some() && row.auth.is_none() {
            suites.retain(|s| s.info().is_some_and(is_signed));
        }
        if row.groups.is_some() {
            suites.retain(|s| s.info().is_some_and(|i| i.kx == crate::wire::suites::Kx::Ecdhe));
        }
        if row.rider.is_some() {
            suites = with_certificate(suites);
        }
        offer::chacha_last(&mut suites);
        let suites: Vec<Suite> = suites.into_iter().take(offer::MOST_SUITES).collect();
        let mut hello = super::suites::hello(
            self.desk,
            self.spoken,
            self.version,
            &suites,
            row.groups.as_deref(),
        );
        for ext in &mut hello.extensions {
            if let (Ext::Schemes(list), Some(schemes)) = (ext, &row.schemes) {
                list.clone_from(schemes);
            }
        }
        if let Some(protocols) = &row.alpn {
            let list = protocols.iter().map(|p| (*p).to_owned()).collect();
            hello.extensions.push(Ext::Alpn(list));
        }
        if let Some(rider) = row.rider {
            rider.change(&mut hello);
        }
        let needs_exchange = row.groups.is_some() || row.schemes.is_some() || row.rider.is_some();
        let stop = if needs_exchange { Stop::Flight } else { Stop::Hello };
        let a = self.desk.hello(format!("{}: {about}", self.version), hello, stop).await;
        let choice = match a.answer {
            Answer::Flight(seen) => {
                let hello = seen.flight.hello.as_ref();
                // Without the rest of the flight, nothing is known of group and scheme.
                let is_cut = needs_exchange && !seen.flight.done;
                let (group, scheme) = match &seen.flight.key_exchange {
                    None if is_cut => return (a.id, Choice::Unknown(Why::Garbled)),
                    Some(KeyExchange::Ecdhe { group, scheme, .. }) => (*group, *scheme),
                    Some(KeyExchange::Dhe { scheme, .. }) => (None, *scheme),
                    _ => (None, None),
                };
                let alpn = row.alpn.is_some().then(|| {
                    hello.filter(|h| h.extension(Extension::ALPN).is_some()).and_then(|h| h.alpn())
                });
                Choice::Took(Shown {
                    group,
                    scheme,
                    alpn,
                    alpn_refused: false,
                    seen: Some(Arc::clone(&seen)),
                })
            }
            Answer::Refused(Refusal::Alert { description, .. })
                if row.alpn.is_some()
                    && (description == Alert::NO_APPLICATION_PROTOCOL
                        || (description == Alert::HANDSHAKE_FAILURE && row.is_alpn_alone())) =>
            {
                Choice::Took(Shown { alpn_refused: true, ..Shown::default() })
            }
            Answer::Refused(Refusal::Alert { .. } | Refusal::Close | Refusal::Reset) => {
                Choice::None
            }
            Answer::Unknown(why) => Choice::Unknown(why),
            _ => Choice::Unknown(Why::Garbled),
        };
        (a.id, choice)
    }
}

/// An answered row shows what the server took of the items offered.
fn take<T: Copy + PartialEq>(
    found: &mut Found<T>,
    shown: Option<T>,
    offered: Option<&[T]>,
    id: u32,
) {
    let offered = offered.unwrap_or_default();
    settle(found, shown, offered, id, None);
}

fn settle<T: Copy + PartialEq>(
    found: &mut Found<T>,
    shown: Option<T>,
    offered: &[T],
    id: u32,
    why: Option<Why>,
) {
    found.how.push(id);
    match (shown, why) {
        (Some(item), _) if offered.contains(&item) => found.accepted.push(item),
        (_, Some(_)) => found.unsettled.extend_from_slice(offered),
        // Another one than offered: the offer was ignored, so the item itself is not taken.
        _ => {}
    }
}

fn sorted_schemes(mut schemes: Vec<Scheme>) -> Vec<Scheme> {
    schemes.sort_by_key(|s| offer::SCHEMES.iter().position(|o| o == s));
    schemes.dedup();
    schemes
}

/// True when the server signs its key exchange.
fn is_signed(info: &SuiteInfo) -> bool {
    info.is_ephemeral() && !matches!(info.auth, Auth::None | Auth::Psk)
}
