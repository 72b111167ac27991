//! Named groups of TLS 1.3, by HelloRetryRequest: every group that exists, without computing one.

use futures_util::join;

use super::desk::{Answer, Desk};
use super::elimination::{Choice, deal, eliminate, halves};
use super::offer;
use super::suites::hello;
use super::versions::Spoken;
use crate::observe::{Fact, Groups, Why};
use crate::wire::flight::Stop;
use crate::wire::{Group, Version};

/// The groups of TLS 1.3, and who decides.
pub(crate) async fn of_tls13(desk: &Desk, spoken: &Spoken) -> Option<Groups> {
    let seen = spoken.first(Version::TLS13)?;
    let first = seen.flight.hello.as_ref()?.group();
    let mut left = offer::groups_for(Version::TLS13);
    left.retain(|g| Some(*g) != first);
    // Those found in the field first, each in a set of its own as far as the width goes.
    let width = desk.width();
    let sets = if width == 1 {
        vec![left]
    } else {
        let rest = left.split_off(left.len().min(6));
        let mut sets = deal(left, width.min(6));
        sets.push(rest);
        sets
    };
    let (found, order) = join!(
        eliminate(sets, usize::MAX, halves, |set| choose(desk, spoken, "groups", set)),
        async { first },
    );
    let mut accepted: Vec<Group> = order.into_iter().chain(found.accepted).collect();
    let mut how = vec![seen.id];
    how.extend(found.how);
    let server_order = match (first, accepted.as_slice()) {
        (Some(first), [_, _, ..]) => {
            let mut list: Vec<Group> = accepted.iter().copied().filter(|g| *g != first).collect();
            list.reverse();
            list.push(first);
            let named_first = list.first().copied();
            let (id, choice) = choose(desk, spoken, "who decides on the group", list).await;
            how.push(id);
            match choice {
                Choice::Took(g) if Some(g) == named_first => Fact::no([id]),
                Choice::Took(_) => Fact::yes((), [id]),
                Choice::None => Fact::unknown(Why::Garbled, [id]),
                Choice::Unknown(why) => Fact::unknown(why, [id]),
            }
        }
        _ => Fact::unknown(Why::NotApplicable, []),
    };
    if !server_order.is_yes() {
        let ours = offer::groups_for(Version::TLS13);
        accepted.sort_by_key(|g| ours.iter().position(|o| o == g));
    }
    Some(Groups {
        version: Version::TLS13,
        accepted,
        unsettled: found.unsettled,
        server_order,
        how,
    })
}

async fn choose(
    desk: &Desk,
    spoken: &Spoken,
    about: &str,
    set: Vec<Group>,
) -> (u32, Choice<Group>) {
    let (suites, _) = offer::suites_for(Version::TLS13);
    let hello = hello(desk, spoken, Version::TLS13, &suites, Some(&set));
    let a = desk.hello(format!("{}: {about}", Version::TLS13), hello, Stop::Hello).await;
    let choice = match a.answer {
        Answer::Flight(seen) => {
            match seen.flight.hello.as_ref().filter(|h| h.version() == Version::TLS13) {
                Some(hello) => match hello.group().filter(|g| set.contains(g)) {
                    Some(group) => Choice::Took(group),
                    None => Choice::Unknown(Why::Garbled),
                },
                None => Choice::None,
            }
        }
        Answer::Refused(_) => Choice::None,
        Answer::Unknown(why) => Choice::Unknown(why),
        Answer::Handshake(..) => Choice::Unknown(Why::Garbled),
    };
    (a.id, choice)
}
