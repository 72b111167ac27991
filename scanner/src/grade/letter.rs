//! The letters, and their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A grade by the SSL Labs rating guide. The order is from good to bad, so that the worst of
/// several is their maximum; T and M stand behind F and are never the result of a cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Letter {
    /// Exceptional: an A without warnings, with a long HSTS policy.
    #[serde(rename = "A+")]
    APlus,
    /// Sound.
    A,
    /// Sound, with a warning.
    #[serde(rename = "A-")]
    AMinus,
    /// See the caps.
    B,
    /// See the caps.
    C,
    /// No rule leads here today.
    D,
    /// No rule leads here today.
    E,
    /// Unsafe.
    F,
    /// The certificate is not trusted.
    T,
    /// The certificate is for another name.
    M,
}

impl Letter {
    /// All of them, good ones first.
    pub const ALL: [Self; 10] = [
        Self::APlus,
        Self::A,
        Self::AMinus,
        Self::B,
        Self::C,
        Self::D,
        Self::E,
        Self::F,
        Self::T,
        Self::M,
    ];

    /// The letter as written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::APlus => "A+",
            Self::A => "A",
            Self::AMinus => "A-",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::T => "T",
            Self::M => "M",
        }
    }

    /// The letter of a text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        Self::ALL.into_iter().find(|letter| letter.as_str() == text)
    }

    /// The letter as SSL Labs has it: a name that does not match is a matter of trust there
    /// (guide, section "Changes", 2009k).
    #[must_use]
    pub const fn ssllabs(self) -> Self {
        match self {
            Self::M => Self::T,
            other => other,
        }
    }

    /// True for A+, A and A-.
    #[must_use]
    pub const fn is_a(self) -> bool {
        matches!(self, Self::APlus | Self::A | Self::AMinus)
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_written_and_read_alike() {
        for letter in Letter::ALL {
            assert_eq!(Letter::parse(letter.as_str()), Some(letter));
            let json = serde_json::to_string(&letter).unwrap();
            assert_eq!(json, format!("\"{letter}\""));
        }
        assert_eq!(Letter::parse(" a+ "), Some(Letter::APlus));
        assert_eq!(Letter::parse("Z"), None);
    }

    #[test]
    fn the_worst_is_the_maximum() {
        assert_eq!(
            [Letter::B, Letter::APlus, Letter::F, Letter::C].into_iter().max(),
            Some(Letter::F)
        );
    }
}
