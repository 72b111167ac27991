//! The file doctor: what a file of certificates, requests or keys is, what is wrong with it, and
//! whether several of them belong together. Pure: bytes in, facts out.
//!
//! - [`read`] takes one file: damage is undone layer by layer ([`words`] names each), then what is
//!   inside is read ([`facts`]);
//! - [`together`] takes all of them: which keys, requests and certificates fit, the order of the
//!   chain, what is missing;
//! - [`order`] sorts certificates into a chain.
//!
//! Files come from strangers: no bytes panic, every loop ends, and hashing for passwords has a
//! budget. Private keys are never kept: what leaves this room of them is their public half.

mod armour;
mod body;
mod charset;
mod content;
mod der;
pub mod facts;
mod key;
mod magic;
mod markup;
mod mime;
pub mod order;
mod password;
mod pkcs12;
mod secret;
mod set;
pub mod words;

pub use facts::{CertItem, FileFacts, Form, Item};
pub use secret::Secret;
pub use set::{Finding, FindingId, Place, SetFacts, together};
pub use words::{Damage, Diagnosis, Effect, Text};

use password::Rounds;
use secret::Draft;

/// Most bytes of a file.
pub const MOST_BYTES: usize = 10 << 20;
/// Most items that are taken from a file.
const MOST_ITEMS: usize = 1000;
/// Most diagnoses of a file.
const MOST_DIAGNOSES: usize = 100;
/// How often something inside is taken for a file of its own: a mail, base64 twice, a dump.
const DEEPEST: usize = 4;

/// Reads a file. The name is for the report, and its ending for comparison with the content. The
/// password opens keys and PKCS#12 stores.
#[must_use]
pub fn read(name: &str, bytes: &[u8], password: Option<&str>) -> FileFacts {
    let mut reading = Reading {
        facts: FileFacts {
            name: name.to_owned(),
            size: bytes.len(),
            forms: Vec::new(),
            items: Vec::new(),
            diagnoses: Vec::new(),
        },
        password,
        rounds: Rounds::new(),
    };
    reading.file(bytes);
    reading.compare_ending();
    reading.facts
}

/// Takes a layer off a text; `None` where there is none.
type Undo = fn(&str) -> Option<Draft>;

/// A file as it is read.
struct Reading<'p> {
    facts: FileFacts,
    password: Option<&'p str>,
    rounds: Rounds,
}

