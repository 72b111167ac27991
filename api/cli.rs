//! What can be typed: definitions and help. What it means is worked out by the commands.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use taraf_scanner::grade::{Day, Language};
use taraf_scanner::net::dns;
use taraf_scanner::note::{AMinus, Length};
use taraf_scanner::probe::Flaw;
use taraf_scanner::wire::StartTls;

use crate::command::hosts::Override;

/// Headings of the help, in the order of the options below.
const WHAT: &str = "What to scan";
const CERTS: &str = "Certificates";
const HOW: &str = "How to ask";
const SHOW: &str = "What to show";
const JUDGE: &str = "How to grade";
const KEEP: &str = "Recordings";
const WRITE: &str = "What to write";

const EXAMPLES: &str = "\
Examples:
  taraf scan example.com                       every address of a host, port 443
  taraf scan example.com --format json         the same facts for a program
  taraf scan --starttls smtp mail.example.com  a mail server, port 25
  taraf scan --file hosts.txt --format jsonl   many hosts, one line of JSON each
  taraf file server.cer chain.p7b server.key   what files are, and whether they fit
  taraf grade result.json                      grade again what was seen, without a network
  taraf rules B-TLS10                          what a rule of the grade is about

`taraf scan --help` and `taraf file --help` explain every option and the
exit codes.";

const SCAN_EXAMPLES: &str = "\
Examples:
  Every address of a host, port 443:
      taraf scan example.com
  Another port, an IPv6 address, what was pasted from an address bar:
      taraf scan example.com:8443 '[2001:db8::1]:443' https://example.com/path
  A new server under its name, before DNS points to it:
      taraf scan example.com --ip 192.0.2.10
      taraf scan example.com --resolve example.com:443:192.0.2.10,192.0.2.11
  A mail server; its port is 25 unless named:
      taraf scan --starttls smtp mail.example.com:587
  Many hosts, sixteen at a time, a line of JSON as each ends:
      taraf scan --file hosts.txt --jobs 16 --format jsonl
      sort -u names.txt | taraf scan - --format jsonl
  Your own test server, without pauses between questions:
      taraf scan localhost:8443 --fast
  Every host of a certificate that was issued, and where it is served:
      taraf scan --certificate portal.cer
      taraf scan --certificate wildcard.p7b --names www,portal,api
  A server with a certificate of a private authority:
      taraf scan intranet.example --trust our-root.pem
  Keep the conversation, look at it again without a network:
      taraf scan example.com --record example.rec
      taraf scan --replay example.rec --verbose
  With the note for the portal of GPKI, in Malay:
      taraf scan example.com --lang ms --note ms

Exit codes:
  0  every host was scanned (also: whoever read the output had enough of it)
  2  wrong usage: an option, a host or a file that cannot be used; nothing was scanned
  3  at least one host could not be scanned: its name does not resolve, or none of its
     addresses speaks TLS; the others are reported as usual
  4  a failure of taraf itself or of the machine it runs on, such as a full disk

Environment:
  NO_COLOR     if set and not empty, `--color auto` uses no colour
  COLUMNS      width of the terminal, for wrapping; 80 if it is not set
  TARAF_CACHE  directory for intermediates that were fetched, instead of taraf's directory in
               the user's cache; empty keeps none";

const FILE_EXAMPLES: &str = "\
Examples:
  What a file is, and what is wrong with it:
      taraf file server.cer
  Text copied from a mail, also from the clipboard by way of standard input:
      taraf file mail.txt
      taraf file -
  Whether certificate, key and CSR belong together:
      taraf file server.cer server.key server.csr
  The file a web server wants, in the right order, from whatever the CA has sent:
      taraf file server.cer bundle.p7b server.key --write-fullchain fullchain.pem
  A damaged file made clean:
      taraf file mail.txt --out-pem server.pem
  A key or a .pfx with a password, which is never typed as an option:
      taraf file server.pfx --password-file password.txt
  In Malay, or for a program:
      taraf file --lang ms server.cer
      taraf file --format json server.cer

