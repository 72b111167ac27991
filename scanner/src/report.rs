//! The report of a scan: what the grade is, why, and what would raise it, for people and programs.
//! Derived from an observation at any time, and never kept as a fact.

use std::net::IpAddr;

use serde::Serialize;

use crate::grade::facts::known;
use crate::grade::rule::{Effort, Who};
use crate::grade::simulate::{self, Agreement, Handshake, Outcome};
use crate::grade::weakness::{self, PostQuantum, Said};
use crate::grade::{
    self, CRITERIA, Day, Effect, Evidence, Facts, Grade, Letter, Rule, Score, whatif,
};
use crate::grade::{Language, Severity, Text, Verdict};
use crate::observe::{
    Completeness, Contact, Endpoint, LiveOutcome, LiveSimulation, Observation, Seen, Why,
};
use crate::wire::{Group, Suite, Version};

/// The report of one host.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was scanned, `host:port`.
    pub target: String,
    /// When, milliseconds since 1970, UTC.
    pub at_ms: u64,
    /// The program that saw it.
    pub tool: String,
    /// The edition of the rating guide.
    pub criteria: &'static str,
    /// The day whose rules were applied.
    pub rules_at: Day,
    /// The grade of the host: that of its worst address; `None` if none could be graded.
    pub grade: Option<Letter>,
    /// True if every address was graded and nothing unknown could change its letter.
    pub certain: bool,
    /// Each address, worst first.
    pub endpoints: Vec<EndpointReport>,
    /// What differs between the addresses, by rule.
    pub differences: Vec<Difference>,
}

/// The report of one address.
#[derive(Clone, Debug, Serialize)]
pub struct EndpointReport {
    /// The address.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The grade, or why there is none.
    #[serde(flatten)]
    pub result: Outcomes,
}

/// A grade with its reasons, or none.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Outcomes {
    /// It was graded.
    Graded(Box<Graded>),
    /// It does not speak TLS, or could not be asked.
    NotGraded {
        /// What answered instead.
        contact: Contact,
    },
}

/// A grade and its reasons.
#[derive(Clone, Debug, Serialize)]
pub struct Graded {
    /// The grade.
    pub grade: Letter,
    /// The grade if trust and name were in order.
    pub grade_trust_ignored: Letter,
    /// A warning holds.
    pub has_warnings: bool,
    /// All conditions of A+ are met.
    pub is_exceptional: bool,
    /// The numbers, which do not decide.
    pub score: Score,
    /// The versions spoken, old ones first.
    pub versions: Vec<Version>,
    /// What is shown for the host's name.
    pub shown: Shown,
    /// What the unknown leaves open.
    pub certainty: Certainty,
    /// The rules that hold and bear on the grade, those that decide first.
    pub reasons: Vec<Finding>,
    /// What else was found; it costs no grade.
    pub remarks: Vec<Finding>,
    /// Rules that bear on the grade and cannot be told.
    pub unknown: Vec<Open>,
    /// The ids of the fixes that bring it to A; empty if it is there, absent if no fix does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_a: Option<Vec<&'static str>>,
    /// The same for A+.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_a_plus: Option<Vec<&'static str>>,
    /// How far forward secrecy reaches: 4, 2, 1 or 0; absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward_secrecy: Option<u8>,
    /// A client negotiates RC4 over TLS 1.1 or newer; absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rc4_with_modern: Option<bool>,
    /// Every known weakness: those that are there first, those that are not last.
    pub weaknesses: Vec<Weakness>,
    /// Key exchange that withstands quantum computers; absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_quantum: Option<PostQuantum>,
    /// What known clients make of the server.
    pub simulations: Vec<Simulation>,
}

/// What is known of a known weakness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Weakness {
    /// Its name for programs, a promise.
    pub id: &'static str,
    /// Its name.
    pub name: Both,
    /// The number it is best known by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cve: Option<&'static str>,
    /// Whether it is there.
    pub verdict: Standing,
    /// What shows that, or why it cannot be told.
    pub because: Both,
    /// Why it could not be tested, as facts have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

