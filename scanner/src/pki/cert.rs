//! The facts of one certificate (RFC 5280), read without believing any of them.

use std::net::IpAddr;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::der_parser::asn1_rs::{Integer, Oid};
use x509_parser::extensions::{DistributionPointName, GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate, X509Extension};
use x509_parser::public_key::RSAPublicKey;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::{digest_hex, find, hex, names};
use crate::observe::{CertFacts, KeyAlgorithm, KeyFacts};
use crate::wire::Group;

impl CertFacts {
    /// Reads a certificate in DER. What follows it is ignored, and so is an extension that cannot
    /// be read; the rest has to be in order.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (_, cert) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let pin = digest::digest(&digest::SHA256, cert.public_key().raw);
        let mut facts = Self {
            sha256: digest_hex(&digest::SHA256, der),
            sha1: digest_hex(&digest::SHA1_FOR_LEGACY_USE_ONLY, der),
            pin: STANDARD.encode(pin),
            subject: names::text(cert.subject()),
            issuer: names::text(cert.issuer()),
            self_issued: cert.subject().as_raw() == cert.issuer().as_raw(),
            common_names: cert
                .subject()
                .iter_common_name()
                .filter_map(|name| names::string(name.attr_value()))
                .collect(),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            serial: hex(cert.raw_serial()),
            not_before: cert.validity().not_before.timestamp(),
            not_after: cert.validity().not_after.timestamp(),
            key: KeyFacts::read(cert.public_key()),
            signature: signature(&cert.signature_algorithm),
            is_ca: false,
            usages: Vec::new(),
            must_staple: false,
            embedded_scts: false,
            crl_uris: Vec::new(),
            ocsp_uris: Vec::new(),
            issuer_uris: Vec::new(),
            version: 3,
            self_signed: None,
            organisations: Vec::new(),
            days: 0,
            most_days: None,
            path_length: None,
            key_usages: Vec::new(),
            policies: Vec::new(),
            validation: None,
            name_constraints: false,
            scts: Vec::new(),
            subject_key_id: None,
            authority_key_id: None,
            unread_extensions: Vec::new(),
        };
        for extension in cert.extensions() {
            facts.extend(extension);
        }
        Ok(facts)
    }

    /// Takes over what an extension says.
    fn extend(&mut self, extension: &X509Extension<'_>) {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => self.is_ca |= constraints.ca,
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                        GeneralName::IPAddress(bytes) => self.addresses.extend(address(bytes)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let named = [
                    (usage.any, "2.5.29.37.0"),
                    (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
                    (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
                    (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
                    (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
                    (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
                    (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
                ];
                let named = named.into_iter().filter(|(set, _)| *set).map(|(_, id)| id.to_owned());
                self.usages.extend(named.chain(usage.other.iter().map(Oid::to_id_string)));
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                for point in points.iter() {
                    if let Some(DistributionPointName::FullName(names)) = &point.distribution_point
                    {
                        self.crl_uris.extend(names.iter().filter_map(uri));
                    }
                }
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    let uris = match description.access_method.to_id_string().as_str() {
                        "1.3.6.1.5.5.7.48.1" => &mut self.ocsp_uris,
                        "1.3.6.1.5.5.7.48.2" => &mut self.issuer_uris,
                        _ => continue,
                    };
                    uris.extend(uri(&description.access_location));
                }
            }
            _ => match extension.oid.to_id_string().as_str() {
                "1.3.6.1.4.1.11129.2.4.2" => self.embedded_scts = true,
                "1.3.6.1.5.5.7.1.24" => self.must_staple |= wants_staple(extension.value),
                _ => {}
            },
        }
    }
}

impl KeyFacts {
    fn read(info: &SubjectPublicKeyInfo<'_>) -> Self {
        let key = &info.subject_public_key.data;
        let parameters = info.algorithm.parameters.as_ref();
        let id = info.algorithm.algorithm.to_id_string();
        let rsa = |algorithm| {
            let bits = RSAPublicKey::from_der(key).ok().and_then(|(_, key)| bits(key.modulus));
            Self {
                algorithm,
                bits,
                curve: None,
                strength: bits,
                exponent: None,
                debian: None,
                roca: None,
            }
        };
        let edwards = |algorithm, bits| Self {
            algorithm,
            bits: Some(bits),
            curve: None,
            strength: Some(curve_strength(bits)),
            exponent: None,
            debian: None,
            roca: None,
        };
        match id.as_str() {
            "1.2.840.113549.1.1.1" => rsa(KeyAlgorithm::Rsa),
            "1.2.840.113549.1.1.10" => rsa(KeyAlgorithm::RsaPss),
            "1.3.101.112" => edwards(KeyAlgorithm::Ed25519, 256),
            "1.3.101.113" => edwards(KeyAlgorithm::Ed448, 448),
            "1.2.840.10045.2.1" => {
                let named = parameters.and_then(|any| any.as_oid().ok());
                let curve = named.and_then(|id| find(&CURVES, &id.to_id_string())?.info());
                let bits = match curve {
                    Some(info) => Some(u32::from(info.bits)),
                    None => point_bits(key),
                };
                Self {
                    algorithm: KeyAlgorithm::Ec,
                    bits,
                    curve: curve.map(|info| info.name.to_owned()),
                    strength: bits.map(curve_strength),
                    exponent: None,
                    debian: None,
                    roca: None,
                }
            }
            "1.2.840.10040.4.1" => {
                // The prime comes first in the parameters (RFC 3279 section 2.3.2).
                let prime = parameters.and_then(|any| Integer::from_der(any.data).ok());
                let bits = prime.and_then(|(_, prime)| bits(prime.as_ref()));
                Self {
                    algorithm: KeyAlgorithm::Dsa,
                    bits,
                    curve: None,
                    strength: bits,
                    exponent: None,
                    debian: None,
                    roca: None,
                }
            }
            _ => {
                let algorithm = KeyAlgorithm::Other(id);
                Self {
                    algorithm,
                    bits: None,
                    curve: None,
                    strength: None,
                    exponent: None,
                    debian: None,
                    roca: None,
                }
            }
        }
    }
}

/// The size of a positive number.
fn bits(number: &[u8]) -> Option<u32> {
    let start = number.iter().position(|byte| *byte != 0)?;
    let number = number.get(start..)?;
    let first = number.first()?;
    u32::try_from(number.len()).ok()?.checked_mul(8)?.checked_sub(first.leading_zeros())
}

/// The size of the field a point lies in (SEC 1 section 2.3.3), to whole bytes.
fn point_bits(point: &[u8]) -> Option<u32> {
    let bytes = match point {
        [4, rest @ ..] => rest.len() / 2,
        [2 | 3, rest @ ..] => rest.len(),
        _ => return None,
    };
    u32::try_from(bytes).ok()?.checked_mul(8).filter(|bits| *bits > 0)
}

/// The size of an RSA key about as hard to break as a key on a curve of that size (NIST SP 800-57
/// part 1 table 2). Below the table, it is the next power of two down.
fn curve_strength(bits: u32) -> u32 {
    match bits {
        512.. => 15360,
        384.. => 7680,
        256.. => 3072,
        224.. => 2048,
        160.. => 1024,
        _ => 512,
    }
}

/// The curves certificates name (SEC 2 annex A, RFC 5639 section 4.1, GB/T 32918), as the groups
/// of TLS they are.
const CURVES: [(&str, Group); 29] = [
    ("1.2.840.10045.3.1.7", Group::SECP256R1),
    ("1.3.132.0.34", Group::SECP384R1),
    ("1.3.132.0.35", Group::SECP521R1),
    ("1.3.132.0.10", Group(22)),          // secp256k1
    ("1.3.132.0.33", Group(21)),          // secp224r1
    ("1.3.132.0.32", Group(20)),          // secp224k1
    ("1.2.840.10045.3.1.1", Group(19)),   // secp192r1
    ("1.3.132.0.31", Group(18)),          // secp192k1
    ("1.3.132.0.30", Group(17)),          // secp160r2
    ("1.3.132.0.8", Group(16)),           // secp160r1
    ("1.3.132.0.9", Group(15)),           // secp160k1
    ("1.3.132.0.39", Group(14)),          // sect571r1
    ("1.3.132.0.38", Group(13)),          // sect571k1
    ("1.3.132.0.37", Group(12)),          // sect409r1
    ("1.3.132.0.36", Group(11)),          // sect409k1
    ("1.3.132.0.17", Group(10)),          // sect283r1
    ("1.3.132.0.16", Group(9)),           // sect283k1
    ("1.3.132.0.3", Group(8)),            // sect239k1
    ("1.3.132.0.27", Group(7)),           // sect233r1
    ("1.3.132.0.26", Group(6)),           // sect233k1
    ("1.3.132.0.25", Group(5)),           // sect193r2
    ("1.3.132.0.24", Group(4)),           // sect193r1
    ("1.3.132.0.15", Group(3)),           // sect163r2
    ("1.3.132.0.2", Group(2)),            // sect163r1
    ("1.3.132.0.1", Group(1)),            // sect163k1
    ("1.3.36.3.3.2.8.1.1.7", Group(26)),  // brainpoolP256r1
    ("1.3.36.3.3.2.8.1.1.11", Group(27)), // brainpoolP384r1
    ("1.3.36.3.3.2.8.1.1.13", Group(28)), // brainpoolP512r1
    ("1.2.156.10197.1.301", Group(41)),   // curveSM2
];

/// The algorithm of a signature by the names of Java, which SSL Labs uses.
const SIGNATURES: [(&str, &str); 38] = [
    ("1.2.840.113549.1.1.11", "SHA256withRSA"),
    ("1.2.840.113549.1.1.12", "SHA384withRSA"),
    ("1.2.840.113549.1.1.13", "SHA512withRSA"),
    ("1.2.840.113549.1.1.14", "SHA224withRSA"),
    ("1.2.840.113549.1.1.15", "SHA512/224withRSA"),
    ("1.2.840.113549.1.1.16", "SHA512/256withRSA"),
    ("1.2.840.113549.1.1.5", "SHA1withRSA"),
    ("1.3.14.3.2.29", "SHA1withRSA"),
    ("1.2.840.113549.1.1.4", "MD5withRSA"),
    ("1.2.840.113549.1.1.3", "MD4withRSA"),
    ("1.2.840.113549.1.1.2", "MD2withRSA"),
    ("2.16.840.1.101.3.4.3.13", "SHA3-224withRSA"),
    ("2.16.840.1.101.3.4.3.14", "SHA3-256withRSA"),
    ("2.16.840.1.101.3.4.3.15", "SHA3-384withRSA"),
    ("2.16.840.1.101.3.4.3.16", "SHA3-512withRSA"),
    ("1.2.840.10045.4.3.2", "SHA256withECDSA"),
    ("1.2.840.10045.4.3.3", "SHA384withECDSA"),
    ("1.2.840.10045.4.3.4", "SHA512withECDSA"),
    ("1.2.840.10045.4.3.1", "SHA224withECDSA"),
    ("1.2.840.10045.4.1", "SHA1withECDSA"),
    ("2.16.840.1.101.3.4.3.9", "SHA3-224withECDSA"),
    ("2.16.840.1.101.3.4.3.10", "SHA3-256withECDSA"),
    ("2.16.840.1.101.3.4.3.11", "SHA3-384withECDSA"),
    ("2.16.840.1.101.3.4.3.12", "SHA3-512withECDSA"),
    ("1.3.101.112", "Ed25519"),
    ("1.3.101.113", "Ed448"),
    ("1.2.840.10040.4.3", "SHA1withDSA"),
    ("1.3.14.3.2.27", "SHA1withDSA"),
    ("2.16.840.1.101.3.4.3.1", "SHA224withDSA"),
    ("2.16.840.1.101.3.4.3.2", "SHA256withDSA"),
    ("2.16.840.1.101.3.4.3.3", "SHA384withDSA"),
    ("2.16.840.1.101.3.4.3.4", "SHA512withDSA"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.2.156.10197.1.501", "SM3withSM2"),
    ("1.2.643.7.1.1.3.2", "GOST3411-2012-256withECGOST3410-2012-256"),
    ("1.2.643.7.1.1.3.3", "GOST3411-2012-512withECGOST3410-2012-512"),
];

/// The hashes of RSA-PSS, by the names of Java (RFC 4055 section 2.1).
const PSS_HASHES: [(&str, &str); 5] = [
    ("2.16.840.1.101.3.4.2.1", "SHA256withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.2", "SHA384withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.3", "SHA512withRSAandMGF1"),
    ("2.16.840.1.101.3.4.2.4", "SHA224withRSAandMGF1"),
    ("1.3.14.3.2.26", "SHA1withRSAandMGF1"),
];

/// The algorithm of a signature as Java names it, or its dotted number.
fn signature(algorithm: &AlgorithmIdentifier<'_>) -> String {
    let id = algorithm.algorithm.to_id_string();
    if id == "1.2.840.113549.1.1.10" {
        // Without parameters, RFC 4055 section 3.1 means SHA-1.
        let hash = match algorithm.parameters.as_ref().map(RsaSsaPssParams::try_from) {
            Some(Ok(parameters)) => parameters.hash_algorithm_oid().to_id_string(),
            Some(Err(_)) => return id,
            None => "1.3.14.3.2.26".to_owned(),
        };
        return find(&PSS_HASHES, &hash).map_or(id, str::to_owned);
    }
    find(&SIGNATURES, &id).map_or(id, str::to_owned)
}

/// An address of four or sixteen bytes.
fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::from(bytes));
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}

/// The URI, if the name is one.
fn uri(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    }
}

/// True if the TLS features name `status_request`, number 5 (RFC 7633 section 4.2.1).
fn wants_staple(features: &[u8]) -> bool {
    Vec::<u32>::from_der(features).is_ok_and(|(_, features)| features.contains(&5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pki::decode;

    // Made with OpenSSL 3.0: an ordinary leaf with everything taraf looks for, and one each of the
    // less usual keys.
    const LEAF: &str = concat!(
        "MIIC7DCCApOgAwIBAgIEAMD/7jAKBggqhkjOPQQDAjAeMRwwGgYDVQQDDBNFeGFtcGxlIFRlc3QgSXNzdWVyMB4X",
        "DTI2MTEyMzE4NTY1MVoXDTI3MTEyMzE4NTY1MVowRDELMAkGA1UEBhMCTVkxGjAYBgNVBAoMEUNvbnRvaCwgU2Ru",
        "LiBCaGQuMRkwFwYDVQQDDBB3d3cuZXhhbXBsZS50ZXN0MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE07aWn8xt/bwd",
        "MD2CMl+06X0sTh8XZSUYA3+etm5+/36Mq2fzFE3h8xlirBkIyi4vtzXavqceiD0O4kLbeC486+hWAugfRdU+1oC7",
        "iY1TtKuwA3w29MCIn0a9QDqkB2Tyo4IBejCCAXYwDAYDVR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcDATBY",
        "BgNVHREEUTBPghB3d3cuZXhhbXBsZS50ZXN0ghMqLmFwcHMuZXhhbXBsZS50ZXN0hwTAAAIHhxAgAQ24AAAAAAAA",
        "AAAAAAAHgQ5hQGV4YW1wbGUudGVzdDBgBggrBgEFBQcBAQRUMFIwJQYIKwYBBQUHMAGGGWh0dHA6Ly9vY3NwLmV4",
        "YW1wbGUudGVzdC8wKQYIKwYBBQUHMAKGHWh0dHA6Ly9jYS5leGFtcGxlLnRlc3QvY2EuZGVyMC4GA1UdHwQnMCUw",
        "I6AhoB+GHWh0dHA6Ly9jYS5leGFtcGxlLnRlc3QvY2EuY3JsMBEGCCsGAQUFBwEYBAUwAwIBBTASBgorBgEEAdZ5",
        "AgQCBAQEAgAAMB0GA1UdDgQWBBStLUyDASA8tuDcHfWhlAYIIWY+DjAfBgNVHSMEGDAWgBRkKjKp/k7avWyBEmY2",
        "mYG02vP6BjAKBggqhkjOPQQDAgNHADBEAiAeFd9hNJDd2b2JHX0Dc+aSrJiYYo8dDGF/6pKCkksljwIgWLVQqLO7",
        "JyDFf7DgSNUwj4Cr3qUS9BusG5Zon7/Bixs=",
    );
    const PSS: &str = concat!(
        "MIICaTCCAZ4CAQMwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgB",
        "ZQMEAgEFAKIDAgEgMEoxFDASBgoJkiaJk/IsZAEZFgR0ZXN0MRgwFgYDVQQKDA9UYW5kYSArICJwZXRpayIxGDAK",
        "BgNVBAMMA29uZTAKBgNVBAMMA3R3bzAeFw0yNjExMjMxOTAyMzhaFw0yNzExMjMxOTAyMzhaMEoxFDASBgoJkiaJ",
        "k/IsZAEZFgR0ZXN0MRgwFgYDVQQKDA9UYW5kYSArICJwZXRpayIxGDAKBgNVBAMMA29uZTAKBgNVBAMMA3R3bzCB",
        "nTALBgkqhkiG9w0BAQoDgY0AMIGJAoGBAL/i0nXadK3eXFR1G+6/fvh+TIGPh0N2B4TZVVxOy2oG97MbqRBdkwAF",
        "1nRL9R8OAB3zxrlQqII0jUzRHS4cJMUm85yRMPu2+IkVa+Buqum7xI9eGZjBSErL50sRke1cb31EwiNazg2vtCre",
        "g446GkKo0nwUvI0ZqRqdEFPvYngrAgMBAAEwQQYJKoZIhvcNAQEKMDSgDzANBglghkgBZQMEAgEFAKEcMBoGCSqG",
        "SIb3DQEBCDANBglghkgBZQMEAgEFAKIDAgEgA4GBAHCRXi9sxetEyYmhW3bl/mcANr+1UeY1POdcEUSi6EgpE+vH",
        "v+si3CLMGgpa+9Rz+fnHPjtPLHf96vk6GBOglV0IRDRYYU09LswranLCWX6ACx3w+E1Ln7o2rsYNf6bhsLOr3ZUG",
        "Q635JaMcAyzLmy/Bk75rljCDpSDvUmStEDcE",
    );
    const ED: &str = concat!(
        "MIH6MIGtoAMCAQICAQQwBQYDK2VwMA0xCzAJBgNVBAMMAmVkMB4XDTI2MTEyMzE5MDUzMloXDTI3MTEyMzE5MDUz",
        "MlowDTELMAkGA1UEAwwCZWQwKjAFBgMrZXADIQC+75rBYjpDrNb8G82cxdfzSHyJPE25Zikyu/oO9W2j1KMyMDAw",
        "DwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUYgrvEInK/ZOP6NPbeNP1LwHte6QwBQYDK2VwA0EA1zBNCkN17Y3o",
        "ePTWkWdImUpzIiSXZJq35UQUSCwQco8u7TfEWYXYa3J9KXsfiKP13EbSbK55zGhcts5RMqt+Ag==",
    );
    const DSA: &str = concat!(
        "MIICZzCCAhMCAQUwCwYJYIZIAWUDBAMCMA4xDDAKBgNVBAMMA2RzYTAeFw0yNjExMjMxODU2NTFaFw0yNzExMjMx",
        "ODU2NTFaMA4xDDAKBgNVBAMMA2RzYTCCAb8wggE0BgcqhkjOOAQBMIIBJwKBgQDsDSvnhUUOKeGj8MuCNW3l8Pgk",
        "9QhMi8IdlN2xm92xMvyzWA431bUkbyGpafZnpOYQiG2bS63ZidBmnE6pcORYNz9Ydw8Co5n6ilIOKdNNm/H5gGKa",
        "/2i/qnzVGOUennUN8ozW6xtrZp+0IvY8yQjsCYmk/wr9HVkgWgzOuiLqrQIdAPyJRie/mnbppO8vtPUPVsVhDbOy",
        "ebq8Wd0XN80CgYEAiSKAkBOejfUToOoop+jox1dKtZLFymi9VZIvlKlKW8s9+XgF4ZKJB2bkrv1mIEN+76AjFefr",
        "cDULonVZnbGyYbnHRPoFa1CXFyf1tMa224WfMImQfW51P9yCD4dzHkrCA52aWmVgoDuHaS7vm0fmH+oVmM+QbuFZ",
        "RuDExhS0V8ADgYQAAoGAIZWQDJyI3QythkBjhOhZO4GPB4H7JPmYOOLaESXc0fyz7ki57eXtGm8EyKVREgCC9vtx",
        "krmtJ1ZoLiucRKrIUN1hz3Ajjd23QZFBnXmUOTlMm0TpRkxDpBUckBSNJ+ghx2GgWPKS+b0sX9g5J12kqrfhGg5D",
        "Yd+Q66SeXegfVOMwCwYJYIZIAWUDBAMCA0EAMD4CHQCqAj5KpzBAO2AvKIgr00+iyWUxVVAJ7KA2OZbfAh0Av8Ca",
        "yzbfQsDVMZ2G99gQqV83qCNDH6i1S7BzOw==",
    );

    fn read(base64: &str) -> CertFacts {
        CertFacts::read(&decode(base64).unwrap()).unwrap()
    }

    #[test]
    fn a_leaf_with_everything() {
        let facts = read(LEAF);
        assert_eq!(facts.subject, r#"CN=www.example.test, O="Contoh, Sdn. Bhd.", C=MY"#);
        assert_eq!(facts.issuer, "CN=Example Test Issuer");
        assert!(!facts.self_issued);
        assert_eq!(facts.common_names, ["www.example.test"]);
        assert_eq!(facts.dns_names, ["www.example.test", "*.apps.example.test"]);
        let addresses = ["192.0.2.7", "2001:db8::7"].map(|text| text.parse::<IpAddr>().unwrap());
        assert_eq!(facts.addresses, addresses);
        assert_eq!(facts.serial, "00c0ffee");
        assert_eq!((facts.not_before, facts.not_after), (1_795_460_211, 1_826_996_211));
        let key = KeyFacts {
            algorithm: KeyAlgorithm::Ec,
            bits: Some(384),
            curve: Some("secp384r1".to_owned()),
            strength: Some(7680),
            exponent: None,
            debian: None,
            roca: None,
        };
        assert_eq!(facts.key, key);
        assert_eq!(facts.signature, "SHA256withECDSA");
        let sha256 = "8550ce8f9b83e5e4d2b5f0e0a40e4e33cbb5b1bbb524cb2d564177f0ba6114c7";
        assert_eq!(facts.sha256, sha256);
        assert_eq!(facts.sha1, "115ac005de918179b918212a17126061738bba2c");
        assert_eq!(facts.pin, "VQqOaXWyLgTL9nTTqGkaLubTcELIpy83AGTOFl2rwbM=");
        assert!(!facts.is_ca);
        assert_eq!(facts.usages, ["1.3.6.1.5.5.7.3.1"]);
        assert!(facts.must_staple);
        assert!(facts.embedded_scts);
        assert_eq!(facts.crl_uris, ["http://ca.example.test/ca.crl"]);
        assert_eq!(facts.ocsp_uris, ["http://ocsp.example.test/"]);
        assert_eq!(facts.issuer_uris, ["http://ca.example.test/ca.der"]);
    }

    #[test]
    fn less_usual_keys_and_signatures() {
        let row = |base64| {
            let facts = read(base64);
            assert!(facts.self_issued && !facts.must_staple && !facts.embedded_scts);
            let key = facts.key;
            (key.algorithm.as_str().to_owned(), key.bits, key.strength, facts.signature)
        };
        let is = |name: &str, bits, strength, signature: &str| {
            (name.to_owned(), Some(bits), Some(strength), signature.to_owned())
        };
        assert_eq!(row(PSS), is("RSASSA-PSS", 1024, 1024, "SHA256withRSAandMGF1"));
        assert_eq!(row(ED), is("Ed25519", 256, 3072, "Ed25519"));
        assert_eq!(row(DSA), is("DSA", 1024, 1024, "SHA256withDSA"));
        assert!(read(ED).is_ca && !read(DSA).is_ca);
        let name = r#"CN=one + CN=two, O="Tanda + \"petik\"", DC=test"#;
        assert_eq!(read(PSS).subject, name);
    }

    #[test]
    fn sizes_are_of_the_number_not_of_its_encoding() {
        assert_eq!(bits(&[]), None);
        assert_eq!(bits(&[0, 0]), None);
        assert_eq!(bits(&[0, 0x80, 0]), Some(16));
        assert_eq!(bits(&[1, 0]), Some(9));
        assert_eq!(point_bits(&[4; 65]), Some(256));
        assert_eq!(point_bits(&[3; 33]), Some(256));
        assert_eq!(point_bits(&[4]), None);
        assert_eq!(point_bits(&[9; 33]), None);
    }

    #[test]
    fn the_tables_say_nothing_twice_and_name_real_curves() {
        fn unique<T>(table: &[(&str, T)]) -> bool {
            let ids: std::collections::HashSet<_> = table.iter().map(|(id, _)| id).collect();
            ids.len() == table.len()
        }
        assert!(unique(&CURVES) && unique(&SIGNATURES) && unique(&PSS_HASHES));
        for (_, group) in CURVES {
            let info = group.info().unwrap();
            assert_eq!(
                curve_strength(info.bits.into()),
                u32::from(info.rsa_bits),
                "{}",
                info.name.to_owned()
            );
        }
    }

    #[test]
    fn what_is_no_certificate_is_an_error() {
        assert!(CertFacts::read(b"").is_err());
        assert!(CertFacts::read(b"\x30\x00").is_err());
        let mut der = decode(LEAF).unwrap();
        let whole = CertFacts::read(&der).unwrap();
        der.push(0);
        let longer = CertFacts::read(&der).unwrap();
        assert_eq!(longer.subject, whole.subject);
        assert_ne!(longer.sha256, whole.sha256);
    }

    #[test]
    fn an_extension_that_cannot_be_read_costs_only_itself() {
        let mut der = decode(LEAF).unwrap();
        // The alternative names: their sequence becomes an integer.
        let at = der.windows(5).position(|bytes| bytes == [0x06, 0x03, 0x55, 0x1d, 0x11]).unwrap();
        assert_eq!(der[at + 7], 0x30);
        der[at + 7] = 0x02;
        let facts = CertFacts::read(&der).unwrap();
        assert!(facts.dns_names.is_empty());
        assert_eq!(facts.crl_uris.len(), 1);
    }

    #[test]
    fn no_prefix_panics() {
        for base64 in [LEAF, PSS, ED, DSA] {
            let der = decode(base64).unwrap();
            for end in 0..der.len() {
                assert!(CertFacts::read(&der[..end]).is_err());
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = CertFacts::read(&bytes);
        }

        #[test]
        fn no_changed_bytes_panic(
            which in 0..4_usize,
            changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8),
        ) {
            let mut der = decode([LEAF, PSS, ED, DSA][which]).unwrap();
            for (at, value) in changes {
                let at = usize::from(at) % der.len();
                der[at] = value;
            }
            let _ = CertFacts::read(&der);
        }

        #[test]
        fn no_flipped_bit_panics(which in 0..4_usize, at in any::<u16>(), bit in 0..8) {
            let mut der = decode([LEAF, PSS, ED, DSA][which]).unwrap();
            let at = usize::from(at) % der.len();
            der[at] ^= 1_u8 << bit;
            let _ = CertFacts::read(&der);
        }
    }
}
