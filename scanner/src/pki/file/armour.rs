//! Blocks between BEGIN and END lines (RFC 7468), also where the lines have suffered: other
//! numbers of dashes, lower case, no line breaks, one of the two missing.

use super::words::Damage;

/// Labels that are met, the longer before those they begin with.
pub(super) const LABELS: [&str; 27] = [
    "NEW CERTIFICATE REQUEST",
    "CERTIFICATE REQUEST",
    "CERTIFICATE CHAIN",
    "TRUSTED CERTIFICATE",
    "X509 CERTIFICATE",
    "ATTRIBUTE CERTIFICATE",
    "PKCS #7 SIGNED DATA",
    "PKCS7",
    "PKCS12",
    "CMS",
    "X509 CRL",
    "CRL",
    "CERTIFICATE",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "SSH2 ENCRYPTED PRIVATE KEY",
    "SSH2 PUBLIC KEY",
    "PRIVATE KEY",
    "RSA PUBLIC KEY",
    "PUBLIC KEY",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "X9.42 DH PARAMETERS",
    "DSA PARAMETERS",
];

/// A block, with what had to be overlooked to find it.
pub(super) struct Block<'a> {
    pub label: &'static str,
    pub body: &'a str,
    pub found: Vec<Damage>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Begin,
    End,
}

/// A BEGIN or END line, from its first dash to its last.
struct Mark {
    side: Side,
    label: &'static str,
    start: usize,
    end: usize,
    before: usize,
    after: usize,
    lower: bool,
}

/// Most blocks that are looked for.
pub(super) const MOST_BLOCKS: usize = 1000;

/// The blocks of a text, in their order.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let marks = marks(text);
    let mut blocks = Vec::new();
    // The end of what belongs to the block before.
    let mut past = 0;
    let mut at = 0;
    while let Some(mark) = marks.get(at) {
        at += 1;
        let mut found = Vec::new();
        mark.complain(&mut found);
        if mark.side == Side::Begin {
            if at >= 2 && marks.get(at - 2).is_some_and(|before| before.end == mark.start) {
                found.push(Damage::RunTogether);
            }
            let next = marks.get(at);
            match next {
                Some(end) if end.side == Side::End => {
                    at += 1;
                    end.complain(&mut found);
                    if end.label != mark.label {
                        found.push(Damage::LabelsDiffer);
                    }
                    // The last characters of URL-safe base64 may be dashes.
                    let extra = end.before.saturating_sub(5);
                    let body = text.get(mark.end..end.start).unwrap_or_default();
                    let grown = text.get(mark.end..end.start + extra).unwrap_or(body);
                    let url_safe = extra > 0 && body.contains(['-', '_']);
                    let body = if url_safe { grown } else { body };
                    blocks.push(Block { label: mark.label, body, found });
                    past = end.end;
                }
                _ => {
                    let end = next.map_or(text.len(), |next| next.start);
                    let body = text.get(mark.end..end).unwrap_or_default();
                    found.push(Damage::EndMissing);
                    blocks.push(Block { label: mark.label, body: first_run(body), found });
                    past = mark.end;
                }
            }
        } else {
            let body = text.get(past..mark.start).unwrap_or_default();
            found.push(Damage::BeginMissing);
            blocks.push(Block { label: mark.label, body: last_run(body), found });
            past = mark.end;
        }
    }
    for block in &mut blocks {
        let mut seen = Vec::new();
        block.found.retain(|damage| {
            !seen.contains(damage) && {
                seen.push(*damage);
                true
            }
        });
    }
    blocks
}

impl Mark {
    fn complain(&self, found: &mut Vec<Damage>) {
        if self.lower {
            found.push(Damage::LowerCase);
        }
        if self.before != 5 || self.after != 5 {
            found.push(Damage::DashCount);
        }
    }
}

