//! All suites of each version by elimination, and in whose order.

use std::sync::Mutex;

use futures_util::join;

use super::desk::{Answer, Desk};
use super::elimination::{Choice, deal, eliminate, halves};
use super::offer::{self, is_chacha};
use super::order::{Picked, server_order};
use super::versions::Spoken;
use crate::observe::{Fact, Refusal, Suites, Why};
use crate::wire::flight::Stop;
use crate::wire::suites::{Cipher, Kx, Mode};
use crate::wire::{Alert, ClientHello, Ext, Group, Suite, Version, sslv2};

/// The suites of SSL 2.0: its server hello lists them.
pub(crate) fn of_ssl2(spoken: &Spoken) -> Option<Suites> {
    let seen = spoken.first(Version::SSL2)?;
    let Some(sslv2::Answer::Hello(hello)) = &seen.flight.ssl2 else { return None };
    Some(Suites {
        version: Version::SSL2,
        accepted: hello.suites.clone(),
        unsettled: Vec::new(),
        server_order: Fact::unknown(Why::NotApplicable, []),
        chacha_preference: Fact::unknown(Why::NotApplicable, []),
        how: vec![seen.id],
    })
}

/// The suites of one version, SSL 3.0 to TLS 1.3.
pub(crate) struct Inquiry<'a> {
    desk: &'a Desk,
    spoken: &'a Spoken,
    version: Version,
    picked: Mutex<Vec<Picked<Suite>>>,
    /// The answer to the question who decides, if another inquiry put it beside its own.
    decided: Mutex<Option<(u32, Choice<Suite>)>>,
}

