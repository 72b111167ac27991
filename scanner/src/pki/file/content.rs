//! What DER holds: certificates, requests, lists, keys and the two kinds of containers.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::revocation_list::CertificateRevocationList;

use super::der::{self, Extent, Reader};
use super::facts::{
    CertItem, CrlFacts, Form, Item, KeyEncoding, PrivateKeyFacts, PublicKeyFacts, RequestFacts,
};
use super::key::{self, Read};
use super::password::{self, Locked};
use super::words::{Damage, Diagnosis};
use super::{MOST_ITEMS, Reading, pkcs12};
use crate::pki::cert::address;
use crate::pki::signature::verify;
use crate::pki::{CertFacts, names};

/// How to take a key out of an encryption of old.
const CONVERT: &str = "openssl pkey -in OLD.key -aes256 -out new.key";

impl Reading<'_> {
    /// Reads DER with everything that follows it. The label is that of the armour.
    pub(super) fn der(&mut self, bytes: &[u8], label: Option<&str>) {
        let mut rest = bytes;
        let mut number = 0;
        loop {
            let whole = match der::extent(rest) {
                Extent::Whole(end) => rest.get(..end).unwrap_or_default(),
                Extent::Open => match der::definite(rest) {
                    Some(closed) => {
                        self.say(Diagnosis::new(Damage::OpenLengths, &[]));
                        return self.element(&closed, label);
                    }
                    None => {
                        let have = rest.len().to_string();
                        return self.say(Diagnosis::new(Damage::Truncated, &[&have, "?"]));
                    }
                },
                Extent::Short(all) if number == 0 => {
                    let (have, all) = (rest.len().to_string(), all.to_string());
                    return self.say(Diagnosis::new(Damage::Truncated, &[&have, &all]));
                }
                Extent::Short(_) | Extent::None => {
                    let left = rest.len().to_string();
                    return self.say(Diagnosis::new(Damage::TrailingBytes, &[&left]));
                }
            };
            self.element(whole, label);
            number += 1;
            rest = rest.get(whole.len()..).unwrap_or_default();
            // OpenSSL puts its own settings of trust behind such a certificate.
            if rest.is_empty() || label == Some("TRUSTED CERTIFICATE") {
                return;
            }
            if number >= MOST_ITEMS {
                return self.say(Diagnosis::new(Damage::TooMuch, &[]));
            }
            if number == 1 && matches!(der::extent(rest), Extent::Whole(_)) {
                self.say(Diagnosis::new(Damage::SeveralInOne, &[]));
            }
        }
    }

    /// Reads one element.
    fn element(&mut self, whole: &[u8], label: Option<&str>) {
        if self.facts.items.len() >= MOST_ITEMS {
            return self.say(Diagnosis::new(Damage::TooMuch, &[]));
        }
        if pkcs12::is_store(whole) {
            self.check_label(label, &["PKCS12"], "PKCS#12");
            return pkcs12::read(whole, self);
        }
        if let Some(id) = content_info(whole) {
            let labels = ["PKCS7", "CMS", "PKCS #7 SIGNED DATA", "CERTIFICATE CHAIN"];
            self.check_label(label, &labels, "PKCS#7");
            self.form(Form::Pkcs7);
            if id != "1.2.840.113549.1.7.2" || self.pkcs7(whole).is_none() {
                self.say(Diagnosis::new(Damage::Unreadable, &["PKCS#7"]));
            }
            return;
        }
        if let Some(read) = key::read(whole) {
            let right = match read.facts().encoding {
                KeyEncoding::Pkcs8 | KeyEncoding::Ssh => "PRIVATE KEY",
                KeyEncoding::Pkcs1 => "RSA PRIVATE KEY",
                KeyEncoding::Sec1 => "EC PRIVATE KEY",
                KeyEncoding::Dsa => "DSA PRIVATE KEY",
            };
            self.check_label(label, &[right], right);
            return self.key(read, None);
        }
        if let Some((algorithm, data)) = encrypted_key(whole) {
            self.check_label(label, &["ENCRYPTED PRIVATE KEY"], "encrypted private key");
            return self.encrypted_key(algorithm, data);
        }
        match CertFacts::read(whole) {
            Ok(facts) => self.certificate(facts, whole, label),
            Err(error) => {
                if self.request(whole, label).is_some() || self.list(whole, label).is_some() {
                    return;
                }
                if let Some((key, pin)) = public_key(whole) {
                    self.check_label(label, &["PUBLIC KEY", "RSA PUBLIC KEY"], "public key");
                    let item = PublicKeyFacts { key, pin, der: whole.to_vec() };
                    return self.item(Item::PublicKey(item));
                }
                if label.is_some_and(|label| label.ends_with("PARAMETERS")) {
                    let label = label.unwrap_or_default().to_owned();
                    return self.item(Item::Parameters { label });
                }
                // What a key says of itself when it cannot be read is not for others.
                let secret = label.is_some_and(|label| label.ends_with("PRIVATE KEY"));
                if secret {
                    return self.say(Diagnosis::new(Damage::KeyDamaged, &[]));
                }
                self.say(Diagnosis::new(Damage::Unreadable, &[&error]));
            }
        }
    }

    fn certificate(&mut self, facts: CertFacts, der: &[u8], label: Option<&str>) {
        self.check_label(label, &["CERTIFICATE"], "certificate");
        if facts.self_issued && self_signed(der) == Some(false) {
            // The same name may be that of another key, as in renewed roots.
            if !key_ids_differ(der) {
                self.say(Diagnosis::new(Damage::SelfSignature, &[]));
            }
        }
        let cert = CertItem { facts, der: der.to_vec() };
        self.item(Item::Certificate(Box::new(cert)));
    }

    /// ContentInfo with SignedData of RFC 5652 section 5.1, of which the certificates and lists
    /// are taken.
    fn pkcs7(&mut self, whole: &[u8]) -> Option<()> {
        let mut info = Reader::new(whole).open(der::SEQUENCE)?;
        info.take(der::OID)?;
        let mut signed = info.open(0xa0)?.open(der::SEQUENCE)?;
        signed.take(der::INTEGER)?;
        signed.next()?;
        signed.take(der::SEQUENCE)?;
        let mut number = 0;
        for tag in [0xa0, 0xa1] {
            let Some(mut set) = signed.open(tag) else { continue };
            while let Some(element) = set.next() {
                number += 1;
                if number > MOST_ITEMS {
                    self.say(Diagnosis::new(Damage::TooMuch, &[]));
                    break;
                }
                self.element(element.whole, None);
            }
        }
        Some(())
    }

    /// A certification request (RFC 2986).
    fn request(&mut self, whole: &[u8], label: Option<&str>) -> Option<()> {
        let (_, request) = X509CertificationRequest::from_der(whole).ok()?;
        let info = &request.certification_request_info;
        let (key, pin) = key::facts(info.subject_pki.raw)?;
        let own = verify(
            info.subject_pki.raw,
            &request.signature_algorithm,
            info.raw,
            &request.signature_value.data,
        );
        let mut facts = RequestFacts {
            subject: names::text(&info.subject),
            common_names: info
                .subject
                .iter_common_name()
                .filter_map(|name| names::string(name.attr_value()))
                .collect(),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            key,
            pin,
            self_signed: own,
            der: whole.to_vec(),
        };
        for attribute in info.iter_attributes() {
            let ParsedCriAttribute::ExtensionRequest(wanted) = attribute.parsed_attribute() else {
                continue;
            };
            for extension in &wanted.extensions {
                let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension()
                else {
                    continue;
                };
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => facts.dns_names.push((*name).to_owned()),
                        GeneralName::IPAddress(bytes) => facts.addresses.extend(address(bytes)),
                        _ => {}
                    }
                }
            }
        }
        self.check_label(label, &["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"], "CSR");
        if own == Some(false) {
            self.say(Diagnosis::new(Damage::SelfSignature, &[]));
        }
        self.item(Item::Request(Box::new(facts)));
        Some(())
    }

    fn list(&mut self, whole: &[u8], label: Option<&str>) -> Option<()> {
        let (_, list) = CertificateRevocationList::from_der(whole).ok()?;
        self.check_label(label, &["X509 CRL", "CRL"], "CRL");
        self.item(Item::Crl(CrlFacts {
            issuer: names::text(list.issuer()),
            this_update: list.last_update().timestamp(),
            next_update: list.next_update().map(|time| time.timestamp()),
            revoked: list.iter_revoked_certificates().count(),
            der: whole.to_vec(),
        }));
        Some(())
    }

    /// Takes over a private key, with the name of the encryption it came out of.
    pub(super) fn key(&mut self, read: Read, encryption: Option<String>) {
        let mut facts = match read {
            Read::Whole(facts) => facts,
            Read::Unknown(facts, kind) => {
                self.say(Diagnosis::new(Damage::KeyUnread, &[&kind]));
                facts
            }
            Read::Damaged(facts) => {
                self.say(Diagnosis::new(Damage::KeyDamaged, &[]));
                facts
            }
        };
        facts.encryption = encryption;
        self.item(Item::PrivateKey(facts));
    }

    /// EncryptedPrivateKeyInfo of RFC 5958 section 3.
    fn encrypted_key(&mut self, algorithm: der::Element<'_>, data: &[u8]) {
        let name = password::name(algorithm);
        let plain = match self.password {
            Some(word) => password::decrypt(algorithm, data, word, &mut self.rounds),
            None => Err(password::barrier(algorithm)),
        };
        match plain {
            Ok(plain) => self.decrypted_key(plain.bytes(), name),
            Err(locked) => {
                self.locked(&locked, CONVERT);
                self.locked_key(KeyEncoding::Pkcs8, name);
            }
        }
    }

    /// A key out of its encryption; if it is none, the password was not the right one.
    pub(super) fn decrypted_key(&mut self, plain: &[u8], encryption: String) {
        match key::read(plain) {
            Some(read) => self.key(read, Some(encryption)),
            None => self.locked(&Locked::Password, CONVERT),
        }
    }

    /// A key that stays locked.
    pub(super) fn locked_key(&mut self, encoding: KeyEncoding, encryption: String) {
        let encryption = Some(encryption);
        let facts = PrivateKeyFacts { encoding, encryption, key: None, pin: None };
        self.item(Item::PrivateKey(facts));
    }

    /// Says why something stays locked, once.
    pub(super) fn locked(&mut self, locked: &Locked, convert: &str) {
        if matches!(locked, Locked::Old(_)) && self.facts.has(Damage::OldEncryption) {
            return;
        }
        let diagnosis = match locked {
            Locked::Old(name) => Diagnosis::new(Damage::OldEncryption, &[name, convert]),
            Locked::Unknown(name) => Diagnosis::new(Damage::UnknownEncryption, &[name]),
            Locked::Password if self.password.is_none() => {
                Diagnosis::new(Damage::PasswordNeeded, &[])
            }
            Locked::Password => Diagnosis::new(Damage::PasswordWrong, &[]),
        };
        self.say(diagnosis);
    }

    /// Compares the label of the armour with what was found inside.
    fn check_label(&mut self, label: Option<&str>, right: &[&str], what: &str) {
        if let Some(label) = label.filter(|label| !right.contains(label)) {
            self.say(Diagnosis::new(Damage::WrongLabel, &[label, what]));
        }
    }
}

