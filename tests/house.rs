//! The house keeps its layers: these tests read the sources and name every line that brings in
//! what its room may not have. `docs/ARCHITECTURE.md` says why the walls stand where they do.
//!
//! Each check is a function from sources to findings, so that a planted violation can show that it
//! would be seen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::path::{Path, PathBuf};

/// One source file.
struct Source {
    /// Its path from the top of the repository, with slashes.
    path: String,
    text: String,
}

/// What may not be named where.
struct Wall {
    /// Files and directories it stands around.
    around: &'static [&'static str],
    /// Files and directories within them that it does not concern.
    but: &'static [&'static str],
    /// Names that may not pass. A name in lower case also stands for crates that carry it as a
    /// part, for instance `rustls` for `tokio_rustls`.
    never: &'static [&'static str],
    why: &'static str,
}

const ENGINE: &str = "scanner/src/";
const SERVICE: &str = "api/";

const WALLS: &[Wall] = &[
    Wall {
        around: &[ENGINE],
        but: &["scanner/src/net/"],
        never: &["tokio", "hickory", "UdpSocket", "TcpListener", "UnixStream", "ToSocketAddrs"],
        why: "only `net` has a runtime and a network",
    },
    Wall {
        around: &[ENGINE, SERVICE],
        but: &["scanner/src/net/dial.rs"],
        never: &["TcpStream", "TcpSocket"],
        why: "only `net/dial.rs` opens connections",
    },
    Wall {
        around: &[ENGINE],
        but: &["scanner/src/net/", "scanner/src/scan.rs"],
        never: &["SystemTime", "Instant"],
        why: "time comes in as an argument",
    },
    Wall {
        around: &[ENGINE],
        but: &[],
        never: &["fs", "File", "OpenOptions"],
        why: "the engine reads and writes no files",
    },
    Wall {
        around: &["scanner/src/wire/"],
        but: &[],
        never: &["aws_lc_rs", "rustls", "webpki", "x509", "futures", "futures_util"],
        why: "`wire` is bytes and messages: no cryptography, no certificates, no async",
    },
    Wall {
        around: &[ENGINE, SERVICE],
        // The package that reads the system's roots only has the name.
        but: &["scanner/src/net/handshake.rs", "api/command/trust.rs"],
        never: &["rustls"],
        why: "only `net/handshake.rs` knows the TLS library",
    },
    Wall {
        around: &[ENGINE],
        but: &[],
        never: &["axum", "sqlx", "clap", "anyhow"],
        why: "the engine has no HTTP server, no SQL and no command line",
    },
];

/// Which rooms of the engine a room may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("target", &["wire"]),
    ("observe", &["wire", "target"]),
    ("pki", &["wire", "target", "observe"]),
    ("legacy", &["wire"]),
    ("probe", &["wire", "target", "observe", "pki", "legacy"]),
    ("grade", &["wire", "target", "observe", "pki"]),
    ("report", &["wire", "target", "observe", "grade"]),
    ("note", &["wire", "target", "observe", "grade", "report"]),
    ("net", &["wire", "target", "observe", "pki", "legacy", "probe"]),
    ("scan", &["wire", "target", "observe", "pki", "probe", "grade", "net"]),
];

/// Words that judge. Facts outlive judgements: what is called so today is called otherwise in ten
/// years.
const JUDGEMENT: [&str; 5] = ["weak", "insecure", "bad", "good", "grade"];

/// The most lines of a file.
const MOST_LINES: usize = 900;

#[test]
fn no_room_names_what_it_may_not_have() {
    report(walls(&sources(&[ENGINE, SERVICE])));
}

#[test]
fn rooms_use_only_rooms_below_them() {
    report(directions(&sources(&[ENGINE])));
}

#[test]
fn the_facts_do_not_judge() {
    let mut sources = sources(&[ENGINE]);
    sources.retain(|source| source.path.contains("/observe"));
    assert!(!sources.is_empty(), "observe.rs is where the facts are");
    report(judgements(&sources));
}

#[test]
fn every_file_says_what_it_is_for() {
    report(undocumented(&sources(&[ENGINE, SERVICE])));
}

#[test]
fn the_engine_does_not_panic_on_purpose() {
    report(panics(&sources(&[ENGINE])));
}

