//! The plain text before TLS: what a client says in each protocol until the first TLS byte, as
//! state machines without sockets.
//!
//! The conversations stand in tables. Their answers are heard in three ways: lines that fit one of
//! a few patterns, XML tags (lines that end in `>`), and binary frames.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use Hear::{Frame, Line, Nothing, Tag};
use Say::{Stream, Text, Wait};
use Verdict::{Alien, Go, More, No};

/// Most bytes a server may send before TLS; everything it sends is kept until then.
const MAX_INPUT: usize = 16 * 1024;
/// Most bytes of one line or XML tag, its end included.
const MAX_LINE: usize = 4 * 1024;
/// Most characters of what a server said that are passed on.
const MAX_EXCERPT: usize = 120;

/// Which plain-text protocol stands before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartTls {
    /// Mail between servers and submission (RFC 3207).
    Smtp,
    /// Local mail delivery (RFC 2033).
    Lmtp,
    /// Mailbox access (RFC 9051 section 6.2.1).
    Imap,
    /// Mailbox access (RFC 2595 section 4).
    Pop3,
    /// File transfer, its control connection (RFC 4217).
    Ftp,
    /// Directory access (RFC 4511 section 4.14).
    Ldap,
    /// Jabber from client to server (RFC 6120 section 5).
    XmppClient,
    /// Jabber between servers (RFC 6120 section 5).
    XmppServer,
    /// The PostgreSQL frontend/backend protocol 3 (its chapter "SSL Session Encryption").
    Postgres,
    /// The MySQL and MariaDB client protocol, handshake version 10.
    Mysql,
    /// Net news (RFC 4642).
    Nntp,
    /// `ManageSieve` (RFC 5804 section 2.2).
    Sieve,
    /// Internet Relay Chat (IRCv3 extension "tls", numerics 670 and 691).
    Irc,
    /// Remote desktop (MS-RDPBCGR sections 2.2.1.1 and 2.2.1.2).
    Rdp,
}