/// Every BEGIN and END line.
fn marks(text: &str) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let mut marks: Vec<Mark> = Vec::new();
    let mut at = 0;
    while at < bytes.len() && marks.len() < 2 * MOST_BLOCKS {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(skip) = rest.iter().position(|byte| matches!(byte, b'B' | b'b' | b'E' | b'e'))
        else {
            break;
        };
        at += skip;
        let Some(mut mark) = mark(bytes, at) else {
            at += 1;
            continue;
        };
        at = mark.end;
        if let Some(before) = marks.last_mut() {
            divide(before, &mut mark);
        }
        marks.push(mark);
    }
    marks
}

/// The line around the word that begins here, if it is one.
fn mark(bytes: &[u8], at: usize) -> Option<Mark> {
    let rest = bytes.get(at..)?;
    let starts = |word: &str| {
        rest.get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
    };
    let (side, word) = match () {
        () if starts("BEGIN") => (Side::Begin, "BEGIN"),
        () if starts("END") => (Side::End, "END"),
        () => return None,
    };
    let mut lower = rest.get(..word.len())? != word.as_bytes();
    let blanks = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    };
    let name = blanks(at + word.len());
    let (label, end) =
        LABELS.iter().find_map(|label| Some((*label, label_end(bytes, name, label)?)))?;
    lower |= bytes.get(name..end)?.iter().any(u8::is_ascii_lowercase);
    let dash = |byte: &&u8| **byte == b'-';
    let after = bytes.get(blanks(end)..)?.iter().take_while(dash).count();
    let end = if after > 0 { blanks(end) + after } else { end };
    let head = bytes.get(..at)?;
    let gap = head.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let before = head.iter().rev().skip(gap).take_while(dash).count();
    let start = if before > 0 { at - gap - before } else { at };
    // Without dashes on both sides it may be a sentence: then it has to stand alone on its line.
    if before == 0 || after == 0 {
        let line_before = start
            .checked_sub(gap)
            .is_none_or(|edge| edge == 0 || matches!(bytes.get(edge - 1), Some(b'\n' | b'\r')));
        let line_after = matches!(bytes.get(blanks(end)), None | Some(b'\n' | b'\r'));
        let dashed = before > 0 || after > 0;
        if lower || !(line_before && line_after || dashed && (line_before || line_after)) {
            return None;
        }
    }
    Some(Mark { side, label, start, end, before, after, lower })
}

/// Where the label ends that begins here, if it is this one; blanks may have multiplied or gone.
fn label_end(bytes: &[u8], from: usize, label: &str) -> Option<usize> {
    let mut at = from;
    for want in label.bytes() {
        if want == b' ' {
            while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                at += 1;
            }
            continue;
        }
        if !bytes.get(at)?.eq_ignore_ascii_case(&want) {
            return None;
        }
        at += 1;
    }
    Some(at)
}

/// Where two lines run together, the dashes between them are of both.
fn divide(before: &mut Mark, mark: &mut Mark) {
    if mark.start >= before.end || mark.before == 0 {
        return;
    }
    // The first took all of them; the second counted back over the same ones.
    let shared = before.end - mark.start;
    let kept = if shared == 10 { 5 } else { shared - shared / 2 };
    before.after = kept;
    before.end = mark.start + kept;
    mark.before = shared - kept;
    mark.start = before.end;
}

/// The lines of base64 with which a text begins, where nobody says where they end: at the first
/// that is shorter than the others, or is none.
fn first_run(text: &str) -> &str {
    let mut end = 0;
    let mut width = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let header = width == 0 && line.contains(": ");
        if !trimmed.is_empty() && !header {
            if !is_base64(line) || width > 0 && trimmed.len() > width {
                break;
            }
            if trimmed.len() < width || trimmed.ends_with('=') {
                end += line.len();
                break;
            }
            width = trimmed.len();
        }
        end += line.len();
    }
    // All on one line, with blanks in it.
    if width == 0 && end == 0 { text } else { text.get(..end).unwrap_or(text) }
}