What is understood:
  .cer .crt .pem .der .p7b .csr .key .pfx .p12 .crl, mails and texts with any of them inside.
  Damage by mail programs, editors and web forms is undone where nothing is lost by it, in memory:
  the files stay as they are. What cannot be undone is named with its reason. Private keys are
  compared, never shown and never written.

Exit codes:
  0  every file could be read, repairs included, and they belong together
  1  something is wrong: a file cannot be read, a key does not match, an intermediate is missing,
     a certificate is expired, or what was to be written is not complete
  2  wrong usage: an option or a file that cannot be used, or one that exists and would be
     overwritten
  4  a failure of taraf itself or of the machine it runs on, such as a full disk";

const GRADE_EXAMPLES: &str = "\
Examples:
  What was kept from a scan, with the rules of today:
      taraf scan example.com --format json > example.json
      taraf grade example.json
  The same by the rules of another day, as JSON:
      taraf grade example.json --rules-at 2020-01-01 --format json
  A recorded conversation, and the note for the portal in Malay:
      taraf grade example.rec --note ms --note-length short
  A result of SSL Labs, by the rules of the day of its test:
      taraf grade ssllabs-example.com.json

Exit codes: as `taraf scan` has them.";

/// Finds out what TLS servers support, by asking them, and grades it.
#[derive(Debug, Parser)]
#[command(
    name = "taraf",
    version,
    about = "Finds out what TLS servers support, by asking them, and grades it",
    after_help = EXAMPLES,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What taraf can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask TLS servers everything, and report what they said
    ///
    /// Asks every address of every host which protocols, suites, groups and extensions it has,
    /// which certificates it sends and how it treats sessions, and reports the answers. What could
    /// not be found out is listed with the reason, never guessed.
    #[command(
        after_help = EXAMPLES,
        after_long_help = SCAN_EXAMPLES,
        override_usage = "taraf scan [OPTIONS] HOST...\n       \
            taraf scan [OPTIONS] --file FILE\n       \
            taraf scan [OPTIONS] --certificate FILE\n       \
            taraf scan [OPTIONS] --replay FILE"
    )]
    Scan(Box<Scan>),

    /// Say what certificate files are, what is wrong with them, and whether they fit
    ///
    /// Reads certificates, chains, requests (CSR), keys and PKCS#12 stores in whatever form they
    /// were received, repairs what can be repaired, and says whether they belong together, in
    /// which order the chain is installed and which intermediate is missing.
    #[command(after_long_help = FILE_EXAMPLES, override_usage = "taraf file [OPTIONS] PATH...")]
    File(Box<File>),

    /// Grade what was seen before, without a network
    ///
    /// Reads what `taraf scan` has written as JSON or JSON lines, recordings made with `--record`,
    /// and results of SSL Labs; which of them a file is shows from what stands in it.
    #[command(after_long_help = GRADE_EXAMPLES)]
    Grade(Box<Grade>),

    /// List the rules of the grade, or explain one
    Rules(Rules),
}

/// `taraf file`.
#[derive(Debug, Args)]
pub struct File {
    /// Files to look at together; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// File with the password of the keys and stores, on its first line
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FileFormat::Text,
        help_heading = SHOW)]
    pub format: FileFormat,

    /// Language of the report
    #[arg(long, value_enum, value_name = "LANG", default_value_t = Lang::En,
        help_heading = SHOW)]
    pub lang: Lang,

    /// When to use colour
    #[arg(long, visible_alias = "colour", value_enum, value_name = "WHEN",
        default_value_t = Colour::Auto, help_heading = SHOW)]
    pub color: Colour,

    /// Write the server certificate and its intermediates, in the right order, as PEM
    ///
    /// Refused when an intermediate is missing, or when a key or a CSR among the files does not
    /// belong to the certificate. The root is left out, for clients have it.
    #[arg(long, value_name = "FILE", help_heading = WRITE)]
    pub write_fullchain: Option<PathBuf>,

    /// Write everything public in the files as clean PEM; private keys are left out
    #[arg(long, value_name = "FILE", help_heading = WRITE)]
    pub out_pem: Option<PathBuf>,

    /// Overwrite files that exist; never those that are being looked at
    #[arg(long, help_heading = WRITE)]
    pub force: bool,
}

