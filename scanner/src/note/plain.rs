//! Plain text for old web forms: ASCII without quotes, angle brackets and ampersands, cut where it
//! is too long.

/// Most characters taken of any text that comes from elsewhere.
const MOST: usize = 2_000;

/// Characters of ASCII that forms and the programs behind them have taken for something else.
const FORBIDDEN: [char; 7] = ['"', '\'', '`', '<', '>', '&', '\\'];

/// True for what may stand in a note, line ends apart.
#[must_use]
pub fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !FORBIDDEN.contains(&c)
}

/// A text in one line, with nothing but plain characters. What has no plain counterpart becomes a
/// question mark, quotes are left out.
#[must_use]
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars().take(MOST) {
        match c {
            '<' | '{' => plain.push('('),
            '>' | '}' => plain.push(')'),
            '\\' => plain.push('/'),
            '&' => plain.push('+'),
            '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' => {}
            '\u{2010}'..='\u{2015}' => plain.push('-'),
            '\u{2026}' => plain.push_str("..."),
            c if c.is_whitespace() => plain.push(' '),
            c if is_plain(c) => plain.push(c),
            _ => plain.push('?'),
        }
    }
    plain.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A clause: plain, and without the full stop at its end.
#[must_use]
pub(super) fn clause(text: &str) -> String {
    plain(text).trim_end_matches(['.', ';', ',', ' ']).to_owned()
}

/// The text if it has at most that many characters, else its beginning and three dots; where there
/// is room, it is cut between words.
#[must_use]
pub(super) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most.saturating_sub(3)).collect();
    let at_word = head.rfind(' ').filter(|at| at * 4 > most * 3);
    let head = at_word.and_then(|at| head.get(..at)).unwrap_or(&head);
    let dots: String = "...".chars().take(most).collect();
    format!("{}{dots}", head.trim_end_matches([' ', '.', ',', ';', ':', '(']))
}

/// A name with its middle left out if it has more than that many characters: the beginning tells
/// the host, the end the agency.
#[must_use]
pub(super) fn shorten(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    let kept = most.saturating_sub(3);
    let (head, tail) = (kept / 2, kept - kept / 2);
    let start: String = name.chars().take(head).collect();
    let end: String = name.chars().skip(count - tail).collect();
    format!("{start}...{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_forms_choke_on_is_gone() {
        assert_eq!(plain("a <b> \"c\" & 'd'\r\n\te\u{2014}f\\g"), "a (b) c + d e-f/g");
        assert_eq!(plain("caf\u{e9} \u{202e}\u{1b}[2J"), "caf? ??[2J");
        assert_eq!(clause(" Disable it.  "), "Disable it");
        assert!(plain(&"x".repeat(9_999)).len() == MOST);
    }

    #[test]
    fn long_texts_are_cut_between_words() {
        assert_eq!(clip("one two three four", 18), "one two three four");
        assert_eq!(clip("one two three four", 17), "one two three...");
        assert_eq!(clip("onetwothreefour", 9), "onetwo...");
        for most in 0..20 {
            assert!(clip("one two, three. four", most).len() <= most, "{most}");
        }
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shorten("perkhidmatan.agensi.gov.my", 26), "perkhidmatan.agensi.gov.my");
        assert_eq!(shorten("perkhidmatan.agensi.gov.my", 20), "perkhidm...si.gov.my");
    }
}
