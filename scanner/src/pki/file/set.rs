//! Several files seen as one: which keys, requests and certificates fit, the chain in its order,
//! and what is missing.

use serde::Serialize;

use super::facts::{CertItem, FileFacts, Form, Item};
use super::order::{self, Missing, Ordered};
use super::words::{Effect, Text};

const DAY: i64 = 86_400;
/// From how many days before the end a renewal is due.
const SOON: i64 = 30;
/// Most findings of a set.
const MOST_FINDINGS: usize = 200;
/// Most keys, requests and certificates that are compared each with each.
const MOST_COMPARED: usize = 64;

/// Where something stands: the file, and the item in it, counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The place of the file in the list.
    pub file: usize,
    /// The place of the item in the file.
    pub item: usize,
}

/// Two things that have a public key, and whether it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The one: a server certificate, or else a private key.
    pub one: Place,
    /// The other: a private key or a request.
    pub other: Place,
    /// Whether they belong together.
    pub same: bool,
}

/// What holds for the files as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SetFacts {
    /// Server certificates, each once.
    pub leaves: Vec<Place>,
    /// The chain in its order, the server certificate first, a root last.
    pub chain: Vec<Place>,
    /// Certificates that do not belong to it.
    pub extras: Vec<Place>,
    /// The issuer that is missing above the last of the chain.
    pub missing: Option<Missing>,
    /// Server certificates, private keys and requests, each with each.
    pub pairs: Vec<Pair>,
    /// What there is to say.
    pub findings: Vec<Finding>,
}

impl SetFacts {
    /// True if nothing is wrong with the files together.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        !self.findings.iter().any(|finding| finding.effect == Effect::Fault)
    }

    /// Whether this was found.
    #[must_use]
    pub fn has(&self, id: FindingId) -> bool {
        self.findings.iter().any(|finding| finding.id == id)
    }

    /// The file a server wants: its certificate and the intermediates in their order, as PEM.
    ///
    /// # Errors
    ///
    /// What stands against it: there is not one server certificate, something is missing, or a key
    /// or request does not belong to it.
    pub fn fullchain(&self, files: &[FileFacts]) -> Result<String, Text> {
        let no = |ms: &str, en: &str| Err(Text::new(ms, en, &[]));
        if self.leaves.is_empty() || self.chain.is_empty() {
            return no("tiada sijil pelayan", "there is no server certificate");
        }
        if self.leaves.len() > 1 {
            return no(
                "terdapat lebih daripada satu sijil pelayan",
                "there is more than one server certificate",
            );
        }
        let against = [
            FindingId::IssuerMissing,
            FindingId::KeyMismatch,
            FindingId::RequestMismatch,
            FindingId::KeyUnchecked,
        ];
        if let Some(finding) = self.findings.iter().find(|finding| against.contains(&finding.id)) {
            return Err(finding.text.clone());
        }
        let mut text = String::new();
        for place in &self.chain {
            let Some(cert) = certificate(files, *place) else { continue };
            // A root is known to clients already.
            if Some(place) == self.chain.first() || !cert.facts.self_issued {
                text.push_str(&cert.pem());
            }
        }
        Ok(text)
    }
}

/// Something that holds for the files together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its id, which stays.
    pub id: FindingId,
    /// Whether it is a fault or worth knowing.
    pub effect: Effect,
    /// In words.
    pub text: Text,
}

/// What can be found about files together. The ids, in JSON with hyphens, are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingId {
    /// A private key does not belong to the certificate.
    KeyMismatch,
    /// A request does not belong to the certificate.
    RequestMismatch,
    /// A private key could not be opened, so whether it belongs is not known.
    KeyUnchecked,
    /// Names that were asked for are not in the certificate.
    NamesDiffer,
    /// The certificate is past its end.
    Expired,
    /// The certificate has not begun.
    NotYetValid,
    /// The certificate ends within thirty days.
    ExpiresSoon,
    /// An issuer is missing.
    IssuerMissing,
    /// A file has the chain in another order than servers send it.
    WrongOrder,
    /// A certificate has the name of the issuer, but not its key.
    OldIntermediate,
    /// A root is among the certificates.
    RootIncluded,
    /// A certificate stands in several places.
    Duplicate,
    /// Certificates do not belong to the chain.
    Extras,
    /// There is more than one server certificate.
    SeveralLeaves,
    /// There are certificates of authorities only.
    NoLeaf,
}

