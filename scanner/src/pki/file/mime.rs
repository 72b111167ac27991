//! The parts of a mail (RFC 2045, RFC 2046), as they are saved by mail programs.

use super::secret::Secret;
use super::{body, markup};

/// Most parts that are taken from a mail.
const MOST_PARTS: usize = 100;
/// The deepest nesting of parts that is followed.
const DEEPEST: usize = 6;

/// The parts of a mail, out of their encoding; `None` if the text is no mail, or has no need of
/// being decoded.
pub(super) fn parts(text: &str) -> Option<Vec<Secret>> {
    let text = text.trim_start();
    let mut found = Vec::new();
    let first = text.lines().next()?.trim_end();
    if let Some(boundary) = first.strip_prefix("--").filter(|line| !line.contains("BEGIN")) {
        let second = text.lines().nth(1)?;
        second.to_ascii_lowercase().starts_with("content-").then_some(())?;
        multipart(text, boundary, DEEPEST, &mut found);
        return Some(found);
    }
    let headers = Headers::read(text)?.0;
    let is_mail = headers.value("content-type").is_some()
        || headers.value("content-transfer-encoding").is_some();
    is_mail.then(|| entity(text, DEEPEST, &mut found))?;
    Some(found)
}

fn entity(text: &str, depth: usize, found: &mut Vec<Secret>) {
    let Some(depth) = depth.checked_sub(1).filter(|_| found.len() < MOST_PARTS) else { return };
    let (headers, content) = match Headers::read(text) {
        Some(read) => read,
        None => (Headers::default(), text),
    };
    let kind = headers.value("content-type").unwrap_or_default();
    if let Some(boundary) = boundary(kind) {
        return multipart(content, boundary, depth, found);
    }
    if kind.to_ascii_lowercase().starts_with("message/") {
        return entity(content.trim_start(), depth, found);
    }
    let encoding = headers.value("content-transfer-encoding").unwrap_or_default();
    let bytes = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => body::loose_base64(content).unwrap_or_default(),
        "quoted-printable" => markup::unquoted(content),
        _ => content.as_bytes().to_vec(),
    };
    found.push(Secret::new(bytes));
}

fn multipart(text: &str, boundary: &str, depth: usize, found: &mut Vec<Secret>) {
    let mark = format!("--{boundary}");
    let mut pieces = Vec::new();
    let mut piece: Option<String> = None;
    for line in text.lines() {
        if line.starts_with(&mark) {
            pieces.extend(piece.replace(String::new()));
            if line.get(mark.len()..).is_some_and(|rest| rest.starts_with("--")) {
                piece = None;
            }
        } else if let Some(piece) = &mut piece {
            piece.push_str(line);
            piece.push('\n');
        }
    }
    pieces.extend(piece);
    for piece in pieces {
        entity(&piece, depth, found);
        drop(Secret::new(piece.into_bytes()));
    }
}

/// The boundary a Content-Type names.
fn boundary(kind: &str) -> Option<&str> {
    let at = kind.to_ascii_lowercase().find("boundary=")?;
    let value = kind.get(at + "boundary=".len()..)?;
    let value = match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => value.split([';', ' ', '\t']).next()?,
    };
    (!value.is_empty()).then_some(value)
}

/// The header fields of an entity: names in lower case, values unfolded.
#[derive(Default)]
struct Headers(Vec<(String, String)>);

impl Headers {
    /// The fields, and what follows the blank line after them; `None` if it begins otherwise.
    fn read(text: &str) -> Option<(Self, &str)> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut rest = text;
        loop {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.trim_end();
            if line.is_empty() {
                rest = after;
                break;
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = fields.last_mut()?;
                value.push(' ');
                value.push_str(line.trim());
            } else {
                let (name, value) = line.split_once(':')?;
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
                if name.is_empty() || !name.chars().all(plain) || fields.len() > 500 {
                    return None;
                }
                fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        (!fields.is_empty()).then_some((Self(fields), rest))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<Vec<String>> {
        let text_of = |part: &Secret| String::from_utf8_lossy(part.bytes()).into_owned();
        parts(text).map(|parts| parts.iter().map(text_of).collect())
    }

    #[test]
    fn parts_are_decoded() {
        let mail = "From: a@example.com\r\nSubject: x\r\n y\r\nContent-Type: multipart/mixed;\r\n \
            boundary=\"=_b\"\r\n\r\nignored\r\n--=_b\r\nContent-Type: text/plain\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\r\n--=_b\r\n\
            Content-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--=_b--\r\nend\r\n";
        assert_eq!(found(mail).unwrap(), ["a=b\n\n", "hello"]);
        let piece = "--b\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--b--\n";
        assert_eq!(found(piece).unwrap(), ["hello"]);
    }

    #[test]
    fn what_is_no_mail_is_left_alone() {
        assert_eq!(found("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA\n"), None);
        assert_eq!(found("From: a\nSubject: b\n\nhello"), None);
        assert_eq!(found("hello\n"), None);
        assert_eq!(found(""), None);
    }
}
