//! The resolver against a name server on this machine, with a zone as each test likes.

use std::collections::HashMap;
use std::sync::Mutex;

use hickory_resolver::proto::dnssec::crypto::Ed25519SigningKey;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, NSEC, RRSIG, SigInput};
use hickory_resolver::proto::dnssec::{Algorithm, SigningKey, TBS};
use hickory_resolver::proto::op::{Message, MessageType};
use hickory_resolver::proto::rr::rdata::svcb::{Alpn, EchConfigList, IpHint, Unknown};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CAA, CNAME, HTTPS, NS, SOA, TLSA};
use hickory_resolver::proto::rr::{DNSClass, SerialNumber};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::*;

/// What the name server makes of a question.
#[derive(Clone)]
enum Answer {
    Records(Vec<Record>),
    /// These in the authority section: there is none.
    Denied(Vec<Record>),
    Code(ResponseCode),
    Silence,
}

/// A name server that knows some questions; for all others there is nothing.
struct Server {
    address: SocketAddr,
    /// What it was asked, with the type.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn new(zone: Vec<(&str, RecordType, Answer)>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let zone: HashMap<(Name, RecordType), Answer> =
            zone.into_iter().map(|(owner, kind, answer)| ((name(owner), kind), answer)).collect();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((n, from)) = socket.recv_from(&mut buffer).await {
                let Ok(question) = Message::from_vec(&buffer[..n]) else { continue };
                let query = question.queries[0].clone();
                log.lock().unwrap().push(format!("{} {}", query.name(), query.query_type()));
                let mut answer = question.clone();
                answer.metadata.message_type = MessageType::Response;
                answer.metadata.recursion_available = true;
                let owner = Name::from_ascii(query.name().to_ascii().to_lowercase()).unwrap();
                match zone.get(&(owner, query.query_type())).cloned() {
                    Some(Answer::Records(records)) => answer.answers = records,
                    Some(Answer::Denied(records)) => answer.authorities = records,
                    Some(Answer::Code(code)) => answer.metadata.response_code = code,
                    Some(Answer::Silence) => continue,
                    None => answer.authorities = vec![soa()],
                }
                let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
            }
        });
        Self { address, asked }
    }

    fn dns(&self) -> Dns {
        self.dns_with(None)
    }

    /// With little patience, so that the tests are quick.
    fn dns_with(&self, anchors: Option<Arc<TrustAnchors>>) -> Dns {
        Dns::new(&Setup {
            patience: Duration::from_millis(300),
            budget: Duration::from_millis(900),
            anchors,
            ..Setup::usual(to(&[self.address]), without_hosts())
        })
    }

    fn was_asked(&self, what: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == what).count()
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

fn record(owner: &str, data: RData) -> Record {
    Record::from_rdata(name(owner), 300, data)
}

fn records(owner: &str, data: impl IntoIterator<Item = RData>) -> Answer {
    Answer::Records(data.into_iter().map(|data| record(owner, data)).collect())
}

fn soa() -> Record {
    record(".", RData::SOA(SOA::new(name("ns."), name("admin."), 1, 60, 60, 60, 60)))
}

fn issue(ca: &str) -> RData {
    RData::CAA(CAA::new_issue(false, Some(name(ca)), Vec::new()))
}

fn caa(at: &str, value: &str) -> Fact<Caa> {
    let record = CaaRecord { critical: false, tag: "issue".to_owned(), value: value.to_owned() };
    Fact::yes(Caa { at: at.to_owned(), records: vec![record] }, [])
}

async fn caa_of(zone: Vec<(&str, RecordType, Answer)>) -> (Fact<Caa>, Server) {
    let server = Server::new(zone).await;
    (server.dns().records("www.shop.example", 443).await.caa, server)
}

