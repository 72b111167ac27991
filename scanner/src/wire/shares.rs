//! Key shares that are valid on their face and cost no cryptography: for TLS 1.3 servers that do
//! not answer an empty `key_share` with a HelloRetryRequest. Nobody knows (or needs) a private key
//! to them; no handshake is ever completed with one.

use super::names::Group;

/// Generator point of P-256, uncompressed (SEC 2 section 2.4.2).
const P256: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                    4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
/// Generator point of P-384, uncompressed (SEC 2 section 2.5.1).
const P384: &str = "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38\
                    5502f25dbf55296c3a545e3872760ab73617de4a96262c6f5d9e98bf9292dc29f8\
                    f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f";
/// Generator point of P-521, uncompressed (SEC 2 section 2.6.1).
const P521: &str = "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d\
                    3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd\
                    66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e\
                    662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650";

/// A share for `group`, if one can be made without cryptography. `random` fills what may be any
/// bytes.
#[must_use]
pub fn dummy(group: Group, random: &[u8; 32]) -> Option<Vec<u8>> {
    // Any 32 bytes are a public key of X25519 (RFC 7748 section 5), but no client sends one with
    // the highest bit set, and wolfSSL refuses it. An ML-KEM key of zeros passes the modulus check
    // (FIPS 203 section 7.2).
    let mut x25519 = random.to_vec();
    if let Some(last) = x25519.last_mut() {
        *last &= 0x7f;
    }
    let kem = |length: usize| vec![0; length];
    Some(match group.0 {
        23 => hex(P256),
        24 => hex(P384),
        25 => hex(P521),
        29 => x25519,
        30 => [random.as_slice(), &random[..24]].concat(),
        // 2 is the generator of every group of RFC 7919, and a public value like any other.
        256 => two(256),
        257 => two(384),
        258 => two(512),
        259 => two(768),
        260 => two(1024),
        512 => kem(800),
        513 => kem(1184),
        514 => kem(1568),
        4587 => [hex(P256), kem(1184)].concat(),
        4588 => [kem(1184), x25519].concat(),
        4589 => [hex(P384), kem(1568)].concat(),
        _ => return None,
    })
}

fn two(length: usize) -> Vec<u8> {
    let mut value = vec![0; length];
    if let Some(last) = value.last_mut() {
        *last = 2;
    }
    value
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| d.try_into().ok()).collect();
    digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |n, d| n << 4 | d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_the_lengths_of_their_groups() {
        // RFC 8446 section 4.2.8 and draft-ietf-tls-ecdhe-mlkem section 3.
        let lengths = [
            (23, 65),
            (24, 97),
            (25, 133),
            (29, 32),
            (30, 56),
            (256, 256),
            (260, 1024),
            (512, 800),
            (513, 1184),
            (514, 1568),
            (4587, 1249),
            (4588, 1216),
            (4589, 1665),
        ];
        for (group, length) in lengths {
            assert_eq!(dummy(Group(group), &[9; 32]).map(|s| s.len()), Some(length), "{group}");
        }
        assert_eq!(dummy(Group(1), &[9; 32]), None);
    }

    #[test]
    fn an_x25519_share_is_below_the_prime_of_its_field() {
        for group in [29, 4588] {
            let share = dummy(Group(group), &[0xf9; 32]).unwrap_or_default();
            assert_eq!(share.last(), Some(&0x79), "{group}");
        }
    }
}
