//! The facts of one certificate (RFC 5280), read without believing any of them.

use std::net::IpAddr;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use x509_parser::der_parser::asn1_rs::{OctetString, Oid};
use x509_parser::extensions::{
    DistributionPointName, ExtendedKeyUsage, GeneralName, KeyUsage, ParsedExtension,
};
use x509_parser::prelude::{FromDer, X509Certificate, X509Extension};

use super::{digest_hex, hex, names, policy, sct, signature, validity};
use crate::observe::{CertFacts, KeyFacts, Sct};

impl CertFacts {
    /// Reads a certificate in DER. What follows it is ignored. An extension that cannot be read
    /// is named in `unread_extensions`; the rest has to be in order.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let (_, cert) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let pin = digest::digest(&digest::SHA256, cert.public_key().raw);
        let not_before = cert.validity().not_before.timestamp();
        let not_after = cert.validity().not_after.timestamp();
        let self_issued = cert.subject().as_raw() == cert.issuer().as_raw();
        let mut facts = Self {
            sha256: digest_hex(&digest::SHA256, der),
            sha1: digest_hex(&digest::SHA1_FOR_LEGACY_USE_ONLY, der),
            pin: STANDARD.encode(pin),
            // The number in the certificate is one less (RFC 5280 section 4.1.2.1).
            version: u8::try_from(cert.version().0.saturating_add(1)).unwrap_or(u8::MAX),
            subject: names::text(cert.subject()),
            issuer: names::text(cert.issuer()),
            self_issued,
            self_signed: if self_issued { self_signed(&cert) } else { Some(false) },
            common_names: cert
                .subject()
                .iter_common_name()
                .filter_map(|name| names::string(name.attr_value()))
                .collect(),
            organisations: cert
                .subject()
                .iter_organization()
                .filter_map(|name| names::string(name.attr_value()))
                .collect(),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            serial: hex(cert.raw_serial()),
            not_before,
            not_after,
            days: validity::days(not_before, not_after),
            most_days: validity::most_days(not_before),
            key: KeyFacts::read(cert.public_key()),
            signature: signature::name(&cert.signature_algorithm),
            is_ca: false,
            path_length: None,
            key_usages: Vec::new(),
            usages: Vec::new(),
            policies: Vec::new(),
            validation: None,
            name_constraints: false,
            must_staple: false,
            embedded_scts: false,
            scts: Vec::new(),
            crl_uris: Vec::new(),
            ocsp_uris: Vec::new(),
            issuer_uris: Vec::new(),
            subject_key_id: None,
            authority_key_id: None,
            unread_extensions: Vec::new(),
        };
        for extension in cert.extensions() {
            facts.extend(extension);
        }
        facts.validation = policy::validation(&facts.policies);
        Ok(facts)
    }

    /// Takes over what an extension says.
    fn extend(&mut self, extension: &X509Extension<'_>) {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                self.is_ca |= constraints.ca;
                self.path_length = self.path_length.or(constraints.path_len_constraint);
            }
            ParsedExtension::KeyUsage(usage) => self.key_usages.extend(key_usages(usage)),
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                        GeneralName::IPAddress(bytes) => self.addresses.extend(address(bytes)),
                        _ => {}
                    }
                }
            }
            ParsedExtension::ExtendedKeyUsage(usage) => self.usages.extend(usages(usage)),
            ParsedExtension::CertificatePolicies(policies) => {
                self.policies.extend(policies.iter().map(|policy| policy.policy_id.to_id_string()));
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
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(hex(id.0)),
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                self.authority_key_id = authority.key_identifier.as_ref().map(|id| hex(id.0));
            }
            _ => self.extend_by_id(extension),
        }
    }

    /// Takes over what an extension says that is known by its number only: because the parser does
    /// not have it, because it need not be understood to matter, or because it cannot be read.
    fn extend_by_id(&mut self, extension: &X509Extension<'_>) {
        let id = extension.oid.to_id_string();
        let parsed = extension.parsed_extension();
        let read = match id.as_str() {
            "1.3.6.1.4.1.11129.2.4.2" => {
                self.embedded_scts = true;
                let scts = embedded(extension.value);
                scts.map(|scts| self.scts.extend(scts)).is_some()
            }
            "1.3.6.1.5.5.7.1.24" => {
                let staple = wants_staple(extension.value);
                self.must_staple |= staple == Some(true);
                staple.is_some()
            }
            "2.5.29.30" => {
                self.name_constraints = true;
                parsed.error().is_none()
            }
            _ => parsed.error().is_none() && !(extension.critical && parsed.unsupported()),
        };
        if !read && !self.unread_extensions.contains(&id) {
            self.unread_extensions.push(id);
        }
    }
}