/// Whether a weakness is there; what matters most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It was shown.
    Vulnerable,
    /// Its conditions are met; the rest cannot be decided from outside.
    Potential,
    /// It could not be tested.
    NotTestable,
    /// It is not there.
    NotVulnerable,
}

/// What the server shows for the host's name, in short; each is absent if it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The chain needs nothing that is not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// The certificate is for the host's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_matches: Option<bool>,
    /// A deciding store trusts it, name apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<bool>,
    /// The serial number of the certificate, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The end of its validity, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<i64>,
}

/// How sure the grade is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Certainty {
    /// Nothing unknown could change it.
    Certain,
    /// It depends on what is unknown.
    Between {
        /// The best it could be.
        best: Letter,
        /// The worst.
        worst: Letter,
    },
}

/// A rule that holds.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The rule.
    pub id: &'static str,
    /// What follows from it.
    pub effect: Effect,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub title: Both,
    /// What was found.
    pub finding: Both,
    /// What to do.
    pub fix: Both,
    /// What was seen.
    pub evidence: Evidence,
    /// Who has to act.
    pub who: Who,
    /// How much work it is.
    pub effort: Effort,
    /// The grade after this fix alone; absent where the operator cannot mend it, and for remarks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade_after: Option<Letter>,
}

/// A rule that cannot be told.
#[derive(Clone, Debug, Serialize)]
pub struct Open {
    /// The rule.
    pub id: &'static str,
    /// What it is about.
    pub title: Both,
    /// Why it is not known.
    pub why: Why,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Both {
    /// Malay.
    pub ms: String,
    /// English.
    pub en: String,
}

impl Both {
    /// A text of the tables with its places filled.
    fn fill(text: Text, evidence: &Evidence) -> Self {
        Self { ms: evidence.fill(text.ms), en: evidence.fill(text.en) }
    }

    /// The text in one language.
    #[must_use]
    pub fn r#in(&self, language: Language) -> &str {
        match language {
            Language::Malay => &self.ms,
            Language::English => &self.en,
        }
    }
}

impl From<Said> for Both {
    fn from(said: Said) -> Self {
        Self { ms: said.ms, en: said.en }
    }
}

/// What a known client makes of the server.
#[derive(Clone, Debug, Serialize)]
pub struct Simulation {
    /// Its number in taraf's list of clients.
    pub id: u16,
    /// The client.
    pub client: &'static str,
    /// Its experience counts for forward secrecy.
    pub reference: bool,
    /// The version, if it connects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The suite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite: Option<Suite>,
    /// The group, if there is one and it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// Why it does not connect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<grade::simulate::Failure>,
    /// Whether the server did the same when it was asked for real, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Agreement>,
    /// What the server did then; it stands among the facts.
    #[serde(skip)]
    pub seen: Option<LiveOutcome>,
}

/// What differs between addresses.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The rule.
    pub id: &'static str,
    /// What it is about.
    pub title: Both,
    /// Addresses where it holds.
    pub at: Vec<IpAddr>,
}

impl Report {
    /// The report of an observation by the rules of a day.
    #[must_use]
    pub fn of(observation: &Observation, day: Day) -> Self {
        let facts = observation.endpoints.iter().map(|it| Facts::of(observation, it));
        Self::from_facts(observation, facts, day)
    }

    /// The same, with facts of the endpoints that were come by in another way; in their order.
    /// `None` for an endpoint that does not speak TLS.
    #[must_use]
    pub fn from_facts(
        observation: &Observation,
        facts: impl IntoIterator<Item = Option<Facts>>,
        day: Day,
    ) -> Self {
        let endpoints = observation.endpoints.iter().zip(facts);
        let mut endpoints: Vec<EndpointReport> =
            endpoints.map(|(it, facts)| EndpointReport::of(it, facts.as_ref(), day)).collect();
        endpoints.sort_by_key(|endpoint| std::cmp::Reverse(endpoint.grade()));
        let grade = endpoints.iter().filter_map(EndpointReport::grade).max();
        let all = endpoints.iter().all(EndpointReport::is_certain);
        let differences = differences(&endpoints);
        Self {
            target: observation.target.to_string(),
            at_ms: observation.started_ms,
            tool: observation.tool.clone(),
            criteria: CRITERIA,
            rules_at: day,
            grade,
            certain: grade.is_some() && all,
            endpoints,
            differences,
        }
    }
}