/// The lines of base64 with which a text ends: a last one, and before it those of one width.
fn last_run(text: &str) -> &str {
    let mut start = text.len();
    let mut last = true;
    let mut width = None;
    for line in text.split_inclusive('\n').rev() {
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            if !is_base64(line) || width.is_some_and(|width| width != trimmed.len()) {
                break;
            }
            if !last {
                width = Some(trimmed.len());
            }
            last = false;
        }
        start -= line.len();
    }
    text.get(start..).unwrap_or(text)
}

/// True for a line of base64, of either alphabet.
pub(super) fn is_base64(line: &str) -> bool {
    let line = line.trim();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte);
    // A word of a sentence is short and stands among others.
    !line.is_empty() && line.bytes().all(fits)
}

/// The longest stretch of base64 in a text without armour that looks like DER.
pub(super) fn bare(text: &str) -> Option<&str> {
    let mut best: Option<&str> = None;
    let mut at = 0;
    let mut past = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if at >= past && trimmed.starts_with("MI") && trimmed.len() >= 32 {
            let rest = text.get(at..).unwrap_or_default();
            // One line with blanks in it is taken as a whole.
            let run = if is_base64(trimmed) { first_run(rest) } else { line };
            let body = is_base64(&run.split_whitespace().collect::<String>());
            if body && best.is_none_or(|best| best.len() < run.len()) {
                best = Some(run);
            }
            past = at + run.len();
        }
        at += line.len();
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn one(text: &str, body: &str, found: &[Damage]) {
        let blocks = blocks(text);
        let [block] = &blocks[..] else { panic!("{} blocks", blocks.len()) };
        assert_eq!((block.body.trim(), &block.found[..]), (body, found), "{text}");
    }

    #[test]
    fn armour_is_found_however_it_looks() {
        let is = one;
        is("x\n-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\ny", "AA", &[]);
        is("-----BEGIN CERTIFICATE-----AA-----END CERTIFICATE-----", "AA", &[]);
        is("----BEGIN CERTIFICATE----\nAA\n---END CERTIFICATE---", "AA", &[Damage::DashCount]);
        is("-- BEGIN CERTIFICATE --\nAA\nEND CERTIFICATE", "AA", &[Damage::DashCount]);
        is(
            "-----begin certificate-----\nAA\n-----end certificate-----",
            "AA",
            &[Damage::LowerCase],
        );
        is("-----BEGIN CERTIFICATE-----\nAA\n", "AA", &[Damage::EndMissing]);
        is("hello,\nAA\n-----END CERTIFICATE-----\n", "AA", &[Damage::BeginMissing]);
        let differ = "-----BEGIN CERTIFICATE-----\nAA\n-----END PKCS7-----";
        is(differ, "AA", &[Damage::LabelsDiffer]);
        let url = "-----BEGIN CERTIFICATE-----\nA_A-------END CERTIFICATE-----";
        is(url, "A_A--", &[Damage::DashCount]);
    }

    #[test]
    fn blocks_that_run_together_are_two() {
        let one = "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----";
        let text = format!("{one}{one}");
        let found = blocks(&text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].found, []);
        assert_eq!(found[1].found, [Damage::RunTogether]);
    }

    #[test]
    fn sentences_are_no_armour() {
        assert!(blocks("To begin certificate installation, end certificate chains.").is_empty());
        assert!(blocks("BEGIN CERTIFICATE is the first line").is_empty());
        assert_eq!(
            bare("hello\nMIIabcdefghijklmnopqrstuvwxyz0123456\nABC=\nbye now\n")
                .unwrap()
                .lines()
                .count(),
            2
        );
        assert!(bare("hello\n").is_none());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[-BEGINDCRTFAend \n\u{2014}]{0,120}") {
            let _ = (blocks(&text), bare(&text));
        }
    }
}
