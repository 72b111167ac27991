//! Which flaws to ask about: what a user may choose.

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use crate::observe::Flaws;

/// What can be asked about by itself, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flaw {
    /// [`Flaws::heartbleed`].
    Heartbleed,
    /// [`Flaws::early_ccs`].
    Ccs,
    /// [`Flaws::ticketbleed`].
    Ticketbleed,
    /// [`Flaws::robot`].
    Robot,
    /// The padding of CBC records: [`Flaws::poodle_tls`], [`Flaws::lucky_minus_20`],
    /// [`Flaws::zombie_poodle`], [`Flaws::goldendoodle`], [`Flaws::sleeping_poodle`] and
    /// [`Flaws::zero_length`].
    Padding,
    /// [`Flaws::client_renegotiation`] and [`Flaws::legacy_renegotiation`].
    Renegotiation,
    /// [`Flaws::invalid_curve`].
    InvalidCurve,
    /// [`Flaws::small_subgroup`].
    SmallSubgroup,
    /// [`Flaws::ticket_key`].
    TicketKey,
    /// [`Flaws::starttls_injection`].
    StarttlsInjection,
    /// [`Flaws::opossum`].
    Opossum,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Heartbleed,
        Self::Ccs,
        Self::Ticketbleed,
        Self::Robot,
        Self::Padding,
        Self::Renegotiation,
        Self::InvalidCurve,
        Self::SmallSubgroup,
        Self::TicketKey,
        Self::StarttlsInjection,
        Self::Opossum,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Heartbleed => "heartbleed",
            Self::Ccs => "ccs",
            Self::Ticketbleed => "ticketbleed",
            Self::Robot => "robot",
            Self::Padding => "padding",
            Self::Renegotiation => "renegotiation",
            Self::InvalidCurve => "invalid-curve",
            Self::SmallSubgroup => "small-subgroup",
            Self::TicketKey => "ticket-key",
            Self::StarttlsInjection => "starttls-injection",
            Self::Opossum => "opossum",
        }
    }
}
