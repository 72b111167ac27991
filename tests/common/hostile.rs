//! Servers that answer anything at all: chance, halves of answers, records without end, lengths
//! that lie.

use std::time::Duration;

use proptest::prelude::*;
use taraf_scanner::probe::{End, HandshakeReply, Probe, Reply};
use taraf_scanner::wire::flight::{MOST_FLIGHT, Stop};

use super::random::Random;
use super::simulated::{EPOCH, Server, read};

/// What a hostile server does to the answer it would have given.
#[derive(Clone, Copy, Debug)]
pub enum Malice {
    /// Random bytes.
    Noise,
    /// Random bytes that begin like a handshake record.
    NoiseInRecords,
    /// The answer, cut anywhere.
    Truncate,
    /// The answer with some bytes changed.
    Flip,
    /// Records of nothing, without end.
    EmptyRecords,
    /// Warnings without end.
    Warnings,
    /// A message that promises to be very long.
    LongMessage,
    /// The answer, then more and more of another.
    Endless,
    /// Any of these, each time another one.
    Mixed,
}

const ALL: [Malice; 8] = [
    Malice::Noise,
    Malice::NoiseInRecords,
    Malice::Truncate,
    Malice::Flip,
    Malice::EmptyRecords,
    Malice::Warnings,
    Malice::LongMessage,
    Malice::Endless,
];

pub fn malice() -> impl Strategy<Value = Malice> {
    prop_oneof![
        3 => prop::sample::select(ALL.to_vec()),
        1 => Just(Malice::Mixed),
    ]
}

/// True where nothing of the true answer is left, so that nothing may be learnt from it.
pub fn is_void(malice: Malice) -> bool {
    matches!(malice, Malice::EmptyRecords | Malice::Warnings | Malice::LongMessage)
}

/// An answer of a hostile server.
pub fn answer(
    server: &mut Server,
    random: &mut Random,
    malice: Malice,
    probe: &Probe,
    now: Duration,
) -> Reply {
    let malice = match malice {
        Malice::Mixed => ALL[random.below(ALL.len())],
        other => other,
    };
    let stop = match probe {
        Probe::Hello { stop, .. } => *stop,
        Probe::Ssl2 { .. } => Stop::Flight,
        Probe::Talk(_) | Probe::Plain { .. } => return Reply::empty(end(random)),
        // rustls deals with these bytes; what it reports is that it failed, or less.
        Probe::Handshake(_) => {
            let reply = HandshakeReply {
                alert: random.percent(30).then(|| u8::try_from(random.below(256)).unwrap()),
                error: Some("garbage".to_owned()),
                ..HandshakeReply::default()
            };
            let received = u64::try_from(random.below(2000)).unwrap();
            let end = end(random);
            return Reply {
                bytes: Vec::new(),
                end,
                heard: None,
                handshake: Some(reply),
                sent: 300,
                received,
                at: EPOCH,
            };
        }
    };
    let mut bytes = server.answer(probe, now, 0).bytes;
    let n = bytes.len();
    let repeat = |piece: &[u8]| piece.repeat(MOST_FLIGHT / piece.len() + 2);
    match malice {
        Malice::Noise => {
            let n = random.below(3000);
            bytes = random.bytes(n);
        }
        Malice::NoiseInRecords => {
            let n = random.below(1000);
            bytes = [vec![22, 3, 3, 0, 200, 2, 0, 0, 100, 3, 3], random.bytes(n)].concat();
        }
        Malice::Truncate => bytes.truncate(random.below(n)),
        Malice::Flip => {
            for _ in 0..=random.below(4) {
                let at = random.below(n);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
        Malice::EmptyRecords => bytes = repeat(&[22, 3, 3, 0, 0]),
        Malice::Warnings => bytes = repeat(&[21, 3, 3, 0, 2, 1, 112]),
        Malice::LongMessage => {
            bytes = [vec![22, 3, 3, 64, 0, 2, 0xff, 0xff, 0xff], vec![0; 20_000]].concat();
        }
        Malice::Endless => {
            bytes.truncate(random.below(n));
            bytes.extend(repeat(&[22, 3, 3, 0, 4, 0, 0, 0, 0]));
        }
        Malice::Mixed => {}
    }
    let end = end(random);
    read(&bytes, end, stop, 200, now)
}

fn end(random: &mut Random) -> End {
    [End::Closed, End::Reset, End::Silent][random.below(3)].clone()
}
