//! Suites and groups of TLS 1.3, by HelloRetryRequest: every group that exists, without computing
//! one. Suite and group are independent of each other, so one question settles one of each.

use futures_util::future::join_all;

use super::desk::{Answer, Desk};
use super::elimination::{Choice, deal, halves};
use super::offer;
use super::suites::{Inquiry, deciding_list, hello};
use super::versions::Spoken;
use crate::observe::{Fact, Groups, Refusal, Suites, Why};
use crate::wire::flight::Stop;
use crate::wire::{Alert, ClientHello, Group, Suite, Version, shares};

/// Groups that are likely beside the first one; the rest goes into one question.
const LIKELY: [Group; 4] = [Group::X25519, Group::SECP256R1, Group::SECP384R1, Group::SECP521R1];

/// More groups than this after a hit are shared out once among questions of the same round.
const MANY: usize = 8;

/// A question. An empty list is not in question: then what is known to work is offered.
#[derive(Clone, Debug, Default)]
struct Row {
    suites: Vec<Suite>,
    groups: Vec<Group>,
}

struct Search<'a> {
    desk: &'a Desk,
    spoken: &'a Spoken,
    inquiry: &'a Inquiry<'a>,
    suite: Suite,
    group: Group,
}

/// Suites in the order found, and groups with who decides.
pub(crate) async fn found(
    desk: &Desk,
    spoken: &Spoken,
    inquiry: &Inquiry<'_>,
) -> Option<(Suites, Groups)> {
    let seen = spoken.first(Version::TLS13)?;
    let first = seen.flight.hello.as_ref()?;
    let (suite, group) = (first.suite, first.group()?);
    if let Some(sent) = &seen.hello {
        inquiry.learn(sent.suites.clone(), suite);
    }
    let search = Search { desk, spoken, inquiry, suite, group };
    let (common, rare) = offer::suites_for(Version::TLS13);
    let suites: Vec<Suite> = common.into_iter().chain(rare).filter(|s| *s != suite).collect();
    let (askable, mut unsettled): (Vec<Group>, Vec<Group>) = offer::groups_for(Version::TLS13)
        .into_iter()
        .filter(|g| *g != group)
        .partition(|g| !spoken.needs_shares || shares::dummy(*g, &[0; 32]).is_some());
    let mut how = vec![seen.id];
    // Where only a short hello was answered, longer ones would find refusals of their length.
    let short = seen.hello.as_ref().map_or(0, ClientHello::message_len) <= 255;
    if short && !spoken.needs_shares {
        unsettled.extend(askable);
        return Some((
            Suites {
                version: Version::TLS13,
                accepted: vec![suite],
                unsettled: suites,
                server_order: Fact::unknown(Why::NotAsked, []),
                chacha_preference: Fact::unknown(Why::NotAsked, []),
                how: how.clone(),
            },
            Groups {
                version: Version::TLS13,
                accepted: vec![group],
                unsettled,
                server_order: Fact::unknown(Why::NotAsked, []),
                how,
            },
        ));
    }
    let mut taken = Row { suites: vec![suite], groups: vec![group] };
    let (mut open, mut dealt) = (Row::default(), desk.width() == 1);
    let mut rows = search.first_rows(suites, askable);
    while !rows.is_empty() {
        let answers = join_all(rows.iter().map(|row| search.ask("suite and group", row))).await;
        let (mut next, mut left, mut refused) = (Vec::new(), Row::default(), false);
        for (mut row, (id, choice)) in rows.into_iter().zip(answers) {
            how.push(id);
            match choice {
                Choice::Took((suite, group)) => {
                    if row.suites.contains(&suite) {
                        taken.suites.push(suite);
                        row.suites.retain(|s| *s != suite);
                    }
                    if row.groups.contains(&group) {
                        taken.groups.push(group);
                        row.groups.retain(|g| *g != group);
                    }
                    left.suites.append(&mut row.suites);
                    left.groups.append(&mut row.groups);
                }
                _ if !row.suites.is_empty() && !row.groups.is_empty() => {
                    refused = true;
                    next.push(Row { suites: row.suites, ..Row::default() });
                    next.push(Row { groups: row.groups, ..Row::default() });
                }
                Choice::None => refused = true,
                Choice::Unknown(_)
                    if row.suites.len() + row.groups.len() == 1 || how.len() > 64 =>
                {
                    open.suites.append(&mut row.suites);
                    open.groups.append(&mut row.groups);
                }
                Choice::Unknown(_) => {
                    let suites = halves(row.suites).into_iter();
                    next.extend(suites.map(|suites| Row { suites, ..Row::default() }));
                    let groups = halves(row.groups).into_iter();
                    next.extend(groups.map(|groups| Row { groups, ..Row::default() }));
                }
            }
        }
        // As long as everything is taken, there is more of both; else what is left is probably
        // refused, and a refusal says something only when one thing was in question.
        if refused || left.suites.is_empty() || left.groups.is_empty() {
            next.push(Row { suites: left.suites, ..Row::default() });
            if left.groups.len() > MANY && !dealt {
                dealt = true;
                let sets = deal(left.groups, desk.width());
                next.extend(sets.into_iter().flat_map(|set| search.within_shares(set)));
            } else {
                next.extend(search.within_shares(left.groups));
            }
        } else {
            next.push(left);
        }
        next.retain(|row| !(row.suites.is_empty() && row.groups.is_empty()));
        rows = next;
    }
    unsettled.append(&mut open.groups);
    let suites = Suites {
        version: Version::TLS13,
        accepted: taken.suites,
        unsettled: open.suites,
        server_order: Fact::unknown(Why::NotApplicable, []),
        chacha_preference: Fact::unknown(Why::NotApplicable, []),
        how: how.clone(),
    };
    let groups = Groups {
        version: Version::TLS13,
        accepted: taken.groups,
        unsettled,
        server_order: Fact::unknown(Why::NotApplicable, []),
        how,
    };
    Some((suites, groups))
}

