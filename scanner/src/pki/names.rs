//! Distinguished names as text: the most specific part first, as RFC 4514 section 2 has it, but
//! with a blank after the comma and with quotation marks, as Java writes them and therefore
//! SSL Labs does: `CN=x, O="y, Inc.", C=z`.

use x509_parser::der_parser::asn1_rs::{Any, Tag, ToDer};
use x509_parser::prelude::{FromDer, X509Name};

use super::{find, hex};

/// Words for the types of attributes. Those after `UID` are SSL Labs' own; the first three are
/// the place of incorporation in certificates with extended validation.
const WORDS: [(&str, &str); 21] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SURNAME"),
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "T"),
    ("2.5.4.42", "GIVENNAME"),
    ("2.5.4.43", "INITIALS"),
    ("2.5.4.44", "GENERATION"),
    ("1.2.840.113549.1.9.1", "EMAILADDRESS"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.3.6.1.4.1.311.60.2.1.1", "LocalityName"),
    ("1.3.6.1.4.1.311.60.2.1.2", "StateOrProvince"),
    ("1.3.6.1.4.1.311.60.2.1.3", "CountryName"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
];

/// A name in DER as text, for instance one that a server names when it asks for a client
/// certificate (RFC 5246 section 7.4.4). What is no name comes in hex behind a `#`.
#[must_use]
pub fn printable(der: &[u8]) -> String {
    match X509Name::from_der(der) {
        Ok((_, name)) => text(&name),
        Err(_) => format!("#{}", hex(der)),
    }
}

/// A name as text.
pub(super) fn text(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|part| {
            let pairs: Vec<_> = part
                .iter()
                .map(|pair| {
                    let id = pair.attr_type().to_id_string();
                    let value = match string(pair.attr_value()) {
                        Some(string) => quoted(&string),
                        None => encoded(pair.attr_value()),
                    };
                    match find(&WORDS, &id) {
                        Some(word) => format!("{word}={value}"),
                        None => format!("OID.{id}={value}"),
                    }
                })
                .collect();
            pairs.join(" + ")
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

/// The value of an attribute, if it is one of the string types (X.680 section 41).
pub(super) fn string(value: &Any<'_>) -> Option<String> {
    let bytes = value.data;
    Some(match value.tag() {
        Tag::Utf8String => String::from_utf8_lossy(bytes).into_owned(),
        Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            // They are ASCII by definition, but UTF-8 is met, and so is Latin-1.
            match str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => latin1(bytes),
            }
        }
        Tag::T61String => latin1(bytes),
        Tag::BmpString => {
            let units = bytes.chunks(2).map(|pair| number(pair) as u16);
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Tag::UniversalString => bytes
            .chunks(4)
            .map(|four| char::from_u32(number(four)).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        _ => return None,
    })
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// A number of up to four bytes, the highest first.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// The whole value in hex behind a `#` (RFC 4514 section 2.4).
fn encoded(value: &Any<'_>) -> String {
    let der = value.to_der_vec().unwrap_or_else(|_| value.data.to_vec());
    format!("#{}", hex(&der))
}

/// The value in quotation marks where it needs them. Control characters become hex pairs
/// (RFC 4514 section 2.4): names come from strangers and end in terminals.
fn quoted(value: &str) -> String {
    let special = |c: char| ",+=<>#;\\\"".contains(c);
    let blank = value.starts_with(' ') || value.ends_with(' ') || value.contains("  ");
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_control() {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                text.push_str(&format!("\\{byte:02X}"));
            }
            continue;
        }
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    if blank || value.contains(special) { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A name of parts of one attribute each: the id and the value in DER.
    fn name(parts: &[(&[u8], &[u8])]) -> Vec<u8> {
        let wrap = |tag: u8, body: Vec<u8>| [vec![tag, body.len() as u8], body].concat();
        let part = |(id, value): &(&[u8], &[u8])| {
            wrap(0x31, wrap(0x30, [wrap(6, id.to_vec()), value.to_vec()].concat()))
        };
        wrap(0x30, parts.iter().flat_map(part).collect())
    }

    const CN: &[u8] = &[0x55, 4, 3];

    #[test]
    fn the_most_specific_part_comes_first() {
        let der = name(&[
            (&[0x55, 4, 6], b"\x13\x02MY"),
            (&[0x55, 4, 10], b"\x0c\x0aABC, \"Inc\""),
            (CN, b"\x0c\x01x"),
        ]);
        assert_eq!(printable(&der), r#"CN=x, O="ABC, \"Inc\"", C=MY"#);
        assert_eq!(printable(&name(&[])), "");
    }

    #[test]
    fn every_string_type_is_read() {
        let cn = |value: &[u8]| printable(&name(&[(CN, value)]));
        assert_eq!(cn(b"\x0c\x06\xe8\xa1\x8c\xe6\x94\xbf"), "CN=行政");
        assert_eq!(cn(b"\x14\x02\xe9t"), "CN=ét");
        assert_eq!(cn(b"\x16\x02\xe9t"), "CN=ét");
        assert_eq!(cn(b"\x1e\x04\x88\x4c\x65\x3f"), "CN=行政");
        assert_eq!(cn(b"\x1e\x02\xd8\x00"), "CN=\u{fffd}");
        assert_eq!(cn(b"\x1c\x04\x00\x01\xf6\x00"), "CN=😀");
        assert_eq!(cn(b"\x02\x01\x05"), "CN=#020105");
    }

    #[test]
    fn what_would_mislead_is_marked() {
        let cn = |value: &[u8]| printable(&name(&[(CN, value)]));
        assert_eq!(cn(b"\x0c\x02a "), r#"CN="a ""#);
        assert_eq!(cn(b"\x0c\x02#a"), r##"CN="#a""##);
        assert_eq!(cn(b"\x0c\x03a=b"), r#"CN="a=b""#);
        assert_eq!(cn(b"\x0c\x05a\x1b[m\n"), r"CN=a\1B[m\0A");
        assert_eq!(printable(&name(&[(&[0x55, 4, 97], b"\x0c\x01x")])), "OID.2.5.4.97=x");
    }

    #[test]
    fn what_is_no_name_comes_in_hex() {
        assert_eq!(printable(b"no"), "#6e6f");
        assert_eq!(printable(b""), "#");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = printable(&bytes);
            let _ = printable(&name(&[(CN, &bytes)]));
        }
    }
}
