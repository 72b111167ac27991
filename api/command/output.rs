//! Standard output: reports in the format asked for, in the order of the hosts.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use taraf_scanner::observe::Observation;

use crate::cli::{Colour, Format, Scan};
use crate::export::printable::safe_json;
use crate::export::ssllabs;
use crate::export::text::{self, Style};

/// Width of lines where nobody says how wide the terminal is.
const WIDTH: usize = 80;

/// Writes reports as hosts are done, each in its turn.
pub struct Output<W> {
    to: W,
    format: Format,
    style: Style,
    /// There is more than one host, so JSON has to be an array.
    many: bool,
    /// Reports that are ready before their turn; `None` where there will be none.
    waiting: BTreeMap<usize, Option<String>>,
    next: usize,
    written: usize,
}

impl<W: Write> Output<W> {
    /// For this many hosts.
    pub fn new(to: W, args: &Scan, hosts: usize) -> Self {
        let style = Style { colour: colour(args.color), width: width(), verbose: args.verbose };
        let (waiting, many) = (BTreeMap::new(), hosts > 1);
        Self { to, format: args.format, style, many, waiting, next: 0, written: 0 }
    }

    /// Takes the report of the host at this place in the list, and writes what is due.
    pub fn add(&mut self, place: usize, observation: &Observation) -> io::Result<()> {
        let report = self.render(observation)?;
        if self.format == Format::Jsonl {
            self.to.write_all(report.as_bytes())?;
            return self.to.flush();
        }
        self.waiting.insert(place, Some(report));
        self.write_due()
    }

    /// There will be no report of the host at this place.
    pub fn skip(&mut self, place: usize) -> io::Result<()> {
        self.waiting.insert(place, None);
        self.write_due()
    }

    /// Writes what belongs at the end.
    pub fn finish(mut self) -> io::Result<()> {
        let end = match self.format {
            Format::Json | Format::Ssllabs if self.many && self.written == 0 => "[]\n",
            Format::Json | Format::Ssllabs if self.many => "\n]\n",
            Format::Json | Format::Ssllabs => "\n",
            Format::Text | Format::Jsonl => "",
        };
        self.to.write_all(end.as_bytes())?;
        self.to.flush()
    }

    fn write_due(&mut self) -> io::Result<()> {
        while let Some(report) = self.waiting.remove(&self.next) {
            self.next += 1;
            let Some(report) = report else { continue };
            let between = match (self.written, self.format) {
                (0, Format::Text) => "",
                (_, Format::Text) => "\n\n",
                (0, _) if self.many => "[\n",
                (_, _) if self.many => ",\n",
                _ => "",
            };
            self.to.write_all(between.as_bytes())?;
            self.to.write_all(report.as_bytes())?;
            self.to.flush()?;
            self.written += 1;
        }
        Ok(())
    }

    fn render(&self, observation: &Observation) -> io::Result<String> {
        Ok(match self.format {
            Format::Text => text::report(observation, self.style),
            Format::Json => safe_json(serde_json::to_string_pretty(observation)?),
            Format::Jsonl => safe_json(serde_json::to_string(observation)?) + "\n",
            Format::Ssllabs => {
                safe_json(serde_json::to_string_pretty(&ssllabs::host(observation))?)
            }
        })
    }
}

/// Width of the terminal, if somebody says; else one that fits everywhere.
#[must_use]
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.filter(|width| (40..=1000).contains(width)).unwrap_or(WIDTH)
}

/// Whether to use colour: see <https://no-color.org>.
fn colour(when: Colour) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => io::stdout().is_terminal() && !set("NO_COLOR") && !dumb,
    }
}
