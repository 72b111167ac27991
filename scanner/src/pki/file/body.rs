//! From the base64 of a block, or a dump in hex, to bytes; and if that fails, why.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::der::{self, Extent};
use super::secret::{Draft, Secret};
use super::words::{Damage, Diagnosis};

/// Padding is looked at here, so the decoder need not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a block holds.
pub(super) enum Content {
    /// Bytes that begin like DER and have their full length, maybe with more behind.
    Der(Secret),
    /// A text, or base64 once more.
    Text(Secret),
    /// A private key in the encryption of old PEM (RFC 1421); the name of the cipher.
    Encrypted(String),
    /// Nothing that can be used; the reason is among the diagnoses.
    Nothing,
}

/// Reads the inside of a block.
pub(super) fn read(body: &str, found: &mut Vec<Diagnosis>) -> Content {
    let mut repaired = |damage| found.push(Diagnosis::new(damage, &[]));
    let (cipher, body) = headers(body);
    if let Some(cipher) = cipher {
        return Content::Encrypted(cipher);
    }
    for damage in layout(body) {
        repaired(damage);
    }
    let mut compact = Draft::new(body.chars().filter(|c| !c.is_whitespace()).collect());
    if let Some(damage) = strangers(compact.text()) {
        found.push(damage);
        return Content::Nothing;
    }
    if compact.text().contains(['-', '_']) {
        repaired(Damage::UrlSafe);
        compact = Draft::new(compact.text().replace('-', "+").replace('_', "/"));
    }
    let mut decoded = decode(compact.text());
    if !complete(&decoded.bytes)
        && body.trim().lines().any(|line| line.trim().contains(' '))
        && let Some(restored) = with_plus(body)
    {
        decoded = restored;
        found.retain(|diagnosis| {
            !matches!(diagnosis.id, Damage::SpacesInside | Damage::SpacesForBreaks)
        });
        found.push(Diagnosis::new(Damage::PlusBecameSpace, &[]));
    }
    judge(decoded, body, found)
}

/// Which of the forms bytes have, and what is wrong with them.
fn judge(decoded: Decoded, body: &str, found: &mut Vec<Diagnosis>) -> Content {
    let bytes = decoded.bytes.bytes();
    match der::extent(bytes) {
        Extent::Whole(_) | Extent::Open => {
            if decoded.padding_wrong {
                found.push(Diagnosis::new(Damage::Padding, &[]));
            }
            Content::Der(decoded.bytes)
        }
        Extent::Short(all) => {
            found.push(match short_line(body) {
                Some(line) => lost(&format!("baris {line}"), &format!("line {line}")),
                None => {
                    let (have, all) = (bytes.len().to_string(), all.to_string());
                    Diagnosis::new(Damage::Truncated, &[&have, &all])
                }
            });
            Content::Nothing
        }
        Extent::None if is_text(bytes) => {
            found.push(Diagnosis::new(Damage::DoubleBase64, &[]));
            Content::Text(decoded.bytes)
        }
        Extent::None if decoded.lost => {
            found.push(lost("tempat tidak diketahui", "place unknown"));
            Content::Nothing
        }
        Extent::None => {
            found.push(Diagnosis::new(Damage::NotDer, &[]));
            Content::Nothing
        }
    }
}

fn lost(ms: &str, en: &str) -> Diagnosis {
    let mut lost = Diagnosis::new(Damage::CharactersLost, &[en]);
    lost.text.ms = Diagnosis::new(Damage::CharactersLost, &[ms]).text.ms;
    lost
}

/// Base64 with anything between its characters, as mails have it.
pub(super) fn loose_base64(text: &str) -> Option<Vec<u8>> {
    let draft = Draft::new(text.chars().filter(|c| !c.is_whitespace()).collect());
    let plain = draft.text().trim_end_matches('=');
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    plain.bytes().all(fits).then(|| decode(draft.text()).bytes.bytes().to_vec())
}

/// The cipher a block names in its header fields, and what follows them.
fn headers(body: &str) -> (Option<String>, &str) {
    let mut rest = body.trim_start();
    let mut cipher = None;
    let mut any = false;
    loop {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some((name, value)) = line.split_once(':').filter(|(name, _)| {
            name.len() < 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        }) else {
            break;
        };
        any = true;
        if name == "Proc-Type" && value.contains("ENCRYPTED") {
            cipher.get_or_insert_with(|| "PEM".to_owned());
        }
        if name == "DEK-Info" {
            let name = value.split(',').next().unwrap_or_default().trim();
            let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
            cipher = Some(name.chars().filter(plain).take(30).collect());
        }
        rest = after;
    }
    (cipher, if any { rest } else { body })
}

