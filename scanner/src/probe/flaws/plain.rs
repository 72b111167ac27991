//! Flaws of going over from plain text to TLS: commands taken from before (CVE-2011-0411), and
//! HTTP that upgrades within a connection, as Opossum needs it (CVE-2025-49812).
//!
//! Commands: one connection, in protocols made of lines. A command is sent in the same packet as
//! the one that asks for TLS, and another one inside TLS. If the first answer inside belongs to the
//! first command, it was kept. A server that refuses the packet is sound.
//!
//! Opossum: one connection to port 80 with `Upgrade: TLS/1.0` (RFC 2817); "101" is the proof.

use super::{Known, Shown, completed, spoken_by_us};
use crate::legacy::{Step, Talk, Until};
use crate::observe::{Fact, Refusal, Why};
use crate::probe::Probe;
use crate::probe::desk::Answer;
use crate::wire::StartTls;
use crate::wire::record::content;

/// The command in plain text, what its answer begins with, the command inside TLS, and its answer.
struct Commands(&'static str, &'static str, &'static str, &'static str);

fn commands(protocol: StartTls) -> Option<Commands> {
    Some(match protocol {
        StartTls::Smtp | StartTls::Lmtp => Commands("NOOP\r\n", "250", "QUIT\r\n", "221"),
        StartTls::Imap => Commands("x1 NOOP\r\n", "x1 ", "x2 NOOP\r\n", "x2 "),
        StartTls::Pop3 => Commands("XNONE\r\n", "-ERR", "QUIT\r\n", "+OK"),
        StartTls::Ftp => Commands("NOOP\r\n", "200", "QUIT\r\n", "221"),
        StartTls::Nntp => Commands("DATE\r\n", "111", "QUIT\r\n", "205"),
        _ => return None,
    })
}

pub(super) async fn starttls_injection(known: &Known<'_>, protocol: Option<StartTls>) -> Shown<()> {
    let Some(Commands(before, kept, inside, sound)) = protocol.and_then(commands) else {
        return Shown::unknown(Why::NotApplicable, []);
    };
    let Some((version, suites)) = known.newest(spoken_by_us) else {
        return Shown::unknown(Why::NoHandshake, []);
    };
    let mut steps = completed();
    let body = inside.as_bytes().to_vec();
    steps.push(Step::Record { content: content::APPLICATION_DATA, body, spoil: None });
    steps.push(Step::Listen { until: Until::Data });
    let hello = known.hello(version, &suites);
    let talk = Talk { hello, steps, injected: before.to_owned() };
    let talked = known.say("a command beside STARTTLS", talk).await;
    let how = [talked.id];
    let heard = match talked.heard {
        Ok((heard, _)) => heard,
        // Both together are refused: nothing is kept.
        Err(Why::NoHandshake) => {
            return Shown::with(Fact::no(how), "refused together with STARTTLS");
        }
        Err(why) => return Shown::unknown(why, how),
    };
    let said = String::from_utf8_lossy(&heard.data);
    if said.starts_with(kept) {
        Shown::with(Fact::yes((), how), format!("inside TLS comes {:.40}", said.trim_end()))
    } else if said.starts_with(sound) {
        Shown::with(Fact::no(how), "the command is dropped")
    } else {
        Shown::unknown(Why::Garbled, how)
    }
}

pub(super) async fn opossum(known: &Known<'_>, host: Option<&str>) -> Shown<()> {
    let Some(host) = host else { return Shown::unknown(Why::NotApplicable, []) };
    let text = format!(
        "OPTIONS * HTTP/1.1\r\nHost: {host}\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"
    );
    let answered = known.desk.ask("HTTP upgrade to TLS", Probe::Plain { port: 80, text }).await;
    let how = [answered.id];
    match answered.answer {
        Answer::Text(text) => {
            if goes_over(&text) {
                Shown::with(Fact::yes((), how), "101 Switching Protocols to TLS on port 80")
            } else {
                Shown::with(Fact::no(how), "port 80 does not go over to TLS")
            }
        }
        Answer::Refused(Refusal::Close) => Shown::with(Fact::no(how), "port 80 is closed"),
        Answer::Unknown(why) => Shown::unknown(why, how),
        _ => Shown::unknown(Why::Garbled, how),
    }
}

/// True for an answer that goes over to TLS.
fn goes_over(answer: &str) -> bool {
    let lines = answer.to_ascii_lowercase();
    lines.starts_with("http/1.1 101") && lines.contains("upgrade: tls")
}

#[cfg(test)]
mod tests {
    use super::super::reaction::testing::{Server, at_last_step, refused};
    use super::*;
    use crate::legacy::Heard;
    use crate::probe::End;
    use crate::wire::Version;

    fn ask(protocol: StartTls, data: &str) -> Fact<()> {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        let inquiry = starttls_injection(&known, Some(protocol));
        let (shown, _) = server.run(inquiry, |talk| {
            assert!(!talk.injected.is_empty());
            let data = data.as_bytes().to_vec();
            (Heard { data, handshakes: 1, ..at_last_step(talk, &[]) }, End::Enough)
        });
        shown.fact
    }

    #[test]
    fn the_first_answer_inside_says_whose_it_is() {
        assert!(ask(StartTls::Smtp, "250 2.0.0 Ok\r\n221 Bye\r\n").is_yes());
        assert!(ask(StartTls::Smtp, "221 Bye\r\n").is_no());
        assert!(ask(StartTls::Imap, "x1 OK\r\n").is_yes());
        assert!(ask(StartTls::Imap, "x2 OK\r\n").is_no());
        assert!(ask(StartTls::Pop3, "-ERR unknown\r\n+OK\r\n").is_yes());
        assert!(ask(StartTls::Pop3, "+OK\r\n").is_no());
        assert_eq!(ask(StartTls::Smtp, "421 busy\r\n").known(), None);
        assert_eq!(ask(StartTls::Smtp, "").known(), None);
    }

    #[test]
    fn protocols_without_lines_are_not_asked() {
        let server = Server::new(Version::TLS12, &[0x002f]);
        let known = server.known();
        for protocol in [None, Some(StartTls::Postgres)] {
            let (shown, asked) = server.run(starttls_injection(&known, protocol), refused);
            assert_eq!((shown.fact.known(), asked), (None, 0));
        }
    }

    #[test]
    fn only_switching_to_tls_counts() {
        let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n";
        assert!(goes_over(head));
        assert!(!goes_over("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"));
        assert!(!goes_over("HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\n\r\n"));
    }
}