#[test]
fn output_goes_through_a_handle() {
    report(prints(&sources(&[ENGINE, SERVICE])));
}

#[test]
fn no_file_needs_a_table_of_contents() {
    report(too_long(&sources(&[ENGINE, SERVICE])));
}

/// Names that may not stand where they stand.
fn walls(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let inside = |places: &[&str]| places.iter().any(|place| source.path.starts_with(place));
        for wall in WALLS.iter().filter(|wall| inside(wall.around) && !inside(wall.but)) {
            for word in words(&shipped(source)) {
                if wall.never.iter().any(|name| names(&word.text, name)) {
                    findings.push(source.at(word.line, &word.text, wall.why));
                }
            }
        }
    }
    findings
}

/// Rooms that use a room beside or above them.
fn directions(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let inner = source.path.strip_prefix(ENGINE).unwrap_or(&source.path);
        let room = inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs");
        if room == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            findings.push(source.at(1, room, "a new room needs its line in tests/house.rs"));
            continue;
        };
        let shipped = shipped(source);
        for (line, used) in rooms_used(&shipped) {
            if used != room && !allowed.contains(&used.as_str()) {
                findings.push(source.at(line, &used, &format!("`{room}` may not use it")));
            }
        }
    }
    findings
}

/// Words of judgement, wherever they stand: in names, in texts, in comments.
fn judgements(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        for word in words(&source.text) {
            for part in parts(&word.text) {
                if JUDGEMENT.contains(&part.as_str()) {
                    findings.push(source.at(word.line, &word.text, "facts carry no judgement"));
                }
            }
        }
    }
    findings
}

/// Files without a comment about the whole.
fn undocumented(sources: &[Source]) -> Vec<String> {
    let lacks = |source: &&Source| !source.text.trim_start().starts_with("//!");
    sources
        .iter()
        .filter(lacks)
        .map(|source| source.at(1, "//!", "the first line says what the file is for"))
        .collect()
}

/// Code that gives up on the process.
fn panics(sources: &[Source]) -> Vec<String> {
    let why = "network input is hostile: give the caller an answer instead";
    let mut findings = Vec::new();
    for source in sources {
        for word in words(&shipped(source)) {
            let called = matches!(word.before, Some('.' | ':')) && word.after == Some('(');
            let found = match word.text.as_str() {
                "unwrap" | "expect" | "unwrap_err" | "expect_err" => called,
                "panic" | "unreachable" | "todo" | "unimplemented" => word.after == Some('!'),
                _ => false,
            };
            if found {
                findings.push(source.at(word.line, &word.text, why));
            }
        }
    }
    findings
}

/// Macros that panic when nobody reads the output any more.
fn prints(sources: &[Source]) -> Vec<String> {
    let why = "it panics on a closed pipe: write through a handle";
    let mut findings = Vec::new();
    for source in sources {
        for word in words(&shipped(source)) {
            let prints = ["print", "println", "eprint", "eprintln", "dbg"];
            if word.after == Some('!') && prints.contains(&word.text.as_str()) {
                findings.push(source.at(word.line, &word.text, why));
            }
        }
    }
    findings
}

/// Files nobody can hold in the head.
fn too_long(sources: &[Source]) -> Vec<String> {
    let long = |source: &&Source| source.text.lines().count() > MOST_LINES;
    let what = |source: &Source| format!("{} lines", source.text.lines().count());
    let why = format!("a file of more than {MOST_LINES} lines is two files");
    sources
        .iter()
        .filter(long)
        .map(|source| source.at(MOST_LINES + 1, &what(source), &why))
        .collect()
}

impl Source {
    fn at(&self, line: usize, what: &str, why: &str) -> String {
        format!("{}:{line}: `{what}`: {why}", self.path)
    }
}

#[track_caller]
fn report(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Every Rust file below these directories.
fn sources(below: &[&str]) -> Vec<Source> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = Vec::new();
    let mut open: Vec<PathBuf> = below.iter().map(|place| top.join(place)).collect();
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 5, "the sources are not where they were");
    found
        .into_iter()
        .map(|path| Source {
            text: std::fs::read_to_string(&path).unwrap(),
            path: path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/"),
        })
        .collect()
}