/// How to report on files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// For a person to read
    Text,
    /// One document
    Json,
}

/// `taraf grade`.
#[derive(Debug, Args)]
pub struct Grade {
    /// Files with what was seen; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// What the certificates of a recording are held against.
    #[command(flatten)]
    pub certificates: Certificates,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text,
        help_heading = SHOW)]
    pub format: Format,

    /// When to use colour
    #[arg(long, visible_alias = "colour", value_enum, value_name = "WHEN",
        default_value_t = Colour::Auto, help_heading = SHOW)]
    pub color: Colour,

    /// Leave nothing out: all remarks, all known clients, every question (text)
    #[arg(long, short, action = ArgAction::SetTrue, help_heading = SHOW)]
    pub verbose: bool,

    /// How to grade.
    #[command(flatten)]
    pub judging: Judging,
}

/// What certificates are held against.
#[derive(Debug, Args)]
pub struct Certificates {
    /// Root certificates to trust besides the public ones: a PEM file, or a directory of them; may
    /// be repeated
    ///
    /// For private and government authorities. A file that holds no certificate, or one that cannot
    /// be read, is refused.
    #[arg(long, value_name = "FILE|DIR", help_heading = CERTS)]
    pub trust: Vec<PathBuf>,

    /// Intermediate certificates to look for missing ones in: a PEM file, or a directory of them;
    /// may be repeated
    ///
    /// Those that were fetched before are known already, see TARAF_CACHE.
    #[arg(long, value_name = "FILE|DIR", help_heading = CERTS)]
    pub intermediates: Vec<PathBuf>,
}

/// `taraf rules`.
#[derive(Debug, Args)]
pub struct Rules {
    /// The rule to explain, for instance B-TLS10; all are listed without one
    #[arg(value_name = "ID")]
    pub id: Option<String>,

    /// Language
    #[arg(long, value_enum, value_name = "LANG", default_value_t = Lang::En)]
    pub lang: Lang,

    /// How to tell it
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = RulesFormat::Text)]
    pub format: RulesFormat,
}

/// How to grade, and in which language to tell it.
#[derive(Clone, Copy, Debug, Args)]
pub struct Judging {
    /// Grade by the rules of this day [default: today; for results of SSL Labs, the day of their
    /// test]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = JUDGE)]
    pub rules_at: Option<Day>,

    /// Language of the grade and its reasons
    #[arg(long, value_enum, value_name = "LANG", default_value_t = Lang::En,
        help_heading = JUDGE)]
    pub lang: Lang,

    /// Add the note that officers paste into the portal of GPKI, in this language
    ///
    /// It stands at the end of the text, and as `note` in JSON. The justification that grades
    /// below A take is for the officer to write.
    #[arg(long, value_enum, value_name = "LANG", help_heading = JUDGE)]
    pub note: Option<Lang>,

    /// How long the note may be
    #[arg(long, value_enum, value_name = "LENGTH", default_value_t = NoteLength::Long,
        requires = "note", help_heading = JUDGE)]
    pub note_length: NoteLength,

    /// What the agency makes of an A- in the note
    #[arg(long, value_enum, value_name = "HOW", default_value_t = NoteAMinus::CountsAsA,
        requires = "note", help_heading = JUDGE)]
    pub note_a_minus: NoteAMinus,
}

/// What an agency makes of an A-.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NoteAMinus {
    /// It counts as an A, with a remark
    CountsAsA,
    /// It takes a justification, as a B does
    NeedsJustification,
}