/// Whether the key of a certificate made its signature.
fn self_signed(cert: &X509Certificate<'_>) -> Option<bool> {
    let message = cert.tbs_certificate.as_ref();
    let bytes = &cert.signature_value.data;
    signature::verify(cert.public_key().raw, &cert.signature_algorithm, message, bytes)
}

/// The names of the bits (RFC 5280 section 4.2.1.3), in their order.
fn key_usages(usage: &KeyUsage) -> impl Iterator<Item = String> {
    let named = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    named.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned())
}

/// The numbers of extended usages: first those that RFC 5280 section 4.2.1.12 names.
fn usages(usage: &ExtendedKeyUsage<'_>) -> impl Iterator<Item = String> {
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
    named.chain(usage.other.iter().map(Oid::to_id_string))
}

/// The timestamps in a certificate: their list stands in one more string (RFC 6962 section 3.3).
fn embedded(value: &[u8]) -> Option<Vec<Sct>> {
    let (_, list) = OctetString::from_der(value).ok()?;
    sct::read(list.as_ref()).ok()
}

/// An address of four or sixteen bytes.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
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

/// Whether the TLS features name `status_request`, number 5 (RFC 7633 section 4.2.1); `None` if
/// they cannot be read.
fn wants_staple(features: &[u8]) -> Option<bool> {
    let (_, features) = Vec::<u32>::from_der(features).ok()?;
    Some(features.contains(&5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::observe::{KeyAlgorithm, Validation};
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

    // See `testdata/README.md`.
    const EV: &[u8] = include_bytes!("testdata/ev.der");
    const CA: &[u8] = include_bytes!("testdata/ca.der");
    const V1: &[u8] = include_bytes!("testdata/v1-exponent-3.der");

    fn samples() -> Vec<Vec<u8>> {
        let strange = include_bytes!("testdata/unknown-critical.der");
        let inline = [LEAF, PSS, ED, DSA].map(|base64| decode(base64).unwrap());
        inline.into_iter().chain([EV, CA, V1, strange].map(<[u8]>::to_vec)).collect()
    }

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
        assert_eq!((facts.version, facts.self_signed), (3, Some(false)));
        assert_eq!((facts.days, facts.most_days), (366, Some(200)));
        assert_eq!(facts.organisations, ["Contoh, Sdn. Bhd."]);
        let id = "ad2d4c83";
        assert!(facts.subject_key_id.unwrap().starts_with(id));
        let authority = "642a32a9fe4edabd6c8112663699";
        assert!(facts.authority_key_id.unwrap().starts_with(authority));
        assert!(facts.scts.is_empty() && facts.unread_extensions.is_empty());
    }

    #[test]
    fn a_leaf_with_extended_validation_and_timestamps() {
        let facts = CertFacts::read(EV).unwrap();
        assert_eq!(facts.organisations, ["Contoh Satu", "Contoh Dua"]);
        assert_eq!(facts.key_usages, ["digitalSignature", "keyEncipherment"]);
        assert_eq!(facts.policies, ["2.23.140.1.1", "1.3.6.1.4.1.99999.1"]);
        assert_eq!(facts.validation, Some(Validation::Extended));
        assert!(facts.must_staple && facts.embedded_scts && !facts.is_ca);
        assert_eq!((facts.days, facts.most_days), (91, Some(200)));
        let scts: Vec<_> = facts.scts.iter().map(|sct| (sct.name.as_deref(), sct.at_ms)).collect();
        let known = (Some("Google Argon2026h2"), 1_790_000_000_123);
        assert_eq!(scts, [known, (None, 1_790_000_000_456)], "the third is of no known version");
        assert_eq!(facts.scts[1].log, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let issuer = CertFacts::read(CA).unwrap();
        assert_eq!(facts.subject_key_id.unwrap(), "f9a14ccc085fe4db48b024dbb8db0a192c2a772f");
        assert_eq!(facts.authority_key_id, issuer.subject_key_id);
        assert!(facts.unread_extensions.is_empty());
    }

    #[test]
    fn an_authority_with_constraints() {
        let facts = CertFacts::read(CA).unwrap();
        assert!(facts.is_ca && facts.name_constraints);
        assert_eq!(facts.path_length, Some(2));
        assert_eq!(facts.key_usages, ["keyCertSign", "cRLSign"]);
        assert_eq!((facts.policies, facts.validation), (vec!["2.5.29.32.0".to_owned()], None));
        assert!(facts.unread_extensions.is_empty());
    }

    #[test]
    fn what_was_validated() {
        let said = |der| CertFacts::read(der).unwrap().validation;
        assert_eq!(said(include_bytes!("testdata/ov.der")), Some(Validation::Organisation));
        assert_eq!(said(include_bytes!("testdata/iv.der")), Some(Validation::Individual));
        assert_eq!(said(include_bytes!("testdata/dv.der")), Some(Validation::Domain));
        assert_eq!(said(include_bytes!("testdata/pss.der")), None);
    }

    #[test]
    fn the_own_signature_is_checked_if_the_names_are_the_same() {
        let own = |der: &[u8]| {
            let facts = CertFacts::read(der).unwrap();
            (facts.self_issued, facts.self_signed)
        };
        assert_eq!(own(CA), (true, Some(true)));
        assert_eq!(own(EV), (false, Some(false)));
        // A key of the same name signed it.
        assert_eq!(own(include_bytes!("testdata/rollover.der")), (true, Some(false)));
        assert_eq!(own(include_bytes!("testdata/ed448.der")), (true, None));
        assert_eq!(own(&decode(ED).unwrap()), (true, Some(true)));
        assert_eq!(own(&decode(DSA).unwrap()), (true, None));
    }

    #[test]
    fn the_first_version_is_read_too() {
        let facts = CertFacts::read(V1).unwrap();
        assert_eq!((facts.version, facts.self_signed), (1, Some(true)));
        assert!(!facts.is_ca && facts.path_length.is_none() && facts.key_usages.is_empty());
        assert_eq!((facts.subject_key_id, facts.authority_key_id), (None, None));
    }

    #[test]
    fn a_critical_extension_nobody_knows_is_named() {
        let der = include_bytes!("testdata/unknown-critical.der");
        let facts = CertFacts::read(der).unwrap();
        assert_eq!(facts.unread_extensions, ["1.3.6.1.4.1.99999.2"]);
        assert_eq!(facts.key_usages, ["digitalSignature"]);
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
        assert_eq!(facts.unread_extensions, ["2.5.29.17"]);
    }

    #[test]
    fn timestamps_that_cannot_be_read_are_there_all_the_same() {
        let mut der = EV.to_vec();
        let log = STANDARD.decode("1219ENGn9XfCx+lf1wC/+YLJM1pl4dCzAXMXwMjFaXc=").unwrap();
        let at = der.windows(32).position(|bytes| bytes == log).unwrap();
        // The length of the first one, before its version.
        der[at - 2] += 1;
        let facts = CertFacts::read(&der).unwrap();
        assert!(facts.embedded_scts && facts.scts.is_empty());
        assert_eq!(facts.unread_extensions, ["1.3.6.1.4.1.11129.2.4.2"]);
    }

    #[test]
    fn no_prefix_panics() {
        for der in samples() {
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
            which in 0..8_usize,
            changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8),
        ) {
            let mut der = samples().swap_remove(which);
            for (at, value) in changes {
                let at = usize::from(at) % der.len();
                der[at] = value;
            }
            let _ = CertFacts::read(&der);
        }

        #[test]
        fn no_flipped_bit_panics(which in 0..8_usize, at in any::<u16>(), bit in 0..8) {
            let mut der = samples().swap_remove(which);
            let at = usize::from(at) % der.len();
            der[at] ^= 1_u8 << bit;
            let _ = CertFacts::read(&der);
        }
    }
}