/// Looks at files together. `now` is in seconds since 1970.
#[must_use]
pub fn together(files: &[FileFacts], now: i64) -> SetFacts {
    let mut set = Set { files, now, facts: SetFacts::default() };
    let places = set.certificates();
    let certs: Vec<&CertItem> =
        places.iter().filter_map(|place| certificate(files, *place)).collect();
    let at = |index: &usize| places.get(*index).copied();
    let leaves = order::leaves(&certs);
    set.facts.leaves = leaves.iter().filter_map(at).collect();
    // Of several, the one that a key or a request is for.
    let wanted = |index: &&usize| {
        let pin = certs.get(**index).map(|cert| cert.facts.pin.as_str());
        set.pins(is_key).chain(set.pins(is_request)).any(|(_, known)| Some(known) == pin)
    };
    let ordered = match leaves.iter().find(wanted).or(leaves.first()) {
        Some(leaf) => order::order_from(&certs, *leaf),
        None => order::order(&certs),
    };
    set.facts.chain = ordered.leaf.iter().chain(&ordered.chain).filter_map(at).collect();
    set.facts.extras = ordered.extras.iter().filter_map(at).collect();
    set.facts.missing.clone_from(&ordered.missing);
    set.compare();
    set.dates();
    set.judge_chain(&ordered, &places);
    set.facts
}

struct Set<'a> {
    files: &'a [FileFacts],
    now: i64,
    facts: SetFacts,
}

impl<'a> Set<'a> {
    /// Every certificate once, and a word about those that come again.
    fn certificates(&mut self) -> Vec<Place> {
        let mut seen: std::collections::BTreeMap<&str, &str> = std::collections::BTreeMap::new();
        let mut places = Vec::new();
        for (place, item) in items(self.files) {
            let Item::Certificate(cert) = item else { continue };
            let file = self.files.get(place.file).map_or("", |file| file.name.as_str());
            if let Some(first) = seen.insert(&cert.facts.sha256, file) {
                let name = title(cert);
                self.say(
                    FindingId::Duplicate,
                    Effect::Noted,
                    "Sijil {} terdapat lebih daripada sekali ({}, {}).",
                    "The certificate {} is there more than once ({}, {}).",
                    &[&name, first, file],
                );
            } else {
                places.push(place);
            }
        }
        places
    }

    /// The pins of the items of a kind.
    fn pins(&self, kind: fn(&Item) -> bool) -> impl Iterator<Item = (Place, &'a str)> {
        let all = items(self.files).filter(move |(_, item)| kind(item));
        all.filter_map(|(place, item)| Some((place, item.pin()?)))
    }

    /// Which keys and requests belong to which certificates.
    fn compare(&mut self) {
        let keys: Vec<_> = self.pins(is_key).take(MOST_COMPARED).collect();
        let requests: Vec<_> = self.pins(is_request).take(MOST_COMPARED).collect();
        let files = self.files;
        let leaves: Vec<_> = self
            .facts
            .leaves
            .iter()
            .filter_map(|place| Some((*place, certificate(files, *place)?.facts.pin.as_str())))
            .take(MOST_COMPARED)
            .collect();
        let ones = [&leaves, &leaves, &keys];
        for (ones, others) in ones.into_iter().zip([&keys, &requests, &requests]) {
            for (one, first) in ones {
                for (other, second) in others {
                    let pair = Pair { one: *one, other: *other, same: first == second };
                    self.facts.pairs.push(pair);
                }
            }
        }
        let has = |list: &[(Place, &str)], pin: &str| list.iter().any(|(_, known)| *known == pin);
        for (place, pin) in &keys {
            let of_request = has(&requests, pin);
            let alone = !leaves.is_empty() && !has(&leaves, pin);
            let apart = leaves.is_empty() && !requests.is_empty() && !of_request;
            if alone || apart {
                self.key_mismatch(*place);
            }
        }
        for (place, pin) in &requests {
            if !leaves.is_empty() && !has(&leaves, pin) {
                let file = self.name(*place);
                self.say(
                    FindingId::RequestMismatch,
                    Effect::Fault,
                    "CSR dalam {} bukan untuk sijil ini: kuncinya lain.",
                    "The CSR in {} is not of this certificate: its key is another one.",
                    &[&file],
                );
            }
        }
        for (leaf, pin) in &leaves {
            if !keys.is_empty() && !has(&keys, pin) && !self.facts.has(FindingId::KeyMismatch) {
                self.key_mismatch(*leaf);
            }
            for (request, _) in requests.iter().filter(|(_, known)| known == pin) {
                self.compare_names(*leaf, *request);
            }
        }
        for (place, item) in items(files) {
            if is_key(item) && item.pin().is_none() && !self.facts.leaves.is_empty() {
                let file = self.name(place);
                self.say(
                    FindingId::KeyUnchecked,
                    Effect::Fault,
                    "Kunci persendirian dalam {} tidak dapat dibuka; belum dapat ditentukan sama \
                     ada sepadan dengan sijil.",
                    "The private key in {} could not be opened, so it is not known whether it \
                     belongs to the certificate.",
                    &[&file],
                );
            }
        }
    }

