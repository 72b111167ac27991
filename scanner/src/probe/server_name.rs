//! What the server makes of no server name, and of a name nobody serves.

use std::sync::Arc;

use futures_util::join;

use super::Probe;
use super::desk::{Answer, Answered, Desk, Seen};
use super::negotiation::plain_handshake;
use super::suites::certified;
use super::versions::Spoken;
use crate::observe::{Fact, Sni, Suites, Unrecognised, Why};
use crate::wire::flight::Stop;
use crate::wire::{ClientHello, Ext, Extension, Version};

/// A name that no server has: the top-level domain is reserved (RFC 6761 section 6.4).
pub(crate) const NOBODY: &str = "taraf-asks.invalid";

/// Sends another server name, or none.
pub(crate) fn rename(hello: &mut ClientHello, name: Option<&str>) {
    hello.extensions.retain(|e| e.extension() != Extension::SERVER_NAME);
    hello.extensions.splice(0..0, name.map(|n| Ext::ServerName(n.to_owned())));
}

/// Asks without a name and with an unknown one, as far as `given` does not hold the answers.
pub(crate) async fn treatment(
    desk: &Desk,
    spoken: &Spoken,
    suites: Option<&Suites>,
    given: [Option<Arc<Seen>>; 2],
) -> Sni {
    let can_ask = suites.is_some_and(|s| s.version > Version::SSL3) || spoken.has(Version::TLS13);
    if spoken.base.server_name.is_none() || !can_ask {
        return Sni {
            required: Fact::unknown(Why::NotApplicable, []),
            unrecognised: Fact::unknown(Why::NotApplicable, []),
        };
    }
    let [no_name, other_name] = given;
    let (without, nobody) = join!(
        ask(desk, spoken, suites, no_name, None),
        ask(desk, spoken, suites, other_name, Some(NOBODY)),
    );
    let (without_id, without) = without;
    let required = match without {
        Got::Chain(_) | Got::Answer => Fact::no([without_id]),
        Got::Refused => Fact::yes((), [without_id]),
        Got::Nothing(why) => Fact::unknown(why, [without_id]),
    };
    let (nobody_id, nobody) = nobody;
    let unrecognised = match nobody {
        Got::Refused => Fact::yes(Unrecognised::Refused, [nobody_id]),
        Got::Nothing(why) => Fact::unknown(why, [nobody_id]),
        Got::Answer => Fact::unknown(Why::NotApplicable, [nobody_id]),
        Got::Chain(leaf) => match usual_leaves(desk, spoken) {
            usual if usual.is_empty() => Fact::unknown(Why::NoHandshake, [nobody_id]),
            usual if usual.contains(&leaf) => Fact::yes(Unrecognised::SameCertificate, [nobody_id]),
            _ => Fact::yes(Unrecognised::OtherCertificate, [nobody_id]),
        },
    };
    Sni { required, unrecognised }
}

enum Got {
    /// The leaf that was sent.
    Chain(Vec<u8>),
    /// An answer without a certificate.
    Answer,
    Refused,
    Nothing(Why),
}

async fn ask(
    desk: &Desk,
    spoken: &Spoken,
    suites: Option<&Suites>,
    given: Option<Arc<Seen>>,
    name: Option<&str>,
) -> (u32, Got) {
    let about = if name.is_some() { "a server name nobody has" } else { "no server name" };
    let Answered { id, answer } = match (given, suites.filter(|s| s.version > Version::SSL3)) {
        (Some(seen), _) => Answered { id: seen.id, answer: Answer::Flight(seen) },
        (None, Some(suites)) => {
            let accepted = certified(suites);
            let mut hello = spoken.base.hello(suites.version, &accepted, desk.random());
            rename(&mut hello, name);
            desk.hello(about, hello, Stop::Flight).await
        }
        (None, None) => {
            let plan = plain_handshake(Version::TLS13, name.map(str::to_owned));
            desk.ask(about, Probe::Handshake(plan)).await
        }
    };
    let got = match answer {
        Answer::Flight(seen) => match seen.flight.certificates.as_ref().and_then(|c| c.first()) {
            Some(leaf) => Got::Chain(leaf.clone()),
            None => Got::Answer,
        },
        Answer::Talk(..) | Answer::Text(_) => Got::Answer,
        Answer::Handshake(reply, _) => match (reply.chain.first(), reply.alert) {
            (Some(leaf), _) => Got::Chain(leaf.clone()),
            (None, Some(_)) if completes(desk, spoken) => Got::Refused,
            (None, _) => Got::Nothing(Why::NoHandshake),
        },
        Answer::Refused(_) => Got::Refused,
        Answer::Unknown(why) => Got::Nothing(why),
    };
    (id, got)
}

/// True when a handshake with the target's name has been completed: without one, a refusal says
/// nothing of the name.
fn completes(desk: &Desk, spoken: &Spoken) -> bool {
    desk.handshakes()
        .iter()
        .any(|(_, plan, reply)| reply.completed && plan.server_name == spoken.base.server_name)
}

/// The leaves seen with the target's name.
fn usual_leaves(desk: &Desk, spoken: &Spoken) -> Vec<Vec<u8>> {
    let name = spoken.base.server_name.as_ref();
    let hellos = desk.seen().into_iter().filter_map(|seen| {
        let sent = seen.hello.as_ref()?.extension(Extension::SERVER_NAME);
        let usual = matches!((sent, name), (Some(Ext::ServerName(a)), Some(b)) if a == b);
        seen.flight.certificates.as_ref()?.first().filter(|_| usual).cloned()
    });
    let handshakes = desk
        .handshakes()
        .into_iter()
        .filter(|(_, plan, _)| plan.server_name.as_ref() == name)
        .filter_map(|(.., reply)| reply.chain.first().cloned());
    hellos.chain(handshakes).collect()
}
