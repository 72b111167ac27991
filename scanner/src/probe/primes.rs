//! Finite-field groups that many servers share.

use aws_lc_rs::digest::{SHA256, digest};

/// Name, and the first 16 bytes of SHA-256 over the prime in lower-case hex without leading zeros.
/// Computed from the formulas of RFC 2409, RFC 3526 and RFC 7919, and from the published primes of
/// the others.
const KNOWN: [(&str, &str); 17] = [
    ("RFC 2409 group 1", "d5858dc6e702ba175bb760349d1752b0"),
    ("RFC 2409 group 2", "603e8d652764bfa377707d13f16ad17b"),
    ("RFC 3526 group 5", "a7c305a29783f69679719847445687fc"),
    ("RFC 3526 group 14", "e71e1291b2af378f8506df9d265b38d6"),
    ("RFC 3526 group 15", "30a45e27c3a0a6f934cd558e88e93762"),
    ("RFC 3526 group 16", "233836aba654664fc65121b25f1760c0"),
    ("RFC 3526 group 17", "b84b67a0c9b0d7870cedf59880bed18d"),
    ("RFC 3526 group 18", "a408aa7fd5e69ae6886c3b3fd50051ef"),
    ("RFC 5114 group 22", "97ffcd34f14908ca262e5232dcd7c220"),
    ("RFC 5114 group 23", "ba935cb84358e7a2727995196f81ed24"),
    ("RFC 5114 group 24", "d32f2a1f1144c13188170b763eedeb1b"),
    ("ffdhe2048", "b9fd49b47ad1363ebf1681ab8a5b6c3b"),
    ("ffdhe3072", "c5288e890a7a8da070e69a9d23fa0e26"),
    ("ffdhe4096", "3cb2119eb37a64531e61b96555689035"),
    ("ffdhe6144", "0d49e72527f7d91e8a357aa015594fe4"),
    ("ffdhe8192", "461db4b7734852427de4b4289cebd2fe"),
    ("SKIP 1024", "d0894d1edbfb4fbdd6e677b498d6eabc"),
];

/// The name of a shared group, by its prime in lower-case hex without leading zeros.
pub(crate) fn known(prime: &str) -> Option<&'static str> {
    let hash = digest(&SHA256, prime.as_bytes());
    let hash: String = hash.as_ref().iter().take(16).map(|b| format!("{b:02x}")).collect();
    KNOWN.iter().find(|(_, known)| *known == hash).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prime_of_an_rfc_is_known_by_its_name() {
        // RFC 2409 section 6.2.
        let second_oakley = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74\
            020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485\
            b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651\
            ece65381ffffffffffffffff";
        assert_eq!(known(second_oakley), Some("RFC 2409 group 2"));
        assert_eq!(known("ff"), None);
    }
}