/// Name, port, what a client says before it hangs up on a refusal, and the conversation.
type Row = (&'static str, u16, &'static [u8], &'static [Turn]);

/// What the client says, and how it hears the answer.
type Turn = (Say, Hear);

#[derive(Clone, Copy)]
enum Say {
    /// Nothing: the server speaks first.
    Wait,
    Text(&'static [u8]),
    /// An XMPP stream header with these attributes: the only text that holds the host.
    Stream(&'static str),
}

#[derive(Clone, Copy)]
enum Hear {
    Line(Rule),
    /// XML tags; the end of this element is a yes.
    Tag(&'static str),
    /// A binary message: how long it was and what it means; `None` while it is not whole.
    Frame(fn(&[u8]) -> Option<(usize, Verdict)>),
    /// No answer at all comes before TLS.
    Nothing,
}

/// How a line must begin to mean something; see [`fits`].
type Patterns = &'static [&'static str];

#[derive(Clone, Copy)]
struct Rule {
    no: Patterns,
    yes: Patterns,
    /// Not the end of the answer.
    more: Patterns,
    /// Without one of these before it, even a yes is a no.
    offer: Patterns,
    /// Lines go on after a literal, `{5}` and five bytes (RFC 5804 section 4).
    literals: bool,
}

const NONE: Rule = Rule { no: &[], yes: &[], more: &[], offer: &[], literals: false };

// Replies of three digits, `220 text`, or `220-text` where more follow (RFC 5321 section 4.2, RFC
// 959 section 4.2). FTP may say 120 first. The no may have another code than the lines before it:
// postscreen of Postfix teases with 220 and may then say 521.
const REPLY: Rule = Rule { no: &["4## ", "5## "], more: &["###-", "1## "], ..NONE };
const fn reply(yes: Patterns) -> Hear {
    Line(Rule { yes, ..REPLY })
}
const HELLO: Turn = (Wait, reply(&["220 "]));
const QUIT: &[u8] = b"QUIT\r\n";
const STARTTLS: Say = Text(b"STARTTLS\r\n");

// One extension a line (RFC 5321 section 4.1.1.1).
const EXTENSIONS: Hear =
    Line(Rule { yes: &["250 "], offer: &["250-STARTTLS ", "250 STARTTLS "], ..REPLY });
const SMTP: &[Turn] =
    &[HELLO, (Text(b"EHLO taraf.invalid\r\n"), EXTENSIONS), (STARTTLS, reply(&["220 "]))];
const LMTP: &[Turn] =
    &[HELLO, (Text(b"LHLO taraf.invalid\r\n"), EXTENSIONS), (STARTTLS, reply(&["220 "]))];
const FTP: &[Turn] = &[HELLO, (Text(b"AUTH TLS\r\n"), reply(&["234 ", "334 "]))];
const NNTP: &[Turn] = &[(Wait, reply(&["200 ", "201 "])), (STARTTLS, reply(&["382 "]))];

const STATUS: Hear = Line(Rule { no: &["-ERR "], yes: &["+OK "], ..NONE });
const POP3: &[Turn] = &[(Wait, STATUS), (Text(b"STLS\r\n"), STATUS)];

// After PREAUTH it is too late for STARTTLS (RFC 9051 section 7.1.4).
const IMAP: &[Turn] = &[
    (Wait, Line(Rule { no: &["* BYE ", "* PREAUTH "], yes: &["* OK "], ..NONE })),
    (
        Text(b"a1 STARTTLS\r\n"),
        Line(Rule {
            no: &["a1 NO ", "a1 BAD ", "* BYE "],
            yes: &["a1 OK "],
            more: &["* "],
            ..NONE
        }),
    ),
];

// Capabilities, each a line of quoted strings, and then a response (RFC 5804 section 1.7).
const RESPONSE: Rule =
    Rule { no: &["NO ", "BYE "], yes: &["OK "], more: &["\""], literals: true, ..NONE };
const SIEVE: &[Turn] =
    &[(Wait, Line(Rule { offer: &["\"STARTTLS\" "], ..RESPONSE })), (STARTTLS, Line(RESPONSE))];

// There is no need to wait for the notices a server greets with. A numeric always has a source (RFC
// 2812 section 2.4); 4 and 5 are also an unknown command, not being registered, and being banned.
const IRC: &[Turn] = &[(
    STARTTLS,
    Line(Rule {
        no: &[":~ 691 ", ":~ 4## ", ":~ 5## ", "ERROR ", ":~ ERROR "],
        yes: &[":~ 670 "],
        more: &[":", "NOTICE ", "PING ", "CAP ", " "],
        ..NONE
    }),
)];

// A server must say who it is (RFC 6120 section 4.7.1).
const XMPP_CLIENT: &[Turn] = &[(Stream("xmlns='jabber:client'"), Tag("features")), XMPP_STARTTLS];
const XMPP_SERVER: &[Turn] = &[
    (
        Stream("xmlns='jabber:server' xmlns:db='jabber:server:dialback' from='taraf.invalid'"),
        Tag("features"),
    ),
    XMPP_STARTTLS,
];
const XMPP_STARTTLS: Turn =
    (Text(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), Tag("proceed"));
const STREAM_END: &[u8] = b"</stream:stream>";

/// An `ExtendedRequest` (RFC 4511 section 4.12) with message id 1 and the OID of StartTLS.
const LDAP: &[Turn] =
    &[(Text(b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"), Frame(ldap))];

/// The length 8, and 80877103 where a version would stand.
const POSTGRES: &[Turn] = &[(Text(b"\0\0\0\x08\x04\xd2\x16\x2f"), Frame(postgres))];

/// An `SSLRequest`: 32 bytes with sequence number 1. `CLIENT_PROTOCOL_41`, `CLIENT_SSL` and
/// `CLIENT_SECURE_CONNECTION`; packets up to 16 MiB; character set 33 (`utf8`), which every
/// version knows; 23 zeros.
const MYSQL: &[Turn] = &[
    (Wait, Frame(mysql)),
    (
        Text(
            b"\x20\0\0\x01\x00\x8a\0\0\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ),
        Nothing,
    ),
];

/// A TPKT with an X.224 Connection Request and an `RDP_NEG_REQ` for `PROTOCOL_SSL` (1) and
/// `PROTOCOL_HYBRID` (2), which is `CredSSP` inside TLS.
const RDP: &[Turn] = &[(Text(b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"), Frame(rdp))];

/// What a message of the server means for the question under way.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// Not the end of the answer yet.
    More,
    Go,
    No(String),
    /// Not a message of this protocol.
    Alien,
}

/// What is remembered between the messages of one answer.
#[derive(Clone, Copy, Debug, Default)]
struct Notes {
    /// An answer of several messages has begun.
    open: bool,
    /// The server offered TLS.
    offered: bool,
    /// An XML error element is open; its first child says what is wrong.
    complaint: bool,
}

impl StartTls {
    /// Every protocol.
    pub const ALL: &'static [Self] = &[
        Self::Smtp,
        Self::Lmtp,
        Self::Imap,
        Self::Pop3,
        Self::Ftp,
        Self::Ldap,
        Self::XmppClient,
        Self::XmppServer,
        Self::Postgres,
        Self::Mysql,
        Self::Nntp,
        Self::Sieve,
        Self::Irc,
        Self::Rdp,
    ];

    fn row(self) -> Row {
        match self {
            Self::Smtp => ("smtp", 25, QUIT, SMTP),
            Self::Lmtp => ("lmtp", 24, QUIT, LMTP),
            Self::Imap => ("imap", 143, b"a2 LOGOUT\r\n", IMAP),
            Self::Pop3 => ("pop3", 110, QUIT, POP3),
            Self::Ftp => ("ftp", 21, QUIT, FTP),
            Self::Ldap => ("ldap", 389, b"", LDAP),
            Self::XmppClient => ("xmpp-client", 5222, STREAM_END, XMPP_CLIENT),
            Self::XmppServer => ("xmpp-server", 5269, STREAM_END, XMPP_SERVER),
            Self::Postgres => ("postgres", 5432, b"", POSTGRES),
            Self::Mysql => ("mysql", 3306, b"", MYSQL),
            Self::Nntp => ("nntp", 119, QUIT, NNTP),
            Self::Sieve => ("sieve", 4190, b"LOGOUT\r\n", SIEVE),
            Self::Irc => ("irc", 6667, QUIT, IRC),
            Self::Rdp => ("rdp", 3389, b"", RDP),
        }
    }

    /// The name on command lines and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Where the protocol is spoken if nobody says otherwise.
    #[must_use]
    pub fn default_port(self) -> u16 {
        self.row().1
    }
}

impl fmt::Display for StartTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A word that names none of [`StartTls::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a STARTTLS protocol; known are {known}", known = known())]
pub struct UnknownStartTls(pub String);

fn known() -> String {
    StartTls::ALL.iter().map(|protocol| protocol.name()).collect::<Vec<_>>().join(", ")
}

impl FromStr for StartTls {
    type Err = UnknownStartTls;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let name = match word {
            "xmpp" => "xmpp-client",
            "postgresql" => "postgres",
            other => other,
        };
        let found = Self::ALL.iter().copied().find(|protocol| protocol.name() == name);
        found.ok_or_else(|| UnknownStartTls(word.to_owned()))
    }
}

/// What to do next with the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write this, then call [`Prelude::step`] with nothing before reading: not every message has
    /// an answer, and what arrived earlier may hold it.
    Send(Vec<u8>),
    /// Read more, then call [`Prelude::step`] with what arrived.
    Need,
    /// TLS starts now. Look at [`Prelude::leftover`] first.
    Ready,
    /// The server offers no TLS or says no: a short printable excerpt of what it said.
    Refused(String),
    /// This is not the protocol at all, such as an SSH banner on an SMTP port: a short printable
    /// excerpt of what came, or which limit it broke.
    Unexpected(String),
}

/// The conversation up to the first TLS byte.
///
/// ```text
/// let mut step = prelude.step(b"");
/// loop {
///     step = match step {
///         Send(bytes) => { write(bytes); prelude.step(b"") }
///         Need => prelude.step(read()),
///         end => break end,
///     }
/// }
/// ```
///
/// The end stays the end: every later step answers the same.
#[derive(Clone, Debug)]
pub struct Prelude {
    protocol: StartTls,
    /// For an XML attribute: escaped, without control characters.
    host: String,
    /// Everything received, and how much of it has been heard.
    buffer: Vec<u8>,
    heard: usize,
    /// The turn under way, and whether the client has said its part.
    turn: usize,
    said: bool,
    notes: Notes,
    end: Option<Step>,
}

impl Prelude {
    /// Starts a conversation; `host` is whom the client wants to talk to (only XMPP says it).
    #[must_use]
    pub fn new(protocol: StartTls, host: &str) -> Self {
        Self {
            protocol,
            host: xml_attribute(host),
            buffer: Vec::new(),
            heard: 0,
            turn: 0,
            said: false,
            notes: Notes::default(),
            end: None,
        }
    }

    /// Takes what arrived and says what to do next. The first call is with nothing.
    pub fn step(&mut self, received: &[u8]) -> Step {
        let room = MAX_INPUT.saturating_sub(self.buffer.len());
        let taken = received.get(..room).unwrap_or(received);
        self.buffer.extend_from_slice(taken);
        if let Some(end) = &self.end {
            return end.clone();
        }
        let mut step = self.advance();
        // What did not fit is lost, so only an end reached without it still counts.
        if taken.len() < received.len() && matches!(step, Step::Send(_) | Step::Need) {
            step = Step::Unexpected(format!("more than {MAX_INPUT} bytes before TLS"));
        }
        if !matches!(step, Step::Send(_) | Step::Need) {
            self.end = Some(step.clone());
        }
        step
    }

    /// What arrived and is not part of the conversation.
    ///
    /// After [`Step::Ready`] these bytes came in plain text behind the go-ahead. A good server
    /// sends none: they are a reply injected into the TLS session, or the sign of a server that
    /// would take commands injected the same way (CVE-2011-0411, CVE-2021-23222). They are no TLS
    /// bytes and must not be fed to the handshake unseen. Before the end they are the message
    /// under way, which is all there is to report if the server hangs up.
    #[must_use]
    pub fn leftover(&self) -> &[u8] {
        self.buffer.get(self.heard..).unwrap_or_default()
    }

    /// What a polite client writes before it hangs up after [`Step::Refused`]; empty otherwise.
    /// There is no need to wait for an answer.
    #[must_use]
    pub fn farewell(&self) -> &'static [u8] {
        if matches!(self.end, Some(Step::Refused(_))) { self.protocol.row().2 } else { b"" }
    }

    fn advance(&mut self) -> Step {
        while let Some(&(say, hear)) = self.protocol.row().3.get(self.turn) {
            if !self.said {
                self.said = true;
                match say {
                    Wait => {}
                    Text(bytes) => return Step::Send(bytes.to_vec()),
                    Stream(attributes) => {
                        return Step::Send(stream_header(attributes, &self.host));
                    }
                }
            }
            match self.hear(hear) {
                More => return Step::Need,
                Go => (self.turn, self.said, self.notes) = (self.turn + 1, false, Notes::default()),
                No(why) => return Step::Refused(why),
                Alien => return Step::Unexpected(alien(self.leftover())),
            }
        }
        Step::Ready
    }

    /// Hears whole messages until one decides; `More` if none does yet.
    fn hear(&mut self, hear: Hear) -> Verdict {
        loop {
            let pending = self.buffer.get(self.heard..).unwrap_or_default();
            let heard = match hear {
                Nothing => Some((0, Go)),
                Frame(read) => read(pending),
                Line(rule) => {
                    line(pending, b'\n', rule.literals, |text| judge(text, &rule, &mut self.notes))
                }
                // What is not XML at all may never come to a `>`.
                Tag(_) if !self.notes.open && !may_be_xml(pending) => Some((0, Alien)),
                Tag(yes) => line(pending, b'>', false, |text| xml(text, &mut self.notes, yes)),
            };
            match heard {
                None => return More,
                // Not counted as heard, so that it is there to be shown.
                Some((_, Alien)) => return Alien,
                Some((used, verdict)) => {
                    self.heard += used;
                    if verdict != More {
                        return verdict;
                    }
                }
            }
        }
    }
}

/// The initial stream header (RFC 6120 section 4.7).
fn stream_header(attributes: &str, host: &str) -> Vec<u8> {
    format!(
        "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
         {attributes} to='{host}' version='1.0'>"
    )
    .into_bytes()
}

/// `host` for an XML attribute. Control characters would end up on the wire, so they go.
fn xml_attribute(host: &str) -> String {
    let mut escaped = String::new();
    // No host name is longer (RFC 1035 section 2.3.4). U+FFFE and U+FFFF are not XML.
    let fit = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    for c in host.chars().filter(fit).take(255) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A short piece of what a server said, safe to print on a terminal.
fn excerpt(said: &[u8]) -> String {
    let said = said.get(..4 * MAX_EXCERPT).unwrap_or(said);
    let text = String::from_utf8_lossy(said);
    // More than the control characters: marks that reverse or hide text are no better.
    let printable =
        |c: char| c.is_ascii_graphic() || c == ' ' || (!c.is_ascii() && c.is_alphanumeric());
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if text.is_empty() {
        return "nothing printable".into();
    }
    text.chars().take(MAX_EXCERPT).map(|c| if printable(c) { c } else { '.' }).collect()
}

/// What to say of bytes that are not the protocol.
fn alien(pending: &[u8]) -> String {
    match pending {
        // An alert or a handshake record (RFC 8446 section 5.1).
        [0x15 | 0x16, 0x03, ..] => "a TLS record: this port speaks TLS from the first byte".into(),
        _ => excerpt(pending),
    }
}

fn refused(said: &str) -> Verdict {
    No(excerpt(said.as_bytes()))
}

/// Reads the line in front, its end included. One that cannot end any more is not of a text
/// protocol. A bare LF ends a line too.
fn line(
    pending: &[u8],
    last: u8,
    literals: bool,
    read: impl FnOnce(&str) -> Verdict,
) -> Option<(usize, Verdict)> {
    let end = line_end(pending, last, literals);
    let bytes = end.and_then(|end| pending.get(..end)).unwrap_or(pending);
    // No text protocol has a NUL, nearly every binary one does: it says at once that no line end
    // will come.
    if bytes.len() > MAX_LINE || bytes.contains(&0) || (end.is_none() && bytes.len() == MAX_LINE) {
        return Some((0, Alien));
    }
    end.map(|end| (end, read(&String::from_utf8_lossy(bytes))))
}

fn line_end(pending: &[u8], last: u8, literals: bool) -> Option<usize> {
    let mut from = 0_usize;
    loop {
        let rest = pending.get(from..)?;
        let length = rest.iter().position(|&b| b == last)? + 1;
        match rest.get(..length).and_then(literal) {
            Some(more) if literals => from = (from + length).saturating_add(more),
            _ => return Some(from + length),
        }
    }
}

/// How many bytes of a literal follow a line that ends in `{5}` or `{5+}`.
fn literal(line: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(line).ok()?.trim_end().strip_suffix('}')?;
    let (_, count) = text.rsplit_once('{')?;
    count.strip_suffix('+').unwrap_or(count).parse().ok()
}

fn judge(line: &str, rule: &Rule, notes: &mut Notes) -> Verdict {
    let line = line.trim_end_matches(['\r', '\n']);
    let any = |patterns: Patterns| patterns.iter().any(|pattern| fits(line, pattern));
    notes.offered |= rule.offer.is_empty() || any(rule.offer);
    // The inner lines of an FTP reply need no code (RFC 959 section 4.2).
    notes.open |= any(rule.more) && fits(line, "###-");
    if any(rule.no) {
        refused(line)
    } else if any(rule.yes) {
        go_if_offered(notes)
    } else if notes.open || any(rule.more) {
        More
    } else {
        Alien
    }
}

/// Whether `line` and a space begin like `pattern`, where `#` is a digit and `~` a whole word.
fn fits(line: &str, pattern: &str) -> bool {
    let mut said = line.bytes().chain([b' ']).peekable();
    pattern.bytes().all(|want| match want {
        b'~' => {
            while said.next_if(|&b| b != b' ').is_some() {}
            true
        }
        b'#' => said.next().is_some_and(|b| b.is_ascii_digit()),
        _ => said.next().is_some_and(|b| b.eq_ignore_ascii_case(&want)),
    })
}

fn go_if_offered(notes: &Notes) -> Verdict {
    if notes.offered { Go } else { No("STARTTLS is not offered".into()) }
}

fn may_be_xml(pending: &[u8]) -> bool {
    pending.trim_ascii_start().first().is_none_or(|&b| b == b'<')
}

/// A tag and the text before it. A `>` inside an attribute cuts a tag in two; the second half
/// passes for text.
fn xml(text: &str, notes: &mut Notes, yes: &str) -> Verdict {
    let (before, tag) = text.rsplit_once('<').unwrap_or((text, ""));
    let tag = tag.trim_end_matches('>');
    let (closes, ends) = (tag.starts_with('/'), tag.starts_with('/') || tag.ends_with('/'));
    let name = tag.trim_matches('/').split_whitespace().next().unwrap_or_default();
    match name.rsplit(':').next().unwrap_or_default() {
        // The first child of an error is its condition (RFC 6120 section 4.9.2); before XMPP 1.0
        // it held text.
        name if notes.complaint => refused(if before.trim().is_empty() { name } else { before }),
        name @ ("error" | "failure") if ends => refused(name),
        "error" | "failure" => {
            (notes.complaint, notes.open) = (true, true);
            More
        }
        "stream" if closes => No("the server closed the stream".into()),
        "features" if ends && yes == "features" => go_if_offered(notes),
        name if ends && yes == name => Go,
        name => {
            notes.offered |= name == "starttls";
            notes.open |= name == yes || name == "stream";
            if notes.open || name == "?xml" { More } else { Alien }
        }
    }
}

/// Reads a binary message of `length` bytes once it is whole.
fn frame(
    pending: &[u8],
    length: u32,
    read: impl FnOnce(&[u8]) -> Verdict,
) -> Option<(usize, Verdict)> {
    let length = usize::try_from(length).ok().filter(|&length| length <= MAX_INPUT);
    let Some(length) = length else { return Some((0, Alien)) };
    Some((length, read(pending.get(..length)?)))
}

fn ldap(pending: &[u8]) -> Option<(usize, Verdict)> {
    match element(pending, 0x30) {
        Ok((message, rest)) => {
            Some((pending.len() - rest.len(), extended_response(message).unwrap_or(Alien)))
        }
        Err(More) => None,
        Err(verdict) => Some((0, verdict)),
    }
}

/// The answer, or the notice of disconnection, which has message id 0 (RFC 4511 section 4.4.1).
fn extended_response(message: &[u8]) -> Option<Verdict> {
    let (id, rest) = element(message, 0x02).ok()?;
    let (response, _) = element(rest, 0x78).ok()?;
    let (code, rest) = element(response, 0x0a).ok()?;
    let (_matched_dn, rest) = element(rest, 0x04).ok()?;
    let (diagnostic, _) = element(rest, 0x04).ok()?;
    match (id, code) {
        ([1], [0]) => Some(Go),
        ([0 | 1], [code @ 1..=0x7f]) => {
            Some(refused(&format!("result {code} {}", String::from_utf8_lossy(diagnostic))))
        }
        _ => None,
    }
}

/// The BER element with `tag` in front, of definite length (RFC 4511 section 5.1): its content and
/// what follows it. `More` if it is not whole.
fn element(bytes: &[u8], tag: u8) -> Result<(&[u8], &[u8]), Verdict> {
    let (length, rest) = match bytes {
        [first, ..] if *first != tag => return Err(Alien),
        [_, short @ ..=0x7f, rest @ ..] => (usize::from(*short), rest),
        // Active Directory always writes four bytes of length.
        [_, long @ 0x81..=0x84, rest @ ..] => {
            let (length, rest) = rest.split_at_checked(usize::from(long & 0x7f)).ok_or(More)?;
            (length.iter().fold(0, |sum, &b| sum << 8 | usize::from(b)), rest)
        }
        [_, _, ..] => return Err(Alien),
        _ => return Err(More),
    };
    if length > MAX_INPUT {
        return Err(Alien);
    }
    rest.split_at_checked(length).ok_or(More)
}

/// `S`, `N`, or an error from a server that gave up before it looked at the request.
fn postgres(pending: &[u8]) -> Option<(usize, Verdict)> {
    match pending {
        [b'S', ..] => Some((1, Go)),
        [b'N', ..] => Some((1, No("the server answered N: no TLS".into()))),
        [b'E', text @ ..] => {
            let [a, b, c, d, ..] = text else { return None };
            let length = u32::from_be_bytes([*a, *b, *c, *d]);
            // The bounds of libpq. Else it is text up to a NUL: protocol 2, or the postmaster could
            // not fork. CR is not PostgreSQL: memcached answers anything with a line of `ERROR`.
            if (8..=30_000).contains(&length) {
                return frame(pending, length + 1, |error| {
                    let mut fields = error.get(5..).unwrap_or_default().split(|&b| b == 0);
                    No(excerpt(fields.find_map(|field| field.strip_prefix(b"M")).unwrap_or(b"E")))
                });
            }
            match text.iter().position(|&b| b == 0 || b == b'\r') {
                Some(end) if text.get(end) == Some(&0) => {
                    Some((1 + end, No(excerpt(text.get(..end).unwrap_or_default()))))
                }
                None if text.len() < MAX_LINE => None,
                _ => Some((0, Alien)),
            }
        }
        [] => None,
        _ => Some((0, Alien)),
    }
}

/// The greeting: an initial handshake packet, or an error packet.
fn mysql(pending: &[u8]) -> Option<(usize, Verdict)> {
    const CLIENT_SSL: u8 = 0x08;
    let [a, b, c, sequence, ..] = pending else { return None };
    let length = 4 + u32::from_le_bytes([*a, *b, *c, 0]);
    frame(pending, length, |packet| match (sequence, packet.get(4..).unwrap_or_default()) {
        (0, [10, rest @ ..]) => {
            // Behind the version: connection id (4), scramble (8), filler (1), capabilities.
            let version = rest.iter().position(|&b| b == 0);
            match version.and_then(|version| rest.get(version + 15)) {
                Some(high) if high & CLIENT_SSL != 0 => Go,
                Some(_) => No("the server does not have the capability CLIENT_SSL".into()),
                None => Alien,
            }
        }
        // An error before the handshake has no SQL state, but there are servers that send one.
        (_, [0xff, low, high, b'#', _, _, _, _, _, message @ ..])
        | (_, [0xff, low, high, message @ ..]) => {
            let code = u16::from_le_bytes([*low, *high]);
            refused(&format!("{code} {}", String::from_utf8_lossy(message)))
        }
        _ => Alien,
    })
}

/// An X.224 Connection Confirm in a TPKT with an `RDP_NEG_RSP` or an `RDP_NEG_FAILURE`.
fn rdp(pending: &[u8]) -> Option<(usize, Verdict)> {
    let [3, 0, high, low, ..] = pending else {
        let may_come = [3, 0].starts_with(pending.get(..2).unwrap_or(pending));
        return if may_come { None } else { Some((0, Alien)) };
    };
    let length = u32::from_be_bytes([0, 0, *high, *low]);
    frame(pending, length, |packet| match packet.get(4..).unwrap_or_default() {
        // No answer to the request, or PROTOCOL_RDP: encryption from before TLS.
        [6, 0xd0, _, _, _, _, _] | [14, 0xd0, _, _, _, _, _, 2, _, 8, 0, 0, 0, 0, 0] => {
            No("only standard RDP security".into())
        }
        // Whatever else is selected runs inside TLS.
        [14, 0xd0, _, _, _, _, _, 2, _, 8, 0, _, _, _, _] => Go,
        [14, 0xd0, _, _, _, _, _, 3, _, 8, 0, code, 0, 0, 0] => No(match code {
            1 => "SSL_REQUIRED_BY_SERVER".into(),
            2 => "SSL_NOT_ALLOWED_BY_SERVER".into(),
            3 => "SSL_CERT_NOT_ON_SERVER".into(),
            4 => "INCONSISTENT_FLAGS".into(),
            5 => "HYBRID_REQUIRED_BY_SERVER".into(),
            6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER".into(),
            code => format!("RDP_NEG_FAILURE {code}"),
        }),
        [_, 0x80, ..] => No("the server disconnected".into()),
        _ => Alien,
    })
}

/// True for the command, in protocols made of lines, after which TLS is to begin.
#[must_use]
pub fn asks_for_tls(bytes: &[u8]) -> bool {
    let line = bytes.to_ascii_uppercase();
    line.ends_with(b"\r\n")
        && [&b"STARTTLS"[..], b"STLS", b"AUTH TLS"]
            .iter()
            .any(|word| line.windows(word.len()).any(|part| part == *word))
}

#[cfg(test)]
mod tests;