impl From<NoteAMinus> for AMinus {
    fn from(how: NoteAMinus) -> Self {
        match how {
            NoteAMinus::CountsAsA => Self::CountsAsA,
            NoteAMinus::NeedsJustification => Self::NeedsJustification,
        }
    }
}

/// A language of taraf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// Malay
    Ms,
    /// English
    En,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ms => Self::Malay,
            Lang::En => Self::English,
        }
    }
}

/// How long a note may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NoteLength {
    /// 255 characters in one line
    Short,
    /// 1,000 characters in several lines
    Long,
}

impl From<NoteLength> for Length {
    fn from(length: NoteLength) -> Self {
        match length {
            NoteLength::Short => Self::Short,
            NoteLength::Long => Self::Long,
        }
    }
}

/// How to tell rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RulesFormat {
    /// For a person to read
    Text,
    /// For a program: a rule, or an array of all
    Json,
}

/// `taraf scan`.
#[derive(Debug, Args)]
pub struct Scan {
    /// Hosts: `name`, `name:port`, `address`, `[v6]:port` or an https URL; `-` reads a list from
    /// standard input
    ///
    /// A list has one host per line; blank lines and what follows a `#` are left out. Without a
    /// port it is 443, or the one of the STARTTLS protocol. A host that is named twice is scanned
    /// once.
    #[arg(value_name = "HOST", required_unless_present_any = ["file", "replay", "certificate"])]
    pub hosts: Vec<String>,

    /// Also scan the hosts of a list, one per line
    #[arg(long, short = 'f', value_name = "FILE", help_heading = WHAT)]
    pub file: Vec<PathBuf>,

    /// Scan this address instead of those in DNS; may be repeated
    #[arg(long, value_name = "ADDR", help_heading = WHAT)]
    pub ip: Vec<IpAddr>,

    /// Take the addresses of one host from here instead of DNS, as curl does; may be repeated
    ///
    /// An IPv6 address may stand in brackets. A HOST of `*` means every host with that port.
    #[arg(long, value_name = "HOST:PORT:ADDR[,ADDR]...", help_heading = WHAT)]
    pub resolve: Vec<Override>,

    /// Scan IPv4 addresses only
    #[arg(short = '4', long, conflicts_with_all = ["ipv6", "ip"], help_heading = WHAT)]
    pub ipv4: bool,

    /// Scan IPv6 addresses only
    #[arg(short = '6', long, conflicts_with = "ip", help_heading = WHAT)]
    pub ipv6: bool,

    /// Server name to send instead of the host; an empty one sends none
    #[arg(long, value_name = "NAME", help_heading = WHAT)]
    pub sni: Option<String>,

    /// Plain-text protocol that goes over to TLS
    ///
    /// One of smtp, lmtp, imap, pop3, ftp, ldap, xmpp-client, xmpp-server, postgres, mysql, nntp,
    /// sieve, irc, rdp.
    #[arg(long, value_name = "PROTOCOL", help_heading = WHAT)]
    pub starttls: Option<StartTls>,

    /// What certificates are held against.
    #[command(flatten)]
    pub certificates: Certificates,

    /// Scan every host of this certificate, and say at which addresses it is served
    ///
    /// The file may be as it came: .cer, .crt, .pem, .p7b, or text pasted from a mail. A wildcard
    /// stands for no host in particular; name those with --names.
    #[arg(long, value_name = "FILE", conflicts_with = "replay", help_heading = CERTS)]
    pub certificate: Option<PathBuf>,

