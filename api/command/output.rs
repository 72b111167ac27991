//! Standard output: reports in the format asked for, in the order of the hosts.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use taraf_scanner::note::{self, Note, NoteOptions};
use taraf_scanner::observe::Observation;
use taraf_scanner::report::Report;

use super::Failure;
use crate::cli::{Colour, Format, Judging};
use crate::export::printable::safe_json;
use crate::export::ssllabs;
use crate::export::text::{self, Style};

/// Width of lines where nobody says how wide the terminal is.
const WIDTH: usize = 80;

/// How reports are to look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The form.
    pub format: Format,
    /// When to use colour.
    pub colour: Colour,
    /// Leave nothing out.
    pub verbose: bool,
    /// How to grade.
    pub judging: Judging,
}

impl Look {
    /// Refuses what no form has a place for.
    pub fn check(&self) -> Result<(), Failure> {
        if self.format == Format::Ssllabs && self.judging.note.is_some() {
            return Err(Failure::usage(
                "the document of SSL Labs has no place for a note",
                "use `--format text` or `--format json` with `--note`",
            ));
        }
        Ok(())
    }
}

/// The document of one host: the fields of the observation, and beside them what was made of it.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    observation: &'a Observation,
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
}

/// Writes reports as hosts are done, each in its turn.
pub struct Output<W> {
    to: W,
    look: Look,
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
    pub fn new(to: W, look: Look, hosts: usize) -> Self {
        let style = Style { colour: colour(look.colour), width: width(), verbose: look.verbose };
        let (waiting, many) = (BTreeMap::new(), hosts > 1);
        Self { to, look, style, many, waiting, next: 0, written: 0 }
    }

    /// Takes the report of the host at this place in the list, and writes what is due.
    pub fn add(
        &mut self,
        place: usize,
        observation: &Observation,
        report: &Report,
    ) -> io::Result<()> {
        let report = self.render(observation, report)?;
        if self.look.format == Format::Jsonl {
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
        let end = match self.look.format {
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
            let between = match (self.written, self.look.format) {
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

    fn render(&self, observation: &Observation, report: &Report) -> io::Result<String> {
        let judging = self.look.judging;
        let options =
            NoteOptions { a_minus: judging.note_a_minus.into(), ..NoteOptions::default() };
        let note = judging.note.map(|language| {
            note::note(report, language.into(), judging.note_length.into(), &options)
        });
        if self.look.format == Format::Text {
            let language = judging.lang.into();
            let grade = text::grade::grade(report, self.style, language);
            let mut told = text::report(observation, self.style) + "\n" + &grade;
            if let Some(note) = note {
                told.push('\n');
                told.push_str(&text::grade::note(&note, self.style, language));
            }
            return Ok(told);
        }
        let document = Document { observation, report, note };
        Ok(match self.look.format {
            Format::Ssllabs => {
                let host = ssllabs::host(observation, report);
                safe_json(serde_json::to_string_pretty(&host)?)
            }
            Format::Jsonl => safe_json(serde_json::to_string(&document)?) + "\n",
            Format::Json | Format::Text => safe_json(serde_json::to_string_pretty(&document)?),
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
#[must_use]
pub fn colour(when: Colour) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => io::stdout().is_terminal() && !set("NO_COLOR") && !dumb,
    }
}
