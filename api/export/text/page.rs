//! A page of text: headings, aligned rows, wrapped lists. Knows nothing of TLS.
//!
//! Whatever is put on a page is made safe to print here, so that nobody can forget it; only the
//! page itself writes colour and line ends.

use super::Style;
use crate::export::printable::escape;

/// Where the values of rows begin.
const VALUES: usize = 30;
/// Where the values within an item of a list begin.
const INNER_VALUES: usize = 16;
/// Where the texts of a numbered list begin.
const ITEMS: usize = 8;
/// Where the texts behind a mark in colour begin.
const MARKED: usize = 22;
/// The least room for a value, however narrow the terminal.
const LEAST: usize = 24;

/// The colour of a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Green,
    /// Something is to be mended.
    Yellow,
    /// Something is to be mended at once.
    Red,
    /// Nothing is to be said.
    Plain,
}

/// A page as it grows.
#[derive(PartialEq, Eq)]
pub struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// An empty page.
    pub fn new(style: Style) -> Self {
        Self { text: String::new(), style }
    }

    /// The page as text.
    pub fn finish(self) -> String {
        self.text
    }

    /// True if nothing stands on it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Everything from another page.
    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    /// A line of its own, in bold where there is colour.
    pub fn title(&mut self, text: &str) {
        let (on, off) = if self.style.colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        self.push(&format!("{on}{}{off}", escape(text.chars())));
    }

    /// A title with a line drawn under it.
    pub fn banner(&mut self, text: &str) {
        self.title(text);
        self.push(&"-".repeat(text.chars().count().min(self.style.width)));
    }

    /// A few letters in a frame, to be seen from afar, with up to three lines beside it.
    pub fn badge(&mut self, letters: &str, tone: Tone, beside: [&str; 3]) {
        let (on, off) = self.paint(tone);
        let letters = escape(letters.chars());
        let edge = "-".repeat(letters.chars().count() + 4);
        let rows = [format!("+{edge}+"), format!("|  {letters}  |"), format!("+{edge}+")];
        for (row, beside) in rows.iter().zip(beside) {
            self.push(&format!("  {on}{row}{off}  {}", escape(beside.chars())));
        }
    }

    /// What turns a tone on and off.
    fn paint(&self, tone: Tone) -> (&'static str, &'static str) {
        match (self.style.colour, tone) {
            (false, _) | (_, Tone::Plain) => ("", ""),
            (_, Tone::Green) => ("\x1b[1;32m", "\x1b[0m"),
            (_, Tone::Yellow) => ("\x1b[1;33m", "\x1b[0m"),
            (_, Tone::Red) => ("\x1b[1;31m", "\x1b[0m"),
        }
    }

    /// A section: an empty line and its title.
    pub fn section(&mut self, title: &str) {
        self.blank();
        self.title(title);
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A label and its value.
    pub fn row(&mut self, label: &str, value: &str) {
        self.columns(2, label, VALUES, value);
    }

    /// A label and its value within an item of a list.
    pub fn inner_row(&mut self, label: &str, value: &str) {
        self.columns(5, label, INNER_VALUES, value);
    }

    /// An item of a numbered list.
    pub fn item(&mut self, number: &str, text: &str) {
        self.columns(2, number, ITEMS, text);
    }

    /// A label in colour and its value.
    pub fn marked(&mut self, label: &str, tone: Tone, value: &str) {
        let (on, off) = self.paint(tone);
        let label = escape(label.chars());
        let gap = MARKED.saturating_sub(label.chars().count() + 2).max(2);
        let start = format!("  {label}{}", " ".repeat(gap));
        let before = self.text.len();
        self.wrapped(start, MARKED, value);
        // Colour takes no room, so it comes in once the lines are made.
        if !on.is_empty() {
            let rest = self.text.split_off(before);
            self.text.push_str(&rest.replacen(&label, &format!("{on}{label}{off}"), 1));
        }
    }

    /// A text that goes on, where it is long, with a deeper margin.
    pub fn line(&mut self, indent: usize, text: &str) {
        self.wrapped(" ".repeat(indent), indent + 2, text);
    }

    /// A line that is never wrapped, for tables and for what people copy.
    pub fn fixed(&mut self, indent: usize, text: &str) {
        self.push(&format!("{:indent$}{}", "", escape(text.chars())));
    }

    fn columns(&mut self, indent: usize, label: &str, column: usize, value: &str) {
        let mut start = format!("{:indent$}{}", "", escape(label.chars()));
        // A long label keeps two spaces before its value.
        let gap = column.saturating_sub(start.chars().count()).max(2);
        start.push_str(&" ".repeat(gap));
        self.wrapped(start, column, value);
    }

    /// Words in lines of the page's width; a word that is longer stands alone and is not broken,
    /// so that it can be copied.
    fn wrapped(&mut self, start: String, hang: usize, text: &str) {
        let most = self.style.width.max(hang + LEAST);
        let mut line = start;
        let mut used = line.chars().count();
        let mut first = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let word = escape(word.chars());
            let length = word.chars().count();
            if !first && used + 1 + length > most {
                self.push(&line);
                line = " ".repeat(hang);
                used = hang;
                first = true;
            }
            if !first {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word);
            used += length;
            first = false;
        }
        self.push(&line);
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize) -> Page {
        Page::new(Style { colour: false, width, verbose: false })
    }

    #[test]
    fn rows_are_aligned_and_wrapped() {
        let mut page = page(54);
        page.row("groups", "one, two, three, four, five, six");
        page.row("a label that is much too long for it", "value");
        page.item("   7", "text");
        page.line(2, "words and words and words and words and words and words");
        let want = "  groups                      one, two, three, four,\n\
            \x20                             five, six\n\
            \x20 a label that is much too long for it  value\n\
            \x20    7  text\n\
            \x20 words and words and words and words and words and\n\
            \x20   words\n";
        assert_eq!(page.finish(), want);
    }

    #[test]
    fn nothing_on_a_page_moves_the_cursor() {
        let mut page = page(80);
        let evil = "a\u{1b}[2J\u{202e}b\r\nc";
        page.title(evil);
        page.banner(evil);
        page.section(evil);
        page.row(evil, evil);
        page.inner_row(evil, evil);
        page.line(2, evil);
        page.fixed(2, evil);
        page.badge(evil, Tone::Red, [evil; 3]);
        page.marked(evil, Tone::Red, evil);
        let text = page.finish();
        assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text:?}");
        assert_eq!(text.lines().count(), 13);
    }

    #[test]
    fn a_narrow_terminal_is_no_trouble() {
        let mut page = page(0);
        page.row("sha256", &"a".repeat(64));
        page.banner("x");
        assert!(page.finish().contains(&"a".repeat(64)));
    }
}
