//! What mail programs and word processors put around a text: HTML, RTF, quoted-printable, quote
//! marks. Each is undone by itself, and only where it shows.

use super::secret::Draft;

/// Tags that mails and web pages have. `<No Attributes>`, which OpenSSL prints, is none.
const TAGS: [&str; 46] = [
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "hr",
    "html",
    "i",
    "img",
    "input",
    "label",
    "li",
    "link",
    "meta",
    "o:p",
    "ol",
    "p",
    "pre",
    "samp",
    "script",
    "small",
    "span",
    "strong",
    "style",
    "table",
    "tbody",
    "td",
    "textarea",
    "title",
    "tr",
    "tt",
    "ul",
];

/// Tags that end a line.
const BREAKS: [&str; 14] =
    ["br", "p", "div", "tr", "li", "pre", "h1", "h2", "h3", "h4", "table", "body", "hr", "dd"];

const ENTITIES: [(&str, char); 18] = [
    ("nbsp", ' '),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("plus", '+'),
    ("equals", '='),
    ("sol", '/'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("minus", '\u{2212}'),
    ("shy", '\u{ad}'),
    ("zwnj", '\u{200c}'),
    ("NewLine", '\n'),
    ("Tab", '\t'),
];

/// The text of HTML, or of a piece of it; `None` if there is nothing of HTML in it.
pub(super) fn html(text: &str) -> Option<Draft> {
    let markup = text.trim_start().starts_with("<?xml");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = markup;
    // Once an end is not found, it is not looked for again: the work stays linear.
    let (mut comments, mut declarations) = (true, true);
    while let Some(at) = rest.find(['<', '&']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        if let Some((name, closes, after)) = tag(here).filter(|(name, ..)| markup || known(name)) {
            found = true;
            // Line ends of the source are blanks; those beside a tag are left out.
            let mut after = after;
            if BREAKS.contains(&name.as_str()) {
                if !out.ends_with('\n') && !out.is_empty() {
                    out.push('\n');
                }
                after = after.strip_prefix('\n').unwrap_or(after);
            }
            // What is inside of these is for programs.
            let skipped = matches!(name.as_str(), "style" | "script" | "title") && !closes;
            rest = if skipped { behind(after, &name) } else { after };
        } else if let Some(inside) = here.strip_prefix("<!").filter(|_| comments && declarations) {
            let comment = inside.starts_with("--");
            let end = if comment { "-->" } else { ">" };
            match inside.find(end) {
                Some(at) => {
                    found = true;
                    rest = inside.get(at + end.len()..).unwrap_or_default();
                }
                None => {
                    comments &= !comment;
                    declarations &= comment;
                    out.push('<');
                    rest = here.get(1..).unwrap_or_default();
                }
            }
        } else if let Some((c, after)) = entity(here) {
            found = true;
            out.push(c);
            rest = after;
        } else {
            out.extend(here.chars().next());
            rest = here.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    let out = Draft::new(out);
    found.then_some(out)
}

fn known(name: &str) -> bool {
    TAGS.contains(&name)
}

/// The name of the tag that begins here, whether it closes, and what follows it.
fn tag(here: &str) -> Option<(String, bool, &str)> {
    let inside = here.strip_prefix('<')?;
    let end = inside.find(['<', '>'])?;
    let (inside, after) = (inside.get(..end)?, inside.get(end..)?.strip_prefix('>')?);
    let closes = inside.starts_with('/');
    let name = inside.trim_start_matches('/');
    let end = name.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(name.len());
    let name = name.get(..end)?.to_ascii_lowercase();
    let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || ":?_-.".contains(c));
    word.then_some((name, closes, after))
}

/// What stands behind the closing tag of this name.
fn behind<'a>(text: &'a str, name: &str) -> &'a str {
    let closing = |(at, _): &(usize, &str)| {
        let start = at + "</".len();
        let here = text.get(start..start + name.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(name))
    };
    let Some((at, _)) = text.match_indices("</").find(closing) else { return "" };
    let rest = text.get(at..).unwrap_or_default();
    rest.find('>').and_then(|at| rest.get(at + 1..)).unwrap_or_default()
}

