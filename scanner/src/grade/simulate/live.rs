//! What was worked out for a client, held against what the server answered to its hello.

use serde::Serialize;

use super::{Failure, Handshake, Outcome};
use crate::grade::clients;
use crate::observe::LiveOutcome;

/// Whether the server does what was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// It does.
    Agrees,
    /// It does something else.
    Differs,
    /// One of the two is not known.
    Unknown,
}

/// Compares the two. A client that breaks off by itself, for the size of a prime or another
/// certificate than its own, does so after the server's answer, which then is neither here nor
/// there.
#[must_use]
pub fn compare(handshake: &Handshake, seen: &LiveOutcome) -> Agreement {
    let same = match (handshake.outcome, seen) {
        (Outcome::Unknown { .. }, _) | (_, LiveOutcome::Unknown { .. }) => {
            return Agreement::Unknown;
        }
        (
            Outcome::Connects { version, suite, group },
            LiveOutcome::Answers { version: seen_version, suite: seen_suite, group: seen_group },
        ) => {
            // A group is told only where there is one that has a name.
            let groups = group.zip(*seen_group).is_none_or(|(group, seen)| group == seen);
            version == *seen_version && suite == *seen_suite && groups
        }
        (Outcome::Connects { .. }, LiveOutcome::Refuses { .. }) => false,
        (Outcome::Fails { .. }, LiveOutcome::Refuses { .. })
        | (Outcome::Fails { why: Failure::Limits | Failure::ServerName }, _) => true,
        (Outcome::Fails { .. }, LiveOutcome::Answers { version, .. }) => {
            clients::find(handshake.id).is_some_and(|client| *version < client.lowest)
        }
    };
    if same { Agreement::Agrees } else { Agreement::Differs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::simulate::Could;
    use crate::observe::Why;
    use crate::wire::{Group, Suite, Version};

    #[test]
    fn version_suite_and_group_have_to_be_the_same() {
        let worked_out = |outcome| Handshake {
            id: clients::all()[0].id,
            client: "A",
            counts: true,
            reference: true,
            outcome,
            could: Could::default(),
        };
        let (version, suite) = (Version::TLS12, Suite(0xc02f));
        let group = Some(Group::X25519);
        let connects = worked_out(Outcome::Connects { version, suite, group });
        let answers = |version, suite, group| LiveOutcome::Answers { version, suite, group };
        let other = Some(Group::SECP256R1);
        let refuses = LiveOutcome::Refuses { alert: None };
        for (seen, expected) in [
            (answers(version, suite, group), Agreement::Agrees),
            (answers(version, suite, None), Agreement::Agrees),
            (answers(version, suite, other), Agreement::Differs),
            (answers(Version::TLS11, suite, group), Agreement::Differs),
            (answers(version, Suite(0xc030), group), Agreement::Differs),
            (refuses.clone(), Agreement::Differs),
            (LiveOutcome::Unknown { why: Why::Timeout }, Agreement::Unknown),
        ] {
            assert_eq!(compare(&connects, &seen), expected, "{seen:?}");
        }
        let fails = |why| worked_out(Outcome::Fails { why });
        assert_eq!(compare(&fails(Failure::Suite), &refuses), Agreement::Agrees);
        let answer = answers(version, suite, group);
        assert_eq!(compare(&fails(Failure::Suite), &answer), Agreement::Differs);
        assert_eq!(compare(&fails(Failure::Limits), &answer), Agreement::Agrees);
    }
}