impl<'a> Inquiry<'a> {
    pub(crate) fn new(desk: &'a Desk, spoken: &'a Spoken, version: Version) -> Self {
        Self { desk, spoken, version, picked: Mutex::default(), decided: Mutex::default() }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Finds every suite the server takes, for SSL 3.0 to TLS 1.2.
    pub(crate) async fn accepted(&self) -> Suites {
        let (mut common, mut rare) = offer::suites_for(self.version);
        let mut how = Vec::new();
        let mut first = None;
        if let Some(seen) = self.spoken.first(self.version)
            && let (Some(hello), Some(sent)) = (&seen.flight.hello, &seen.hello)
        {
            how.push(seen.id);
            first = Some(hello.suite);
            self.learn(sent.suites.clone(), hello.suite);
            common.retain(|s| *s != hello.suite);
            rare.retain(|s| *s != hello.suite);
        }
        let most = self.spoken.base.size.most_suites();
        let width = self.desk.width();
        let sets = if width == 1 {
            let lists = common.chunks(most).chain(rare.chunks(most));
            lists.map(<[Suite]>::to_vec).collect()
        } else {
            // Elliptic curves apart from the rest, see `by_exchange`; most servers have nothing
            // else, and one question tells.
            let (elliptic, rest): (Vec<Suite>, Vec<Suite>) = common
                .into_iter()
                .partition(|s| s.info().is_some_and(|i| matches!(i.kx, Kx::Ecdhe | Kx::Any)));
            let mut sets =
                deal(elliptic, if self.version == Version::TLS12 { width - 1 } else { 2 });
            let rest: Vec<Suite> = rest.into_iter().chain(rare).collect();
            sets.extend(rest.chunks(most).map(<[Suite]>::to_vec));
            sets
        };
        let ask = |set| self.choose("suites", set, Stop::Flight);
        let found = eliminate(sets, most, width, by_exchange_or_halves, ask).await;
        how.extend(found.how);
        Suites {
            version: self.version,
            accepted: first.into_iter().chain(found.accepted).collect(),
            unsettled: found.unsettled,
            server_order: Fact::unknown(Why::NotApplicable, []),
            chacha_preference: Fact::unknown(Why::NotApplicable, []),
            how,
        }
    }

    /// Who decides, and the server's order. `guess` is an order that another version showed.
    pub(crate) async fn ordered(&self, mut suites: Suites, guess: &[Suite]) -> Suites {
        if suites.accepted.len() < 2 {
            return suites;
        }
        // The winner so far: chosen where most was offered.
        let Some(winner) = self.winner(&suites.accepted) else { return suites };
        let mut by_guess = suites.accepted.clone();
        sort_by_guess(&mut by_guess, guess, winner);
        if self.shows_server_order(&suites.accepted) {
            // Both at once: the order holds whatever becomes of the question on ChaCha20.
            let (_, (order, how)) =
                join!(self.who_decides(&mut suites, winner), self.sorted(&by_guess));
            if suites.server_order.is_yes() {
                suites.accepted = order;
                suites.how.extend(how);
                return suites;
            }
        } else {
            self.who_decides(&mut suites, winner).await;
        }
        if suites.server_order.is_yes() {
            let (order, how) = self.sorted(&by_guess).await;
            suites.accepted = order;
            suites.how.extend(how);
        } else {
            let (common, rare) = offer::suites_for(self.version);
            let ours: Vec<Suite> = common.into_iter().chain(rare).collect();
            suites.accepted.sort_by_key(|s| ours.iter().position(|o| o == s));
        }
        suites
    }

    /// The server's order, from all answers so far and what they leave open.
    async fn sorted(&self, by_guess: &[Suite]) -> (Vec<Suite>, Vec<u32>) {
        let evidence = self.picked.lock().map(|p| p.clone()).unwrap_or_default();
        let at_once = self.desk.width() > 1;
        let ask = |list: Vec<Suite>| self.choose("order of suites", list, Stop::Hello);
        server_order(by_guess, &evidence, at_once, ask).await
    }

    /// True if an answer so far was not the first acceptable suite of the list.
    fn shows_server_order(&self, accepted: &[Suite]) -> bool {
        let Ok(picked) = self.picked.lock() else { return false };
        picked.iter().any(|p| {
            p.offered.iter().find(|s| accepted.contains(s)).is_some_and(|s| *s != p.chosen)
        })
    }

    /// Names the winner last: if it is still chosen, the server decides. A ChaCha20 suite goes
    /// first, which tells in the same question whether such clients are treated otherwise.
    async fn who_decides(&self, suites: &mut Suites, winner: Suite) {
        let mut list = deciding_list(&suites.accepted, winner);
        let has_chacha = list.iter().any(|s| is_chacha(*s)) && !is_chacha(winner);
        let first = list.first().copied();
        let given = self.decided.lock().ok().and_then(|mut decided| decided.take());
        let (id, choice) = match given {
            Some(given) => given,
            None => self.ask("who decides on the suite", list.clone(), Stop::Hello).await,
        };
        let undecided = |why| Fact::unknown(why, [id]);
        match choice {
            Choice::Took(s) if s == winner => {
                suites.server_order = Fact::yes((), [id]);
                suites.chacha_preference =
                    if has_chacha { Fact::no([id]) } else { undecided(Why::NotApplicable) };
                self.learn(list, s);
            }
            Choice::Took(s) if is_chacha(s) && has_chacha && list.len() > 2 => {
                // Client's order, or ChaCha20 by the client's wish? Name another one first.
                list.sort_by_key(|s| is_chacha(*s));
                list.retain(|s| *s != winner);
                list.push(winner);
                if list.iter().filter(|s| !is_chacha(**s)).count() < 2 {
                    // Only the winner is not ChaCha20: no list can tell.
                    suites.server_order = undecided(Why::NotApplicable);
                    suites.how.push(id);
                    return;
                }
                let (second, choice) =
                    self.ask("who decides without ChaCha20", list.clone(), Stop::Hello).await;
                let how = vec![id, second];
                match choice {
                    Choice::Took(s) if s == winner && list.first() != Some(&winner) => {
                        suites.server_order = Fact::yes((), how.clone());
                        suites.chacha_preference = Fact::yes((), how);
                        self.learn(list, s);
                    }
                    Choice::Took(s) if list.first() == Some(&s) => {
                        suites.server_order = Fact::no(how.clone());
                        suites.chacha_preference = Fact::unknown(Why::NotApplicable, how);
                    }
                    Choice::Took(s) => {
                        suites.server_order = Fact::yes((), how.clone());
                        suites.chacha_preference = Fact::unknown(Why::NotApplicable, how);
                        self.learn(list, s);
                    }
                    Choice::None => suites.server_order = Fact::unknown(Why::Garbled, how),
                    Choice::Unknown(why) => suites.server_order = Fact::unknown(why, how),
                }
            }
            Choice::Took(s) if Some(s) == first => {
                // The client's order, unless this one is the server's favourite after all: the
                // winner may have won where it was not offered.
                let mut second_list = list.clone();
                second_list.rotate_left(1);
                let about = "who decides, the other way round";
                let (second, choice) = self.ask(about, second_list.clone(), Stop::Hello).await;
                let how = vec![id, second];
                suites.server_order = match choice {
                    Choice::Took(again) if again == s => {
                        self.learn(second_list, again);
                        Fact::yes((), how)
                    }
                    Choice::Took(_) => Fact::no(how),
                    Choice::None => Fact::unknown(Why::Garbled, how),
                    Choice::Unknown(why) => Fact::unknown(why, how),
                };
                suites.chacha_preference = undecided(Why::NotApplicable);
            }
            Choice::Took(s) => {
                suites.server_order = Fact::yes((), [id]);
                if has_chacha {
                    suites.chacha_preference = Fact::no([id]);
                }
                self.learn(list, s);
            }
            Choice::None => suites.server_order = undecided(Why::Garbled),
            Choice::Unknown(why) => suites.server_order = undecided(why),
        }
        suites.how.push(id);
    }

    /// Takes the answer to a hello that offered [`deciding_list`].
    pub(crate) fn decide(&self, id: u32, choice: Choice<Suite>) {
        if let Ok(mut decided) = self.decided.lock() {
            *decided = Some((id, choice));
        }
    }

    /// The suite that won against most others.
    pub(crate) fn winner(&self, accepted: &[Suite]) -> Option<Suite> {
        let picked = self.picked.lock().ok()?;
        let best = picked
            .iter()
            .filter(|p| accepted.contains(&p.chosen))
            .max_by_key(|p| p.offered.iter().filter(|s| accepted.contains(s)).count())?;
        Some(best.chosen)
    }

    /// Keeps an answer as evidence of the order.
    pub(crate) fn learn(&self, offered: Vec<Suite>, chosen: Suite) {
        if let Ok(mut picked) = self.picked.lock() {
            picked.push(Picked { offered, chosen });
        }
    }

    async fn choose(&self, about: &str, mut set: Vec<Suite>, stop: Stop) -> (u32, Choice<Suite>) {
        offer::chacha_last(&mut set);
        let (id, choice) = self.ask(about, set.clone(), stop).await;
        if let Choice::Took(suite) = choice {
            self.learn(set, suite);
        }
        (id, choice)
    }

    /// Offers the suites in exactly this order.
    async fn ask(&self, about: &str, set: Vec<Suite>, stop: Stop) -> (u32, Choice<Suite>) {
        let hello = hello(self.desk, self.spoken, self.version, &set, None);
        let length = hello.message_len();
        let a = self.desk.hello(format!("{}: {about}", self.version), hello, stop).await;
        let choice = match a.answer {
            Answer::Flight(seen) => match &seen.flight.hello {
                Some(hello) if hello.version() != self.version => Choice::None,
                Some(hello) if set.contains(&hello.suite) => Choice::Took(hello.suite),
                _ => Choice::Unknown(Why::Garbled),
            },
            Answer::Refused(Refusal::Close | Refusal::Reset)
                if set.len() > 1 && length > self.desk.longest_answered() =>
            {
                Choice::Unknown(Why::Closed)
            }
            Answer::Refused(refusal) if is_about_suites(refusal, &set) => Choice::None,
            Answer::Refused(_) => Choice::Unknown(Why::Closed),
            Answer::Unknown(why) => Choice::Unknown(why),
            Answer::Handshake(..) | Answer::Talk(..) | Answer::Text(_) => {
                Choice::Unknown(Why::Garbled)
            }
        };
        (a.id, choice)
    }
}

/// Whether DHE goes without a finite-field group in the hello, as most clients send it. The flight
/// also shows the server's own parameters, where it has any.
pub(crate) async fn dhe_without_named_group(
    desk: &Desk,
    spoken: &Spoken,
    suites: &Suites,
) -> Fact<()> {
    let is_dhe = |s: &Suite| s.info().is_some_and(|i| matches!(i.kx, Kx::Dhe | Kx::DheExport));
    let dhe: Vec<Suite> = suites.accepted.iter().copied().filter(is_dhe).collect();
    if dhe.is_empty() {
        return Fact::unknown(Why::NotApplicable, []);
    }
    let groups = offer::groups_for(Version::TLS12);
    let offered: Vec<Suite> = dhe.iter().copied().take(offer::MOST_SUITES).collect();
    let hello = hello(desk, spoken, suites.version, &offered, Some(&groups));
    let about = format!("{}: DHE without a named group", suites.version);
    let a = desk.hello(about, hello, Stop::Flight).await;
    match a.answer {
        Answer::Flight(_) => Fact::yes((), [a.id]),
        Answer::Refused(_) => Fact::no([a.id]),
        Answer::Unknown(why) => Fact::unknown(why, [a.id]),
        Answer::Handshake(..) | Answer::Talk(..) | Answer::Text(_) => {
            Fact::unknown(Why::Garbled, [a.id])
        }
    }
}

/// Some accepted suites with a certificate, if there are any: what is asked of the certificate, or
/// of what comes with it, must not be answered by a suite without one.
pub(crate) fn certified(suites: &Suites) -> Vec<Suite> {
    with_certificate(suites.accepted.clone()).into_iter().take(32).collect()
}

/// Those with a certificate, if there are any.
pub(crate) fn with_certificate(suites: Vec<Suite>) -> Vec<Suite> {
    let has = |s: &Suite| s.info().is_none_or(|i| i.needs_certificate());
    let (with, without): (Vec<Suite>, Vec<Suite>) = suites.into_iter().partition(has);
    if with.is_empty() { without } else { with }
}

/// The list that shows who decides: ChaCha20 first, the winner so far last.
pub(crate) fn deciding_list(accepted: &[Suite], winner: Suite) -> Vec<Suite> {
    let mut list: Vec<Suite> = accepted.iter().copied().filter(|s| *s != winner).collect();
    list.reverse();
    if !is_chacha(winner) {
        list.sort_by_key(|s| !is_chacha(*s));
    }
    list.push(winner);
    list
}

/// A hello of any version from SSL 3.0 on; for TLS 1.3 with these groups, or all.
pub(crate) fn hello(
    desk: &Desk,
    spoken: &Spoken,
    version: Version,
    suites: &[Suite],
    groups: Option<&[Group]>,
) -> ClientHello {
    if version == Version::TLS13 {
        let all = offer::groups_for(version);
        let groups = groups.unwrap_or(&all);
        let hello = spoken.base.hello13(&[version], suites, groups, desk.random());
        return if spoken.needs_shares { offer::with_shares(hello) } else { hello };
    }
    let mut hello = spoken.base.hello(version, suites, desk.random());
    if let Some(groups) = groups {
        for ext in &mut hello.extensions {
            if let Ext::Groups(list) = ext {
                *list = groups.to_vec();
            }
        }
    }
    hello
}

/// True when a refusal means every suite of a list. One suite that the server chooses and then
/// fails with, mostly for want of Diffie-Hellman parameters, hides all others; and a long list may
/// be refused for its length.
fn is_about_suites(refusal: Refusal, offered: &[Suite]) -> bool {
    match refusal {
        _ if offered.len() == 1 => true,
        Refusal::Alert { description, .. } => ![
            Alert::DECODE_ERROR,
            Alert::ILLEGAL_PARAMETER,
            Alert::INTERNAL_ERROR,
            Alert::UNEXPECTED_MESSAGE,
            Alert::RECORD_OVERFLOW,
        ]
        .contains(&description),
        _ => offered.len() <= offer::MOST_SUITES && by_exchange(offered.to_vec()).len() == 1,
    }
}

/// Sets of one kind of key exchange: elliptic curves, finite fields, and the rest.
pub(crate) fn by_exchange(suites: Vec<Suite>) -> Vec<Vec<Suite>> {
    let mut kinds = vec![Vec::new(), Vec::new(), Vec::new()];
    for suite in suites {
        let kind = match suite.info().map(|i| i.kx) {
            Some(Kx::Ecdhe | Kx::Any | Kx::EcdhePsk) => 0,
            Some(Kx::Dhe | Kx::DheExport | Kx::DhePsk) => 2,
            _ => 1,
        };
        if let Some(set) = kinds.get_mut(kind) {
            set.push(suite);
        }
    }
    kinds.retain(|set| !set.is_empty());
    kinds
}

fn by_exchange_or_halves(suites: Vec<Suite>) -> Vec<Vec<Suite>> {
    let kinds = by_exchange(suites);
    if kinds.len() > 1 { kinds } else { kinds.into_iter().flat_map(halves).collect() }
}

/// Sorts into the order most servers of this kind have: as another version showed, or as the
/// winner's cipher suggests. A good guess saves questions, a poor one costs some.
fn sort_by_guess(accepted: &mut [Suite], guess: &[Suite], winner: Suite) {
    let cipher = |s: Suite| s.info().map(|i| (i.cipher, i.bits, i.mode));
    let first = cipher(winner);
    accepted.sort_by_key(|s| {
        let place = guess.iter().position(|g| g == s).unwrap_or(usize::MAX);
        let Some(info) = s.info() else { return (place, 9, 9, 9, 9) };
        let kx = match info.kx {
            Kx::Any | Kx::Ecdhe => 0,
            Kx::Dhe => 1,
            _ => 2,
        };
        let mode = match info.mode {
            Mode::Gcm | Mode::Poly1305 => 0,
            Mode::Ccm | Mode::Ccm8 => 1,
            Mode::Cbc => 2,
            _ => 3,
        };
        let like_winner = u8::from(cipher(*s) != first);
        let strength = match (info.cipher, info.bits) {
            (Cipher::Aes, 256) => 0,
            (Cipher::Chacha20, _) => 1,
            (Cipher::Aes, _) => 2,
            _ => 3,
        };
        let auth = u8::from(info.auth != crate::wire::suites::Auth::Ecdsa);
        (place, if kx == 2 { 8 } else { mode }, like_winner, strength, kx * 2 + auth)
    });
}
