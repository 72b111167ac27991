//! Conversations with servers that go over to TLS, that refuse, and that are something else.

use super::*;
use proptest::prelude::*;

/// Plays a server that says `said` in pieces; what the client wrote, and how it ended.
fn talk<'a>(
    protocol: StartTls,
    said: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Vec<u8>>, Step, Prelude) {
    let mut prelude = Prelude::new(protocol, "a.example");
    let (mut said, mut wrote) = (said.into_iter(), Vec::new());
    let mut step = prelude.step(b"");
    loop {
        step = match step {
            Step::Send(bytes) => {
                wrote.push(bytes);
                prelude.step(b"")
            }
            Step::Need => match said.next() {
                Some(piece) => prelude.step(piece),
                None => return (wrote, Step::Need, prelude),
            },
            end => return (wrote, end, prelude),
        };
    }
}

/// A packet of MySQL.
fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(payload.len()).unwrap_or(0), 0, 0, sequence];
    bytes.extend_from_slice(payload);
    bytes
}

fn mysql_greeting(capabilities: u16) -> Vec<u8> {
    let mut payload = b"\x0a11.4.2-MariaDB\0\x07\0\0\0scramble\0".to_vec();
    payload.extend(capabilities.to_le_bytes());
    payload.extend(b"\x2d\x02\0\xff\x81\x15\0\0\0\0\0\0\0\0\0\0restofscramble\0plugin\0");
    packet(0, &payload)
}