impl Reading<'_> {
    fn file(&mut self, bytes: &[u8]) {
        if bytes.len() > MOST_BYTES {
            return self.say(Diagnosis::new(Damage::TooLarge, &[&MOST_BYTES.to_string()]));
        }
        if bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
            return self.say(Diagnosis::new(Damage::Empty, &[]));
        }
        self.any(bytes, DEEPEST);
    }

    /// Reads bytes of which nothing is known.
    fn any(&mut self, bytes: &[u8], depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return self.say(Diagnosis::new(Damage::TooMuch, &[]));
        };
        if let Some(what) = magic::foreign(bytes) {
            return self.say(Diagnosis::new(what, &[]));
        }
        // A text may begin with the digit 0, which is the tag of a sequence, but then it has no
        // length, or one that means nothing.
        let long = matches!(bytes, [0x30, 0x80..=0x84, ..]);
        let short = bytes.len() < 0x82 && bytes.iter().any(|byte| *byte < 9);
        let binary = match der::extent(bytes) {
            der::Extent::None => false,
            der::Extent::Whole(end) if end == bytes.len() => long || short,
            _ => long,
        };
        if binary {
            return self.binary(bytes);
        }
        if str::from_utf8(bytes).is_ok_and(charset::was_der) {
            return self.say(Diagnosis::new(Damage::DerSavedAsText, &[]));
        }
        let Some((text, found)) = charset::decode(bytes) else {
            return self.say(Diagnosis::new(Damage::NothingFound, &[]));
        };
        if charset::was_der(text.text()) {
            return self.say(Diagnosis::new(Damage::DerSavedAsText, &[]));
        }
        for damage in found {
            self.say(Diagnosis::new(damage, &[]));
        }
        self.text(text, depth);
    }

    /// Reads DER that stands in the file as it is.
    fn binary(&mut self, bytes: &[u8]) {
        self.form(Form::Der);
        let before = (self.facts.items.len(), self.facts.diagnoses.len());
        self.der(bytes, None);
        let declared = match der::extent(bytes) {
            der::Extent::Whole(declared) | der::Extent::Short(declared) => declared,
            der::Extent::Open | der::Extent::None => bytes.len(),
        };
        if self.facts.items.len() == before.0 && line_ends_changed(bytes, declared) {
            self.facts.diagnoses.truncate(before.1);
            self.say(Diagnosis::new(Damage::DerLineEnds, &[]));
        }
    }

    fn text(&mut self, text: Draft, depth: usize) {
        let text = self.line_ends(text);
        if let Some(parts) = mime::parts(text.text()) {
            return self.mail(&parts, depth);
        }
        let mut text = text;
        // In the order in which the layers lie upon each other, the outermost first.
        let layers: [(Damage, Undo); 5] = [
            (Damage::Rtf, markup::rtf),
            (Damage::QuotedPrintable, markup::quoted_printable),
            (Damage::Html, markup::html),
            (Damage::QuoteMarks, markup::quote_marks),
            (Damage::EscapedLineBreaks, markup::escaped_breaks),
        ];
        let original = Draft::new(text.text().to_owned());
        let mut undone = Vec::new();
        for (damage, undo) in layers {
            if let Some(better) = undo(text.text()) {
                text = better;
                undone.push((damage, 0));
            }
        }
        let (text, characters) = charset::plain_characters(text.text());
        undone.extend(characters);
        let items = self.facts.items.len();
        let faults = self.facts.diagnoses.len();
        self.armoured(text.text(), depth);
        if self.facts.items.len() == items && self.facts.diagnoses.len() == faults {
            return self.say(Diagnosis::new(magic::foreign_text(original.text()), &[]));
        }
        let inner = self.facts.diagnoses.split_off(faults);
        for (damage, count) in undone {
            self.say(Diagnosis::new(damage, &[&count.to_string()]));
        }
        inner.into_iter().for_each(|diagnosis| self.say(diagnosis));
    }

    /// The text with line ends of one character.
    fn line_ends(&mut self, text: Draft) -> Draft {
        if !text.text().contains('\r') {
            return text;
        }
        let joined = text.text().replace("\r\n", "\n");
        let damage = if joined.contains('\r') { Damage::LoneCr } else { Damage::Crlf };
        self.say(Diagnosis::new(damage, &[]));
        let joined = Draft::new(joined);
        Draft::new(joined.text().replace('\r', "\n"))
    }

    /// Reads the parts of a mail. Parts that have nothing of use are not complained about, unless
    /// none has.
    fn mail(&mut self, parts: &[Secret], depth: usize) {
        self.form(Form::Mail);
        self.say(Diagnosis::new(Damage::Mail, &[]));
        let (items, said) = (self.facts.items.len(), self.facts.diagnoses.len());
        let mut complaints = Vec::new();
        for part in parts {
            let (items, said) = (self.facts.items.len(), self.facts.diagnoses.len());
            self.any(part.bytes(), depth);
            if self.facts.items.len() == items {
                complaints.extend(self.facts.diagnoses.split_off(said));
            }
        }
        if self.facts.items.len() > items {
            return;
        }
        self.facts.diagnoses.truncate(said);
        complaints.retain(|diagnosis| diagnosis.effect == Effect::Fault);
        if complaints.iter().any(|diagnosis| diagnosis.id != Damage::NothingFound) {
            complaints.retain(|diagnosis| diagnosis.id != Damage::NothingFound);
        }
        complaints.into_iter().for_each(|diagnosis| self.say(diagnosis));
        if self.facts.diagnoses.len() == said {
            self.say(Diagnosis::new(Damage::NothingFound, &[]));
        }
    }

    /// Reads what stands between BEGIN and END lines, or else what looks like it without them.
    fn armoured(&mut self, text: &str, depth: usize) {
        let blocks = armour::blocks(text);
        if blocks.is_empty() {
            if let Some(bare) = armour::bare(text) {
                self.form(Form::Base64);
                self.say(Diagnosis::new(Damage::ArmourMissing, &[]));
                return self.block(bare, None, depth);
            }
            if let Some(bytes) = body::hex(text) {
                self.form(Form::Hex);
                self.say(Diagnosis::new(Damage::HexDump, &[]));
                return self.any(bytes.bytes(), depth);
            }
            return;
        }
        self.form(Form::Pem);
        if blocks.len() >= armour::MOST_BLOCKS {
            self.say(Diagnosis::new(Damage::TooMuch, &[]));
        }
        for block in blocks {
            for damage in &block.found {
                self.say(Diagnosis::new(*damage, &[]));
            }
            match block.label {
                "OPENSSH PRIVATE KEY" | "SSH2 ENCRYPTED PRIVATE KEY" | "SSH2 PUBLIC KEY" => {
                    self.say(Diagnosis::new(Damage::SshKey, &[]));
                }
                label if label.ends_with("PARAMETERS") => {
                    self.item(Item::Parameters { label: label.to_owned() });
                }
                label => self.block(block.body, Some(label), depth),
            }
        }
    }

    /// Reads the base64 of a block.
    fn block(&mut self, body: &str, label: Option<&str>, depth: usize) {
        let mut found = Vec::new();
        let content = body::read(body, &mut found);
        found.into_iter().for_each(|diagnosis| self.say(diagnosis));
        match content {
            body::Content::Der(bytes) => self.der(bytes.bytes(), label),
            body::Content::Text(bytes) => self.any(bytes.bytes(), depth),
            body::Content::Encrypted(cipher) => {
                let convert = "openssl pkey -in OLD.key -aes256 -out new.key";
                self.say(Diagnosis::new(Damage::OldEncryption, &[&cipher, convert]));
                let encoding = match label {
                    Some("RSA PRIVATE KEY") => facts::KeyEncoding::Pkcs1,
                    Some("EC PRIVATE KEY") => facts::KeyEncoding::Sec1,
                    _ => facts::KeyEncoding::Dsa,
                };
                self.locked_key(encoding, cipher);
            }
            body::Content::Nothing => {}
        }
    }

    /// Notes where the ending of the name promises something else.
    fn compare_ending(&mut self) {
        let name = &self.facts.name;
        let Some((_, ending)) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()) else {
            return;
        };
        let ending = ending.to_ascii_lowercase();
        let has = |wanted: fn(&Item) -> bool| self.facts.items.iter().any(wanted);
        let certificate = has(|item| matches!(item, Item::Certificate(_)));
        let request = has(|item| matches!(item, Item::Request(_)));
        let key = has(|item| matches!(item, Item::PrivateKey(_)));
        let form = |form: Form| self.facts.forms.contains(&form);
        let dotted = format!(".{ending}");
        let what = match ending.as_str() {
            "txt" | "pem" if form(Form::Der) => {
                return self.say(Diagnosis::new(Damage::DerInTextFile, &[&dotted]));
            }
            "cer" | "crt" | "der" if form(Form::Pkcs12) => "PKCS#12",
            "cer" | "crt" | "der" if form(Form::Pkcs7) => "PKCS#7",
            "cer" | "crt" | "der" | "p7b" if request && !certificate => "CSR",
            "cer" | "crt" | "der" | "p7b" | "csr" if key && !certificate => "private key",
            "csr" | "key" if certificate && !key => "certificate",
            "key" if request && !key => "CSR",
            "pfx" | "p12" if !form(Form::Pkcs12) && certificate => "certificate",
            "p7b" | "p7c" if certificate && !form(Form::Pkcs7) => "certificate",
            _ => return,
        };
        self.say(Diagnosis::new(Damage::OtherExtension, &[&dotted, what]));
    }

    /// Takes note of something, once.
    fn say(&mut self, diagnosis: Diagnosis) {
        let said = &mut self.facts.diagnoses;
        if said.len() < MOST_DIAGNOSES && !said.contains(&diagnosis) {
            said.push(diagnosis);
        }
    }

    fn form(&mut self, form: Form) {
        if !self.facts.forms.contains(&form) {
            self.facts.forms.push(form);
        }
    }

    fn item(&mut self, item: Item) {
        self.facts.items.push(item);
    }
}

/// True if DER of this length has the marks of a transfer in text mode: a CR came before every LF,
/// or every CR went. Of a thousand bytes, four are a CR by chance.
fn line_ends_changed(bytes: &[u8], declared: usize) -> bool {
    let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
    let pairs = bytes.windows(2).filter(|pair| *pair == b"\r\n").count();
    let gained = bytes.len().saturating_sub(declared);
    let missing = declared.saturating_sub(bytes.len());
    let added = gained > 0 && pairs == count(b'\n') && pairs >= gained;
    let taken = declared >= 512 && (1..=declared / 64).contains(&missing) && count(b'\r') == 0;
    added || taken
}