#[test]
fn name_servers_are_read() {
    for (text, address) in [
        ("192.0.2.53", "192.0.2.53:53"),
        (" 192.0.2.53:5353 ", "192.0.2.53:5353"),
        ("2001:db8::53", "[2001:db8::53]:53"),
        ("[2001:db8::53]", "[2001:db8::53]:53"),
        ("[2001:db8::53]:5353", "[2001:db8::53]:5353"),
    ] {
        assert_eq!(parse_server(text).unwrap().to_string(), address, "{text}");
    }
    for text in
        ["", "dns.example", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:65536", "[192.0.2.53]"]
    {
        let error = parse_server(text).unwrap_err();
        assert!(error.contains(&format!("`{text}`")), "{error}");
    }
}

#[tokio::test]
async fn addresses_come_sorted_or_with_the_reason_why_not() {
    let server = Server::new(vec![
        (
            "a.example.",
            RecordType::A,
            records("a.example.", [A::new(192, 0, 2, 2), A::new(192, 0, 2, 1)].map(RData::A)),
        ),
        (
            "a.example.",
            RecordType::AAAA,
            records("a.example.", [RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))]),
        ),
        ("gone.example.", RecordType::A, Answer::Code(ResponseCode::NXDomain)),
        ("gone.example.", RecordType::AAAA, Answer::Code(ResponseCode::NXDomain)),
        ("broken.example.", RecordType::A, Answer::Code(ResponseCode::ServFail)),
        ("broken.example.", RecordType::AAAA, Answer::Code(ResponseCode::ServFail)),
    ])
    .await;
    let dns = server.dns();
    let found = dns.addresses("a.example").await.unwrap();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    assert_eq!(dns.addresses("gone.example").await.unwrap_err(), "the name does not exist");
    assert_eq!(dns.addresses("none.example").await.unwrap_err(), "the name has no address");
    let broken = dns.addresses("broken.example").await.unwrap_err();
    assert!(broken.starts_with("no answer from DNS: "), "{broken}");
    // A clone shares what is kept.
    dns.clone().addresses("a.example").await.unwrap();
    assert_eq!(server.was_asked("a.example. A"), 1);
}

#[tokio::test]
async fn caa_at_the_host_counts_before_its_parents() {
    let at_host =
        ("www.shop.example.", RecordType::CAA, records("www.shop.example.", [issue("a.ca")]));
    let at_top = ("example.", RecordType::CAA, records("example.", [issue("b.ca")]));
    let (fact, server) = caa_of(vec![at_host, at_top.clone()]).await;
    assert_eq!(fact, caa("www.shop.example", "a.ca"));
    assert_eq!(server.was_asked("shop.example. CAA"), 0, "nothing above the records is asked");

    let (fact, server) = caa_of(vec![at_top]).await;
    assert_eq!(fact, caa("example", "b.ca"));
    assert_eq!(server.was_asked(". CAA"), 0);
}

#[tokio::test]
async fn caa_nowhere_is_a_no_and_the_root_is_not_asked() {
    let root = (".", RecordType::CAA, records(".", [issue("root.ca")]));
    let gone = ("www.shop.example.", RecordType::CAA, Answer::Code(ResponseCode::NXDomain));
    let (fact, server) = caa_of(vec![root, gone]).await;
    assert_eq!(fact, Fact::no([]));
    assert_eq!(server.was_asked("example. CAA"), 1);
    assert_eq!(server.was_asked(". CAA"), 0);
}

#[tokio::test]
async fn caa_that_cannot_be_had_is_unknown() {
    let at_top = ("example.", RecordType::CAA, records("example.", [issue("b.ca")]));
    for (answer, why) in [
        (Answer::Code(ResponseCode::ServFail), Why::Unreachable),
        (Answer::Code(ResponseCode::Refused), Why::Refused),
        (Answer::Silence, Why::Timeout),
    ] {
        let broken = ("shop.example.", RecordType::CAA, answer);
        let (fact, _) = caa_of(vec![broken, at_top.clone()]).await;
        assert_eq!(fact, Fact::unknown(why, []));
    }
}

#[tokio::test]
async fn caa_behind_an_alias_stands_at_the_host() {
    let alias = record("www.shop.example.", RData::CNAME(CNAME(name("cdn.example."))));
    let target = record("cdn.example.", issue("c.ca"));
    let answer = Answer::Records(vec![alias, target]);
    let (fact, _) = caa_of(vec![("www.shop.example.", RecordType::CAA, answer)]).await;
    assert_eq!(fact, caa("www.shop.example", "c.ca"));
}

#[tokio::test]
async fn tlsa_is_asked_for_the_port() {
    let pin = TLSA::new(3.into(), 1.into(), 1.into(), vec![0xab; 32]);
    let server = Server::new(vec![(
        "_8443._tcp.a.example.",
        RecordType::TLSA,
        records("_8443._tcp.a.example.", [RData::TLSA(pin)]),
    )])
    .await;
    let expected = Tlsa { usage: 3, selector: 1, matching: 1, data: "ab".repeat(32) };
    let dns = server.dns();
    assert_eq!(dns.records("a.example", 8443).await.tlsa, Fact::yes(vec![expected], []));
    assert_eq!(dns.records("a.example", 443).await.tlsa, Fact::no([]));
}

