//! Which protocol versions are spoken, and how the others are refused.

use std::sync::Arc;

use futures_util::join;

use super::Probe;
use super::desk::{Answer, Desk, Seen};
use super::offer::{self, Base, Size};
use super::suites::by_exchange;
use super::tolerance;
use crate::observe::{Fact, Protocol, Refusal, Tolerance, Why};
use crate::wire::flight::Stop;
use crate::wire::{Alert, Group, Suite, Version, shares, sslv2, suites};

/// What the first round showed; every later question builds on it.
#[derive(Clone, Debug)]
pub(crate) struct Spoken {
    /// One entry for each version, oldest first.
    pub(crate) protocols: Vec<Protocol>,
    /// What goes into later hellos.
    pub(crate) base: Base,
    /// TLS 1.3 hellos need key shares: an empty `key_share` brings no HelloRetryRequest.
    pub(crate) needs_shares: bool,
    /// The first answer for each version spoken.
    pub(crate) first: Vec<(Version, Arc<Seen>)>,
    /// What is known of tolerance so far.
    pub(crate) tolerance: Tolerance,
}

impl Spoken {
    /// True if the version is spoken.
    pub(crate) fn has(&self, version: Version) -> bool {
        self.first.iter().any(|(v, _)| *v == version)
    }

    /// The first answer in a version.
    pub(crate) fn first(&self, version: Version) -> Option<&Arc<Seen>> {
        self.first.iter().find(|(v, _)| *v == version).map(|(_, seen)| seen)
    }

    /// The newest version from SSL 3.0 to TLS 1.2 that is spoken.
    pub(crate) fn newest_old(&self) -> Option<Version> {
        (self.first.iter().map(|(v, _)| *v))
            .filter(|v| (Version::SSL3..=Version::TLS12).contains(v))
            .max()
    }

    /// The suite of the first answer in a version.
    pub(crate) fn first_suite(&self, version: Version) -> Option<Suite> {
        self.first(version)?.flight.hello.as_ref().map(|h| h.suite)
    }
}

/// One version's result.
struct Try {
    spoken: Fact<()>,
    refusal: Option<Refusal>,
    first: Option<Arc<Seen>>,
    /// Every suite was offered already.
    complete: bool,
}