    /// Hosts the certificate's wildcard stands for, as `www,portal` or whole names
    #[arg(long, value_name = "NAME[,NAME]...", value_delimiter = ',', requires = "certificate",
        help_heading = CERTS)]
    pub names: Vec<String>,

    /// Fetch nothing that certificates point to: no missing intermediates, no revocation lists, no
    /// OCSP
    #[arg(long, conflicts_with = "replay", help_heading = CERTS)]
    pub offline: bool,

    /// Ask this name server instead of the system's; may be repeated
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = dns::parse_server,
        conflicts_with = "replay", help_heading = WHAT)]
    pub dns: Vec<SocketAddr>,

    /// Scan this many hosts at once
    #[arg(long, short = 'j', value_name = "N", default_value_t = 8,
        value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = HOW)]
    pub jobs: u16,

    /// Do not pause between questions; for servers of your own
    #[arg(long, help_heading = HOW)]
    pub fast: bool,

    /// After the scan, ask for real as each known client would, and compare with what was worked
    /// out; about 70 more connections
    #[arg(long, help_heading = HOW)]
    pub simulate_live: bool,

    /// Ask about these known flaws only
    ///
    /// Some of heartbleed, ccs, ticketbleed, robot, padding (POODLE over TLS, Zombie POODLE,
    /// GOLDENDOODLE, Sleeping POODLE, 0-length, CVE-2016-2107), renegotiation, invalid-curve,
    /// small-subgroup, ticket-key, starttls-injection, opossum (one connection to port 80, for
    /// hosts on port 443). What follows from other facts, such as SWEET32, is always told.
    #[arg(long, value_name = "FLAW[,FLAW]...", value_delimiter = ',', value_parser = flaw,
        help_heading = HOW)]
    pub flaws: Vec<Flaw>,

    /// Do not ask about known flaws; the grade then says what it does not know
    #[arg(long, conflicts_with = "flaws", help_heading = HOW)]
    pub no_flaws: bool,

    /// Spend at most this long on one address [default: 180, with --fast 90]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = HOW)]
    pub timeout: Option<Duration>,

    /// Open at most this many connections to one address [default: 400]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..),
        help_heading = HOW)]
    pub max_connections: Option<u32>,

    /// Have at most this many connections to one address open at once [default: 4, with --fast 24]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000),
        help_heading = HOW)]
    pub concurrency: Option<u16>,

    /// Open at most this many new connections to one address in a second [default: 10, with
    /// --fast no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..),
        help_heading = HOW)]
    pub rate: Option<u32>,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text,
        help_heading = SHOW)]
    pub format: Format,

    /// When to use colour
    #[arg(long, visible_alias = "colour", value_enum, value_name = "WHEN",
        default_value_t = Colour::Auto, help_heading = SHOW)]
    pub color: Colour,

    /// Show no progress and no warnings; errors remain
    #[arg(long, short, conflicts_with = "verbose", help_heading = SHOW)]
    pub quiet: bool,

    /// List every question that was asked (text), and tell on standard error which hosts are done
    #[arg(long, short, action = ArgAction::SetTrue, help_heading = SHOW)]
    pub verbose: bool,

    /// How to grade.
    #[command(flatten)]
    pub judging: Judging,

    /// Write the whole conversation to a file; one line for each host
    #[arg(long, value_name = "FILE", conflicts_with = "replay", help_heading = KEEP)]
    pub record: Option<PathBuf>,

    /// Report from a recorded conversation, without a network
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "hosts", "file", "ip", "resolve", "ipv4", "ipv6", "sni", "starttls", "fast", "timeout",
        "max_connections", "concurrency", "rate", "simulate_live", "flaws", "no_flaws",
    ], help_heading = KEEP)]
    pub replay: Option<PathBuf>,
}

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person to read
    Text,
    /// One document for one host, an array for several, in the order of the hosts
    Json,
    /// A line of JSON for each host, as it ends
    Jsonl,
    /// The Host document of the SSL Labs API v3, an array for several
    Ssllabs,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// In files and pipes as well
    Always,
    /// Not at all
    Never,
}