impl EndpointReport {
    /// The report of one endpoint, with its facts if it speaks TLS.
    #[must_use]
    pub fn of(endpoint: &Endpoint, facts: Option<&Facts>, day: Day) -> Self {
        let result = match facts {
            Some(facts) => Outcomes::Graded(Box::new(Graded::of(facts, day))),
            None => Outcomes::NotGraded { contact: endpoint.contact.clone() },
        };
        Self { address: endpoint.address, port: endpoint.port, result }
    }

    /// The grade and its reasons, if there are any.
    #[must_use]
    pub fn graded(&self) -> Option<&Graded> {
        match &self.result {
            Outcomes::Graded(graded) => Some(graded),
            Outcomes::NotGraded { .. } => None,
        }
    }

    /// The grade, if there is one.
    #[must_use]
    pub fn grade(&self) -> Option<Letter> {
        self.graded().map(|graded| graded.grade)
    }

    fn is_certain(&self) -> bool {
        self.graded().is_some_and(|graded| graded.certainty == Certainty::Certain)
    }
}

impl Graded {
    /// Grades facts and says why.
    #[must_use]
    pub fn of(facts: &Facts, day: Day) -> Self {
        let grade = grade::grade(facts, day);
        let after = whatif::each(facts, &grade, day);
        let find = |rule: &Rule| after.iter().find(|it| it.rule.id == rule.id).map(|it| it.letter);
        let (remarks, reasons): (Vec<_>, Vec<_>) =
            grade.held().into_iter().partition(|(rule, _)| rule.effect == Effect::Remark);
        let to = |goal| whatif::smallest(facts, &grade, day, goal);
        let ids = |rules: Vec<&'static Rule>| rules.into_iter().map(|rule| rule.id).collect();
        Self {
            grade: grade.letter,
            grade_trust_ignored: grade.trust_ignored,
            has_warnings: grade.warnings,
            is_exceptional: grade.exceptional,
            score: grade.score,
            versions: facts.versions(),
            shown: Shown::of(facts),
            certainty: Certainty::of(&grade),
            reasons: reasons
                .iter()
                .map(|(rule, found)| Finding::of(rule, found, find(rule)))
                .collect(),
            remarks: remarks.iter().map(|(rule, found)| Finding::of(rule, found, None)).collect(),
            unknown: open(&grade),
            to_a: to(Letter::A).map(ids),
            to_a_plus: to(Letter::APlus).map(ids),
            forward_secrecy: match facts.clients.forward_secrecy {
                Seen::Yes { value } => Some(value),
                Seen::No => Some(0),
                Seen::Unknown { .. } => None,
            },
            rc4_with_modern: known(&facts.clients.rc4_with_modern),
            weaknesses: weaknesses(facts),
            post_quantum: weakness::post_quantum(facts),
            simulations: facts
                .clients
                .handshakes
                .iter()
                .map(|it| Simulation::of(it, &facts.endpoint.simulations))
                .collect(),
        }
    }

    /// What is known of the weakness of that id.
    #[must_use]
    pub fn weakness(&self, id: &str) -> Option<&Weakness> {
        self.weaknesses.iter().find(|it| it.id == id)
    }
}

impl Shown {
    fn of(facts: &Facts) -> Self {
        let leaf = facts.served().find_map(|served| served.leaf);
        // One chain of several that is short is short.
        let all = |holds: fn(&crate::observe::ChainFacts) -> Option<bool>| {
            let mut each = facts.served().map(|it| it.facts.and_then(holds)).peekable();
            each.peek()?;
            each.try_fold(true, |so_far, one| Some(so_far & one?))
        };
        Self {
            complete: all(|chain| match chain.completeness {
                Completeness::Complete | Completeness::OwnRoot => Some(true),
                Completeness::Incomplete { .. } => Some(false),
                Completeness::NoPath { .. } | Completeness::Unreadable => None,
            }),
            name_matches: all(|chain| Some(chain.name.by.is_some())),
            trusted: facts.trusted(),
            serial: leaf.map(|leaf| leaf.serial.clone()),
            valid_until: leaf.map(|leaf| leaf.not_after),
        }
    }
}