/// Asks for every version, SSL 2.0 to TLS 1.3.
pub(crate) async fn spoken(desk: &Desk, server_name: Option<String>) -> Spoken {
    let mut base = Base { server_name, size: Size::Ordinary, bare: false, padded: false };
    let (newest, tls12, tls11, tls10, ssl3, ssl2) = join!(
        newest(desk, &base),
        common(desk, &base, Version::TLS12),
        common(desk, &base, Version::TLS11),
        common(desk, &base, Version::TLS10),
        ssl3(desk, &base),
        ssl2(desk),
    );
    let Newest { tls13: mut modern, needs_shares, mut tolerance } = newest;
    if tolerance.over_512.is_yes() {
        base.size = Size::Long;
    }
    let mut older = [tls10, tls11, tls12];
    // No hello was answered with a flight, and not every refusal had a reason: perhaps it was the
    // form of the hello. But where nothing is ever answered, no other form will be.
    let open = |t: &Try| t.first.is_none() && !has_reason(t.refusal);
    let newest_answered = older.iter().rposition(|t| t.first.is_some());
    // The newer the version, the longer its hello.
    let unheard = older.iter().rposition(open).is_some_and(|i| Some(i) > newest_answered);
    if unheard && !desk.is_dead() {
        for form in other_forms(&base, &older) {
            let (a, b, c) = join!(
                common(desk, &form, Version::TLS10),
                common(desk, &form, Version::TLS11),
                common(desk, &form, Version::TLS12),
            );
            let answers = [a, b, c];
            // Only an answer where there was none is a gain.
            let gain = older.iter().zip(&answers).find_map(|(then, now)| match &then.first {
                Some(_) => None,
                None => now.first.clone(),
            });
            let Some(seen) = gain else { continue };
            if form.size == Size::Small || form.padded {
                tolerance.over_255 = Fact::no([seen.id]);
            }
            base = form;
            for (then, now) in older.iter_mut().zip(answers) {
                if then.first.is_none() {
                    *then = now;
                }
            }
            break;
        }
    }
    // Refused with the suites everybody has: ask with all others, unless the refusal named the
    // version.
    let [tls10, tls11, tls12] = older;
    let (ssl3, tls10, tls11, tls12) = join!(
        others(desk, &base, Version::SSL3, ssl3),
        others(desk, &base, Version::TLS10, tls10),
        others(desk, &base, Version::TLS11, tls11),
        others(desk, &base, Version::TLS12, tls12),
    );
    tolerance.tls13 = match (&modern.first, &modern.refusal, &modern.spoken) {
        (Some(_), ..) => Fact::yes((), modern.spoken.how.clone()),
        (None, refusal, fact) if has_reason(*refusal) => Fact::yes((), fact.how.clone()),
        (None, Some(_), fact) if tls12.first.is_some() => Fact::no(fact.how.clone()),
        (.., fact) => Fact::unknown(why(fact), fact.how.clone()),
    };
    if needs_shares && modern.first.is_some() {
        tolerance.empty_key_share = Fact::no(modern.spoken.how.clone());
    } else if let Some(seen) = &modern.first {
        tolerance.empty_key_share = Fact::yes((), [seen.id]);
    }
    // An answer in another version than asked for still shows that the other one is spoken.
    let tries = [
        (Version::SSL2, ssl2),
        (Version::SSL3, ssl3),
        (Version::TLS10, tls10),
        (Version::TLS11, tls11),
        (Version::TLS12, tls12),
        (Version::TLS13, std::mem::replace(&mut modern, Try::not_asked())),
    ];
    let first = tries.iter().filter_map(|(v, t)| Some((*v, t.first.clone()?))).collect();
    let protocols = tries
        .into_iter()
        .map(|(version, t)| Protocol { version, spoken: t.spoken, refusal: t.refusal })
        .collect();
    let mut protocols: Vec<Protocol> = protocols;
    let mut first: Vec<(Version, Arc<Seen>)> = first;
    // An answer in another version than the one asked for shows that one to be spoken.
    for seen in desk.seen() {
        let Some(version) = seen.flight.hello.as_ref().map(|h| h.version()) else { continue };
        if first.iter().any(|(v, _)| *v == version) {
            continue;
        }
        for protocol in protocols.iter_mut().filter(|p| p.version == version) {
            protocol.spoken = Fact::yes((), [seen.id]);
            protocol.refusal = None;
        }
        first.push((version, seen));
    }
    // A hello of TLS 1.3 is longer than others, and an alert about its form is none about TLS 1.3.
    for protocol in protocols.iter_mut().filter(|p| p.version == Version::TLS13) {
        let doubt = match protocol.refusal {
            refusal if has_reason(refusal) => None,
            Some(Refusal::Alert { .. }) => Some(Why::Garbled),
            Some(_) if base.size == Size::Small => Some(Why::Closed),
            _ => None,
        };
        if let Some(why) = doubt.filter(|_| protocol.spoken.is_no()) {
            protocol.spoken = Fact::unknown(why, protocol.spoken.how.clone());
        }
    }
    // Some servers answer a hello they do not know in another protocol; beside answers in TLS that
    // is a refusal.
    let speaks = protocols.iter().any(|p| p.spoken.is_yes());
    for protocol in protocols.iter_mut().filter(|p| speaks && why(&p.spoken) == Why::NotTls) {
        protocol.spoken = Fact::no(protocol.spoken.how.clone());
        protocol.refusal = Some(Refusal::NotTls);
    }
    Spoken { protocols, base, needs_shares, first, tolerance }
}

impl Try {
    fn not_asked() -> Self {
        Self { spoken: Fact::default(), refusal: None, first: None, complete: false }
    }

    /// Reads an answer to a hello of `version`.
    fn read(version: Version, id: u32, answer: Answer) -> Self {
        match answer {
            Answer::Flight(seen) => match seen.flight.hello.as_ref().map(|h| h.version()) {
                Some(v) if v == version => Self {
                    spoken: Fact::yes((), [id]),
                    refusal: None,
                    first: Some(seen),
                    complete: false,
                },
                Some(version) => Self {
                    spoken: Fact::no([id]),
                    refusal: Some(Refusal::OtherVersion { version }),
                    first: None,
                    complete: false,
                },
                None => Self {
                    spoken: Fact::unknown(Why::Garbled, [id]),
                    refusal: None,
                    first: None,
                    complete: false,
                },
            },
            Answer::Refused(refusal) => Self {
                spoken: Fact::no([id]),
                refusal: Some(refusal),
                first: None,
                complete: false,
            },
            Answer::Unknown(why) => Self {
                spoken: Fact::unknown(why, [id]),
                refusal: None,
                first: None,
                complete: false,
            },
            Answer::Handshake(..) | Answer::Talk(..) | Answer::Text(_) => Self::not_asked(),
        }
    }
}