    fn key_mismatch(&mut self, place: Place) {
        let file = self.name(place);
        self.say(
            FindingId::KeyMismatch,
            Effect::Fault,
            "Kunci persendirian tidak sepadan dengan sijil ({}). Cari kunci yang dijana bersama \
             CSR; jika hilang, jana CSR baharu dengan kandungan sama dan mohon reissue.",
            "The private key does not match the certificate ({}). Find the key made with the CSR; \
             if it is lost, make a new CSR with the same content and request a reissue.",
            &[&file],
        );
    }

    /// Names that a request asks for and its certificate does not have.
    fn compare_names(&mut self, leaf: Place, request: Place) {
        let Some(cert) = certificate(self.files, leaf) else { return };
        let Some(Item::Request(request)) = item(self.files, request) else { return };
        let has = |name: &&String| {
            cert.facts.dns_names.iter().any(|known| known.eq_ignore_ascii_case(name))
        };
        let lacking: Vec<&str> = request
            .dns_names
            .iter()
            .filter(|name| !has(name))
            .map(String::as_str)
            .take(20)
            .collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            self.say(
                FindingId::NamesDiffer,
                Effect::Noted,
                "Nama dalam CSR yang tiada dalam sijil: {}.",
                "Names in the CSR that the certificate lacks: {}.",
                &[&lacking],
            );
        }
    }

    /// The dates of every certificate of the chain.
    fn dates(&mut self) {
        for place in self.facts.chain.clone() {
            let Some(cert) = certificate(self.files, place) else { continue };
            let (name, facts) = (title(cert), &cert.facts);
            let (start, end) = (date(facts.not_before), date(facts.not_after));
            let left = facts.not_after.saturating_sub(self.now).div_euclid(DAY);
            if self.now > facts.not_after {
                self.say_dated(
                    (FindingId::Expired, Effect::Fault),
                    ("Sijil {} telah luput pada {}.", "The certificate {} expired on {}."),
                    &name,
                    &end,
                );
            } else if self.now < facts.not_before {
                self.say_dated(
                    (FindingId::NotYetValid, Effect::Fault),
                    ("Sijil {} hanya sah mulai {}.", "The certificate {} is valid only from {}."),
                    &name,
                    &start,
                );
            } else if left <= SOON && self.facts.leaves.contains(&place) {
                self.say_dated(
                    (FindingId::ExpiresSoon, Effect::Noted),
                    (
                        "Sijil {} luput pada {}; pembaharuan sudah boleh dibuat.",
                        "The certificate {} expires on {}; its renewal is due.",
                    ),
                    &name,
                    &end,
                );
            }
        }
    }

    fn judge_chain(&mut self, ordered: &Ordered, places: &[Place]) {
        let files = self.files;
        let title_at = |place: &Place| certificate(files, *place).map(title).unwrap_or_default();
        let titles = |indexes: &[usize]| {
            let places = indexes.iter().filter_map(|index| places.get(*index));
            places.map(title_at).take(10).collect::<Vec<_>>().join("; ")
        };
        if self.facts.leaves.len() > 1 {
            let number = self.facts.leaves.len().to_string();
            self.say(
                FindingId::SeveralLeaves,
                Effect::Noted,
                "Terdapat {} sijil pelayan; setiap satu perlu fail rantaian sendiri.",
                "There are {} server certificates; each needs a chain file of its own.",
                &[&number],
            );
        }
        if self.facts.leaves.is_empty() && !places.is_empty() {
            self.say(
                FindingId::NoLeaf,
                Effect::Noted,
                "Hanya sijil CA (intermediate atau akar); tiada sijil pelayan.",
                "There are only certificates of authorities, none of a server.",
                &[],
            );
        } else if let Some(missing) = &ordered.missing {
            let at = match missing.uris.first() {
                Some(_) => missing.uris.join(" "),
                None => "-".to_owned(),
            };
            let subject = missing.subject.clone();
            self.say(
                FindingId::IssuerMissing,
                Effect::Fault,
                "Rantaian sijil tidak lengkap: {} tiada. Muat turun dari: {} (jika itu sijil akar \
                 CA sendiri, sertakan failnya).",
                "The chain is incomplete: {} is missing. Get it at: {} (if that is the root of \
                 your own authority, give its file as well).",
                &[&subject, &at],
            );
        }
        if !ordered.namesakes.is_empty() {
            self.say(
                FindingId::OldIntermediate,
                Effect::Noted,
                "Intermediate dengan nama yang betul tetapi kunci lain, mungkin yang lama: {}.",
                "An intermediate with the right name but another key, perhaps an old one: {}.",
                &[&titles(&ordered.namesakes)],
            );
        }
        let others: Vec<usize> = ordered
            .extras
            .iter()
            .copied()
            .filter(|index| !ordered.namesakes.contains(index))
            .filter(|index| !places.get(*index).is_some_and(|at| self.facts.leaves.contains(at)))
            .collect();
        if !others.is_empty() {
            self.say(
                FindingId::Extras,
                Effect::Noted,
                "Sijil berlebihan yang tidak termasuk dalam rantaian: {}.",
                "Certificates that do not belong to the chain: {}.",
                &[&titles(&others)],
            );
        }
        let root =
            self.facts.chain.iter().skip(1).find(|place| {
                certificate(files, **place).is_some_and(|cert| cert.facts.self_issued)
            });
        if let Some(root) = root.map(title_at) {
            self.say(
                FindingId::RootIncluded,
                Effect::Noted,
                "Sijil akar {} turut disertakan; tidak perlu dihantar oleh pelayan.",
                "The root {} is included; a server need not send it.",
                &[&root],
            );
        }
        self.order_in_files();
    }

    /// Files with a server certificate that hold the chain in another order. PKCS#7 and PKCS#12
    /// have none.
    fn order_in_files(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            let unordered = [Form::Pkcs7, Form::Pkcs12];
            if file.forms.iter().any(|form| unordered.contains(form)) {
                continue;
            }
            let here = self.facts.chain.iter().filter(|place| place.file == index);
            let here: Vec<usize> = here.map(|place| place.item).collect();
            if here.is_sorted() {
                continue;
            }
            self.say(
                FindingId::WrongOrder,
                Effect::Fault,
                "Turutan sijil dalam {} tidak betul. Susun semula: sijil pelayan dahulu, kemudian \
                 intermediate.",
                "The certificates in {} are in the wrong order. Reorder: server certificate \
                 first, then intermediates.",
                &[&file.name.clone()],
            );
        }
    }

    fn name(&self, place: Place) -> String {
        self.files.get(place.file).map(|file| file.name.clone()).unwrap_or_default()
    }

    fn say(&mut self, id: FindingId, effect: Effect, ms: &str, en: &str, with: &[&str]) {
        let finding = Finding { id, effect, text: Text::new(ms, en, with) };
        let said = &mut self.facts.findings;
        if said.len() < MOST_FINDINGS && !said.contains(&finding) {
            said.push(finding);
        }
    }

    fn say_dated(
        &mut self,
        (id, effect): (FindingId, Effect),
        (ms, en): (&str, &str),
        name: &str,
        (day, month, year): &(u8, u8, i64),
    ) {
        let (malay, english) =
            (format!("{day:02}/{month:02}/{year}"), format!("{year:04}-{month:02}-{day:02}"));
        let text = Text {
            ms: Text::new(ms, "", &[name, &malay]).ms,
            en: Text::new("", en, &[name, &english]).en,
        };
        if self.facts.findings.len() < MOST_FINDINGS {
            self.facts.findings.push(Finding { id, effect, text });
        }
    }
}

