//! Makes what strangers say safe to print: a server must not move the cursor, hide text or turn
//! its direction round.

use std::fmt::Write;

/// Most characters printed of one text from a server.
const MOST: usize = 300;

/// The text with everything that does not print escaped, and cut if it is very long.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut chars = text.chars();
    let mut safe = escape(chars.by_ref().take(MOST));
    let rest = chars.count();
    if rest > 0 {
        // Writing to a String cannot fail.
        let _ = write!(safe, "... ({rest} more characters)");
    }
    safe
}

/// The characters with everything that does not print escaped.
pub fn escape(chars: impl Iterator<Item = char>) -> String {
    let mut safe = String::new();
    for c in chars {
        if is_plain(c) { safe.push(c) } else { safe.extend(c.escape_debug()) }
    }
    safe
}

/// A JSON text with the same meaning that a terminal cannot misread. JSON itself escapes only the
/// oldest control characters (RFC 8259 section 7).
#[must_use]
pub fn safe_json(text: String) -> String {
    if text.chars().all(|c| c == '\n' || is_plain(c)) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if c == '\n' || is_plain(c) {
            safe.push(c);
        } else {
            // Outside of strings, JSON is ASCII: an escape is always in its place here.
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

/// True for what a terminal shows as it is. Rust's list of what must be escaped covers control and
/// format characters (the ones that turn direction among them), surrogates, private and unassigned
/// ones, line separators, and marks that pile up on the character before.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') || (!c.is_ascii() && c.escape_debug().len() == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_escaped() {
        assert_eq!(printable("nginx/1.2 (\"é\" \\ 日本)"), "nginx/1.2 (\"é\" \\ 日本)");
        assert_eq!(printable("\u{1b}[2J\r\n\t\0\u{7f}"), "\\u{1b}[2J\\r\\n\\t\\0\\u{7f}");
        for c in [
            '\u{9b}',
            '\u{85}',
            '\u{202e}',
            '\u{2066}',
            '\u{200b}',
            '\u{feff}',
            '\u{2028}',
            '\u{e0041}',
            '\u{300}',
            '\u{ad}',
            '\u{61c}',
            '\u{e000}',
        ] {
            assert!(printable(&c.to_string()).is_ascii(), "{c:?}");
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let cut = printable(&"x".repeat(70_000));
        assert!(cut.ends_with("x... (69700 more characters)"), "{cut}");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "a\u{9b}b\u{202e}\n\u{1b}\u{e0041}é\"\\";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let safe = safe_json(json);
        assert!(!safe.contains(['\u{9b}', '\u{202e}', '\u{e0041}', '\u{1b}']), "{safe}");
        assert!(safe.contains('é'));
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [text]);
    }
}
