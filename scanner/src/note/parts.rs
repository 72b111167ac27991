//! The parts of a note, ready to be put together with more or less left out.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::IpAddr;

use super::clock::{Moment, date};
use super::plain::{clause, clip, plain, shorten};
use super::{AMinus, Addresses, Cut, Length, NoteOptions, needs_justification, reference, words};
use crate::grade::{Day, Effect, Evidence, Language, Letter, Severity, Text, rules};
use crate::report::{Certainty, EndpointReport, Finding, Graded, Outcomes, Report};

/// Most addresses named for one grade.
const MOST_ADDRESSES: usize = 3;
/// Most titles of what is not determined.
const MOST_TITLES: usize = 3;

/// Everything a note may say.
pub(super) struct Parts<'a> {
    report: &'a Report,
    language: Language,
    length: Length,
    options: &'a NoteOptions,
    host: String,
    faults: Vec<Fault<'a>>,
    actions: Vec<String>,
    urgent: bool,
    expected: Option<Letter>,
    justification: Option<String>,
}

/// A fault of the host, and the addresses that have it.
struct Fault<'a> {
    finding: &'a Finding,
    /// What was found.
    found: String,
    /// What it is about: the same in few words.
    title: String,
    at: Vec<IpAddr>,
}

impl<'a> Fault<'a> {
    fn of(finding: &'a Finding, address: IpAddr, language: Language) -> Self {
        let found = clause(finding.finding.r#in(language));
        let title = clause(finding.title.r#in(language));
        // Nothing a rule says is empty, but a note must not be, whatever comes.
        let (found, title) = match (found.is_empty(), title.is_empty()) {
            (true, true) => (finding.id.to_owned(), finding.id.to_owned()),
            (true, false) => (title.clone(), title),
            (false, false) if title.len() < found.len() => (found, title),
            _ => (found.clone(), found),
        };
        Self { finding, found, title, at: vec![address] }
    }
}

impl<'a> Parts<'a> {
    /// Those of a report.
    pub fn of(
        report: &'a Report,
        language: Language,
        length: Length,
        options: &'a NoteOptions,
    ) -> Self {
        let faults = faults(report, language);
        let decisive = decisive(report, &faults);
        let mut actions: Vec<String> = Vec::new();
        for finding in &decisive {
            let action = clause(finding.fix.r#in(language));
            if !action.is_empty() && !actions.contains(&action) {
                actions.push(action);
            }
        }
        let justification = options.justification.as_deref().map(clause);
        Self {
            host: host(&report.target, language),
            urgent: decisive.iter().any(|it| it.severity == Severity::Critical),
            expected: expected(report, &decisive),
            justification: justification.filter(|text| !text.is_empty()),
            report,
            language,
            length,
            options,
            faults,
            actions,
        }
    }

    /// How many faults there are to tell.
    pub fn faults(&self) -> usize {
        self.faults.len()
    }

    /// Whether the officer gave a justification.
    pub fn has_justification(&self) -> bool {
        self.justification.is_some()
    }

    /// The note.
    pub fn text(&self, cut: &Cut) -> String {
        // In the long form, what stands in one of these stands in one line.
        let mut lines: Vec<Vec<String>> = Vec::new();
        let host = shorten(&self.host, cut.host);
        let head = match self.length {
            Length::Short => vec![self.head(), host],
            Length::Long => vec![self.head(), self.fill(words::DOMAIN, &[("host", &host)])],
        };
        lines.push(head);
        let mut check = vec![self.check()];
        if !cut.tools {
            check.push(self.tools());
        }
        lines.push(check);
        if self.report.grade.is_some() {
            lines.push(self.seen(cut));
            lines.push(self.told_faults(cut));
            if !cut.remarks {
                lines.push(self.remarks());
            }
        } else {
            lines.push(vec![self.told_obstacle(cut)]);
        }
        lines.push(self.told_justification(cut));
        lines.push(vec![self.told_action(cut)]);
        let mut end = Vec::new();
        let acts = self.report.grade.is_none() || !self.actions.is_empty();
        if let Some(day) = self.options.target_date.filter(|_| acts) {
            end.push(self.fill(words::TARGET_DATE, &[("date", &date(day))]));
        }
        if let Some(letter) = self.expected.filter(|_| !cut.expected) {
            end.push(self.fill(words::EXPECTED, &[("grade", &letter)]));
        }
        if !cut.reference {
            end.push(self.fill(words::REFERENCE, &[("code", &reference(self.report))]));
        }
        lines.push(end);
        let between = match self.length {
            Length::Short => " ",
            Length::Long => "\n",
        };
        let sentence = |text: String| if text.ends_with('.') { text } else { text + "." };
        let line = |line: Vec<String>| {
            let all = line.into_iter().filter(|text| !text.is_empty()).map(sentence);
            all.collect::<Vec<_>>().join(" ")
        };
        let lines = lines.into_iter().map(line).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(between)
    }

    /// The grade, exactly, and whether it may be another.
    fn head(&self) -> String {
        let Some(grade) = self.report.grade else { return self.say(words::NO_GRADE).to_owned() };
        let text = match self.length {
            Length::Short => words::GRADE,
            Length::Long => words::OVERALL,
        };
        let mut head = self.fill(text, &[("grade", &grade)]);
        if !self.report.certain {
            let (best, worst) = between(self.report, grade);
            if best == worst {
                head.push_str(self.say(words::NOT_FINAL));
            } else {
                head.push_str(&self.fill(words::BETWEEN, &[("best", &best), ("worst", &worst)]));
            }
        }
        head
    }

    /// When it was checked, and by which rules if they were other ones then.
    fn check(&self) -> String {
        let moment = Moment::of(self.report.at_ms);
        let text = match self.length {
            Length::Short => words::CHECKED,
            Length::Long => words::CHECKED_LONG,
        };
        let mut check =
            self.fill(text, &[("date", &date(moment.day)), ("time", &moment.time(self.language))]);
        if others_held(self.report.rules_at, moment.day) {
            check.push_str(&self.fill(words::RULES, &[("date", &date(self.report.rules_at))]));
        }
        check
    }

    /// What was really used.
    fn tools(&self) -> String {
        let own = concat!("taraf ", env!("CARGO_PKG_VERSION"));
        let mut tool = plain(&self.report.tool);
        if !tool.starts_with("taraf ") {
            tool = self.fill(words::REGRADED, &[("tool", &tool), ("own", &own)]);
        }
        let criteria = self.report.criteria;
        let mut tools = self.fill(words::TOOL, &[("tool", &tool), ("criteria", &criteria)]);
        for other in &self.options.others {
            let (tool, result) = (plain(&other.tool), plain(&other.result));
            if !tool.is_empty() && !result.is_empty() {
                tools.push_str(&format!("; {tool} ({result})"));
            }
        }
        tools
    }

    /// The chain, the addresses, and what else was seen.
    fn seen(&self, cut: &Cut) -> Vec<String> {
        let mut seen = vec![self.addresses(cut)];
        if cut.chain {
            return seen;
        }
        seen.extend(self.chain(cut));
        if cut.remarks {
            return seen;
        }
        let graded = || self.report.endpoints.iter().filter_map(EndpointReport::graded);
        let versions: BTreeSet<_> = graded().flat_map(|it| it.versions.iter().copied()).collect();
        let is_clean = self.faults.is_empty();
        if !versions.is_empty() && (is_clean || self.length == Length::Long) {
            let names: Vec<String> = versions.iter().map(|it| plain(&it.to_string())).collect();
            seen.push(self.fill(words::SPEAKS, &[("list", &self.listed(&names))]));
        }
        if self.length == Length::Long {
            seen.extend(self.certificate());
        }
        seen
    }

    /// How many addresses, and which differ.
    fn addresses(&self, cut: &Cut) -> String {
        let endpoints = &self.report.endpoints;
        if endpoints.len() < 2 || cut.addresses == Addresses::Untold {
            return String::new();
        }
        let count = endpoints.len();
        let mut groups: Vec<(Option<Letter>, Vec<IpAddr>)> = Vec::new();
        for endpoint in endpoints {
            match groups.iter_mut().find(|(grade, _)| *grade == endpoint.grade()) {
                Some((_, addresses)) => addresses.push(endpoint.address),
                None => groups.push((endpoint.grade(), vec![endpoint.address])),
            }
        }
        // Worst first, and behind them those without a grade.
        groups.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
        match groups.as_slice() {
            [_] if self.report.differences.is_empty() => {
                self.fill(words::SAME, &[("count", &count)])
            }
            [_] => self.fill(words::SAME_GRADE, &[("count", &count)]),
            groups if cut.addresses == Addresses::Counted => self.counted(groups, count),
            groups => {
                let at = groups.iter().map(|(grade, addresses)| {
                    let list = self.named(addresses);
                    match grade {
                        Some(grade) => self.fill(words::AT, &[("grade", grade), ("list", &list)]),
                        None => self.fill(words::NONE_AT, &[("list", &list)]),
                    }
                });
                let at = at.collect::<Vec<_>>().join("; ");
                format!("{}: {at}", self.fill(words::ADDRESSES, &[("count", &count)]))
            }
        }
    }

    /// The same in few words: the worst grade, or how many have none.
    fn counted(&self, groups: &[(Option<Letter>, Vec<IpAddr>)], count: usize) -> String {
        let without = groups.iter().find(|(grade, _)| grade.is_none());
        match (groups, without) {
            // All that have a grade have the same.
            ([_, _], Some((_, addresses))) => {
                self.fill(words::SOME_NOT, &[("some", &addresses.len()), ("count", &count)])
            }
            ([(Some(grade), addresses), ..], _) => {
                let some = addresses.len();
                self.fill(words::SOME, &[("grade", grade), ("some", &some), ("count", &count)])
            }
            _ => String::new(),
        }
    }

    /// The first few of some addresses; those of the agency's own network stay there.
    fn named(&self, addresses: &[IpAddr]) -> String {
        let mut names: Vec<String> = Vec::new();
        for address in addresses.iter().take(MOST_ADDRESSES) {
            let name = self.address(*address);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut list = names.join(", ");
        let more = addresses.len().saturating_sub(MOST_ADDRESSES);
        if more > 0 {
            list.push_str(&self.fill(words::AND_MORE, &[("count", &more)]));
        }
        list
    }

    fn address(&self, address: IpAddr) -> String {
        if is_internal(address) {
            self.say(words::INTERNAL).to_owned()
        } else {
            address.to_string()
        }
    }

    /// Whether the chain is complete and the name is right. Where nobody trusts the certificate,
    /// nothing in favour of its chain is said.
    fn chain(&self, cut: &Cut) -> Option<String> {
        let graded = || self.report.endpoints.iter().filter_map(EndpointReport::graded);
        let any = |such: fn(&Graded) -> bool| graded().any(such);
        if any(|it| it.shown.complete == Some(false)) {
            let told = self.faults.iter().take(cut.faults).any(|it| it.finding.id == "B-CHAIN");
            return (!told).then(|| self.say(words::INCOMPLETE).to_owned());
        }
        if any(|it| it.shown.trusted == Some(false)) {
            return None;
        }
        if any(|it| it.shown.complete.is_none()) {
            return Some(self.say(words::CHAIN_UNKNOWN).to_owned());
        }
        let mut text = self.say(words::COMPLETE).to_owned();
        if graded().all(|it| it.shown.name_matches == Some(true)) {
            text.push_str(self.say(words::NAME_MATCHES));
        }
        Some(text)
    }

    /// Until when the certificate is valid, if all addresses have the same.
    fn certificate(&self) -> Option<String> {
        let mut graded = self.report.endpoints.iter().filter_map(EndpointReport::graded);
        let first = &graded.next()?.shown;
        if first.trusted == Some(false) {
            return None;
        }
        if !graded.all(|it| it.shown.serial == first.serial) {
            return None;
        }
        let until = u64::try_from(first.valid_until?).unwrap_or(0).saturating_mul(1_000);
        let serial = plain(first.serial.as_deref()?).to_ascii_uppercase();
        let end = serial.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        let (until, serial) = (date(Moment::of(until).day), serial.get(end..).unwrap_or_default());
        Some(self.fill(words::VALID, &[("date", &until), ("serial", &serial)]))
    }

    /// The faults, most severe first; those left out are counted.
    fn told_faults(&self, cut: &Cut) -> Vec<String> {
        let grade = self.report.grade;
        if self.faults.is_empty() {
            return vec![match (grade, self.report.certain) {
                (Some(Letter::APlus | Letter::A), true) => self.say(words::NO_FAULT).to_owned(),
                (Some(Letter::APlus | Letter::A), false) => self.say(words::NONE_FOUND).to_owned(),
                _ => format!("{}: {}", self.say(words::FAULT), self.say(words::SEE_REPORT)),
            }];
        }
        let count = self.report.endpoints.len();
        let told = self.faults.iter().take(cut.faults.max(1)).map(|fault| {
            let mut text = clip(if cut.titles { &fault.title } else { &fault.found }, cut.clause);
            if self.length == Length::Long
                && fault.at.len() < count
                && cut.addresses == Addresses::Named
            {
                text.push_str(&match fault.at.as_slice() {
                    few @ ([_] | [_, _]) => self.fill(words::WHERE, &[("list", &self.named(few))]),
                    many => {
                        let some = many.len();
                        self.fill(words::WHERE_SOME, &[("some", &some), ("count", &count)])
                    }
                });
            }
            text
        });
        let told: Vec<String> = told.collect();
        let more = self.faults.len() - told.len();
        let label = match (grade, self.faults.len()) {
            (Some(Letter::APlus | Letter::A | Letter::AMinus), _) => words::WARNING,
            (_, 1) => words::FAULT,
            _ => words::FAULTS,
        };
        let mut text = format!("{}:{}", self.say(label), self.numbered(&told));
        if more > 0 {
            text.push_str(&self.fill(words::MORE_FAULTS, &[("count", &more)]));
        }
        vec![text]
    }

    /// How an A- counts, and what is not determined.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let counts = self.options.a_minus == AMinus::CountsAsA;
        if self.report.grade == Some(Letter::AMinus) && counts {
            remarks.push(self.say(words::COUNTS_AS_A).to_owned());
        }
        let graded = self.report.endpoints.iter().filter_map(EndpointReport::graded);
        let open = graded.filter(|it| it.certainty != Certainty::Certain);
        let mut titles: Vec<String> = Vec::new();
        for open in open.flat_map(|it| &it.unknown) {
            let title = clip(&clause(open.title.r#in(self.language)), 80);
            if !titles.contains(&title) {
                titles.push(title);
            }
        }
        if !titles.is_empty() {
            let more = titles.len().saturating_sub(MOST_TITLES);
            titles.truncate(MOST_TITLES);
            let mut list = titles.join(", ");
            if more > 0 {
                list.push_str(&self.fill(words::AND_MORE, &[("count", &more)]));
            }
            remarks.push(self.fill(words::UNDETERMINED, &[("list", &list)]));
        }
        remarks
    }

    /// Why there is no grade.
    fn told_obstacle(&self, cut: &Cut) -> String {
        let (reason, _) = self.obstacle();
        format!("{}: {}", self.say(words::FAULT), clip(&reason, cut.clause))
    }

    /// Why there is no grade, and what to do.
    fn obstacle(&self) -> (String, String) {
        let Some(first) = self.report.endpoints.first() else {
            return (self.say(words::NO_ADDRESS).to_owned(), self.say(words::CHECK_DNS).to_owned());
        };
        let contact = match &first.result {
            Outcomes::NotGraded { contact } => contact,
            Outcomes::Graded(_) => &crate::observe::Contact::Tls,
        };
        let (reason, action) = words::obstacle(contact);
        let places: [(&str, &dyn Display); 1] = [("port", &first.port)];
        (self.fill(reason, &places), self.fill(action, &places))
    }

    /// The officer's words, or the place for them.
    fn told_justification(&self, cut: &Cut) -> Vec<String> {
        let needs = needs_justification(self.report.grade, self.options.a_minus);
        match &self.justification {
            Some(text) => {
                vec![format!("{}{}", self.say(words::JUSTIFICATION), clip(text, cut.clause))]
            }
            None if needs && self.length == Length::Long => {
                vec![self.say(words::JUSTIFICATION_PLACE).to_owned()]
            }
            None => Vec::new(),
        }
    }

    /// What will be done.
    fn told_action(&self, cut: &Cut) -> String {
        let obstacle;
        let actions: &[String] = if self.report.grade.is_some() {
            &self.actions
        } else {
            obstacle = [self.obstacle().1];
            &obstacle
        };
        // As many as faults are told, but all of them where all faults are.
        let most = if cut.faults < self.faults.len() { cut.faults.max(1) } else { actions.len() };
        let told: Vec<String> =
            actions.iter().take(most).map(|action| clip(action, cut.clause)).collect();
        let label = match self.length {
            _ if told.is_empty() => return String::new(),
            _ if self.urgent => words::URGENT,
            Length::Short => words::ACTION,
            Length::Long => words::ACTION_LONG,
        };
        format!("{}:{}", self.say(label), self.numbered(&told))
    }

    /// Several clauses, numbered if there are two or more; in the long form a line for each.
    fn numbered(&self, clauses: &[String]) -> String {
        let all = clauses.iter().enumerate();
        let all = all.map(|(index, text)| format!("{}) {text}", index + 1)).collect::<Vec<_>>();
        match (clauses, self.length) {
            ([one], _) => format!(" {one}"),
            (_, Length::Short) => format!(" {}", all.join("; ")),
            (_, Length::Long) => format!("\n{}", all.join(";\n")),
        }
    }

    fn say(&self, text: Text) -> &'static str {
        text.r#in(self.language)
    }

    fn fill(&self, text: Text, places: &[(&'static str, &dyn Display)]) -> String {
        // No value has a brace, see `plain`, so none becomes a place.
        let evidence =
            places.iter().fold(Evidence::default(), |all, (name, value)| all.and(name, value));
        evidence.fill(self.say(text))
    }

    fn listed(&self, names: &[String]) -> String {
        match names {
            [all @ .., last] if !all.is_empty() => {
                format!("{}{}{last}", all.join(", "), self.say(words::AND))
            }
            names => names.join(", "),
        }
    }
}

/// The faults of all addresses: those of the worst address first. What only stands in the way of
/// A+ is none.
fn faults(report: &Report, language: Language) -> Vec<Fault<'_>> {
    let mut faults: Vec<Fault<'_>> = Vec::new();
    for endpoint in &report.endpoints {
        let Some(graded) = endpoint.graded() else { continue };
        for finding in graded.reasons.iter().filter(|it| it.effect != Effect::NoPlus) {
            match faults.iter_mut().find(|known| known.finding.id == finding.id) {
                Some(known) => known.at.push(endpoint.address),
                None => faults.push(Fault::of(finding, endpoint.address, language)),
            }
        }
    }
    faults
}

/// The findings whose fixes bring every address to A; all faults where that is not known.
fn decisive<'a>(report: &Report, faults: &[Fault<'a>]) -> Vec<&'a Finding> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for graded in report.endpoints.iter().filter_map(EndpointReport::graded) {
        match &graded.to_a {
            Some(fixes) => ids.extend(fixes),
            None => ids.extend(graded.reasons.iter().map(|it| it.id)),
        }
    }
    let chosen = faults.iter().filter(|fault| ids.contains(fault.finding.id));
    chosen.map(|fault| fault.finding).collect()
}

/// The grade of the host after those fixes, if it is known.
fn expected(report: &Report, decisive: &[&Finding]) -> Option<Letter> {
    let now = report.grade?;
    if decisive.is_empty() {
        return None;
    }
    let mut worst = Letter::APlus;
    for endpoint in &report.endpoints {
        let graded = endpoint.graded()?;
        let done = |fixes: &Option<Vec<&'static str>>| {
            let fixes = fixes.as_ref()?;
            Some(fixes.iter().all(|id| decisive.iter().any(|finding| finding.id == *id)))
        };
        let after = match (done(&graded.to_a_plus), done(&graded.to_a)) {
            (Some(true), _) => Letter::APlus,
            (_, Some(true)) => Letter::A,
            _ => match graded.reasons.as_slice() {
                [only] => only.grade_after?,
                _ => return None,
            },
        };
        worst = worst.max(after);
    }
    (worst < now).then_some(worst)
}

