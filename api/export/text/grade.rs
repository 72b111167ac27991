//! The grade for a person to read: the letter first, then why, then what would raise it.

use std::net::IpAddr;

use taraf_scanner::grade::simulate::Agreement;
use taraf_scanner::grade::{Language, Letter, Score};
use taraf_scanner::note::Note;
use taraf_scanner::observe::{LiveOutcome, Why};
use taraf_scanner::report::{
    Certainty, EndpointReport, Finding, Graded, Outcomes, Report, Simulation,
};
use taraf_scanner::wire::{Group, Suite, Version};

use super::Style;
use super::page::{Page, Tone};
use super::terms::{self, say};
use super::weaknesses;

/// Most remarks told where not everything is asked for.
const MOST_REMARKS: usize = 6;

/// The grade of one host and what it rests on.
#[must_use]
pub fn grade(report: &Report, style: Style, language: Language) -> String {
    let mut teller = Teller { page: Page::new(style), style, language };
    teller.host(report);
    let mut told: Vec<(IpAddr, Page)> = Vec::new();
    for endpoint in &report.endpoints {
        let mut own = Teller { page: Page::new(style), style, language };
        own.endpoint(endpoint);
        let page = own.page;
        if report.endpoints.len() > 1 {
            teller.page.blank();
            let letter = endpoint.grade().map_or("-", Letter::as_str);
            let port = endpoint.port;
            teller.page.banner(&format!("{} port {port}: {letter}", endpoint.address));
        }
        match told.iter().find(|(_, before)| *before == page) {
            Some((first, _)) => {
                let same = say(language, "Sama seperti", "The same as");
                teller.page.line(2, &format!("{same} {first}."));
            }
            None => teller.page.append(&page),
        }
        told.push((endpoint.address, page));
    }
    teller.page.finish()
}

/// The note an officer pastes, between two headings of its own; not wrapped, so that it can be
/// copied.
#[must_use]
pub fn note(note: &Note, style: Style, language: Language) -> String {
    let mut page = Page::new(style);
    let (count, most) = (note.text.chars().count(), note.length.most());
    page.banner(&match language {
        Language::Malay => {
            format!("Catatan untuk portal ({count} daripada {most} aksara)")
        }
        Language::English => format!("Note for the portal ({count} of {most} characters)"),
    });
    for line in note.text.lines() {
        page.fixed(0, line);
    }
    if !note.ready {
        page.blank();
        page.line(
            0,
            say(
                language,
                "petua: taraf ini memerlukan justifikasi, yang hanya pegawai boleh tulis",
                "hint: this grade takes a justification, which only the officer can write",
            ),
        );
    }
    page.finish()
}

/// Writes a page in one language.
struct Teller {
    page: Page,
    style: Style,
    language: Language,
}

