//! The program as its users meet it: what is typed, what comes out, and the exit code.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

#[path = "cli/certificates.rs"]
mod certificates;

/// The program with these words, and nothing of the environment that changes its output.
fn taraf(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taraf"));
    command.args(words).stdin(Stdio::null());
    command.env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm");
    command
}

fn run(words: &[&str]) -> Output {
    taraf(words).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Both streams in one line, for texts that may be wrapped anywhere.
fn said(output: &Output) -> String {
    let text = stdout(output) + &stderr(output);
    assert!(!text.contains("panicked"), "{text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
}

/// A port on which nothing listens.
fn closed_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A server that gives every connection this answer, and hangs up.
fn answering(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
        }
    });
    address
}

/// A file in the test's own directory.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn the_help_teaches_by_examples() {
    for words in [&["--help"][..], &["scan", "--help"], &["help", "scan"]] {
        let output = run(words);
        assert_exit(&output, 0);
        let text = stdout(&output);
        assert!(text.contains("Examples:"), "{text}");
        assert!(text.contains("taraf scan example.com"), "{text}");
        assert!(output.stderr.is_empty());
    }
    let text = stdout(&run(&["scan", "--help"]));
    for want in ["Exit codes:", "--starttls", "--resolve", "NO_COLOR", "--trust"] {
        assert!(text.contains(want), "{want} is not in\n{text}");
    }
    for want in ["--rules-at", "--lang", "--note", "--note-length"] {
        assert!(text.contains(want), "{want} is not in\n{text}");
    }
    let text = stdout(&run(&["grade", "--help"]));
    for want in ["Examples:", "--rules-at", "--note", "--format", "Exit codes:", "SSL Labs"] {
        assert!(text.contains(want), "{want} is not in\n{text}");
    }
    let text = stdout(&run(&["rules", "--help"]));
    for want in ["ID", "--lang", "--format"] {
        assert!(text.contains(want), "{want} is not in\n{text}");
    }
    let output = run(&["--version"]);
    assert_exit(&output, 0);
    assert_eq!(stdout(&output), format!("taraf {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_is_2() {
    let is = |words: &[&str], want: &str| {
        let output = run(words);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains(want), "{words:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{words:?}");
    };
    is(&[], "Usage:");
    is(&["scan"], "HOST");
    is(&["scan", "--no-such-option", "example.com"], "--no-such-option");
    is(&["scan", "--format", "pdf", "example.com"], "pdf");
    is(&["scan", "--starttls", "gopher", "example.com"], "gopher");
    is(&["scan", "ex ample.com"], "`ex ample.com` is not a host name or an IP address");
    is(&["scan", "example.com", "host:99999"], "`99999` is not a port");
    is(&["scan", "http://example.com"], "hint: a host is written as");
    is(&["scan", "--file", "/no/such/list"], "`/no/such/list`");
    is(&["scan", "--trust", "/no/such/roots", "example.com"], "`/no/such/roots`");
    is(&["scan", "--replay", "/no/such/recording"], "`/no/such/recording`");
    is(&["scan", "--record", "/no/such/directory/x", "127.0.0.1:1"], "`/no/such/directory/x`");
    let roots = file("no-roots.pem", "nothing");
    is(&["scan", "--trust", roots.to_str().unwrap(), "example.com"], "no PEM certificate");
    is(&["scan", "--replay", roots.to_str().unwrap()], "cannot be used");
    let bad = file("bad-hosts.txt", "# list\nexample.com\nnot a host\n");
    is(&["scan", "--file", bad.to_str().unwrap()], "line 3 of");
    is(&["scan", "--rules-at", "2026-02-29", "example.com"], "YYYY-MM-DD");
    is(&["scan", "--lang", "id", "example.com"], "id");
    is(&["scan", "--note-length", "short", "example.com"], "--note");
    let labs = ["scan", "--format", "ssllabs", "--note", "ms", "example.com"];
    is(&labs, "has no place for a note");
    is(&["rules", "no such rule"], "there is no rule `no such rule`");
    is(&["rules", "tls10"], "B-TLS10");
    is(&["rules", "--format", "ssllabs"], "ssllabs");
    let empty = file("empty-hosts.txt", "# nothing\n\n");
    is(&["scan", "--file", empty.to_str().unwrap()], "the list is empty");
}