/// What a server says, message by message, and what the client says.
type Dialogue = (StartTls, Vec<Vec<u8>>, Vec<&'static [u8]>);

fn good() -> Vec<Dialogue> {
    let text = |lines: &[&str]| lines.iter().map(|line| line.as_bytes().to_vec()).collect();
    let features = "<?xml version='1.0'?>\n<stream:stream xmlns='jabber:client' id='x' \
                        version='1.0' xmlns:stream='http://etherx.jabber.org/streams'>";
    let offer = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>\
                     <required/></starttls><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
                     <mechanism>PLAIN</mechanism></mechanisms></stream:features>\n";
    let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let begin: &[u8] = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let starttls: &[u8] = b"STARTTLS\r\n";
    vec![
        (
            StartTls::Smtp,
            text(&[
                "220-mx.example ESMTP\r\n220 hello\r\n",
                "250-mx.example\r\n250-SIZE 1\r\n250-starttls\r\n250 HELP\r\n",
                "220 2.0.0 go ahead\r\n",
            ]),
            vec![b"EHLO taraf.invalid\r\n", starttls],
        ),
        (
            StartTls::Lmtp,
            text(&["220 mx LMTP\n", "250-mx\n250 STARTTLS\n", "220 go\n"]),
            vec![b"LHLO taraf.invalid\r\n", starttls],
        ),
        (
            StartTls::Imap,
            text(&[
                "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
                "* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n",
            ]),
            vec![b"a1 STARTTLS\r\n"],
        ),
        (
            StartTls::Pop3,
            text(&["+OK <1896.697170952@a.example>\r\n", "+OK\r\n"]),
            vec![b"STLS\r\n"],
        ),
        (
            StartTls::Ftp,
            text(&[
                "120 soon\r\n220-Welcome\r\n\r\n  421 users like it\r\nhere\r\n220 ok\r\n",
                "234 AUTH TLS ok\r\n",
            ]),
            vec![b"AUTH TLS\r\n"],
        ),
        (StartTls::Ftp, text(&["220\r\n", "334 ok\r\n"]), vec![b"AUTH TLS\r\n"]),
        (
            StartTls::Ldap,
            vec![b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0".to_vec()],
            vec![b"0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"],
        ),
        (
            // As Active Directory writes it: four bytes of length, and a response name.
            StartTls::Ldap,
            vec![
                b"\x30\x84\0\0\0\x28\x02\x01\x01\x78\x84\0\0\0\x1f\x0a\x01\0\x04\0\x04\0\
                      \x8a\x161.3.6.1.4.1.1466.20037"
                    .to_vec(),
            ],
            vec![b"0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037"],
        ),
        (
            StartTls::XmppClient,
            text(&[features, offer, proceed]),
            vec![
                b"<?xml version='1.0'?>\
                      <stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
                      xmlns='jabber:client' to='a.example' version='1.0'>",
                begin,
            ],
        ),
        (
            StartTls::XmppServer,
            text(&[features, offer, "<tls:proceed xmlns:tls='u'></tls:proceed>"]),
            vec![
                b"<?xml version='1.0'?>\
                      <stream:stream xmlns:stream='http://etherx.jabber.org/streams' \
                      xmlns='jabber:server' xmlns:db='jabber:server:dialback' \
                      from='taraf.invalid' to='a.example' version='1.0'>",
                begin,
            ],
        ),
        (StartTls::Postgres, text(&["S"]), vec![&[0, 0, 0, 8, 4, 210, 22, 47]]),
        (
            StartTls::Mysql,
            vec![mysql_greeting(0xfffe)],
            vec![&[
                32, 0, 0, 1, 0, 0x8a, 0, 0, 0, 0, 0, 1, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ]],
        ),
        (StartTls::Nntp, text(&["201 news\r\n", "382 go\r\n"]), vec![starttls]),
        (
            StartTls::Sieve,
            text(&[
                "\"IMPLEMENTATION\" {9}\r\nOK\r\nNO\r\nx\r\n\"SASL\" \"\"\r\n\"StartTLS\"\r\n\
                     OK (TAG {3+}\r\nNO\n) \"hi\"\r\n",
                "OK\r\n",
            ]),
            vec![starttls],
        ),
        (
            StartTls::Irc,
            text(&[
                "NOTICE AUTH :*** Looking up\r\n:a NOTICE * :420 x\r\n\r\nPING :1\r\n",
                ":irc.example 020 * :Please wait\r\n:irc.example 670 * :go\r\n",
            ]),
            vec![starttls],
        ),
        (
            StartTls::Rdp,
            vec![b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x02\0\0\0".to_vec()],
            vec![b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"],
        ),
    ]
}

#[test]
fn a_good_dialogue_ends_in_tls() {
    for (protocol, said, wanted) in good() {
        let all = said.concat();
        let (wrote, end, prelude) = talk(protocol, said.iter().map(Vec::as_slice));
        assert_eq!((wrote, end), (wanted.iter().map(|w| w.to_vec()).collect(), Step::Ready));
        assert!(prelude.leftover().is_empty() && prelude.farewell().is_empty(), "{protocol}");
        let (wrote, end, prelude) = talk(protocol, all.chunks(1));
        assert_eq!((wrote, end), (wanted.iter().map(|w| w.to_vec()).collect(), Step::Ready));
        assert!(prelude.leftover().is_empty(), "{protocol}");
        // Not one byte earlier, unless the client has the last word.
        let (_, end, _) = talk(protocol, all.chunks(1).take(all.len() - 1));
        assert_eq!(end, Step::Need, "{protocol}");
    }
}

#[test]
fn what_comes_behind_the_go_ahead_is_noticed() {
    for (protocol, mut said, wanted) in good() {
        if let Some(last) = said.last_mut() {
            last.extend_from_slice(b"250 injected\r\n");
        }
        let (wrote, end, mut prelude) = talk(protocol, said.iter().map(Vec::as_slice));
        assert_eq!((wrote.len(), end), (wanted.len(), Step::Ready), "{protocol}");
        assert_eq!(prelude.leftover(), b"250 injected\r\n", "{protocol}");
        // The end stays the end, and what comes later is not lost.
        assert_eq!(prelude.step(b"!"), Step::Ready);
        assert_eq!(prelude.leftover(), b"250 injected\r\n!");
    }
}

#[test]
fn a_server_that_says_all_at_once_is_understood() {
    for (protocol, said, wanted) in good() {
        let (wrote, end, prelude) = talk(protocol, [said.concat().as_slice()]);
        assert_eq!((wrote.len(), end), (wanted.len(), Step::Ready), "{protocol}");
        assert!(prelude.leftover().is_empty());
    }
}

#[test]
fn a_refusal_says_why() {
    let not_offered = "STARTTLS is not offered";
    let unavailable = b"\x30\x10\x02\x01\x01\x78\x0b\x0a\x01\x34\x04\0\x04\x04no\x07!";
    let notice = b"\x30\x0c\x02\x01\0\x78\x07\x0a\x01\x02\x04\0\x04\0";
    let error = b"E\0\0\0\x18SFATAL\0C53300\0Mfull\0\0";
    let stream = "<stream:stream xmlns='jabber:client'>";
    let rdp_failure =
        |code| [&b"\x03\0\0\x13\x0e\xd0\0\0\0\0\0\x03\0\x08\0"[..], &[code, 0, 0, 0]].concat();
    let cases: Vec<(StartTls, Vec<u8>, &str)> = vec![
        (StartTls::Smtp, b"554-no\r\n554 go away\x1b[2J\r\n".into(), "554 go away.[2J"),
        (StartTls::Smtp, b"220-wait\r\n521 blocked\r\n".into(), "521 blocked"),
        (StartTls::Smtp, b"220 a\r\n250-b\r\n250 XSTARTTLS\r\n".into(), not_offered),
        (StartTls::Smtp, b"220 a\r\n250 STARTTLS\r\n454 later\r\n".into(), "454 later"),
        (StartTls::Smtp, b"220 a\r\n502 <EHLO>\r\n".into(), "502 <EHLO>"),
        (StartTls::Lmtp, b"220 a\r\n250 b\r\n".into(), not_offered),
        (StartTls::Imap, b"* BYE full\r\n".into(), "* BYE full"),
        (StartTls::Imap, b"* PREAUTH root\r\n".into(), "* PREAUTH root"),
        (StartTls::Imap, b"* OK\r\n* x\r\na1 BAD what\r\n".into(), "a1 BAD what"),
        (StartTls::Imap, b"* OK\r\n* BYE bye\r\n".into(), "* BYE bye"),
        (StartTls::Pop3, b"+OK\r\n-ERR no TLS\r\n".into(), "-ERR no TLS"),
        (StartTls::Ftp, b"220 a\r\n530 log in first\r\n".into(), "530 log in first"),
        (StartTls::Ldap, unavailable.to_vec(), "result 52 no.!"),
        (StartTls::Ldap, notice.to_vec(), "result 2"),
        (StartTls::XmppClient, format!("{stream}<stream:features/>").into(), not_offered),
        (
            StartTls::XmppServer,
            format!("{stream}<stream:error><host-unknown xmlns='u'/></stream:error>").into(),
            "host-unknown",
        ),
        (StartTls::XmppServer, b"<stream:error>Bad</stream:error>".into(), "Bad"),
        (
            StartTls::XmppClient,
            format!("{stream}<features><starttls/></features><failure xmlns='u'/>").into(),
            "failure",
        ),
        (
            StartTls::XmppClient,
            format!("{stream}</stream:stream>").into(),
            "the server closed the stream",
        ),
        (StartTls::Postgres, b"N".into(), "the server answered N: no TLS"),
        (StartTls::Postgres, error.to_vec(), "full"),
        (StartTls::Postgres, b"Ecould not fork: x\n\0".into(), "could not fork: x"),
        (
            StartTls::Mysql,
            mysql_greeting(0xf7fe),
            "the server does not have the capability CLIENT_SSL",
        ),
        (StartTls::Mysql, packet(0, b"\xff\x6a\x04blocked"), "1130 blocked"),
        (StartTls::Mysql, packet(1, b"\xff\x10\x04#08004full"), "1040 full"),
        (StartTls::Nntp, b"200 a\r\n580 no TLS\r\n".into(), "580 no TLS"),
        (StartTls::Nntp, b"502 go away\r\n".into(), "502 go away"),
        (StartTls::Sieve, b"\"SASL\" \"PLAIN\"\r\nOK\r\n".into(), not_offered),
        (StartTls::Sieve, b"\"STARTTLS\"\r\nOK\r\nNO \"x\"\r\n".into(), "NO \"x\""),
        (StartTls::Sieve, b"BYE (TRYLATER)\r\n".into(), "BYE (TRYLATER)"),
        (StartTls::Irc, b":a 691 * :no\r\n".into(), ":a 691 * :no"),
        (StartTls::Irc, b":a 451 * :register\r\n".into(), ":a 451 * :register"),
        (StartTls::Irc, b"ERROR :Closing Link\r\n".into(), "ERROR :Closing Link"),
        (StartTls::Rdp, rdp_failure(2), "SSL_NOT_ALLOWED_BY_SERVER"),
        (StartTls::Rdp, rdp_failure(9), "RDP_NEG_FAILURE 9"),
        (StartTls::Rdp, b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0".into(), "only standard RDP security"),
    ];
    for (protocol, said, why) in cases {
        for size in [1, said.len()] {
            let (_, end, prelude) = talk(protocol, said.chunks(size));
            assert_eq!(end, Step::Refused(why.into()), "{protocol}");
            assert_eq!(prelude.farewell(), protocol.row().2, "{protocol}");
        }
    }
}

#[test]
fn a_foreign_banner_is_unexpected() {
    let ssh = "SSH-2.0-OpenSSH_9.6\r\n";
    let alert = "a TLS record: this port speaks TLS from the first byte";
    for &protocol in StartTls::ALL {
        // This one byte is the whole answer of PostgreSQL.
        if protocol != StartTls::Postgres {
            let (_, end, prelude) = talk(protocol, [ssh.as_bytes()]);
            assert_eq!(end, Step::Unexpected(ssh.trim().into()), "{protocol}");
            assert!(prelude.farewell().is_empty());
            let (_, end, _) = talk(protocol, ssh.as_bytes().chunks(1));
            assert!(matches!(end, Step::Unexpected(_)), "{protocol}: {end:?}");
        }
        let (_, end, _) = talk(protocol, ["HTTP/1.1 400 Bad Request\r\n\r\n".as_bytes()]);
        assert!(matches!(end, Step::Unexpected(_)), "{protocol}: {end:?}");
        let (_, end, _) = talk(protocol, [&b"\x15\x03\x01\0\x02\x02\x46"[..]]);
        assert_eq!(end, Step::Unexpected(alert.into()), "{protocol}");
    }
    let others: [(StartTls, &[u8]); 8] = [
        (StartTls::Smtp, b"250 out of turn\r\n"),
        (StartTls::Smtp, &mysql_greeting(0xffff)),
        (StartTls::Irc, b"220 mail\r\n"),
        (StartTls::Postgres, b"ERROR\r\n"),
        (StartTls::XmppClient, b"<html><body>"),
        (StartTls::Ldap, b"\x30\x80\x02\x01\x01"),
        (StartTls::Ldap, b"\x30\x84\xff\xff\xff\xff"),
        (StartTls::Rdp, b"\x03\0\0\x03"),
    ];
    for (protocol, said) in others {
        for size in [1, said.len()] {
            let (_, end, _) = talk(protocol, said.chunks(size));
            assert!(matches!(end, Step::Unexpected(_)), "{protocol}: {end:?}");
        }
    }
}

#[test]
fn lines_and_input_have_limits() {
    let line = |length: usize| format!("220 {}\r\n", "x".repeat(length - 6)).into_bytes();
    for (length, fits) in [(MAX_LINE, true), (MAX_LINE + 1, false)] {
        for size in [1, length] {
            let (wrote, end, _) = talk(StartTls::Smtp, line(length).chunks(size));
            assert_eq!((wrote.len() == 1, end == Step::Need), (fits, fits));
        }
    }
    let endless = "* x\r\n".repeat(MAX_INPUT);
    for size in [1, 1000, endless.len()] {
        let said = [&b"* OK\r\n"[..]].into_iter().chain(endless.as_bytes().chunks(size));
        let (_, end, prelude) = talk(StartTls::Imap, said);
        assert_eq!(end, Step::Unexpected("more than 16384 bytes before TLS".into()));
        assert!(prelude.buffer.len() <= MAX_INPUT);
    }
    // What follows the go-ahead is kept up to the limit, and is no reason to miss it.
    let (_, end, prelude) = talk(StartTls::Postgres, ["S".repeat(3 * MAX_INPUT).as_bytes()]);
    assert_eq!((end, prelude.leftover().len()), (Step::Ready, MAX_INPUT - 1));
}

#[test]
fn an_excerpt_is_short_and_printable() {
    let said = format!("550 \u{202e}{}\u{9b}é{}\r\n", '\u{200b}', "x".repeat(500));
    let (_, end, _) = talk(StartTls::Smtp, [said.as_bytes()]);
    assert_eq!(end, Step::Refused(format!("550 ...é{}", "x".repeat(112))));
}

#[test]
fn names_are_read_back_and_aliases_known() {
    for &protocol in StartTls::ALL {
        assert_eq!(protocol.name().parse(), Ok(protocol));
        assert_eq!(protocol.to_string(), protocol.name());
        let json = serde_json::to_string(&protocol).ok();
        assert_eq!(json, Some(format!("\"{}\"", protocol.name())));
    }
    assert_eq!("xmpp".parse(), Ok(StartTls::XmppClient));
    assert_eq!("postgresql".parse(), Ok(StartTls::Postgres));
    let error = "gopher\n".parse::<StartTls>().map_err(|error| error.to_string());
    let wanted = "\"gopher\\n\" is not a STARTTLS protocol; known are smtp, lmtp, imap, pop3, \
                      ftp, ldap, xmpp-client, xmpp-server, postgres, mysql, nntp, sieve, irc, rdp";
    assert_eq!(error, Err(wanted.into()));
}

fn protocols() -> impl Strategy<Value = StartTls> {
    proptest::sample::select(StartTls::ALL)
}

/// The end without its text, which depends on how much had arrived.
fn kind(step: &Step) -> u8 {
    match step {
        Step::Send(_) => 0,
        Step::Need => 1,
        Step::Ready => 2,
        Step::Refused(_) => 3,
        Step::Unexpected(_) => 4,
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        protocol in protocols(),
        said in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = talk(protocol, [said.as_slice()]);
    }

    /// A good dialogue with bytes changed gets further than random bytes do. However it is
    /// cut, it ends the same.
    #[test]
    fn a_broken_dialogue_ends_the_same_however_it_is_cut(
        dialogue in proptest::sample::select(good()),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        tail in proptest::collection::vec(any::<u8>(), 0..20),
        size in 1..40_usize,
    ) {
        let (protocol, said, _) = dialogue;
        let mut said = said.concat();
        for (at, to) in changes {
            let at = at.index(said.len());
            said.splice(at..=at, [to]);
        }
        said.extend(tail);
        let (whole_wrote, whole, whole_prelude) = talk(protocol, [said.as_slice()]);
        let (wrote, end, prelude) = talk(protocol, said.chunks(size));
        prop_assert_eq!((wrote, kind(&end)), (whole_wrote, kind(&whole)));
        prop_assert_eq!(prelude.heard, whole_prelude.heard);
        if let Step::Refused(text) | Step::Unexpected(text) = end {
            prop_assert!(text.chars().count() <= MAX_EXCERPT);
            prop_assert!(!text.contains(char::is_control) && !text.is_empty());
        }
    }

    /// More than the limit never leaves the question open.
    #[test]
    fn too_much_input_ends_it(
        protocol in protocols(),
        said in proptest::collection::vec(any::<u8>(), 1..50),
        good in proptest::sample::select(good()),
        size in 1..5000_usize,
    ) {
        let start = if good.0 == protocol { good.1.concat() } else { Vec::new() };
        let endless = said.iter().copied().cycle();
        let said: Vec<u8> = start.into_iter().chain(endless).take(MAX_INPUT + 1).collect();
        let (_, end, prelude) = talk(protocol, said.chunks(size));
        prop_assert!(kind(&end) >= 2, "{:?}", end);
        prop_assert!(prelude.buffer.len() <= MAX_INPUT);
    }

    #[test]
    fn a_host_never_breaks_out(protocol in protocols(), host in any::<String>()) {
        for host in [host.as_str(), "a'/>\r\n<b \"&\0\u{85}"] {
            let Step::Send(wrote) = Prelude::new(protocol, host).step(b"") else { continue };
            let Ok(wrote) = String::from_utf8(wrote) else { continue };
            if wrote.starts_with("<?xml") {
                let plain = Prelude::new(protocol, "").step(b"");
                let Step::Send(plain) = plain else { continue };
                let count = |of: &[u8], c| of.iter().filter(|b| **b == c).count();
                for c in *b"<>'\"" {
                    prop_assert_eq!(count(wrote.as_bytes(), c), count(&plain, c));
                }
                prop_assert!(!wrote.contains(char::is_control));
            }
        }
    }
}