#[tokio::test]
async fn https_records_and_ech_come_from_one_question() {
    let here = SVCB::new(
        1,
        name("."),
        vec![
            (SvcParamKey::Alpn, SvcParamValue::Alpn(Alpn(vec!["h2".to_owned(), "h,3".to_owned()]))),
            (SvcParamKey::NoDefaultAlpn, SvcParamValue::NoDefaultAlpn),
            (SvcParamKey::Port, SvcParamValue::Port(8443)),
            (
                SvcParamKey::Ipv4Hint,
                SvcParamValue::Ipv4Hint(IpHint(vec![A::new(192, 0, 2, 1), A::new(192, 0, 2, 2)])),
            ),
            (
                SvcParamKey::EchConfigList,
                SvcParamValue::EchConfigList(EchConfigList(vec![0, 1, 2])),
            ),
            (SvcParamKey::Key(65400), SvcParamValue::Unknown(Unknown(b"a \"b\"\xff".to_vec()))),
        ],
    );
    let alias = SVCB::new(0, name("cdn.example."), Vec::new());
    let server = Server::new(vec![
        (
            "a.example.",
            RecordType::HTTPS,
            records("a.example.", [RData::HTTPS(HTTPS(here)), RData::HTTPS(HTTPS(alias))]),
        ),
        ("gone.example.", RecordType::HTTPS, Answer::Code(ResponseCode::NXDomain)),
        ("broken.example.", RecordType::HTTPS, Answer::Code(ResponseCode::ServFail)),
    ])
    .await;
    let dns = server.dns();
    let found = dns.records("a.example", 443).await;
    let texts = [
        "0 cdn.example.",
        "1 . alpn=h2,h\\,3 no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AAEC \
         key65400=a\\032\\\"b\\\"\\255",
    ];
    assert_eq!(found.https, Fact::yes(texts.map(str::to_owned).to_vec(), []));
    assert_eq!(found.ech, Fact::yes("AAEC".to_owned(), []));
    assert_eq!(server.was_asked("a.example. HTTPS"), 1);
    // Another port has records of its own.
    assert_eq!(dns.records("a.example", 444).await.https, Fact::no([]));
    assert_eq!(server.was_asked("_444._https.a.example. HTTPS"), 1);
    let gone = dns.records("gone.example", 443).await;
    assert_eq!((gone.https, gone.ech), (Fact::no([]), Fact::no([])));
    let broken = dns.records("broken.example", 443).await;
    assert_eq!(broken.https, Fact::unknown(Why::Unreachable, []));
    assert_eq!(broken.ech, Fact::unknown(Why::Unreachable, []));
}

