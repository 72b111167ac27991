//! TLS_FALLBACK_SCSV: does the server notice a client that falls back (RFC 7507)?

use super::desk::{Answer, Desk};
use super::versions::Spoken;
use crate::observe::{Fact, Refusal, Suites, Why};
use crate::wire::flight::Stop;
use crate::wire::{Alert, Suite, Version};

/// Offers the second-best version with the signal; a server that knows it refuses with
/// `inappropriate_fallback`.
pub(crate) async fn scsv(desk: &Desk, spoken: &Spoken, suites: &[Suites]) -> Fact<()> {
    let mut versions: Vec<Version> = spoken.first.iter().map(|(v, _)| *v).collect();
    versions.retain(|v| *v >= Version::SSL3);
    versions.sort();
    let below = versions.iter().rev().nth(1);
    let Some(suites) = below.and_then(|v| suites.iter().find(|s| s.version == *v)) else {
        return Fact::unknown(Why::NotApplicable, []);
    };
    let accepted: Vec<Suite> = suites.accepted.iter().copied().take(32).collect();
    let mut hello = spoken.base.hello(suites.version, &accepted, desk.random());
    hello.suites.push(Suite::FALLBACK_SCSV);
    let a = desk.hello(format!("{} as a fallback", suites.version), hello, Stop::Hello).await;
    match a.answer {
        Answer::Flight(_) => Fact::no([a.id]),
        Answer::Refused(Refusal::Alert { description: Alert::INAPPROPRIATE_FALLBACK, .. }) => {
            Fact::yes((), [a.id])
        }
        // About the hello's form, not about the fallback.
        Answer::Refused(Refusal::Alert { description, .. })
            if [Alert::DECODE_ERROR, Alert::ILLEGAL_PARAMETER, Alert::INTERNAL_ERROR]
                .contains(&description) =>
        {
            Fact::unknown(Why::Garbled, [a.id])
        }
        // Some servers refuse in another way; it is a refusal of just this hello all the same.
        Answer::Refused(_) => Fact::yes((), [a.id]),
        Answer::Unknown(why) => Fact::unknown(why, [a.id]),
        Answer::Handshake(..) | Answer::Talk(..) | Answer::Text(_) => {
            Fact::unknown(Why::Garbled, [a.id])
        }
    }
}