/// What is unusual about the lines.
fn layout(body: &str) -> Vec<Damage> {
    let mut found = Vec::new();
    let trimmed = body.trim();
    let lines: Vec<&str> = trimmed.lines().map(str::trim).collect();
    let blank = |c: char| c == ' ' || c == '\t';
    if let [line] = lines[..] {
        let groups: Vec<usize> = line.split(blank).map(str::len).collect();
        let (last, others) = groups.split_last().unwrap_or((&0, &[]));
        let width = others.first().copied().unwrap_or(0);
        let even = width >= 32 && others.iter().all(|group| *group == width) && *last <= width;
        match line.contains(blank) {
            true if even => found.push(Damage::SpacesForBreaks),
            true => found.push(Damage::SpacesInside),
            false if line.len() > 100 => found.push(Damage::LineBreaksLost),
            false => {}
        }
        return found;
    }
    let leads = |line: &str| !line.trim().is_empty() && line.starts_with(blank);
    if lines.iter().any(|line| line.contains(blank)) || body.lines().any(leads) {
        found.push(Damage::SpacesInside);
    }
    if lines.iter().any(|line| line.is_empty()) {
        found.push(Damage::BlankLines);
    }
    found
}

/// What does not belong into base64. Which characters they are may be told, for they are not of
/// the content.
fn strangers(compact: &str) -> Option<Diagnosis> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+/=-_".contains(c);
    let strange: Vec<char> = compact.chars().filter(|c| !fits(*c)).collect();
    let first = strange.first()?;
    let replaced = strange.iter().filter(|c| matches!(c, '?' | '\u{fffd}' | '\u{bf}')).count();
    if replaced == strange.len() {
        return Some(Diagnosis::new(Damage::CharactersReplaced, &[&replaced.to_string()]));
    }
    let code = format!("U+{:04X}", u32::from(*first));
    Some(Diagnosis::new(Damage::ForeignCharacters, &[&code]))
}

struct Decoded {
    bytes: Secret,
    padding_wrong: bool,
    /// The number of characters is one that no base64 has.
    lost: bool,
}

/// Decodes pieces that end in padding one by one, for two files in a row have some in the middle.
fn decode(compact: &str) -> Decoded {
    let mut bytes = Vec::with_capacity(compact.len() / 4 * 3);
    let (mut padding_wrong, mut lost) = (false, false);
    let mut rest = compact;
    while !rest.is_empty() {
        let end = rest.find('=').unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        let next = after.trim_start_matches('=');
        let padding = after.len() - next.len();
        padding_wrong |= padding != (4 - piece.len() % 4) % 4;
        let usable = match piece.len() % 4 {
            1 => {
                lost = true;
                piece.len() - 1
            }
            _ => piece.len(),
        };
        let piece = piece.get(..usable).unwrap_or_default();
        let mut part = BASE64.decode(piece).unwrap_or_default();
        bytes.append(&mut part);
        rest = next;
    }
    Decoded { bytes: Secret::new(bytes), padding_wrong, lost }
}