/// True if this identifier is the name, or a crate that carries it as a part.
fn names(identifier: &str, name: &str) -> bool {
    let is_crate = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    identifier == name || (is_crate && identifier.split('_').any(|part| part == name))
}

/// `crate::room` and `crate::{room, room}`, and paths that climb out of a room.
fn rooms_used(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let words = words(code);
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1);
        if word.text == "super" && next.is_some_and(|next| next.text == "super") {
            found.push((word.line, "super::super".to_owned()));
        }
        if word.text != "crate" || word.after != Some(':') {
            continue;
        }
        let grouped = next.is_some_and(|next| next.before == Some('{'));
        if !grouped {
            found.extend(next.map(|next| (next.line, next.text.clone())));
            continue;
        }
        let mut depth = 0_usize;
        for inner in words.iter().skip(index + 1) {
            let between: &[char] = &inner.leading;
            for c in between {
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && matches!(inner.before, Some('{' | ',')) {
                found.push((inner.line, inner.text.clone()));
            }
        }
    }
    found
}

/// The parts of an identifier: `WeakKey` and `weak_key` both have `weak`.
fn parts(identifier: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut lower_before = false;
    for c in identifier.chars() {
        if c == '_' || (c.is_uppercase() && lower_before) {
            parts.push(String::new());
        }
        if c != '_' {
            parts.last_mut().unwrap().extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase();
    }
    parts
}

/// An identifier or another word, and what stands around it.
struct Word {
    text: String,
    line: usize,
    /// The nearest characters that are no blanks.
    before: Option<char>,
    after: Option<char>,
    /// All of them since the word before.
    leading: Vec<char>,
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut line = 1;
    let mut leading = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c.is_alphanumeric() || c == '_' {
            if !open {
                let before = leading.last().copied();
                let leading = std::mem::take(&mut leading);
                words.push(Word { text: String::new(), line, before, after: None, leading });
                open = true;
            }
            words.last_mut().unwrap().text.push(c);
            continue;
        }
        open = false;
        if c == '\n' {
            line += 1;
        }
        if !c.is_whitespace() {
            if let Some(last) = words.last_mut().filter(|word| word.after.is_none()) {
                last.after = Some(c);
            }
            leading.push(c);
        }
    }
    words
}

/// The code that is shipped: without comments, without literals, without tests. Lines stay where
/// they are.
fn shipped(source: &Source) -> String {
    if source.path.ends_with("/tests.rs") {
        return String::new();
    }
    const MARK: &str = "#[cfg(test)]";
    let mut code = code(&source.text);
    while let Some(start) = code.find(MARK) {
        let rest = code.get(start..).unwrap();
        let end = start + item_end(rest);
        let blank = blanked(code.get(start..end).unwrap().chars());
        code.replace_range(start..end, &blank);
    }
    code
}