#[tokio::test]
async fn silence_is_unknown_within_the_budget() {
    let silent = |owner: &'static str, kind| (owner, kind, Answer::Silence);
    let server = Server::new(vec![
        silent("a.example.", RecordType::CAA),
        silent("a.example.", RecordType::HTTPS),
        silent("_443._tcp.a.example.", RecordType::TLSA),
        silent("a.example.", RecordType::A),
        silent("a.example.", RecordType::AAAA),
    ])
    .await;
    let began = Instant::now();
    assert_eq!(server.dns().records("a.example", 443).await, Records::unknown(Why::Timeout));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_address_has_no_records_and_no_server_no_answers() {
    let server = Server::new(Vec::new()).await;
    for host in ["192.0.2.1", "::1"] {
        let found = server.dns().records(host, 443).await;
        assert_eq!(found, Records::unknown(Why::NotApplicable));
    }
    assert!(server.asked.lock().unwrap().is_empty());
    let nobody = Dns::server(Vec::new());
    assert_eq!(nobody.records("a.example", 443).await, Records::unknown(Why::Unreachable));
    assert_eq!(nobody.addresses("a.example").await.unwrap_err(), "no name server was given");
}

/// A root zone of its own, with one key.
struct Root {
    key: Ed25519SigningKey,
    dnskey: DNSKEY,
}

impl Root {
    fn new() -> Self {
        let der = Ed25519SigningKey::generate_pkcs8().unwrap();
        let key = Ed25519SigningKey::from_pkcs8(&der).unwrap();
        let dnskey = DNSKEY::from_key(&key.to_public_key().unwrap());
        Self { key, dnskey }
    }

    fn anchors(&self) -> Option<Arc<TrustAnchors>> {
        let mut anchors = TrustAnchors::empty();
        assert!(anchors.insert(&self.key.to_public_key().unwrap()));
        Some(Arc::new(anchors))
    }

    /// The records with a signature of the root.
    fn signed(&self, mut records: Vec<Record>) -> Vec<Record> {
        let first = records[0].clone();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let now = u32::try_from(now).unwrap();
        let input = SigInput {
            type_covered: first.record_type(),
            algorithm: Algorithm::ED25519,
            num_labels: first.name.num_labels(),
            original_ttl: first.ttl,
            sig_expiration: SerialNumber::new(now + 3600),
            sig_inception: SerialNumber::new(now - 3600),
            key_tag: self.dnskey.calculate_key_tag().unwrap(),
            signer_name: Name::root(),
        };
        let tbs = TBS::from_input(&first.name, DNSClass::IN, &input, records.iter()).unwrap();
        let signature = RRSIG::from_sig(input, self.key.sign(&tbs).unwrap());
        let signature = RData::DNSSEC(DNSSECRData::RRSIG(signature));
        records.push(Record::from_rdata(first.name, first.ttl, signature));
        records
    }

    fn keys(&self) -> (&'static str, RecordType, Answer) {
        let key = RData::DNSSEC(DNSSECRData::DNSKEY(self.dnskey.clone()));
        (".", RecordType::DNSKEY, Answer::Records(self.signed(vec![record(".", key)])))
    }
}

fn address(owner: &str, last: u8) -> Record {
    record(owner, RData::A(A::new(192, 0, 2, last)))
}

#[tokio::test]
async fn signatures_are_checked_up_to_the_root() {
    let root = Root::new();
    let good = root.signed(vec![address("signed.", 1)]);
    let mut spoilt = root.signed(vec![address("spoilt.", 1)]);
    spoilt[0] = address("spoilt.", 2);
    // A delegation that the root says is not signed.
    let unsigned = NSEC::new_cover_self(name("zz."), [RecordType::NS]);
    let unsigned = record("unsigned.", RData::DNSSEC(DNSSECRData::NSEC(unsigned)));
    let mut denial = root.signed(vec![unsigned]);
    denial.extend(root.signed(vec![soa()]));
    let zone = vec![
        root.keys(),
        ("signed.", RecordType::A, Answer::Records(good)),
        ("spoilt.", RecordType::A, Answer::Records(spoilt)),
        ("www.unsigned.", RecordType::A, Answer::Records(vec![address("www.unsigned.", 3)])),
        ("unsigned.", RecordType::NS, records("unsigned.", [RData::NS(NS(name("ns.unsigned.")))])),
        ("unsigned.", RecordType::DS, Answer::Denied(denial)),
        ("broken.", RecordType::A, Answer::Code(ResponseCode::ServFail)),
    ];
    let server = Server::new(zone).await;
    let dns = server.dns_with(root.anchors());
    for (host, expected) in [
        ("signed", Fact::yes(Dnssec::Signed, [])),
        ("spoilt", Fact::yes(Dnssec::Bogus, [])),
        ("www.unsigned", Fact::yes(Dnssec::Unsigned, [])),
        ("broken", Fact::unknown(Why::Unreachable, [])),
    ] {
        assert_eq!(dns.records(host, 443).await.dnssec, expected, "{host}");
    }
    // What is bogus still has its address: the scan goes on.
    assert_eq!(dns.addresses("spoilt").await.unwrap(), [IpAddr::from([192, 0, 2, 2])]);
}

#[tokio::test]
async fn a_resolver_that_drops_signatures_says_nothing_of_the_host() {
    let zone = vec![("signed.", RecordType::A, Answer::Records(vec![address("signed.", 1)]))];
    let server = Server::new(zone).await;
    let found = server.dns_with(Root::new().anchors()).records("signed", 443).await;
    assert_eq!(found.dnssec, Fact::unknown(Why::Garbled, []));
    assert_eq!(found.caa, Fact::no([]), "the other facts do not suffer");
}