/// The character an entity stands for, and what follows it.
fn entity(here: &str) -> Option<(char, &str)> {
    let inside = here.strip_prefix('&')?;
    let end = inside.bytes().take(10).position(|byte| byte == b';')?;
    let (name, after) = (inside.get(..end)?, inside.get(end + 1..)?);
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']);
            let number = match hex {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)?
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, after))
}

/// The text of an RTF document; `None` if it is none.
pub(super) fn rtf(text: &str) -> Option<Draft> {
    if !text.trim_start().starts_with("{\\rtf") {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    // For each open brace: whether what is inside is for the program only.
    let mut hidden: Vec<bool> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let silent = hidden.last().copied().unwrap_or(false);
        match c {
            '{' => hidden.push(silent),
            '}' => {
                hidden.pop();
            }
            '\r' | '\n' => {}
            '\\' => match chars.peek().copied() {
                Some('\'') => {
                    chars.next();
                    let hex: String = chars.by_ref().take(2).collect();
                    let byte = u8::from_str_radix(&hex, 16).unwrap_or(b'?');
                    if !silent {
                        out.push_str(super::charset::plain(&[byte]).text());
                    }
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let mut word = String::new();
                    while let Some(c) = chars.next_if(char::is_ascii_alphabetic) {
                        word.push(c);
                    }
                    let mut number = String::new();
                    while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || *c == '-') {
                        number.push(c);
                    }
                    let _ = chars.next_if_eq(&' ');
                    match word.as_str() {
                        "par" | "line" | "row" if !silent => out.push('\n'),
                        "tab" if !silent => out.push('\t'),
                        "endash" if !silent => out.push('\u{2013}'),
                        "emdash" if !silent => out.push('\u{2014}'),
                        "u" => {
                            let code = number.parse::<i32>().unwrap_or(0).rem_euclid(65_536);
                            let c = u32::try_from(code).ok().and_then(char::from_u32);
                            if !silent {
                                out.extend(c);
                            }
                            // One character for programs that know no Unicode follows.
                            if chars.next_if_eq(&'\\').is_some() {
                                let _ = chars.by_ref().take(3).count();
                            } else {
                                let _ = chars.next_if(|c| !matches!(c, '{' | '}'));
                            }
                        }
                        "fonttbl" | "colortbl" | "stylesheet" | "info" | "pict" | "header"
                        | "footer" => {
                            if let Some(last) = hidden.last_mut() {
                                *last = true;
                            }
                        }
                        _ => {}
                    }
                }
                Some('*') => {
                    chars.next();
                    if let Some(last) = hidden.last_mut() {
                        *last = true;
                    }
                }
                Some(other) => {
                    chars.next();
                    match other {
                        '\r' | '\n' if !silent => out.push('\n'),
                        '~' if !silent => out.push(' '),
                        '_' if !silent => out.push('-'),
                        '{' | '}' | '\\' if !silent => out.push(other),
                        _ => {}
                    }
                }
                None => {}
            },
            other if !silent => out.push(other),
            _ => {}
        }
    }
    Some(Draft::new(out))
}

/// The text out of quoted-printable (RFC 2045 section 6.7); `None` if there is no sign of it.
pub(super) fn quoted_printable(text: &str) -> Option<Draft> {
    let coded = ["=3D", "=3d", "=2B", "=2b", "=2D", "=2d", "=0D", "=0A", "=0d", "=0a"];
    // One `=` at the end of a line is padding; where many lines have it, they are soft breaks.
    let long = text.lines().filter(|line| line.len() > 40).count();
    let soft = text.lines().filter(|line| line.trim_end().ends_with('=')).count();
    let broken = soft >= 3 && soft * 3 >= long;
    if !coded.iter().any(|code| text.contains(code)) && !broken {
        return None;
    }
    let bytes = unquoted(text);
    let draft = super::charset::plain(&bytes);
    drop(super::Secret::new(bytes));
    Some(draft)
}