/// Where the item ends that begins here: at its semicolon or its closing brace.
fn item_end(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                if c == '}' && depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The text with comments and literals blanked.
fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if let Some(end) = quiet_end(&chars, at) {
            let end = end.min(chars.len());
            out.push_str(&blanked(chars.get(at..end).unwrap().iter().copied()));
            at = end;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out
}

fn blanked(chars: impl Iterator<Item = char>) -> String {
    chars.map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

/// The end of the comment or literal that begins here, if one does.
fn quiet_end(chars: &[char], start: usize) -> Option<usize> {
    let at = |index: usize| chars.get(index).copied();
    let until = |from: usize, c: char| (from..chars.len()).find(|i| at(*i) == Some(c));
    match (at(start)?, at(start + 1)) {
        ('/', Some('/')) => Some(until(start, '\n').unwrap_or(chars.len())),
        ('/', Some('*')) => {
            let (mut depth, mut i) = (1, start + 2);
            while depth > 0 && i < chars.len() {
                match (at(i), at(i + 1)) {
                    (Some('/'), Some('*')) => (depth, i) = (depth + 1, i + 2),
                    (Some('*'), Some('/')) => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
            }
            Some(i)
        }
        ('\'', Some('\\')) => until(start + 3, '\'').map(|i| i + 1),
        // A lifetime has no second quote.
        ('\'', Some(_)) => (at(start + 2) == Some('\'')).then_some(start + 3),
        ('"', _) => Some(string_end(chars, start + 1)),
        ('r' | 'b' | 'c', _) => {
            let part_of_a_word =
                start.checked_sub(1).and_then(at).is_some_and(|c| c.is_alphanumeric() || c == '_');
            if part_of_a_word {
                return None;
            }
            let raw = start + usize::from(at(start) != Some('r'));
            let is_raw = at(raw) == Some('r');
            let mut i = raw + usize::from(is_raw);
            let hashes = (i..chars.len()).take_while(|i| at(*i) == Some('#')).count();
            i += hashes;
            if at(i) != Some('"') || (hashes > 0 && !is_raw) {
                return None;
            }
            if !is_raw {
                return Some(string_end(chars, i + 1));
            }
            let closes =
                |i: &usize| at(*i) == Some('"') && (1..=hashes).all(|n| at(i + n) == Some('#'));
            let end = (i + 1..chars.len()).find(closes);
            Some(end.map_or(chars.len(), |i| i + 1 + hashes))
        }
        _ => None,
    }
}

/// The end of a string with escapes, from the character behind its quote.
fn string_end(chars: &[char], from: usize) -> usize {
    let mut i = from;
    while let Some(c) = chars.get(i) {
        match c {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// The checks can fail: each sees what it is for, and nothing else.
mod planted {
    use super::*;

    fn source(path: &str, text: &str) -> Vec<Source> {
        vec![Source { path: path.to_owned(), text: text.to_owned() }]
    }

    /// The lines with findings.
    fn lines(findings: &[String]) -> Vec<usize> {
        findings.iter().map(|f| f.split(':').nth(1).unwrap().parse().unwrap()).collect()
    }

    #[test]
    fn a_forbidden_name_is_found_in_every_room_it_is_forbidden_in() {
        for (path, name) in [
            ("scanner/src/wire/hello.rs", "tokio::net"),
            ("scanner/src/probe/plan.rs", "std::net::TcpStream"),
            ("scanner/src/observe.rs", "std::net::UdpSocket"),
            ("scanner/src/pki/cert.rs", "std::time::SystemTime"),
            ("scanner/src/target.rs", "std::time::Instant"),
            ("scanner/src/probe/desk.rs", "std::{fmt, fs}"),
            ("scanner/src/wire/suites.rs", "aws_lc_rs::digest"),
            ("scanner/src/wire/flight.rs", "x509_parser::prelude"),
            ("scanner/src/net/live.rs", "tokio_rustls::TlsConnector"),
            ("scanner/src/scan.rs", "rustls::ClientConfig"),
            ("scanner/src/net/live.rs", "tokio::net::TcpStream"),
            ("scanner/src/scan.rs", "clap::Parser"),
            ("api/command/scan.rs", "rustls_pki_types"),
        ] {
            let findings = walls(&source(path, &format!("//! A file.\n\nuse {name};\n")));
            assert_eq!(lines(&findings), [3], "{path}, {name}: {findings:?}");
            assert!(findings.concat().starts_with(&format!("{path}:3: ")), "{findings:?}");
        }
    }

    #[test]
    fn what_a_room_may_have_is_left_alone() {
        for (path, text) in [
            ("scanner/src/net/dial.rs", "use tokio::net::TcpStream;"),
            ("scanner/src/net/handshake.rs", "use rustls::ClientConfig;"),
            ("scanner/src/pki/mod.rs", "use aws_lc_rs::digest;"),
            ("scanner/src/scan.rs", "use std::time::SystemTime;"),
            (
                "scanner/src/probe/plan.rs",
                "// Without tokio and rustls.\nconst A: &str = \"tokio\";",
            ),
            ("scanner/src/wire/hello.rs", "#[cfg(test)]\nmod tests { use std::fs; }"),
            ("scanner/src/wire/hello/tests.rs", "use std::fs;"),
            ("scanner/src/wire/hello.rs", "fn offset(instant: u8) {}"),
        ] {
            assert_eq!(walls(&source(path, text)), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_room_that_looks_up_is_found() {
        let find = |path, text| lines(&directions(&source(path, text)));
        assert_eq!(find("scanner/src/wire/hello.rs", "\nuse crate::observe::Fact;"), [2]);
        assert_eq!(find("scanner/src/probe/plan.rs", "use crate::{wire, net::{dial, dns}};"), [1]);
        assert_eq!(find("scanner/src/observe.rs", "fn f() -> crate::scan::Scan {}"), [1]);
        assert_eq!(find("scanner/src/pki/cert.rs", "use super::super::net;"), [1]);
        assert_eq!(find("scanner/src/cellar.rs", "//! New."), [1]);
        assert_eq!(find("scanner/src/probe/plan.rs", "use crate::{observe::Fact, wire};"), []);
        assert_eq!(find("scanner/src/scan.rs", "use crate::net::dns::Dns;"), []);
        assert_eq!(find("scanner/src/wire/groups.rs", "pub(crate) fn f(a: u8, b: u8) {}"), []);
    }

    #[test]
    fn a_judgement_is_found_in_names_texts_and_comments() {
        let find = |text| lines(&judgements(&source("scanner/src/observe.rs", text)));
        assert_eq!(
            find("/// A weak key.\nenum Key { WeakKey }\nlet bad_key = \"Good\";"),
            [1, 2, 3, 3]
        );
        assert_eq!(find("/// Grade: insecure."), [1, 1]);
        assert_eq!(find("/// Upgraded badge, goods, tweak."), []);
    }

    #[test]
    fn a_panic_on_purpose_is_found() {
        let text = "fn f() {\n    a.unwrap();\n    b\n        .expect(\"c\");\n    panic!(\"d\");\n    \
            unreachable!()\n    ; todo!() }\n";
        let find = |text| lines(&panics(&source("scanner/src/net/live.rs", text)));
        assert_eq!(find(text), [2, 4, 5, 6, 7]);
        let fine = "#[expect(unused)]\nfn f() { a.unwrap_or(1); /* panic!() */ g(\"todo!()\") }\n\
            /// ```\n/// a.unwrap();\n/// ```\n#[cfg(test)]\nmod tests {\n fn g() { a.unwrap(); }\n}\n";
        assert_eq!(find(fine), []);
        assert_eq!(find(&format!("{fine}fn h() {{ a.unwrap() }}")), [10], "code after the tests");
    }

    #[test]
    fn printing_past_the_handle_is_found() {
        let find = |text| lines(&prints(&source("api/main.rs", text)));
        assert_eq!(find("fn f() {\n println!(\"a\");\n dbg!(b);\n}"), [2, 3]);
        assert_eq!(find("fn print(a: u8) { writeln!(a) }"), []);
    }

    #[test]
    fn a_file_without_purpose_or_end_is_found() {
        assert_eq!(lines(&undocumented(&source("api/lib.rs", "use std::fmt;"))), [1]);
        assert_eq!(undocumented(&source("api/lib.rs", "//! The program.")), [""; 0]);
        let long = "//! Long.\n".repeat(MOST_LINES + 1);
        assert_eq!(lines(&too_long(&source("api/lib.rs", &long))), [MOST_LINES + 1]);
        assert_eq!(too_long(&source("api/lib.rs", long.trim_end_matches("//! Long.\n"))), [""; 0]);
        assert_eq!(too_long(&source("api/lib.rs", &"\n".repeat(MOST_LINES))), [""; 0]);
    }

    #[test]
    fn comments_and_literals_are_told_from_code() {
        for (text, left) in [
            ("a // b\nc", "a c"),
            ("a /* b /* c */ d */ e", "a e"),
            (r#"a "b \" c" d"#, "a d"),
            (r##"a r#"b " c"# d"##, "a d"),
            (r#"a b"c" br"d\" e"#, "a e"),
            ("a 'b' '\\'' '\\u{1f}' c", "a c"),
            ("&'a b<'a> c", "&'a b<'a> c"),
            ("r#type number \"a\"", "r#type number"),
        ] {
            let code = code(text);
            assert_eq!(code.split_whitespace().collect::<Vec<_>>().join(" "), left, "{text}");
            assert_eq!(code.lines().count(), text.lines().count());
        }
    }
}