#[test]
fn a_name_that_does_not_resolve_is_3() {
    let began = Instant::now();
    let output = run(&["scan", "no-such-host.invalid"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_exit(&output, 3);
    let text = said(&output);
    assert!(text.contains("The name does not resolve"), "{text}");
    assert!(text.contains("no-such-host.invalid:443"), "{text}");
    assert!(text.contains("hint: check the spelling"), "{text}");
}

#[test]
fn a_closed_port_is_3() {
    let address = closed_port();
    let output = run(&["scan", "--fast", &address.to_string()]);
    assert_exit(&output, 3);
    let text = said(&output);
    assert!(text.contains("Connection refused: nothing listens on port"), "{text}");
    assert!(text.contains(&format!("127.0.0.1 port {}: no TLS", address.port())), "{text}");
    assert!(text.contains(&format!("error: {address} could not be scanned")), "{text}");
}

#[test]
fn plain_http_is_3_and_named() {
    let address = answering(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    let output = run(&["scan", "--fast", &address.to_string()]);
    assert_exit(&output, 3);
    let text = said(&output);
    assert!(
        text.contains("Plain HTTP answers here, not TLS (HTTP/1.1 400 Bad Request)."),
        "{text}"
    );
}

#[test]
fn a_hostile_banner_cannot_write_to_the_terminal() {
    let address = answering(b"220 \x1b[2J\x1b]0;owned\x07\xc2\x9b31m hello\r\n");
    for format in ["text", "json", "jsonl", "ssllabs"] {
        let output = run(&["scan", "--fast", "--format", format, &address.to_string()]);
        assert_exit(&output, 3);
        let text = stdout(&output) + &stderr(&output);
        let plain = |c: char| c == '\n' || !c.is_control();
        assert!(text.chars().all(plain), "{text:?}");
    }
}

#[test]
fn json_of_one_host_and_of_several() {
    let (first, second) = (closed_port().to_string(), closed_port().to_string());
    let one = run(&["scan", "--fast", "--format", "json", &first]);
    assert_exit(&one, 3);
    let document: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["target"]["host"], "127.0.0.1");
    assert_eq!(document["endpoints"][0]["contact"]["state"], "nothing");

    let words = ["scan", "--fast", "--format", "json", &second, &first, &second];
    let several = run(&words);
    assert_exit(&several, 3);
    let documents: Vec<Value> = serde_json::from_slice(&several.stdout).unwrap();
    let ports = documents.iter().map(|d| format!("127.0.0.1:{}", d["target"]["port"]));
    assert_eq!(ports.collect::<Vec<_>>(), [second.clone(), first.clone()]);
    assert!(stderr(&several).contains("2 of 2 hosts could not be scanned"), "{}", stderr(&several));

    let lines = run(&["scan", "--fast", "--format", "jsonl", &first, &second]);
    assert_exit(&lines, 3);
    let lines = stdout(&lines);
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        assert_eq!(document["endpoints"].as_array().unwrap().len(), 1);
    }

    let labs = run(&["scan", "--fast", "--format", "ssllabs", &first]);
    assert_exit(&labs, 3);
    let document: Value = serde_json::from_slice(&labs.stdout).unwrap();
    assert_eq!(document["host"], "127.0.0.1");
}

#[test]
fn hosts_come_from_standard_input_and_from_files() {
    let (first, second) = (closed_port(), closed_port());
    let list =
        file("hosts.txt", &format!("# two hosts\r\n\r\n{second}   # the second\r\n{first}\n"));
    let mut child = taraf(&["scan", "--fast", "--format", "jsonl", "-", "--file"])
        .arg(list)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("\n# one\n{first}\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_exit(&output, 3);
    assert_eq!(stdout(&output).lines().count(), 2, "{}", stdout(&output));
    for address in [first, second] {
        let port = format!("\"port\":{}", address.port());
        assert!(stdout(&output).contains(&port), "{}", stdout(&output));
    }
}

#[test]
fn addresses_can_be_given() {
    let address = closed_port();
    let host = format!("staging.invalid:{}", address.port());
    let resolve = format!("{host}:127.0.0.1");
    for words in [["--ip", "127.0.0.1"], ["--resolve", &resolve]] {
        let output = run(&[&["scan", "--fast", &host], &words[..]].concat());
        assert_exit(&output, 3);
        let text = said(&output);
        assert!(text.contains("addresses 127.0.0.1 (given by option)"), "{text}");
        assert!(text.contains("Connection refused"), "{text}");
    }
    let output =
        run(&["scan", "--fast", "--resolve", "other.invalid:443:127.0.0.1", &address.to_string()]);
    let text = stderr(&output);
    assert!(text.contains("warning: `--resolve` is for other.invalid:443"), "{text}");
}

#[test]
fn colour_is_for_terminals_unless_wanted() {
    let address = closed_port().to_string();
    let escapes = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_exit(&output, 3);
        assert!(!stderr(&output).contains('\u{1b}'), "{}", stderr(&output));
        stdout(&output).contains('\u{1b}')
    };
    assert!(!escapes(&mut taraf(&["scan", &address])));
    assert!(!escapes(taraf(&["scan", &address]).env("NO_COLOR", "1")));
    assert!(!escapes(&mut taraf(&["scan", "--color", "never", &address])));
    assert!(escapes(&mut taraf(&["scan", "--color", "always", &address])));
    assert!(escapes(taraf(&["scan", "--colour=always", &address]).env("NO_COLOR", "1")));
}

#[test]
fn quiet_and_verbose() {
    let address = closed_port().to_string();
    let quiet = run(&["scan", "--quiet", "--resolve", "other.invalid:443:127.0.0.1", &address]);
    assert!(!stderr(&quiet).contains("warning"), "{}", stderr(&quiet));
    assert!(stderr(&quiet).contains("error"), "{}", stderr(&quiet));
    let verbose = stderr(&run(&["scan", "--verbose", &address]));
    let done = format!("{address}: could not be scanned, ");
    assert!(verbose.lines().any(|line| line.starts_with(&done)), "{verbose}");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let hosts: Vec<String> = (0..20).map(|_| closed_port().to_string()).collect();
    let mut words = vec!["scan", "--fast", "--jobs", "1"];
    words.extend(hosts.iter().map(String::as_str));
    let mut child = taraf(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_exit(&output, 0);
    assert!(output.stderr.is_empty(), "{}", stderr(&output));

    let mut help = taraf(&["scan", "--help"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(help.stdout.take());
    assert_eq!(help.wait().unwrap().code(), Some(0));
}

#[test]
fn a_recording_gives_the_same_facts_again() {
    let (first, second) = (answering(b"HTTP/1.0 400 no\r\n\r\n"), closed_port());
    let path = file("two.rec", "");
    let path = path.to_str().unwrap();
    let live = run(&[
        "scan",
        "--fast",
        "--format",
        "json",
        "--record",
        path,
        "--jobs",
        "1",
        &first.to_string(),
        &second.to_string(),
    ]);
    assert_exit(&live, 3);
    assert_eq!(std::fs::read_to_string(path).unwrap().lines().count(), 2);
    let again = run(&["scan", "--replay", path, "--format", "json"]);
    assert_exit(&again, 3);
    let contacts = |output: &Output| -> Vec<Value> {
        let documents: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        documents.iter().map(|d| d["endpoints"][0]["contact"].clone()).collect()
    };
    assert_eq!(contacts(&live), contacts(&again));
    assert_eq!(contacts(&live)[0]["state"], "not-tls");
}

#[test]
fn what_cannot_be_graded_is_2() {
    let is = |content: &str, want: &str| {
        let path = file("not-to-be-graded", content);
        let output = run(&["grade", path.to_str().unwrap()]);
        assert_exit(&output, 2);
        let text = said(&output);
        assert!(text.contains("cannot be graded") && text.contains("hint:"), "{text}");
        assert!(text.contains(want), "{text}");
        assert!(output.stdout.is_empty());
    };
    is("", "there is nothing in it");
    is("[]", "there is nothing in it");
    is("hello", "it is not JSON");
    is("{\"schema\": 1", "it is not JSON");
    is("{}", "neither an observation, nor a recording");
    is("[1, 2]", "neither an observation, nor a recording");
    is("{\"schema\": 99, \"target\": {}}", "schema 99");
    is("{\"schema\": 1, \"target\": {}}", "an observation that cannot be read");
    is("{\"format\": 1, \"manners\": {}}", "a recording that cannot be read");
    let evil = "{\"schema\": 1, \"target\": \"\u{9b}31m\"}";
    let output = run(&["grade", file("evil-to-grade", evil).to_str().unwrap()]);
    assert!(stderr(&output).chars().all(|c| c == '\n' || !c.is_control()), "{}", stderr(&output));
    assert_exit(&run(&["grade"]), 2);
    assert_exit(&run(&["grade", "/no/such/file"]), 2);
}

/// A recording of a server with SSL 2.0 and TLS 1.0.
fn old_server() -> String {
    format!("{}/tests/recordings/ssl2-and-modern.rec.json", env!("CARGO_MANIFEST_DIR"))
}

fn json(words: &[&str]) -> Value {
    let output = run(words);
    assert_exit(&output, 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

fn ids(report: &Value) -> Vec<&str> {
    let reasons = report["endpoints"][0]["reasons"].as_array().unwrap();
    reasons.iter().map(|reason| reason["id"].as_str().unwrap()).collect()
}

#[test]
fn kept_facts_are_graded_again() {
    let recording = old_server();
    let day = ["--rules-at", "2026-11-01", "--format", "json"];
    let scanned = json(&[&["scan", "--replay", &recording], &day[..]].concat());
    assert_eq!(scanned["schema"], 1);
    assert_eq!(scanned["report"]["grade"], "F");
    assert_eq!(scanned["report"]["rules_at"], "2026-11-01");
    assert!(ids(&scanned["report"]).contains(&"F-SSL2"));
    assert!(scanned.get("note").is_none());
    assert_eq!(json(&[&["grade", &recording], &day[..]].concat()), scanned);

    // From one document, from an array, from lines, and from standard input.
    let one = file("kept.json", &scanned.to_string());
    let array = file("kept-array.json", &Value::from(vec![scanned.clone(); 2]).to_string());
    let lines = file("kept.jsonl", &format!("{scanned}\n{scanned}\n"));
    let (one, array, lines) =
        (one.to_str().unwrap(), array.to_str().unwrap(), lines.to_str().unwrap());
    assert_eq!(json(&[&["grade", one], &day[..]].concat()), scanned);
    let five = json(&[&["grade", array, one, lines], &day[..]].concat());
    assert_eq!(five, Value::from(vec![scanned.clone(); 5]));
    let mut child = taraf(&[&["grade", "-"], &day[..]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(scanned.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), scanned);

    // TLS 1.0 cost nothing yet in 2019.
    let grade = |day: &str| json(&["grade", one, "--rules-at", day, "--format", "json"]);
    assert!(ids(&grade("2021-01-01")["report"]).contains(&"B-TLS10"));
    assert!(!ids(&grade("2019-01-01")["report"]).contains(&"B-TLS10"));

    let labs = json(&["grade", one, "--format", "ssllabs"]);
    assert_eq!(labs["endpoints"][0]["grade"], "F");
    assert_eq!(labs["endpoints"][0]["isExceptional"], false);
    assert!(labs["endpoints"][0]["hasWarnings"].is_boolean());
    assert!(labs["endpoints"][0]["gradeTrustIgnored"].is_string());
}

#[test]
fn the_grade_is_told_in_both_languages() {
    let recording = old_server();
    for command in [&["grade"][..], &["scan", "--replay"]] {
        let words = [command, &[recording.as_str(), "--rules-at", "2026-11-01"]].concat();
        let text = said(&run(&words));
        for want in [
            "|  F  | by the SSL Labs rating guide 2009r, rules of 2026-11-01",
            "SSL 2.0 is enabled and unsafe. (F-SSL2, critical)",
            "after this alone:",
            "to reach A",
        ] {
            let want = want.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains(&want), "{want}: {text}");
        }
        let text = said(&run(&[&words, &["--lang", "ms"][..]].concat()));
        for want in ["panduan penarafan SSL Labs", "Sebab taraf", "tindakan: Nyahaktifkan SSL 2.0"]
        {
            assert!(text.contains(want), "{want}: {text}");
        }
    }
    let coloured = stdout(&run(&["grade", "--color", "always", &recording]));
    assert!(coloured.contains("\u{1b}[1;31m|  F  |\u{1b}[0m"), "{coloured}");
    let plain = stdout(&run(&["grade", &recording]));
    let stripped = ["[1;31m", "[1;33m", "[1m", "[0m"]
        .iter()
        .fold(coloured, |text, code| text.replace(&format!("\u{1b}{code}"), ""));
    assert_eq!(stripped, plain, "colour changes no word");
}

#[test]
fn a_note_stands_at_the_end() {
    let recording = old_server();
    let words = ["grade", &recording, "--note", "ms", "--note-length", "short"];
    let text = stdout(&run(&words));
    let (_, note) = text.split_once("Note for the portal (").unwrap();
    let note = note.lines().nth(2).unwrap();
    assert!(note.starts_with("Taraf F. ssl2-and-modern.lab.test. Semakan "), "{note}");
    assert!(note.len() <= 255, "{note}");
    assert!(text.contains("hint: this grade takes a justification"), "{text}");
    let long = json(&["grade", &recording, "--note", "en", "--format", "json"]);
    assert_eq!(long["note"]["length"], "long");
    assert_eq!(long["note"]["ready"], false);
    let note = long["note"]["text"].as_str().unwrap();
    assert!(note.starts_with("Overall grade: F. "), "{note}");
    assert!(note.contains("\nJustification: ....\n"), "{note}");
    // A host without a grade has a note, too.
    let output = run(&["scan", "--fast", "--note", "ms", &closed_port().to_string()]);
    assert_exit(&output, 3);
    assert!(stdout(&output).contains("\nTaraf tiada. Domain: alamat IP dalaman.\n"));
}

#[test]
fn every_rule_is_explained() {
    let table = stdout(&run(&["rules"]));
    let documents = json(&["rules", "--format", "json"]);
    let documents = documents.as_array().unwrap();
    assert!(!documents.is_empty());
    for document in documents {
        let id = document["id"].as_str().unwrap();
        assert!(table.lines().any(|line| line.starts_with(&format!("{id} "))), "{id}: {table}");
        assert!(document["why"]["ms"].is_string() && document["why"]["en"].is_string(), "{id}");
    }
    for (language, wants) in [
        ("en", ["how it is probed", "severity", "to do", "since", "source", "2020-01-31"]),
        ("ms", ["cara semakan", "tahap", "tindakan", "sejak", "sumber", "2020-01-31"]),
    ] {
        let text = stdout(&run(&["rules", "b-tls10", "--lang", language]));
        assert!(text.starts_with("B-TLS10: "), "{text}");
        for want in wants {
            assert!(text.contains(want), "{want} is not in\n{text}");
        }
    }
    assert_eq!(json(&["rules", "B-TLS10", "--format", "json"])["id"], "B-TLS10");
    let output = run(&["rules", "B-TLS1O"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("hint: perhaps B-TLS10"), "{}", stderr(&output));
}