/// The best and the worst grade the host could have.
fn between(report: &Report, grade: Letter) -> (Letter, Letter) {
    let graded = || report.endpoints.iter().filter_map(EndpointReport::graded);
    let best = graded().map(|it| match it.certainty {
        Certainty::Certain => it.grade,
        Certainty::Between { best, .. } => best,
    });
    let worst = graded().map(|it| match it.certainty {
        Certainty::Certain => it.grade,
        Certainty::Between { worst, .. } => worst,
    });
    (best.max().unwrap_or(grade), worst.max().unwrap_or(grade))
}

/// Whether other rules held on the one day than on the other.
fn others_held(one: Day, other: Day) -> bool {
    let held = |day: Day| rules::on(day).map(|rule| rule.id);
    one != other && !held(one).eq(held(other))
}

/// The host as people write it: without the usual port, and not at all if it is an address of the
/// agency's own network.
fn host(target: &str, language: Language) -> String {
    let target = target.strip_suffix(":443").unwrap_or(target);
    let bare = target.trim_start_matches('[').split(']').next().unwrap_or(target);
    let address = bare.parse::<IpAddr>().ok();
    let address =
        address.or_else(|| target.split_once(':').and_then(|(name, _)| name.parse().ok()));
    match address {
        Some(address) if is_internal(address) => words::INTERNAL.r#in(language).to_owned(),
        _ => plain(target),
    }
}

/// True for addresses that are not for the Internet (RFC 6890), and that a note need not tell.
fn is_internal(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_internal(IpAddr::V4(v4)),
            None => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}
