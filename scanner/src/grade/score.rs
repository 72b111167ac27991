//! The three numbers of the rating guide, and their sum. They are shown, and decide nothing: with
//! the caps in place no recorded result has another letter than the caps give it.

use serde::Serialize;

use super::facts::Facts;
use super::letter::Letter;
use crate::wire::Version;

/// The numbers, each from 0 to 100; `None` where what they rest on is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Best and worst protocol.
    pub protocol: Option<f64>,
    /// The weakest key exchange.
    pub key_exchange: Option<u32>,
    /// Strongest and weakest cipher.
    pub cipher: Option<f64>,
    /// 30, 30 and 40 per cent of the three; 0 if one of them is 0.
    pub total: Option<f64>,
}

impl Score {
    /// The numbers of an endpoint (guide, sections "Protocol Support", "Key Exchange", "Cipher
    /// Strength").
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        let protocol = protocol(facts);
        let key_exchange = facts.weakest_exchange().map(key_exchange);
        let cipher = cipher(facts);
        let total = match (protocol, key_exchange, cipher) {
            (Some(p), Some(k), Some(c)) if p > 0.0 && k > 0 && c > 0.0 => {
                Some(0.3 * p + 0.3 * f64::from(k) + 0.4 * c)
            }
            (Some(_), Some(_), Some(_)) => Some(0.0),
            _ => None,
        };
        Self { protocol, key_exchange, cipher, total }
    }

    /// The letter the total would have if nothing else decided (guide, table "Letter grade
    /// translation").
    #[must_use]
    pub fn letter(&self) -> Option<Letter> {
        Some(match self.total? {
            80.0.. => Letter::A,
            65.0.. => Letter::B,
            50.0.. => Letter::C,
            35.0.. => Letter::D,
            20.0.. => Letter::E,
            _ => Letter::F,
        })
    }
}

fn protocol(facts: &Facts) -> Option<f64> {
    let points = |version: Version| match version {
        Version::SSL2 => 0.0,
        Version::SSL3 => 80.0,
        Version::TLS10 => 90.0,
        Version::TLS11 => 95.0,
        _ => 100.0,
    };
    // SSL 2.0 without a suite is not usable.
    let usable = |version: &Version| {
        *version != Version::SSL2 || facts.suites(*version).is_none_or(|it| !it.accepted.is_empty())
    };
    let spoken: Vec<f64> = facts.versions().into_iter().filter(usable).map(points).collect();
    mean_of_extremes(&spoken)
}

/// Points for the weakest exchange, in bits of an RSA key about as hard to break.
#[must_use]
pub fn key_exchange(bits: u32) -> u32 {
    match bits {
        0 => 0,
        1..512 => 20,
        512..1024 => 40,
        1024..2048 => 80,
        2048..4096 => 90,
        4096.. => 100,
    }
}

fn cipher(facts: &Facts) -> Option<f64> {
    let points: Vec<f64> = facts
        .offered()
        .map(|(_, info)| match info.bits {
            0 => 0.0,
            1..112 => 20.0,
            112..256 => 80.0,
            256.. => 100.0,
        })
        .collect();
    mean_of_extremes(&points)
}

fn mean_of_extremes(points: &[f64]) -> Option<f64> {
    let best = points.iter().copied().reduce(f64::max)?;
    let worst = points.iter().copied().reduce(f64::min)?;
    Some((best + worst) / 2.0)
}