/// The bytes out of quoted-printable; what is none stays as it is.
pub(super) fn unquoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.trim_end_matches(['\r', ' ', '\t']);
        let (line, soft) = match line.strip_suffix('=') {
            Some(line) => (line, true),
            None => (line, false),
        };
        let mut bytes = line.as_bytes();
        while let Some((first, rest)) = bytes.split_first() {
            let pair = if *first == b'=' { rest.get(..2) } else { None };
            let pair = pair.and_then(|pair| str::from_utf8(pair).ok());
            let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            match byte {
                Some(byte) => {
                    out.push(byte);
                    bytes = rest.get(2..).unwrap_or_default();
                }
                None => {
                    out.push(*first);
                    bytes = rest;
                }
            }
        }
        if !soft {
            out.push(b'\n');
        }
    }
    out
}

/// The text without the marks of quotation at the beginning of its lines; `None` if there are none.
pub(super) fn quote_marks(text: &str) -> Option<Draft> {
    let marked = |line: &str| line.trim_start().starts_with(['>', '|']);
    if text.lines().filter(|line| marked(line)).count() < 2 {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = match marked(line) {
            true => line.trim_start_matches(['>', '|', ' ', '\t']),
            false => line,
        };
        out.push_str(line);
        out.push('\n');
    }
    Some(Draft::new(out))
}

/// The text with `\n` made into line breaks, as in JSON and in settings; `None` if there is none.
pub(super) fn escaped_breaks(text: &str) -> Option<Draft> {
    if !text.contains("-\\n") && !text.contains("-\\r\\n") {
        return None;
    }
    Some(Draft::new(text.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\/", "/")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn undone(draft: Option<Draft>) -> Option<String> {
        draft.map(|draft| draft.text().to_owned())
    }

    #[test]
    fn html_becomes_text() {
        let is = |text: &str, want: &str| assert_eq!(undone(html(text)).as_deref(), Some(want));
        is("a<br>b<BR/>c", "a\nb\nc");
        is("<p class=\"x\">a&nbsp;b</p>\n<p>c</p>", "a b\nc\n");
        is("AB&#43;C&#x2f;&equals;", "AB+C/=");
        is("<style>p{}</style>x<script>y</script>z", "xz");
        is("<!-- a > b -->x", "x");
        is("<?xml version='1.0'?><ds:X509>MII</ds:X509>", "MII");
        assert_eq!(undone(html("Key Attributes: <No Attributes>")), None);
        assert_eq!(undone(html("a <mail@example.com> & b")), None);
    }

    #[test]
    fn rtf_becomes_text() {
        let text = "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\*\\gen x;}\\f0\\fs20 a\\'2d\\u8211?b\\par\r\nc\\\r\nd}";
        assert_eq!(undone(rtf(text)).as_deref(), Some("a-\u{2013}b\nc\nd"));
        assert_eq!(undone(rtf("rtf")), None);
    }

    #[test]
    fn quoted_printable_becomes_text() {
        assert_eq!(undone(quoted_printable("AB=3D=\nCD\n")).as_deref(), Some("AB=CD\n\n"));
        assert_eq!(undone(quoted_printable("AB=\n-----END")), None);
        assert_eq!(undone(quoted_printable("AB==\n-----END A\nCD=\n-----END B\n")), None);
    }

    #[test]
    fn quotation_is_undone() {
        assert_eq!(undone(quote_marks("> a\n> > b\nc\n")).as_deref(), Some("a\nb\nc\n"));
        assert_eq!(undone(quote_marks("a > b\n")), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[<>&;#x/=\\\\{}'a-z0-9 \n\u{e9}\u{2014}]{0,80}") {
            for text in [text.clone(), format!("{{\\rtf{text}"), format!("<?xml{text}")] {
                let _ = (html(&text), rtf(&text), quoted_printable(&text), quote_marks(&text));
                let _ = escaped_breaks(&text);
            }
        }
    }
}
