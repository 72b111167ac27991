//! Session tickets protected with a key that everybody knows, such as one that was never set.
//!
//! RFC 5077 section 4 recommends a form that most servers use: a name, an initialization vector,
//! the encrypted state, and a MAC over all of that. The MAC shows the key without decrypting
//! anything.

use aws_lc_rs::hmac;

/// What stands before the encrypted state: the key's name and the initialization vector.
const HEAD: usize = 16 + 16;

/// The MACs in use, and their lengths.
const MACS: [(hmac::Algorithm, usize); 3] =
    [(hmac::HMAC_SHA256, 32), (hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20), (hmac::HMAC_SHA384, 48)];

const ONES: &[u8] = &[0xff; 64];

/// Keys that everybody knows. HMAC fills short keys up with zeros, so that one key of zeros stands
/// for all that are no longer than a block.
const KEYS: [(&[u8], &str); 5] = [
    (&[0; 64], "all bytes 0x00"),
    (ONES.split_at(16).0, "16 bytes 0xff"),
    (ONES.split_at(32).0, "32 bytes 0xff"),
    (ONES.split_at(48).0, "48 bytes 0xff"),
    (ONES, "64 bytes 0xff"),
];

/// The key the ticket's MAC was made with, if it is one of those.
pub(super) fn known_key(ticket: &[u8]) -> Option<&'static str> {
    for (algorithm, length) in MACS {
        let Some(at) = ticket.len().checked_sub(length).filter(|at| *at > HEAD) else { continue };
        let (protected, mac) = ticket.split_at(at);
        for (key, name) in KEYS {
            let key = hmac::Key::new(algorithm, key);
            if hmac::verify(&key, protected, mac).is_ok() {
                return Some(name);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(algorithm: hmac::Algorithm, key: &[u8], state: usize) -> Vec<u8> {
        let mut ticket = vec![0x5a; HEAD];
        ticket.extend((0..state).map(|i| u8::try_from(i % 251).unwrap()));
        let mac = hmac::sign(&hmac::Key::new(algorithm, key), &ticket);
        ticket.extend_from_slice(mac.as_ref());
        ticket
    }

    #[test]
    fn a_ticket_under_a_key_of_zeros_is_known() {
        for (algorithm, _) in MACS {
            for length in [16, 20, 32, 48, 64] {
                let ticket = ticket(algorithm, &vec![0; length], 160);
                assert_eq!(known_key(&ticket), Some("all bytes 0x00"));
            }
        }
    }

    #[test]
    fn a_length_before_the_state_changes_nothing() {
        let mut ticket = vec![0; HEAD];
        ticket.extend_from_slice(&[0, 96]);
        ticket.extend_from_slice(&[7; 96]);
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &[0; 16]);
        let mac = hmac::sign(&key, &ticket);
        ticket.extend_from_slice(mac.as_ref());
        assert_eq!(known_key(&ticket), Some("all bytes 0x00"));
    }

    #[test]
    fn a_key_of_ones_is_known_by_its_length() {
        let made = |length| ticket(hmac::HMAC_SHA256, &vec![0xff; length], 160);
        assert_eq!(known_key(&made(16)), Some("16 bytes 0xff"));
        assert_eq!(known_key(&made(32)), Some("32 bytes 0xff"));
        assert_eq!(known_key(&made(48)), Some("48 bytes 0xff"));
        assert_eq!(known_key(&made(64)), Some("64 bytes 0xff"));
        assert_eq!(known_key(&made(33)), None);
    }

    #[test]
    fn one_bit_makes_it_another_ticket() {
        let whole = ticket(hmac::HMAC_SHA256, &[0; 32], 160);
        for at in [0, HEAD, whole.len() - 40, whole.len() - 1] {
            let mut spoilt = whole.clone();
            spoilt[at] ^= 1;
            assert_eq!(known_key(&spoilt), None);
        }
    }

    #[test]
    fn what_is_too_short_is_no_such_ticket() {
        for length in 0..HEAD + 21 {
            assert_eq!(known_key(&vec![0; length]), None);
        }
        assert_eq!(known_key(&ticket(hmac::HMAC_SHA256, &[0; 32], 0)), None);
    }
}