/// A time budget. The most is a day, because a typing error should not hang a pipeline for ever.
/// A flaw by its name.
fn flaw(name: &str) -> Result<Flaw, String> {
    Flaw::ALL.into_iter().find(|flaw| flaw.name() == name).ok_or_else(|| {
        let names: Vec<_> = Flaw::ALL.iter().map(|flaw| flaw.name()).collect();
        format!("not a flaw taraf asks about; there are {}", names.join(", "))
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.strip_suffix('s').unwrap_or(text);
    match number.parse::<f64>() {
        Ok(n) if (0.1..=86_400.0).contains(&n) => Ok(Duration::from_secs_f64(n)),
        _ => Err("give a number of seconds from 0.1 to 86400".to_owned()),
    }
}

/// A day of the calendar.
fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "give a day of the calendar as YYYY-MM-DD".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use taraf_scanner::Manners;

    use super::*;

    fn scan(words: &[&str]) -> Result<Scan, clap::Error> {
        match Cli::try_parse_from([&["taraf", "scan"], words].concat())?.command {
            Command::Scan(scan) => Ok(*scan),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definitions_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_names_every_starttls_protocol() {
        let mut cli = Cli::command();
        let help = cli.find_subcommand_mut("scan").unwrap().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for protocol in StartTls::ALL {
            assert!(help.contains(&protocol.to_string()), "{protocol} is not in the help");
        }
    }

    #[test]
    fn the_help_names_the_defaults_of_the_engine() {
        let (polite, fast) = (Manners::polite(), Manners::fast());
        assert_eq!((polite.per_second, fast.per_second), (Some(10), None));
        let mut cli = Cli::command();
        let help = cli.find_subcommand_mut("scan").unwrap().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for (default, with_fast) in [
            (polite.most_time.as_secs(), fast.most_time.as_secs()),
            (polite.at_once as u64, fast.at_once as u64),
        ] {
            assert!(help.contains(&format!("[default: {default}, with --fast {with_fast}]")));
        }
        assert_eq!(polite.most_connections, fast.most_connections);
        assert!(help.contains(&format!("[default: {}]", polite.most_connections)));
    }

    #[test]
    fn what_the_lab_types_is_understood() {
        let words = [
            "--format",
            "ssllabs",
            "--fast",
            "--ip",
            "127.0.0.9",
            "--trust",
            "roots.pem",
            "--starttls",
            "smtp",
            "mail.example:2525",
        ];
        let scan = scan(&words).unwrap();
        assert_eq!(scan.format, Format::Ssllabs);
        assert_eq!(scan.starttls, Some(StartTls::Smtp));
        assert_eq!(scan.hosts, ["mail.example:2525"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for words in [
            &[][..],
            &["--replay", "a.rec", "example.com"],
            &["--replay", "a.rec", "--record", "b.rec"],
            &["-4", "-6", "example.com"],
            &["--jobs", "0", "example.com"],
            &["--rate", "0", "example.com"],
            &["--timeout", "0", "example.com"],
            &["--timeout", "NaN", "example.com"],
            &["--timeout", "1e9", "example.com"],
            &["--starttls", "gopher", "example.com"],
            &["--resolve", "example.com:443", "example.com"],
            &["--quiet", "--verbose", "example.com"],
            &["--rules-at", "yesterday", "example.com"],
            &["--rules-at", "2026-02-29", "example.com"],
            &["--lang", "id", "example.com"],
            &["--note", "fr", "example.com"],
            &["--note-length", "short", "example.com"],
        ] {
            assert!(scan(words).is_err(), "{words:?}");
        }
        assert_eq!(
            scan(&["--timeout", "1.5", "h"]).unwrap().timeout,
            Some(Duration::from_millis(1500))
        );
        assert_eq!(scan(&["--sni", "", "h"]).unwrap().sni.as_deref(), Some(""));
        assert!(scan(&["-"]).is_ok());
        assert!(scan(&["--note", "ms", "--note-length", "short", "h"]).is_ok());
        let day = scan(&["--rules-at", "2020-02-29", "h"]).unwrap().judging.rules_at;
        assert_eq!(day, Some(Day::of(2020, 2, 29)));
    }
}