impl Certainty {
    fn of(grade: &Grade) -> Self {
        let (best, worst) = grade.between;
        if best == worst { Self::Certain } else { Self::Between { best, worst } }
    }
}

impl Finding {
    fn of(rule: &'static Rule, evidence: &Evidence, grade_after: Option<Letter>) -> Self {
        Self {
            id: rule.id,
            effect: rule.effect,
            severity: rule.severity,
            title: Both::fill(rule.title, evidence),
            finding: Both::fill(rule.finding, evidence),
            fix: Both::fill(rule.fix, evidence),
            evidence: evidence.clone(),
            who: rule.who,
            effort: rule.effort,
            grade_after,
        }
    }
}

impl Weakness {
    fn of(entry: &'static weakness::Weakness, facts: &Facts) -> Self {
        use weakness::Finding::{NotTestable, NotVulnerable, Potential, Vulnerable};
        let (verdict, because, why) = match (entry.check)(facts) {
            Vulnerable(said) => (Standing::Vulnerable, said, None),
            Potential(said) => (Standing::Potential, said, None),
            NotTestable { why, because } => (Standing::NotTestable, because, why),
            NotVulnerable(said) => (Standing::NotVulnerable, said, None),
        };
        Self {
            id: entry.id,
            name: Both { ms: entry.name.ms.to_owned(), en: entry.name.en.to_owned() },
            cve: entry.cve,
            verdict,
            because: because.into(),
            why,
        }
    }
}

impl Simulation {
    fn of(handshake: &Handshake, live: &[LiveSimulation]) -> Self {
        let seen = live.iter().find(|it| it.client == handshake.id).map(|it| &it.outcome);
        let mut told = Self {
            id: handshake.id,
            client: handshake.client,
            reference: handshake.reference,
            version: None,
            suite: None,
            group: None,
            fails: None,
            live: seen.map(|seen| simulate::compare(handshake, seen)),
            seen: seen.cloned(),
        };
        match &handshake.outcome {
            Outcome::Connects { version, suite, group } => {
                told.version = Some(*version);
                told.suite = Some(*suite);
                told.group = *group;
            }
            Outcome::Fails { why } => told.fails = Some(*why),
            Outcome::Unknown { .. } => {}
        }
        told
    }
}

/// The rules that bear on the grade and cannot be told.
fn open(grade: &Grade) -> Vec<Open> {
    let bears = grade.verdicts.iter().filter(|(rule, _)| rule.effect != Effect::Remark);
    bears
        .filter_map(|(rule, verdict)| match verdict {
            Verdict::Unknown(why) => {
                let title = Both::fill(rule.title, &Evidence::default());
                Some(Open { id: rule.id, title, why: *why })
            }
            _ => None,
        })
        .collect()
}

/// What is known of every known weakness.
fn weaknesses(facts: &Facts) -> Vec<Weakness> {
    let mut all: Vec<Weakness> = weakness::all().map(|it| Weakness::of(it, facts)).collect();
    all.sort_by_key(|it| it.verdict);
    all
}

/// Rules that hold at some of the graded addresses and not at others.
fn differences(endpoints: &[EndpointReport]) -> Vec<Difference> {
    let graded: Vec<_> =
        endpoints.iter().filter_map(|it| it.graded().map(|graded| (it.address, graded))).collect();
    let mut differences: Vec<Difference> = Vec::new();
    for (_, one) in &graded {
        for finding in &one.reasons {
            if differences.iter().any(|known| known.id == finding.id) {
                continue;
            }
            let holds = |it: &Graded| it.reasons.iter().any(|other| other.id == finding.id);
            let at: Vec<IpAddr> =
                graded.iter().filter(|(_, it)| holds(it)).map(|(address, _)| *address).collect();
            if at.len() < graded.len() {
                differences.push(Difference { id: finding.id, title: finding.title.clone(), at });
            }
        }
    }
    differences
}
