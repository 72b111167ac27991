//! The program as its users meet it: what is typed, what comes out, and the exit code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

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