fn is_key(item: &Item) -> bool {
    matches!(item, Item::PrivateKey(_))
}

fn is_request(item: &Item) -> bool {
    matches!(item, Item::Request(_))
}

/// Every item and where it stands.
fn items(files: &[FileFacts]) -> impl Iterator<Item = (Place, &Item)> {
    files.iter().enumerate().flat_map(|(file, facts)| {
        facts.items.iter().enumerate().map(move |(item, found)| (Place { file, item }, found))
    })
}

fn item(files: &[FileFacts], place: Place) -> Option<&Item> {
    files.get(place.file)?.items.get(place.item)
}

/// The certificate at a place.
fn certificate(files: &[FileFacts], place: Place) -> Option<&CertItem> {
    match item(files, place)? {
        Item::Certificate(cert) => Some(cert),
        _ => None,
    }
}

/// What people call a certificate: its common name, or else its first name, or its subject.
fn title(cert: &CertItem) -> String {
    let facts = &cert.facts;
    let name = facts.common_names.first().or(facts.dns_names.first());
    format!("\"{}\"", name.unwrap_or(&facts.subject))
}

/// Day, month and year of a moment, in UTC (the days of the proleptic Gregorian calendar).
fn date(unix: i64) -> (u8, u8, i64) {
    let days = unix.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (of_month as u8, month as u8, year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), (1, 1, 1970));
        assert_eq!(date(951_782_400), (29, 2, 2000));
        assert_eq!(date(1_795_392_000), (23, 11, 2026));
        assert_eq!(date(-1), (31, 12, 1969));
    }

    #[test]
    fn nothing_is_consistent() {
        let set = together(&[], 0);
        assert!(set.is_consistent());
        assert_eq!(set.fullchain(&[]).unwrap_err().en, "there is no server certificate");
    }
}