impl Teller {
    fn say(&self, ms: &'static str, en: &'static str) -> &'static str {
        say(self.language, ms, en)
    }

    /// The letter, whose it is and by which rules.
    fn host(&mut self, report: &Report) {
        let guide = match self.language {
            Language::Malay => format!(
                "panduan penarafan SSL Labs {}, peraturan {}",
                report.criteria, report.rules_at
            ),
            Language::English => format!(
                "by the SSL Labs rating guide {}, rules of {}",
                report.criteria, report.rules_at
            ),
        };
        let certain = match (report.grade, report.certain) {
            (None, _) => self.say("Taraf tiada", "No grade"),
            (Some(_), true) => self.say("muktamad", "certain"),
            (Some(_), false) => {
                self.say("belum muktamad, lihat di bawah", "not certain, see below")
            }
        };
        let (letter, tone) = match report.grade {
            Some(letter) => (letter.as_str(), tone(letter)),
            None => ("-", Tone::Plain),
        };
        self.page.badge(letter, tone, [&report.target, &guide, certain]);
        if report.differences.is_empty() {
            return;
        }
        let title = self.say("Perbezaan antara alamat", "Differences between addresses");
        self.page.section(title);
        for difference in &report.differences {
            let at = difference.at.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let title = difference.title.r#in(self.language);
            let only = self.say("hanya pada", "only at");
            self.page.line(2, &format!("{title} ({}): {only} {at}", difference.id));
        }
    }

    fn endpoint(&mut self, endpoint: &EndpointReport) {
        match &endpoint.result {
            Outcomes::Graded(graded) => self.graded(graded),
            Outcomes::NotGraded { .. } => {
                let what = self.say(
                    "Tiada taraf: alamat ini tidak menggunakan TLS atau tidak dapat dihubungi.",
                    "No grade: this address does not speak TLS, or cannot be reached.",
                );
                self.page.blank();
                self.page.line(2, what);
            }
        }
    }

    fn graded(&mut self, graded: &Graded) {
        let language = self.language;
        self.page.blank();
        if let Certainty::Between { best, worst } = graded.certainty {
            let value = match language {
                Language::Malay => {
                    format!("{}, tetapi boleh jadi antara {best} dan {worst}", graded.grade)
                }
                Language::English => {
                    format!("{}, but it may be from {best} to {worst}", graded.grade)
                }
            };
            self.page.row(self.say("taraf", "grade"), &value);
        }
        if graded.grade_trust_ignored != graded.grade {
            let label = self.say("tanpa isu kepercayaan", "trust left aside");
            self.page.row(label, graded.grade_trust_ignored.as_str());
        }
        self.page.row(self.say("markah", "score"), &self.score(&graded.score));
        if let Some(level) = graded.forward_secrecy {
            self.page.row(
                self.say("kerahsiaan hadapan", "forward secrecy"),
                match level {
                    4 => self.say("semua pelanggan yang dikenali", "all known clients"),
                    2 => self.say("pelanggan rujukan", "the reference clients"),
                    1 => self.say("sebahagian pelanggan", "some clients"),
                    _ => self.say("tiada", "none"),
                },
            );
        }
        self.reasons(&graded.reasons);
        self.goals(graded);
        self.remarks(&graded.remarks);
        if !graded.unknown.is_empty() {
            let title =
                self.say("Belum diketahui, dan penting", "Not known, and it bears on the grade");
            self.page.section(title);
            for open in &graded.unknown {
                let (title, why) = (open.title.r#in(language), terms::why(open.why, language));
                self.page.line(2, &format!("{title} ({}): {why}", open.id));
            }
        }
        weaknesses::tell(&mut self.page, graded, self.style, language);
        self.clients(&graded.simulations);
    }

    fn score(&self, score: &Score) -> String {
        let unknown = self.say("tidak diketahui", "not known");
        let number = |n: Option<f64>| n.map_or_else(|| unknown.to_owned(), |n| format!("{n:.1}"));
        let number = |n: Option<f64>| number(n).trim_end_matches(".0").to_owned();
        let (total, protocol) = (number(score.total), number(score.protocol));
        let (exchange, cipher) = (number(score.key_exchange.map(f64::from)), number(score.cipher));
        match self.language {
            Language::Malay => format!(
                "{total} (protokol {protocol}, pertukaran kunci {exchange}, sifer {cipher}); \
                 tidak menentukan taraf"
            ),
            Language::English => format!(
                "{total} (protocol {protocol}, key exchange {exchange}, cipher {cipher}); it does \
                 not decide"
            ),
        }
    }

    fn reasons(&mut self, reasons: &[Finding]) {
        if reasons.is_empty() {
            return;
        }
        let language = self.language;
        self.page.section(self.say("Sebab taraf", "Reasons"));
        for reason in reasons {
            let severity = terms::severity(reason.severity, language);
            let finding = reason.finding.r#in(language);
            self.page.item(
                terms::mark(reason.effect, language),
                &format!("{finding} ({}, {severity})", reason.id),
            );
            let who = terms::who(reason.who, language);
            let effort = terms::effort(reason.effort, language);
            let fix = reason.fix.r#in(language);
            self.page
                .item("", &format!("{}: {fix} ({who}; {effort})", self.say("tindakan", "to do")));
            if let Some(after) = reason.grade_after {
                let alone = self.say("selepas tindakan ini sahaja", "after this alone");
                self.page.item("", &format!("{alone}: {after}"));
            }
        }
    }

    /// What leads to A and to A+.
    fn goals(&mut self, graded: &Graded) {
        let goals = [(Letter::A, &graded.to_a), (Letter::APlus, &graded.to_a_plus)];
        let mut first = true;
        for (goal, fixes) in goals.into_iter().filter(|(goal, _)| graded.grade > *goal) {
            if std::mem::take(&mut first) {
                self.page.section(self.say("Pembaikan paling sedikit", "The fewest fixes"));
            }
            let label = match self.language {
                Language::Malay => format!("untuk taraf {goal}"),
                Language::English => format!("to reach {goal}"),
            };
            let value = match fixes {
                Some(fixes) => fixes.join(", "),
                None => self
                    .say(
                        "tiada pembaikan pada pelayan yang mencukupi",
                        "no fix of the server leads there",
                    )
                    .to_owned(),
            };
            self.page.row(&label, &value);
        }
    }

    fn remarks(&mut self, remarks: &[Finding]) {
        if remarks.is_empty() {
            return;
        }
        let language = self.language;
        let title = self.say("Nota (tidak menjejaskan taraf)", "Remarks (no effect on the grade)");
        self.page.section(title);
        let most = if self.style.verbose { usize::MAX } else { MOST_REMARKS };
        for remark in remarks.iter().take(most) {
            let severity = terms::severity(remark.severity, language);
            let text = if self.style.verbose { &remark.finding } else { &remark.title };
            let text = text.r#in(language);
            self.page.line(2, &format!("{text} ({}, {severity})", remark.id));
        }
        self.more(remarks.len().saturating_sub(most));
    }

    /// What known clients make of the server: those that count, or all.
    fn clients(&mut self, simulations: &[Simulation]) {
        let verbose = self.style.verbose;
        let told: Vec<_> = simulations.iter().filter(|it| verbose || it.reference).collect();
        if told.is_empty() {
            return;
        }
        let title =
            self.say("Simulasi pelanggan yang dikenali", "What known clients make of the server");
        self.page.section(title);
        for simulation in &told {
            let outcome = self.outcome(simulation);
            self.page.fixed(2, &format!("{:<30}  {outcome}", simulation.client));
        }
        self.more(simulations.len() - told.len());
        self.live(simulations);
    }

    /// What known clients got when they were tried for real, where it is not what was worked out.
    fn live(&mut self, simulations: &[Simulation]) {
        let of = |wanted| simulations.iter().filter(move |it| it.live == Some(wanted));
        let count = |wanted| of(wanted).count();
        let (same, other) = (count(Agreement::Agrees), count(Agreement::Differs));
        let unknown = count(Agreement::Unknown);
        if same + other + unknown == 0 {
            return;
        }
        self.page.section(self.say("Pelanggan dicuba sebenar", "Known clients tried for real"));
        for simulation in of(Agreement::Differs) {
            let seen = simulation.seen.as_ref().map(|seen| self.seen(seen)).unwrap_or_default();
            let outcome = self.outcome(simulation);
            let (computed, seen) = match self.language {
                Language::Malay => (format!("dikira  {outcome}"), format!("dilihat {seen}")),
                Language::English => (format!("computed {outcome}"), format!("seen     {seen}")),
            };
            self.page.fixed(2, &format!("{:<30}{computed}", simulation.client));
            self.page.fixed(2, &format!("{:<30}{seen}", ""));
        }
        let all = same + other;
        let summary = match self.language {
            Language::Malay => {
                format!("{same} daripada {all} pelanggan yang dikenali mendapat apa yang dikira")
            }
            Language::English => {
                format!("{same} of {all} known clients get what was computed")
            }
        };
        self.page.line(2, &summary);
        if unknown > 0 {
            let text = match self.language {
                Language::Malay => format!("{unknown} lagi tidak dapat dibandingkan"),
                Language::English => format!("{unknown} more could not be compared"),
            };
            self.page.line(2, &text);
        }
        let unasked = LiveOutcome::Unknown { why: Why::NotAsked };
        if simulations.iter().any(|it| it.seen.as_ref() == Some(&unasked)) {
            let text = self.say(
                "Percubaan dihentikan: pelayan tidak lagi menjawab, atau bajet telah habis",
                "The trial was broken off: the server no longer answered, or the budget was spent",
            );
            self.page.line(2, text);
        }
    }

    /// What was worked out for a client.
    fn outcome(&self, simulation: &Simulation) -> String {
        match (simulation.version, simulation.suite, simulation.fails) {
            (Some(version), Some(suite), _) => connects(version, suite, simulation.group),
            (_, _, Some(why)) => terms::failure(why, self.language).to_owned(),
            _ => self.say("tidak diketahui", "not known").to_owned(),
        }
    }

    /// What the server did.
    fn seen(&self, seen: &LiveOutcome) -> String {
        match seen {
            LiveOutcome::Answers { version, suite, group } => connects(*version, *suite, *group),
            LiveOutcome::Refuses { alert: Some(alert) } => {
                format!("{} ({})", self.say("ditolak", "refused"), alert.description)
            }
            LiveOutcome::Refuses { alert: None } => {
                self.say("sambungan ditutup", "connection closed").to_owned()
            }
            LiveOutcome::Unknown { why } => terms::why(*why, self.language).to_owned(),
        }
    }

    /// How many more `--verbose` would tell.
    fn more(&mut self, more: usize) {
        if more > 0 {
            let text = match self.language {
                Language::Malay => format!("dan {more} lagi dengan --verbose"),
                Language::English => format!("and {more} more with --verbose"),
            };
            self.page.line(2, &text);
        }
    }
}

/// The colour of a letter.
fn tone(letter: Letter) -> Tone {
    match letter {
        Letter::APlus | Letter::A | Letter::AMinus => Tone::Green,
        Letter::B | Letter::C => Tone::Yellow,
        _ => Tone::Red,
    }
}

/// A version, a suite and a group, in columns.
fn connects(version: Version, suite: Suite, group: Option<Group>) -> String {
    let group = group.map(|group| format!("  {group}")).unwrap_or_default();
    format!("{:<9}{suite}{group}", version.to_string())
}
