//! What files are, for a person to read, in Malay or English: each file by itself, then all of them
//! together, then what to do.

use taraf_scanner::pki::KeyFacts;
use taraf_scanner::pki::file::facts::{PrivateKeyFacts, RequestFacts};
use taraf_scanner::pki::file::{
    CertItem, Damage, Diagnosis, Effect, FileFacts, FindingId, Form, Item, Place, SetFacts, Text,
};

use super::page::Page;
use super::{Style, words};
use crate::cli::Lang;
use crate::export::printable::printable;

const DAY: i64 = 86_400;
/// Most items of a file that are shown one by one.
const MOST_SHOWN: usize = 50;

/// The report on files. `now` is in seconds since 1970.
#[must_use]
pub fn report(files: &[FileFacts], set: &SetFacts, now: i64, lang: Lang, style: Style) -> String {
    let mut report = Report { page: Page::new(style), lang, now };
    for (index, file) in files.iter().enumerate() {
        if index > 0 {
            report.page.blank();
        }
        report.file(file);
    }
    report.together(files, set);
    report.next(files, set);
    report.page.finish()
}

struct Report {
    page: Page,
    lang: Lang,
    now: i64,
}

impl Report {
    /// One of two texts.
    fn say<'a>(&self, ms: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Ms => ms,
            Lang::En => en,
        }
    }

    fn pick<'a>(&self, text: &'a Text) -> &'a str {
        self.say(&text.ms, &text.en)
    }

    fn row(&mut self, ms: &str, en: &str, value: &str) {
        let label = self.say(ms, en).to_owned();
        self.page.inner_row(&label, value);
    }

    fn file(&mut self, file: &FileFacts) {
        let what = self.what(file);
        self.page.banner(&format!("{}: {what}", printable(&file.name)));
        for (index, item) in file.items.iter().take(MOST_SHOWN).enumerate() {
            self.item(index + 1, item);
        }
        if let Some(more) = file.items.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            let and = self.say("dan lagi", "and more").to_owned();
            self.page.line(2, &format!("{and}: {more}"));
        }
        for (effect, ms, en) in [
            (Effect::Fault, "Ralat", "Fault"),
            (Effect::Repaired, "Dibaiki", "Repaired"),
            (Effect::Noted, "Maklumat", "Note"),
        ] {
            let these: Vec<&Diagnosis> =
                file.diagnoses.iter().filter(|found| found.effect == effect).collect();
            let word = self.say(ms, en).to_owned();
            for found in these {
                let text = self.pick(&found.text).to_owned();
                self.page.line(2, &format!("{word}: {}", printable(&text)));
            }
        }
    }

    /// What a file is, in a few words.
    fn what(&self, file: &FileFacts) -> String {
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for item in &file.items {
            let kind = self.kind(item).to_owned();
            match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        let kinds: Vec<String> = kinds
            .into_iter()
            .map(|(kind, count)| if count == 1 { kind } else { format!("{count} x {kind}") })
            .collect();
        let forms: Vec<&str> = file.forms.iter().map(|form| self.form(*form)).collect();
        match (kinds.is_empty(), forms.is_empty()) {
            (true, _) => self.say("tiada apa yang boleh digunakan", "nothing of use").to_owned(),
            (false, true) => words::list(&kinds),
            (false, false) => format!("{} ({})", words::list(&kinds), forms.join(", ")),
        }
    }

    fn kind(&self, item: &Item) -> &'static str {
        let (ms, en) = match item {
            Item::Certificate(_) => ("sijil", "certificate"),
            Item::Request(_) => ("CSR", "CSR"),
            Item::PrivateKey(_) => ("kunci persendirian (private key)", "private key"),
            Item::PublicKey(_) => ("kunci awam", "public key"),
            Item::Crl(_) => ("senarai pembatalan (CRL)", "revocation list (CRL)"),
            Item::Parameters { .. } => ("parameter", "parameters"),
        };
        match self.lang {
            Lang::Ms => ms,
            Lang::En => en,
        }
    }

    fn form(&self, form: Form) -> &'static str {
        match (form, self.lang) {
            (Form::Mail, Lang::Ms) => "e-mel",
            (Form::Mail, Lang::En) => "mail",
            (Form::Pem, _) => "PEM",
            (Form::Base64, _) => "base64",
            (Form::Hex, _) => "hex",
            (Form::Der, _) => "DER",
            (Form::Pkcs7, _) => "PKCS#7",
            (Form::Pkcs12, _) => "PKCS#12",
        }
    }

    fn item(&mut self, number: usize, item: &Item) {
        let kind = self.kind(item);
        match item {
            Item::Certificate(cert) => self.certificate(number, cert),
            Item::Request(request) => self.request(number, kind, request),
            Item::PrivateKey(key) => self.private_key(number, kind, key),
            Item::PublicKey(public) => {
                self.page.line(2, &format!("{number}. {kind}"));
                let key = self.key(&public.key);
                self.row("kunci", "key", &key);
            }
            Item::Crl(list) => {
                self.page.line(2, &format!("{number}. {kind}"));
                self.row("pengeluar", "issuer", &printable(&list.issuer));
                let next = list.next_update.map(|next| self.date(next)).unwrap_or_default();
                let dates = format!("{} - {next}", self.date(list.this_update));
                self.row("tempoh", "valid", &dates);
                self.row("dibatalkan", "revoked", &list.revoked.to_string());
            }
            Item::Parameters { label } => {
                self.page.line(2, &format!("{number}. {}", printable(label)));
            }
        }
    }

    fn certificate(&mut self, number: usize, cert: &CertItem) {
        let facts = &cert.facts;
        let role = match (facts.is_ca, facts.self_issued) {
            (true, true) => self.say("sijil akar (root)", "root certificate"),
            (true, false) => {
                self.say("sijil perantaraan (intermediate)", "intermediate certificate")
            }
            (false, _) => self.say("sijil digital pelayan", "server certificate"),
        };
        let none = self.say("tiada subjek", "no subject");
        let subject = if facts.subject.is_empty() { none } else { &facts.subject };
        self.page.line(2, &format!("{number}. {role}: {}", printable(subject)));
        let addresses = facts.addresses.iter().map(ToString::to_string);
        let names: Vec<String> = facts.dns_names.iter().cloned().chain(addresses).collect();
        self.names(&names);
        let itself = self.say("ditandatangani sendiri", "itself").to_owned();
        let issuer = if facts.self_issued { itself } else { printable(&facts.issuer) };
        self.row("pengeluar", "issuer", &issuer);
        let valid = self.validity(facts.not_before, facts.not_after);
        self.row("tempoh", "valid", &valid);
        let key = self.key(&facts.key);
        self.row("kunci", "key", &key);
        self.row("siri", "serial", &facts.serial);
        self.page.inner_row("sha256", &facts.sha256);
    }

    fn request(&mut self, number: usize, kind: &str, request: &RequestFacts) {
        self.page.line(2, &format!("{number}. {kind}: {}", printable(&request.subject)));
        let addresses = request.addresses.iter().map(ToString::to_string);
        let names: Vec<String> = request.dns_names.iter().cloned().chain(addresses).collect();
        self.names(&names);
        let key = self.key(&request.key);
        self.row("kunci", "key", &key);
    }

    fn private_key(&mut self, number: usize, kind: &str, private: &PrivateKeyFacts) {
        let encoding = private.encoding.name();
        let encrypted = match &private.encryption {
            Some(name) => {
                format!(", {} ({})", self.say("disulitkan", "encrypted"), printable(name))
            }
            None => String::new(),
        };
        self.page.line(2, &format!("{number}. {kind}: {encoding}{encrypted}"));
        if let Some(key) = &private.key {
            let key = self.key(key);
            self.row("kunci", "key", &key);
        }
    }

    fn names(&mut self, names: &[String]) {
        if !names.is_empty() {
            let names: Vec<String> = names.iter().map(|name| printable(name)).collect();
            self.row("nama", "names", &names.join(", "));
        }
    }

    /// A key in few words, for instance `RSA 2048 bits`.
    fn key(&self, key: &KeyFacts) -> String {
        let algorithm = printable(key.algorithm.as_str());
        match (&key.curve, key.bits) {
            (Some(curve), _) => format!("{algorithm} {curve}"),
            (None, Some(bits)) => format!("{algorithm} {bits} {}", self.say("bit", "bits")),
            (None, None) => algorithm,
        }
    }

    /// A date as the language writes it.
    fn date(&self, unix: i64) -> String {
        let iso = words::date(unix);
        match (self.lang, &iso.split('-').collect::<Vec<_>>()[..]) {
            (Lang::Ms, [year, month, day]) => format!("{day}/{month}/{year}"),
            _ => iso,
        }
    }

    fn validity(&self, from: i64, to: i64) -> String {
        let days = |from: i64, to: i64| to.saturating_sub(from).max(0) / DAY;
        let (left, since) = (days(self.now, to), days(to, self.now));
        let place = match (self.lang, self.now < from, self.now > to) {
            (Lang::Ms, true, _) => "belum bermula".to_owned(),
            (Lang::En, true, _) => "not yet begun".to_owned(),
            (Lang::Ms, _, true) => format!("telah luput {since} hari lalu"),
            (Lang::En, _, true) => format!("expired {since} days ago"),
            (Lang::Ms, ..) => format!("baki {left} hari"),
            (Lang::En, ..) => format!("{left} days left"),
        };
        let to = format!("{} {}", self.say("hingga", "to"), self.date(to));
        format!("{} {to} ({place})", self.date(from))
    }

    fn together(&mut self, files: &[FileFacts], set: &SetFacts) {
        if set.chain.is_empty() && set.pairs.is_empty() && set.findings.is_empty() {
            return;
        }
        let title = self.say("Keseluruhan", "Together").to_owned();
        self.page.section(&title);
        for pair in set.pairs.iter().take(MOST_SHOWN) {
            let answer = match pair.same {
                true => self.say("ya", "yes"),
                false => self.say("TIDAK", "NO"),
            };
            let label = self.say("Sepadan", "Belong together");
            let (one, other) = (self.named(files, pair.one), self.named(files, pair.other));
            let line = format!("{label}: {one} + {other}: {answer}");
            self.page.line(2, &line);
        }
        if !set.chain.is_empty() {
            let label = self.say("Rantaian (chain) sijil", "Chain").to_owned();
            self.page.line(2, &format!("{label}:"));
            for (index, place) in set.chain.iter().enumerate() {
                let named = self.named(files, *place);
                self.page.item(&format!("{:>4}", index + 1), &named);
            }
            let state = match (&set.missing, set.leaves.is_empty()) {
                (Some(_), _) => self.say("tidak lengkap", "incomplete"),
                (None, false) => self.say("lengkap", "complete"),
                (None, true) => self.say("tiada sijil pelayan", "no server certificate"),
            };
            self.page.line(2, &format!("{label}: {state}"));
        }
        for finding in &set.findings {
            let word = match finding.effect {
                Effect::Fault => self.say("Ralat", "Fault"),
                Effect::Repaired | Effect::Noted => self.say("Maklumat", "Note"),
            };
            let line = format!("{word}: {}", printable(self.pick(&finding.text)));
            self.page.line(2, &line);
        }
    }

    /// An item by what it is, whose it is, and the name of its file.
    fn named(&self, files: &[FileFacts], place: Place) -> String {
        let Some(file) = files.get(place.file) else { return String::new() };
        let Some(item) = file.items.get(place.item) else { return String::new() };
        let subject = match item {
            Item::Certificate(cert) => &cert.facts.subject,
            Item::Request(request) => &request.subject,
            _ => "",
        };
        let kind = self.kind(item);
        let gap = if subject.is_empty() { "" } else { " " };
        format!("{kind}{gap}{} [{}]", printable(subject), printable(&file.name))
    }

    /// What to do, the most pressing first.
    fn next(&mut self, files: &[FileFacts], set: &SetFacts) {
        let mut steps: Vec<&str> = Vec::new();
        let corrupt = [
            Damage::Truncated,
            Damage::CharactersLost,
            Damage::CharactersReplaced,
            Damage::ForeignCharacters,
            Damage::NotDer,
            Damage::Unreadable,
            Damage::DerSavedAsText,
            Damage::DerLineEnds,
            Damage::SelfSignature,
        ];
        if files.iter().any(|file| corrupt.iter().any(|damage| file.has(*damage))) {
            steps.push(self.say(
                "Dapatkan salinan baharu fail yang rosak. Jika salinan itu juga rosak, maklumkan \
                 kepada Pentadbir GPKI dan CA dalam tempoh 14 hari dari tarikh terima.",
                "Get a fresh copy of the damaged file. If that is damaged too, inform the GPKI \
                 administrator and the CA within 14 days of receipt.",
            ));
        }
        if set.has(FindingId::IssuerMissing) {
            steps.push(self.say(
                "Muat turun sijil yang tiada, kemudian semak semula bersama fail itu.",
                "Download the missing certificate, then check again together with its file.",
            ));
        }
        if set.has(FindingId::Expired) {
            steps.push(self.say(
                "Gunakan sijil baharu; sijil yang telah luput tidak boleh dipasang.",
                "Use the new certificate; an expired one cannot be installed.",
            ));
        }
        if steps.is_empty() && set.fullchain(files).is_ok() {
            steps.push(self.say(
                "Pasang sijil pelayan bersama intermediate dalam turutan di atas; \
                 --write-fullchain FILE menulisnya sebagai satu fail.",
                "Install the server certificate with its intermediates in the order above; \
                 --write-fullchain FILE writes them as one file.",
            ));
        }
        let repaired = |file: &FileFacts| {
            let mut found = file.diagnoses.iter();
            found.any(|diagnosis| diagnosis.effect == Effect::Repaired) && !file.pem().is_empty()
        };
        if files.iter().any(repaired) {
            steps.push(self.say(
                "Fail asal tidak diubah; --out-pem FILE menulis salinan yang dibaiki.",
                "The file itself was not changed; --out-pem FILE writes the repaired copy.",
            ));
        }
        if !steps.is_empty() {
            let title = self.say("Langkah seterusnya", "Next").to_owned();
            self.page.section(&title);
            for step in steps {
                self.page.line(2, step);
            }
        }
    }
}
