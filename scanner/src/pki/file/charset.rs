//! From bytes to text: UTF-8, UTF-16 with or without a mark, and Windows-1252 as the last resort;
//! and characters that look like others or like nothing.

use super::secret::Draft;
use super::words::Damage;

/// Windows-1252 from 0x80 to 0x9f; the rest is Latin-1.
const WINDOWS: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// The bytes as text, and what had to be undone for it; `None` if they are no text.
pub(super) fn decode(bytes: &[u8]) -> Option<(Draft, Vec<Damage>)> {
    if let Some(rest) = bytes.strip_prefix(b"\xff\xfe") {
        return Some((utf16(rest, u16::from_le_bytes), vec![Damage::Utf16]));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xfe\xff") {
        return Some((utf16(rest, u16::from_be_bytes), vec![Damage::Utf16]));
    }
    // ASCII in UTF-16 has a zero in every other byte.
    let start = bytes.get(..400).unwrap_or(bytes);
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let most = start.len() / 2;
    if most >= 8 && zeros(1) * 10 >= most * 9 && zeros(0) == 0 {
        return Some((utf16(bytes, u16::from_le_bytes), vec![Damage::Utf16]));
    }
    if most >= 8 && zeros(0) * 10 >= most * 9 && zeros(1) == 0 {
        return Some((utf16(bytes, u16::from_be_bytes), vec![Damage::Utf16]));
    }
    let (bytes, found) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, vec![Damage::Bom]),
        None => (bytes, Vec::new()),
    };
    let control = |byte: &&u8| **byte < 9 || (14..32).contains(*byte) && **byte != 0x1b;
    if start.iter().filter(control).count() * 50 > start.len() {
        return None;
    }
    Some((plain(bytes), found))
}

/// UTF-8, or else Windows-1252.
pub(super) fn plain(bytes: &[u8]) -> Draft {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| windows(*byte)).collect(),
    };
    Draft::new(text)
}

fn windows(byte: u8) -> char {
    let place = usize::from(byte).checked_sub(0x80);
    place.and_then(|place| WINDOWS.get(place)).copied().unwrap_or(char::from(byte))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Draft {
    let units = bytes.chunks_exact(2).map(|pair| unit(<[u8; 2]>::try_from(pair).unwrap_or([0; 2])));
    let text = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER));
    Draft::new(text.filter(|c| *c != '\u{feff}').collect())
}

/// True if this is what becomes of DER when a program takes it for text: its first two bytes,
/// 0x30 and 0x82 or the like, have become characters.
pub(super) fn was_der(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('0')
        && matches!(
            chars.next(),
            Some('\u{81}'..='\u{83}' | '\u{201a}' | '\u{192}' | char::REPLACEMENT_CHARACTER)
        )
}

/// The text in plain characters, with what was replaced. Nothing is cut that base64 could need.
pub(super) fn plain_characters(text: &str) -> (Draft, Vec<(Damage, usize)>) {
    let (mut dashes, mut wide, mut invisible, mut spaces) = (0, 0, 0, 0);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => {
                dashes += 1;
                out.push('-');
            }
            '\u{ff01}'..='\u{ff5e}' => {
                wide += 1;
                out.push(char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c));
            }
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{ad}'
            | '\0' => invisible += 1,
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
                spaces += 1;
                out.push(' ');
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            other => out.push(other),
        }
    }
    let found = [
        (Damage::ChangedDashes, dashes),
        (Damage::FullWidth, wide),
        (Damage::InvisibleCharacters, invisible),
        (Damage::NoBreakSpaces, spaces),
    ];
    (Draft::new(out), found.into_iter().filter(|(_, count)| *count > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> (String, Vec<Damage>) {
        let (text, found) = decode(bytes).unwrap();
        (text.text().to_owned(), found)
    }

    #[test]
    fn every_form_of_text_is_read() {
        let ascii = "-----BEGIN CERTIFICATE-----";
        let le: Vec<u8> = ascii.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = ascii.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let utf16 = (ascii.to_owned(), vec![Damage::Utf16]);
        for bytes in [&le, &be, &[b"\xff\xfe", &le[..]].concat(), &[b"\xfe\xff", &be[..]].concat()]
        {
            assert_eq!(text(bytes), utf16);
        }
        assert_eq!(text(b"\xef\xbb\xbfab"), ("ab".to_owned(), vec![Damage::Bom]));
        assert_eq!(text(b"a\x96b\xe9"), ("a\u{2013}b\u{e9}".to_owned(), vec![]));
        assert!(decode(&[0x30, 0x82, 1, 2, 3, 4, 5, 6, 7, 8]).is_none());
    }

    #[test]
    fn look_alikes_become_plain() {
        let (text, found) = plain_characters("\u{2014}\u{ff21}\u{200b}B\u{a0}C\u{ff0d}");
        assert_eq!(text.text(), "-AB C-");
        let want = [
            (Damage::ChangedDashes, 2),
            (Damage::FullWidth, 1),
            (Damage::InvisibleCharacters, 1),
            (Damage::NoBreakSpaces, 1),
        ];
        assert_eq!(found, want);
    }

    #[test]
    fn der_taken_for_text_is_known() {
        let latin: String = [0x30_u8, 0x82, 0x03].iter().map(|b| char::from(*b)).collect();
        assert!(was_der(&latin));
        assert!(was_der(&String::from_utf8_lossy(&[0x30, 0x82, 0x03])));
        assert!(!was_der("01"));
    }
}