/// What is known of TLS 1.3 after the first questions.
struct Newest {
    tls13: Try,
    /// Key shares are needed: an empty `key_share` brings no answer.
    needs_shares: bool,
    tolerance: Tolerance,
}

/// TLS 1.3: first with everything a hello may have in it, which servers that mind nothing answer;
/// then, if need be, with a plain one.
async fn newest(desk: &Desk, base: &Base) -> Newest {
    let (id, answer) = tolerance::stress(desk, base).await;
    let first = Try::read(Version::TLS13, id, answer);
    if first.first.is_some() || matches!(first.refusal, Some(Refusal::OtherVersion { .. })) {
        return Newest { tls13: first, needs_shares: false, tolerance: tolerance::all(id) };
    }
    let (tls13, needs_shares) = plain(desk, base).await;
    Newest { tls13, needs_shares, tolerance: Tolerance::default() }
}

/// TLS 1.3 by a plain hello, with TLS 1.2 beside it so that an older server answers instead of
/// refusing. The second value: key shares are needed.
async fn plain(desk: &Desk, base: &Base) -> (Try, bool) {
    let (common, rare) = offer::suites_for(Version::TLS13);
    let suites: Vec<Suite> = common.into_iter().chain(rare).collect();
    let (older, _) = offer::suites_for(Version::TLS12);
    let groups = offer::groups_for(Version::TLS13);
    let all_groups = offer::groups_of_all_versions();
    let few: Vec<Suite> = suites.iter().chain(older.iter().take(32)).copied().collect();
    let hello = base.hello13(&[Version::TLS13, Version::TLS12], &few, &all_groups, desk.random());
    let a = desk.hello("TLS 1.3", hello, Stop::Hello).await;
    let first = Try::read(Version::TLS13, a.id, a.answer);
    let versioned = matches!(
        first.refusal,
        Some(Refusal::OtherVersion { .. })
            | Some(Refusal::Alert { description: Alert::PROTOCOL_VERSION, .. })
    );
    if first.first.is_some() || versioned || desk.foreign().is_some() {
        return (first, false);
    }
    if first.spoken.known().is_none() && desk.seen().is_empty() {
        return (first, false);
    }
    // Perhaps it was the length: a short hello has room for TLS 1.3, though not for all of it.
    let hello = base.short13(desk.random());
    let short = desk.hello("TLS 1.3 by a short hello", hello, Stop::Hello).await;
    let short = Try::read(Version::TLS13, short.id, short.answer);
    if short.first.is_some() || has_reason(short.refusal) && !has_reason(first.refusal) {
        return (short, false);
    }
    let mut second = Try::not_asked();
    let shared: Vec<Group> =
        groups.into_iter().filter(|g| shares::dummy(*g, &[0; 32]).is_some()).collect();
    let mut how = vec![a.id];
    for few in shared.chunks(offer::MOST_SHARES) {
        let hello = base.hello13(&[Version::TLS13], &suites, few, desk.random());
        let b = desk.hello("TLS 1.3 with key shares", offer::with_shares(hello), Stop::Hello).await;
        how.push(b.id);
        second = Try::read(Version::TLS13, b.id, b.answer);
        let versioned = matches!(
            second.refusal,
            Some(Refusal::Alert { description: Alert::PROTOCOL_VERSION, .. })
        );
        if second.first.is_some() || versioned || second.spoken.known().is_none() {
            break;
        }
    }
    if second.first.is_none() && second.spoken.known().is_none() {
        return (first, true);
    }
    second.spoken.how = how;
    if second.first.is_none() && second.refusal.is_some() {
        second.refusal = first.refusal.or(second.refusal);
    }
    (second, true)
}

/// Other forms of a hello, for servers that mind the usual one: without needless extensions, short,
/// or filled up past the lengths that some load balancers never answer.
fn other_forms(base: &Base, tries: &[Try]) -> Vec<Base> {
    let short = Base { size: Size::Small, bare: true, ..base.clone() };
    let silent = tries.iter().any(|t| why(&t.spoken) == Why::Timeout);
    let first = match (silent, base.size) {
        (true, Size::Long) => Some(Base { padded: true, ..base.clone() }),
        // Silence costs all of our patience each time.
        (true, _) => None,
        (false, _) => Some(Base { bare: true, ..base.clone() }),
    };
    first.into_iter().chain([short]).collect()
}

/// TLS 1.2 or older, with the suites found in the field.
async fn common(desk: &Desk, base: &Base, version: Version) -> Try {
    let (suites, _) = offer::suites_for(version);
    let first: Vec<Suite> = suites.into_iter().take(base.size.most_suites()).collect();
    let a =
        desk.hello(version.to_string(), base.hello(version, &first, desk.random()), Stop::Flight);
    let a = a.await;
    Try::read(version, a.id, a.answer)
}