/// True if the bytes are DER from the first to the last, in one piece or several.
fn complete(bytes: &Secret) -> bool {
    let mut rest = bytes.bytes();
    while let Extent::Whole(end) = der::extent(rest) {
        rest = rest.get(end..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
    }
    matches!(der::extent(bytes.bytes()), Extent::Open | Extent::None)
}

/// Every blank within a line taken for a lost `+`, if that makes the length exactly right.
fn with_plus(body: &str) -> Option<Decoded> {
    let restored: String =
        body.trim().lines().map(|line| line.trim_end_matches('\r').replace(' ', "+")).collect();
    let draft = Draft::new(restored);
    let decoded = decode(draft.text());
    let whole = der::extent(decoded.bytes.bytes()) == Extent::Whole(decoded.bytes.bytes().len());
    (whole && !decoded.padding_wrong && !decoded.lost).then_some(decoded)
}

/// The number of the first line in the middle that is shorter than the others, counted from one.
fn short_line(body: &str) -> Option<usize> {
    let lines: Vec<usize> = body.trim().lines().map(|line| line.trim().len()).collect();
    let (_, middle) = lines.split_last()?;
    let most = middle.iter().copied().max()?;
    if middle.len() < 2
        || middle.iter().filter(|length| **length == most).count() * 2 < middle.len()
    {
        return None;
    }
    middle.iter().position(|length| *length < most).map(|line| line + 1)
}

fn is_text(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    bytes.len() > 16
        && bytes.iter().all(plain)
        && (bytes.starts_with(b"MI") || bytes.starts_with(b"-----"))
}

/// The bytes of a dump in hex, if they are DER or armour: with or without offsets, with `:` or
/// blanks between, with the characters behind or not.
pub(super) fn hex(text: &str) -> Option<Secret> {
    let mut bytes = Vec::new();
    for line in text.lines() {
        let line = line.split('|').next().unwrap_or_default();
        let mut words = line.split_whitespace().peekable();
        let first = words.peek().copied().unwrap_or_default();
        let second_starts = line.trim_start().get(first.len()..).is_some_and(|rest| rest.len() > 2);
        let offset = first.strip_suffix(':').unwrap_or(first);
        let is_offset = (first.len() > offset.len()
            || matches!(first.len(), 4 | 6 | 8) && first.starts_with('0') && second_starts)
            && !offset.is_empty()
            && offset.len() <= 8
            && offset.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_offset {
            words.next();
        }
        let most = if is_offset { 16 } else { usize::MAX };
        let mut taken = 0;
        for word in words {
            let word = word.replace([':', ',', '-'], "").replace("0x", "");
            let digits = word.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !digits || word.len() % 2 == 1 || taken >= most {
                break;
            }
            for pair in word.as_bytes().chunks(2) {
                let pair = str::from_utf8(pair).unwrap_or_default();
                bytes.extend(u8::from_str_radix(pair, 16));
                taken += 1;
            }
        }
    }
    let mut whole = false;
    if let Extent::Whole(size) = der::extent(&bytes) {
        whole = size > 32;
        // The characters behind a short last line may look like more of it.
        if bytes.len() - size < 16 {
            bytes.truncate(size);
        }
    }
    let secret = Secret::new(bytes);
    (whole || secret.bytes().starts_with(b"-----BEGIN")).then_some(secret)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sequence of 101 bytes of every kind, in lines.
    fn lines() -> (Vec<u8>, String) {
        let body: Vec<u8> = (0..101_u8).map(|n| n.wrapping_mul(37) ^ 0xfb).collect();
        let der = der::encode(der::SEQUENCE, &[&body]);
        let base64 = BASE64.encode(&der);
        let lines: Vec<&str> =
            base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        (der, format!("\n{}\n", lines.join("\n")))
    }

    fn ids(body: &str) -> (Option<Vec<u8>>, Vec<Damage>) {
        let mut found = Vec::new();
        let bytes = match read(body, &mut found) {
            Content::Der(bytes) => Some(bytes.bytes().to_vec()),
            _ => None,
        };
        (bytes, found.iter().map(|diagnosis| diagnosis.id).collect())
    }

    #[test]
    fn damage_to_lines_is_undone() {
        let (der, text) = lines();
        let is = |body: &str, damage: &[Damage]| {
            assert_eq!(ids(body), (Some(der.clone()), damage.to_vec()), "{body}");
        };
        is(&text, &[]);
        is(&text.replace('\n', ""), &[Damage::LineBreaksLost]);
        is(&text.replace('\n', " "), &[Damage::SpacesForBreaks]);
        is(&text.replace('\n', "\n\n"), &[Damage::BlankLines]);
        is(&text.replace('A', " A"), &[Damage::SpacesInside]);
        is(&text.replace('=', ""), &[Damage::Padding]);
        assert!(text.contains('+') && text.contains('/'));
        is(&text.replace('+', "-").replace('/', "_"), &[Damage::UrlSafe]);
        is(&text.replace('+', " "), &[Damage::PlusBecameSpace]);
    }

    #[test]
    fn what_is_lost_stays_lost() {
        let (_, text) = lines();
        let is = |body: &str, damage: Damage| assert_eq!(ids(body), (None, vec![damage]), "{body}");
        is(text.get(..80).unwrap(), Damage::Truncated);
        is(&text.replacen("M", "", 1), Damage::CharactersLost);
        is(&text.replacen("M", "N", 1), Damage::NotDer);
        is(
            &format!("{}{}", text.get(..30).unwrap(), text.get(31..).unwrap()),
            Damage::CharactersLost,
        );
        is(&text.replace('+', "?"), Damage::CharactersReplaced);
        is(&text.replace('+', "*"), Damage::ForeignCharacters);
    }

    #[test]
    fn dumps_in_hex_are_read() {
        let der = der::encode(der::SEQUENCE, &[&[0xab; 40]]);
        let pairs: Vec<String> = der.iter().map(|byte| format!("{byte:02x}")).collect();
        let dump = |line: &dyn Fn(usize, &[String]) -> String| {
            pairs.chunks(16).enumerate().map(|(n, row)| line(n, row)).collect::<String>()
        };
        let forms = [
            pairs.join(""),
            pairs.join(" ").to_uppercase(),
            pairs.join(":"),
            dump(&|n, row| format!("{:08x}: {}  abcd.ef\n", n * 16, row.join(""))),
            dump(&|n, row| format!("{:08x}  {}  |ab cd|\n", n * 16, row.join(" "))),
            dump(&|n, row| format!("  {:04x}  {}   ab cd\n", n * 16, row.join(" "))),
        ];
        for form in forms {
            assert_eq!(hex(&form).map(|bytes| bytes.bytes().to_vec()), Some(der.clone()), "{form}");
        }
        assert!(hex("hello 30 03").is_none());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[A-Za-f0-9+/=:|x \n?\u{e9}_-]{0,200}") {
            let _ = (ids(&text), hex(&text), loose_base64(&text));
        }
    }
}
