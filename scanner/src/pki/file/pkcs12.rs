//! PKCS#12 stores (RFC 7292): certificates and a key in one file, behind a password.

use super::Reading;
use super::der::{self, Element, Reader};
use super::facts::Form;
use super::password::{self, Locked};
use super::words::{Damage, Diagnosis};

const DATA: &str = "1.2.840.113549.1.7.1";
const ENCRYPTED: &str = "1.2.840.113549.1.7.6";
/// How to make a store of today from one of old.
const CONVERT: &str = "openssl pkcs12 -in OLD.pfx -legacy -out parts.pem; \
    openssl pkcs12 -export -in parts.pem -out new.pfx";
/// The deepest nesting of bags.
const DEEPEST: usize = 4;
/// Most bags of one store.
const MOST_BAGS: usize = 1000;

/// True if the element looks like a store: version 3, and a ContentInfo.
pub(super) fn is_store(der: &[u8]) -> bool {
    let parts = || {
        let mut parts = Reader::new(der).open(der::SEQUENCE)?;
        let version = parts.take(der::INTEGER)?.number()?;
        let content = parts.open(der::SEQUENCE)?.take(der::OID)?;
        Some(version == 3 && content.oid()?.starts_with("1.2.840.113549.1.7."))
    };
    parts().unwrap_or(false)
}

/// Reads a store.
pub(super) fn read(der: &[u8], reading: &mut Reading<'_>) {
    reading.form(Form::Pkcs12);
    if store(der, reading).is_none() {
        reading.say(Diagnosis::new(Damage::Pkcs12Unread, &["ASN.1"]));
    }
}

fn store(der: &[u8], reading: &mut Reading<'_>) -> Option<()> {
    let mut parts = Reader::new(der).open(der::SEQUENCE)?;
    parts.take(der::INTEGER)?;
    let mut safe = parts.open(der::SEQUENCE)?;
    let id = safe.take(der::OID)?.oid()?;
    if id != DATA {
        reading.say(Diagnosis::new(Damage::Pkcs12Unread, &[&id]));
        return Some(());
    }
    let content = safe.open(0xa0)?.take(der::OCTETS)?.body;
    // Without one from the user it may be empty, or there may be none at all.
    let passwords = match reading.password {
        Some(password) => vec![Some(password)],
        None => vec![Some(""), None],
    };
    let password = match parts.open(der::SEQUENCE) {
        Some(mac) => match password::check_mac(mac, content, &passwords, &mut reading.rounds) {
            Ok(password) => password,
            Err(locked) => {
                reading.locked(&locked, CONVERT);
                return Some(());
            }
        },
        None => reading.password,
    };
    let mut open = Store { reading, password: password.unwrap_or_default(), bags: 0 };
    let mut infos = Reader::new(content).open(der::SEQUENCE)?;
    while !infos.is_empty() {
        let mut info = infos.open(der::SEQUENCE)?;
        let id = info.take(der::OID)?.oid()?;
        match id.as_str() {
            DATA => open.bags(info.open(0xa0)?.take(der::OCTETS)?.body, DEEPEST)?,
            ENCRYPTED => {
                let mut data = info.open(0xa0)?.open(der::SEQUENCE)?;
                data.take(der::INTEGER)?;
                let mut data = data.open(der::SEQUENCE)?;
                data.take(der::OID)?;
                let algorithm = data.take(der::SEQUENCE)?;
                let content = pieces(data.next()?)?;
                if let Some(plain) = open.decrypt(algorithm, &content) {
                    open.bags(plain.bytes(), DEEPEST)?;
                }
            }
            _ => open.reading.say(Diagnosis::new(Damage::Pkcs12Unread, &[&id])),
        }
    }
    Some(())
}

struct Store<'a, 'p> {
    reading: &'a mut Reading<'p>,
    password: &'a str,
    bags: usize,
}

impl Store<'_, '_> {
    /// SafeContents.
    fn bags(&mut self, content: &[u8], depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut bags = Reader::new(content).open(der::SEQUENCE)?;
        while !bags.is_empty() {
            self.bags += 1;
            if self.bags > MOST_BAGS {
                self.reading.say(Diagnosis::new(Damage::TooMuch, &[]));
                return Some(());
            }
            let mut bag = bags.open(der::SEQUENCE)?;
            let id = bag.take(der::OID)?.oid()?;
            let mut value = bag.open(0xa0)?;
            match id.strip_prefix("1.2.840.113549.1.12.10.1.").unwrap_or_default() {
                "1" => self.reading.der(value.next()?.whole, None),
                "2" => {
                    let mut shrouded = value.open(der::SEQUENCE)?;
                    let algorithm = shrouded.take(der::SEQUENCE)?;
                    let data = shrouded.take(der::OCTETS)?.body;
                    if let Some(plain) = self.decrypt(algorithm, data) {
                        let name = password::name(algorithm);
                        self.reading.decrypted_key(plain.bytes(), name);
                    }
                }
                "3" | "4" => {
                    let mut inner = value.open(der::SEQUENCE)?;
                    inner.take(der::OID)?;
                    let der = inner.open(0xa0)?.take(der::OCTETS)?.body;
                    self.reading.der(der, None);
                }
                "6" => self.bags(value.next()?.whole, depth)?,
                _ => {}
            }
        }
        Some(())
    }

    fn decrypt(&mut self, algorithm: Element<'_>, data: &[u8]) -> Option<super::Secret> {
        let plain = password::decrypt(algorithm, data, self.password, &mut self.reading.rounds);
        plain.map_err(|locked: Locked| self.reading.locked(&locked, CONVERT)).ok()
    }
}

/// The content of `[0] IMPLICIT OCTET STRING`, which BER may have in pieces.
fn pieces(element: Element<'_>) -> Option<Vec<u8>> {
    match element.tag {
        0x80 => Some(element.body.to_vec()),
        0xa0 => {
            let mut parts = Reader::new(element.body);
            let mut whole = Vec::new();
            while !parts.is_empty() {
                whole.extend_from_slice(parts.take(der::OCTETS)?.body);
            }
            Some(whole)
        }
        _ => None,
    }
}