/// Who decides, and the groups in the server's order where it has one.
pub(crate) async fn ordered(
    desk: &Desk,
    spoken: &Spoken,
    inquiry: &Inquiry<'_>,
    suites: &Suites,
    groups: Groups,
) -> Groups {
    match (suites.accepted.first(), groups.accepted.first()) {
        (Some(suite), Some(group)) => {
            let search = Search { desk, spoken, inquiry, suite: *suite, group: *group };
            search.ordered(&suites.accepted, groups).await
        }
        _ => groups,
    }
}

impl Search<'_> {
    /// The first questions: as many at once as the width allows.
    fn first_rows(&self, suites: Vec<Suite>, groups: Vec<Group>) -> Vec<Row> {
        if self.desk.width() == 1 {
            let mut rows = self.within_shares(groups);
            if let Some(row) = rows.first_mut() {
                row.suites = suites;
            }
            return rows;
        }
        let (likely, rest): (Vec<Group>, Vec<Group>) =
            groups.into_iter().partition(|g| LIKELY.contains(g));
        let mut rows: Vec<Row> =
            likely.into_iter().map(|g| Row { groups: vec![g], ..Row::default() }).collect();
        for (i, set) in deal(suites, 2).into_iter().enumerate() {
            match rows.get_mut(i) {
                Some(row) => row.suites = set,
                None => rows.push(Row { suites: set, ..Row::default() }),
            }
        }
        rows.extend(self.within_shares(rest));
        rows
    }

    /// Rows of groups; few at a time where each needs a key share in the hello.
    fn within_shares(&self, groups: Vec<Group>) -> Vec<Row> {
        let most = if self.spoken.needs_shares { offer::MOST_SHARES } else { usize::MAX };
        groups.chunks(most).map(|g| Row { groups: g.to_vec(), ..Row::default() }).collect()
    }

    async fn ask(&self, about: &str, row: &Row) -> (u32, Choice<(Suite, Group)>) {
        let mut suites = row.suites.clone();
        if suites.is_empty() {
            suites.push(self.suite);
        }
        offer::chacha_last(&mut suites);
        let mut groups = row.groups.clone();
        if groups.is_empty() {
            groups.push(self.group);
        }
        let (id, choice) = self.put(about, &suites, &groups).await;
        if let Choice::Took((suite, _)) = choice {
            self.inquiry.learn(suites, suite);
        }
        (id, choice)
    }

    /// Offers exactly these, in this order.
    async fn put(
        &self,
        about: &str,
        suites: &[Suite],
        groups: &[Group],
    ) -> (u32, Choice<(Suite, Group)>) {
        let hello = hello(self.desk, self.spoken, Version::TLS13, suites, Some(groups));
        let a = self.desk.hello(format!("{}: {about}", Version::TLS13), hello, Stop::Hello).await;
        let choice = match a.answer {
            Answer::Flight(seen) => {
                let hello = seen.flight.hello.as_ref();
                match hello.filter(|h| h.version() == Version::TLS13) {
                    Some(hello) => match hello.group() {
                        Some(group) if groups.contains(&group) && suites.contains(&hello.suite) => {
                            Choice::Took((hello.suite, group))
                        }
                        _ => Choice::Unknown(Why::Garbled),
                    },
                    None => Choice::None,
                }
            }
            Answer::Refused(Refusal::Alert { description, .. })
                if [Alert::DECODE_ERROR, Alert::MISSING_EXTENSION, Alert::INTERNAL_ERROR]
                    .contains(&description) =>
            {
                // About the form of the hello, not about what it offers.
                Choice::Unknown(Why::Garbled)
            }
            Answer::Refused(_) => Choice::None,
            Answer::Unknown(why) => Choice::Unknown(why),
            Answer::Handshake(..) | Answer::Talk(..) | Answer::Text(_) => {
                Choice::Unknown(Why::Garbled)
            }
        };
        (a.id, choice)
    }

    /// Names the first group last: if it is still chosen, the server decides. The same is asked of
    /// the suites in the same hello.
    async fn ordered(&self, suites: &[Suite], found: Groups) -> Groups {
        let Groups { mut accepted, mut server_order, mut how, .. } = found;
        if accepted.len() > 1 && !self.spoken.needs_shares {
            let groups: Vec<Group> = accepted.iter().rev().copied().collect();
            let winner = self.inquiry.winner(suites).unwrap_or(self.suite);
            let list = deciding_list(suites, winner);
            let (id, choice) = self.put("who decides on suite and group", &list, &groups).await;
            how.push(id);
            server_order = match choice {
                Choice::Took((suite, group)) => {
                    if suites.len() > 1 {
                        self.inquiry.decide(id, Choice::Took(suite));
                    }
                    if groups.first() == Some(&group) {
                        Fact::no([id])
                    } else {
                        Fact::yes((), [id])
                    }
                }
                Choice::None => Fact::unknown(Why::Garbled, [id]),
                Choice::Unknown(why) => Fact::unknown(why, [id]),
            };
        }
        let ours = offer::groups_for(Version::TLS13);
        let favourite = accepted.first().copied().filter(|_| server_order.is_yes());
        accepted.sort_by_key(|g| (Some(*g) != favourite, ours.iter().position(|o| o == g)));
        Groups { accepted, server_order, how, ..found }
    }
}
