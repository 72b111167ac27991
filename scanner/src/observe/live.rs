//! What the server answered to the hellos of known clients.

use serde::{Deserialize, Serialize};

use super::Why;
use crate::wire::hello::AlertMessage;
use crate::wire::{Group, Suite, Version};

/// What the hello of one known client brought. No handshake was completed, so that this is the
/// server's part: whether the client would go on is not seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSimulation {
    /// The client's number, which is never given to another.
    pub client: u16,
    /// Its name at the time of the scan.
    pub name: String,
    /// What came back.
    #[serde(flatten)]
    pub outcome: LiveOutcome,
}

/// What came back for a hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum LiveOutcome {
    /// The server chose.
    Answers {
        /// The version.
        version: Version,
        /// The suite.
        suite: Suite,
        /// The group, where the suite has one that is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<Group>,
    },
    /// The server refused: by this alert, or by closing.
    Refuses {
        /// The alert; none if the connection was closed without a word.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alert: Option<AlertMessage>,
    },
    /// It is not known.
    Unknown {
        /// Why not.
        why: Why,
    },
}