/// The content type, if the element is a ContentInfo (RFC 5652 section 3).
fn content_info(whole: &[u8]) -> Option<String> {
    let id = Reader::new(whole).open(der::SEQUENCE)?.take(der::OID)?.oid()?;
    id.starts_with("1.2.840.113549.1.7.").then_some(id)
}

fn encrypted_key(whole: &[u8]) -> Option<(der::Element<'_>, &[u8])> {
    let mut parts = Reader::new(whole).open(der::SEQUENCE)?;
    let algorithm = parts.take(der::SEQUENCE)?;
    algorithm.open(der::SEQUENCE)?.take(der::OID)?;
    let data = parts.take(der::OCTETS)?.body;
    parts.is_empty().then_some((algorithm, data))
}

/// A public key by itself: with its algorithm, or RSA without (RFC 8017 appendix A.1.1).
fn public_key(whole: &[u8]) -> Option<(crate::pki::KeyFacts, String)> {
    if let Some(found) = key::facts(whole) {
        return Some(found);
    }
    let mut parts = Reader::new(whole).open(der::SEQUENCE)?;
    parts.take(der::INTEGER).filter(|number| number.body.len() > 32)?;
    parts.take(der::INTEGER)?;
    parts.is_empty().then_some(())?;
    key::facts(&key::rsa_info(whole))
}

fn self_signed(der: &[u8]) -> Option<bool> {
    let (_, cert) = X509Certificate::from_der(der).ok()?;
    let signature = &cert.signature_value.data;
    let message = cert.tbs_certificate.as_ref();
    verify(cert.public_key().raw, &cert.signature_algorithm, message, signature)
}

/// True if the certificate names another key than its own as the issuer's.
fn key_ids_differ(der: &[u8]) -> bool {
    let Ok((_, cert)) = X509Certificate::from_der(der) else { return false };
    let (own, issuer) = super::order::key_ids(&cert);
    matches!((own, issuer), (Some(own), Some(issuer)) if own != issuer)
}