/// The same with all suites not yet offered, where `before` leaves it open.
async fn others(desk: &Desk, base: &Base, version: Version, before: Try) -> Try {
    let open = match (&before.refusal, before.spoken.known()) {
        _ if before.first.is_some() || before.complete => false,
        (Some(Refusal::OtherVersion { .. }), _) => false,
        (Some(Refusal::Alert { description: Alert::PROTOCOL_VERSION, .. }), _) => false,
        (_, known) => known == Some(false),
    };
    if !open {
        return before;
    }
    let (common, rare) = offer::suites_for(version);
    // SSL 3.0 was asked with all at once, so a refusal of the form settles none of them.
    let offered =
        if version == Version::SSL3 { 0 } else { common.len().min(base.size.most_suites()) };
    let rest: Vec<Suite> = common.into_iter().skip(offered).chain(rare).collect();
    let mut result = before;
    let mut pieces: Vec<Vec<Suite>> =
        rest.chunks(base.size.most_suites()).map(<[Suite]>::to_vec).collect();
    pieces.reverse();
    while let Some(piece) = pieces.pop() {
        let hello = base.hello(version, &piece, desk.random());
        let a = desk.hello(format!("{version} with other suites"), hello, Stop::Flight).await;
        let id = a.id;
        let next = Try::read(version, a.id, a.answer);
        if next.first.is_some() || matches!(next.refusal, Some(Refusal::OtherVersion { .. })) {
            return next;
        }
        // Without an alert, the length of the hello may be what was refused.
        let alert = matches!(next.refusal, Some(Refusal::Alert { .. }));
        if !alert && piece.len() > offer::MOST_SUITES {
            pieces.extend(piece.chunks(offer::MOST_SUITES).rev().map(<[Suite]>::to_vec));
        }
        // One suite that the server fails with hides the others.
        let kinds = by_exchange(piece.clone());
        if matches!(next.refusal, Some(Refusal::Alert { description: Alert::INTERNAL_ERROR, .. }))
            && kinds.len() > 1
        {
            pieces.extend(kinds);
        }
        result.spoken.how.push(id);
        if next.spoken.known().is_none() && piece.len() <= offer::MOST_SUITES {
            // This part stays open: the version may be spoken with one of these.
            result.spoken = Fact::unknown(why(&next.spoken), result.spoken.how);
            return result;
        }
    }
    result
}

/// SSL 3.0 with every suite at once: its hellos have no extensions, so they stay short.
async fn ssl3(desk: &Desk, base: &Base) -> Try {
    let version = Version::SSL3;
    let (common, rare) = offer::suites_for(version);
    let all: Vec<Suite> = common.into_iter().chain(rare).collect();
    let hello = base.hello(version, &all, desk.random());
    let a = desk.hello(version.to_string(), hello, Stop::Flight).await;
    let mut result = Try::read(version, a.id, a.answer);
    result.complete = has_reason(result.refusal);
    result
}

/// SSL 2.0 with every cipher kind.
async fn ssl2(desk: &Desk) -> Try {
    let kinds = suites::all().iter().filter(|i| i.suite.is_ssl2()).map(|i| i.suite).collect();
    let challenge = desk.random().get(..16).unwrap_or_default().to_vec();
    let hello = sslv2::ClientHello { version: Version::SSL2, suites: kinds, challenge };
    let a = desk.ask("SSL 2.0", Probe::Ssl2 { hello }).await;
    match a.answer {
        Answer::Flight(seen) if seen.flight.ssl2.is_some() => {
            Try { spoken: Fact::yes((), [a.id]), refusal: None, first: Some(seen), complete: false }
        }
        other => Try::read(Version::SSL2, a.id, other),
    }
}

/// True for a refusal that means version or suites, and not the form of the hello.
fn has_reason(refusal: Option<Refusal>) -> bool {
    match refusal {
        Some(Refusal::OtherVersion { .. }) => true,
        Some(Refusal::Alert { description, .. }) => {
            [Alert::PROTOCOL_VERSION, Alert::HANDSHAKE_FAILURE, Alert::INSUFFICIENT_SECURITY]
                .contains(&description)
        }
        _ => false,
    }
}

fn why(fact: &Fact<()>) -> Why {
    match fact.seen {
        crate::observe::Seen::Unknown { why } => why,
        _ => Why::NotAsked,
    }
}
