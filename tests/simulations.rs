//! Simulated handshakes against recorded ones: what the judgement works out from facts, held
//! against what SSL Labs recorded of the same servers with the same clients.
//!
//! The recordings are no part of the project. They are looked for in the directory `TARAF_CORPUS`
//! names, or in `../shared/corpus`; without them these tests say so and hold nothing.
//! `cargo test --test simulations -- --nocapture` prints the whole account, and with `TARAF_EACH`
//! set every handshake that differs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]
#![allow(clippy::indexing_slicing, reason = "JSON is read by index")]

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use taraf_scanner::grade::clients::{self, Client};
use taraf_scanner::grade::simulate::{Clients, Handshake, Outcome};
use taraf_scanner::grade::{Facts, simulate};
use taraf_scanner::observe::{
    CertFacts, CertSource, Certificate, Chain, Contact, Dh, Endpoint, Fact, Groups, KeyAlgorithm,
    KeyFacts, KeyType, Protocol, Seen, Sent, SniSent, Suites,
};
use taraf_scanner::target::Target;
use taraf_scanner::wire::suites::Kx;
use taraf_scanner::wire::{Group, Suite, Version};

/// Least share of handshakes with the same end, in thousandths.
const SAME: usize = 985;
/// Least share for each client, in thousandths. The least is where one name has stood for several
/// hellos, or a draft of TLS 1.3 was still spoken.
const SAME_OF_EACH: usize = 800;
/// Most recordings with another level of forward secrecy: one server, twice, has level 1 though no
/// recorded client had forward secrecy. RC4 has to be the same everywhere.
const OTHER_SECRECY: usize = 2;

#[test]
fn known_clients_do_as_recorded() {
    let Some(corpus) = corpus() else { return };
    let by_name: HashMap<String, &Client> =
        clients::all().iter().map(|client| (name(client), client)).collect();
    let mut account = Account::default();
    for (path, document) in &corpus {
        let facts = facts(document);
        let outcome: HashMap<u16, &Handshake> =
            facts.clients.handshakes.iter().map(|it| (it.id, it)).collect();
        for result in list(&details(document)["sims"]["results"]) {
            let Some(client) = by_name.get(&recorded_name(&result["client"])) else {
                account.strangers += 1;
                continue;
            };
            account.add(path, client, outcome[&client.id].outcome, result, &facts);
        }
    }
    account.print();
    assert!(account.all.0 * 1000 >= account.all.1 * SAME, "{:?} agree", account.all);
    for (client, (same, all)) in &account.clients {
        assert!(same * 1000 >= all * SAME_OF_EACH, "{client}: {same} of {all} agree");
    }
}

#[test]
fn forward_secrecy_and_rc4_come_out_as_recorded() {
    let Some(corpus) = corpus() else { return };
    let by_name: HashMap<String, &Client> =
        clients::all().iter().map(|client| (name(client), client)).collect();
    let (mut secrecy, mut rc4) = (Vec::new(), Vec::new());
    let (mut secrecy_of_all, mut cap_of_all, mut rc4_of_all) = (0, Vec::new(), Vec::new());
    for (path, document) in &corpus {
        let facts = facts(document);
        let details = details(document);
        // The clients of that time only, and those counted that were counted then.
        let recorded: HashMap<u16, bool> = list(&details["sims"]["results"])
            .iter()
            .filter_map(|result| {
                let client = by_name.get(&recorded_name(&result["client"]))?;
                Some((client.id, result["client"]["isReference"].as_bool().unwrap()))
            })
            .collect();
        let then: Vec<Handshake> = facts
            .clients
            .handshakes
            .iter()
            .filter_map(|it| {
                Some(Handshake { reference: *recorded.get(&it.id)?, counts: true, ..it.clone() })
            })
            .collect();
        let then = Clients::of(then);
        let level = details["forwardSecrecy"].as_u64().unwrap();
        let with_rc4 = details["rc4WithModern"].as_bool().unwrap();
        let of = |seen: &Seen<u8>| match seen {
            Seen::Yes { value } => Some(u64::from(*value)),
            _ => None,
        };
        let has = |seen: &Seen<()>| match seen {
            Seen::Yes { .. } => Some(true),
            Seen::No => Some(false),
            Seen::Unknown { .. } => None,
        };
        if of(&then.forward_secrecy) != Some(level) {
            let without: Vec<_> = then
                .handshakes
                .iter()
                .filter(|it| it.could.can_be(|kind| !kind.forward))
                .map(|it| (it.client, it.outcome))
                .collect();
            secrecy.push(format!(
                "{path}: {:?}, recorded {level}; without: {without:.2?}",
                then.forward_secrecy
            ));
        }
        if has(&then.rc4_with_modern) != Some(with_rc4) {
            rc4.push(format!("{path}: {:?}, recorded {with_rc4}", then.rc4_with_modern));
        }
        let all = &facts.clients;
        secrecy_of_all += usize::from(of(&all.forward_secrecy) == Some(level));
        if of(&all.forward_secrecy).map(|it| it < 2) != Some(level < 2) {
            cap_of_all.push(format!("{path}: {:?}, recorded {level}", all.forward_secrecy));
        }
        if has(&all.rc4_with_modern) != Some(with_rc4) {
            let whom = all
                .handshakes
                .iter()
                .find(|it| it.counts && it.could.can_be(|kind| kind.rc4_with_modern));
            let whom = whom.map(|it| it.client);
            rc4_of_all.push(format!("{path}: {:?} {whom:?}", all.rc4_with_modern));
        }
    }
    let n = corpus.len();
    println!("of {n}, with the clients of that time:");
    println!("  forward secrecy differs in {}:\n    {}", secrecy.len(), secrecy.join("\n    "));
    println!("  RC4 with modern versions differs in {}:\n    {}", rc4.len(), rc4.join("\n    "));
    println!("with the clients that count today: forward secrecy is the same in {secrecy_of_all},");
    println!(
        "  on the other side of 2 in {}:\n    {}",
        cap_of_all.len(),
        cap_of_all.join("\n    ")
    );
    println!("  RC4 differs in {}:\n    {}", rc4_of_all.len(), rc4_of_all.join("\n    "));
    assert!(secrecy.len() <= OTHER_SECRECY, "{secrecy:#?}");
    assert!(rc4_of_all.is_empty() && cap_of_all.is_empty(), "{rc4_of_all:#?} {cap_of_all:#?}");
    assert!(rc4.is_empty(), "{rc4:#?}");
}

/// How handshakes worked out and handshakes recorded compare.
#[derive(Default)]
struct Account {
    /// The same, and all.
    all: (usize, usize),
    clients: BTreeMap<&'static str, (usize, usize)>,
    /// How they differ: how often, and where first.
    classes: BTreeMap<String, (usize, String)>,
    /// The same group, another one, cannot be told.
    groups: (usize, usize, usize),
    /// Recorded, but not in our list.
    strangers: usize,
}

impl Account {
    fn add(
        &mut self,
        path: &str,
        client: &'static Client,
        ours: Outcome,
        result: &Value,
        facts: &Facts,
    ) {
        let failed = result["errorCode"] != 0;
        let theirs = (!failed).then(|| {
            let suite = Suite(u32::try_from(result["suiteId"].as_u64().unwrap()).unwrap());
            (version(&result["protocolId"]), suite)
        });
        let message = result["errorMessage"].as_str().unwrap_or("without a word");
        let class = match (ours, theirs) {
            (Outcome::Fails { .. }, None) => None,
            (Outcome::Fails { why }, Some(_)) => Some(format!("connects, not fails by {why:?}")),
            (Outcome::Unknown { why }, _) => Some(format!("not known: {why:?}")),
            (Outcome::Connects { .. }, None) => Some(format!("fails: {message}")),
            (Outcome::Connects { version, suite, group }, Some(theirs)) => {
                if let (Some(group), Some(id)) = (group, result["namedGroupId"].as_u64()) {
                    let same = u64::from(group.0) == id;
                    self.groups.0 += usize::from(same);
                    self.groups.1 += usize::from(!same);
                } else if result["namedGroupId"].is_u64() {
                    self.groups.2 += 1;
                }
                if (version, suite) == theirs {
                    None
                } else if version != theirs.0 {
                    Some("another version".to_owned())
                } else {
                    let order = facts.suites(version).unwrap().server_order.known();
                    Some(format!("another suite, server's order: {order:?}"))
                }
            }
        };
        let entry = self.clients.entry(&client.label).or_default();
        entry.1 += 1;
        self.all.1 += 1;
        match class {
            None => {
                entry.0 += 1;
                self.all.0 += 1;
            }
            Some(class) => {
                let first = format!("{path} {} {ours:?} {theirs:?}", client.label);
                let entry = self.classes.entry(class).or_insert((0, first));
                entry.0 += 1;
                if std::env::var_os("TARAF_EACH").is_some() {
                    println!("{path} {} {ours:?} {theirs:?} {message}", client.label);
                }
            }
        }
    }

    fn print(&self) {
        let share = |(same, all): (usize, usize)| 100.0 * same as f64 / all.max(1) as f64;
        println!(
            "{} of {} handshakes end the same: {:.2} %",
            self.all.0,
            self.all.1,
            share(self.all)
        );
        for (client, counts) in &self.clients {
            println!("  {client}: {} of {}, {:.2} %", counts.0, counts.1, share(*counts));
        }
        for (class, (count, first)) in &self.classes {
            println!("  {class}: {count}, first {first}");
        }
        println!("groups: {:?} same, other, cannot be told", self.groups);
        println!("{} handshakes of clients that are not in the list", self.strangers);
    }
}

/// The recordings with their paths; `None`, loudly, if there are none.
fn corpus() -> Option<Vec<(String, Value)>> {
    let top = match std::env::var_os("TARAF_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
    };
    let mut files = Vec::new();
    walk(&top, &mut files);
    files.sort();
    let documents: Vec<(String, Value)> = files
        .iter()
        .map(|path| {
            let text = std::fs::read(path).unwrap();
            let name = path.strip_prefix(&top).unwrap().display().to_string();
            (name, serde_json::from_slice(&text).unwrap())
        })
        .filter(|(_, document): &(_, Value)| document["endpoint"]["details"]["sims"].is_object())
        .collect();
    if documents.is_empty() {
        // Past the harness, which would keep quiet about a test that passes.
        let said = format!("SKIPPED: no recorded results in {}; set TARAF_CORPUS\n", top.display());
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return None;
    }
    Some(documents)
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|it| it == "json") {
            files.push(path);
        }
    }
}

/// The facts that matter to simulated handshakes, from a recorded result.
fn facts(document: &Value) -> Facts {
    let details = details(document);
    let spoken: Vec<Version> =
        list(&details["protocols"]).iter().map(|it| version(&it["id"])).collect();
    let mut endpoint = nothing();
    endpoint.protocols = Version::ALL
        .map(|version| {
            let yes = spoken.contains(&version);
            let spoken = if yes { Fact::yes((), []) } else { Fact::no([]) };
            Protocol { version, spoken, refusal: None }
        })
        .to_vec();
    for version in spoken {
        let (accepted, preference, chacha) = suites(details, version);
        let ids: Vec<Suite> = accepted.iter().map(suite).collect();
        endpoint.suites.push(Suites {
            version,
            unsettled: Vec::new(),
            server_order: flag(preference),
            chacha_preference: flag(chacha),
            how: Vec::new(),
            accepted: ids,
        });
        for it in accepted {
            let suite = suite(&it);
            let finite =
                suite.info().is_some_and(|info| matches!(info.kx, Kx::Dhe | Kx::DheExport));
            let bits = it["kxStrength"].as_u64().or_else(|| it["dhStrength"].as_u64());
            if let (true, Some(bits)) = (finite, bits) {
                endpoint.dh.push(Dh {
                    bits: u16::try_from(bits).unwrap(),
                    prime: String::new(),
                    generator: String::new(),
                    known_as: None,
                    public_length: 0,
                    named_by_client: false,
                    suites: vec![(version, suite)],
                });
            }
        }
    }
    let groups = list(&details["namedGroups"]["list"]);
    let groups: Vec<Group> =
        groups.iter().map(|it| Group(u16::try_from(it["id"].as_u64().unwrap()).unwrap())).collect();
    for version in [Version::TLS12, Version::TLS13] {
        let fits = |it: &&Group| it.info().is_some_and(|info| info.fits(version));
        endpoint.groups.push(Groups {
            version,
            accepted: groups.iter().filter(fits).copied().collect(),
            unsettled: Vec::new(),
            server_order: flag(&details["namedGroups"]["preference"]),
            how: Vec::new(),
        });
    }
    let required = details["sniRequired"].as_bool().unwrap();
    endpoint.sni.required = if required { Fact::yes((), []) } else { Fact::no([]) };
    let mut certificates = BTreeMap::new();
    for (id, leaf, sni) in leaves(document) {
        endpoint.chains.push(Chain {
            certificates: vec![id.clone()],
            sent: vec![Sent { sni, version: Version::TLS12, key: KeyType::Any, how: 0 }],
            facts: None,
            serves: None,
        });
        let (source, facts) = (CertSource::Sent, Some(leaf));
        certificates.insert(id, Certificate { source, der: None, facts, error: None });
    }
    let mut facts = Facts {
        at: 0,
        target: Target::parse("www.example.org", None).unwrap(),
        endpoint,
        certificates,
        revocation: BTreeMap::new(),
        dns: Default::default(),
        clients: Clients::default(),
    };
    facts.clients = simulate::clients(&facts);
    facts
}

/// The suites of a version, and whose order counts; old results have one list for all versions.
fn suites(details: &Value, version: Version) -> (Vec<Value>, &Value, &Value) {
    let id = if version == Version::SSL2 { 0x0200 } else { version.0 };
    match &details["suites"] {
        Value::Array(lists) => {
            let of = |it: &&Value| it["protocol"] == id;
            let found = lists.iter().find(of).unwrap_or(&Value::Null);
            (list(&found["list"]).to_vec(), &found["preference"], &found["chaCha20Preference"])
        }
        one => {
            let fits = |it: &&Value| suite(it).info().is_some_and(|info| info.fits(version));
            let accepted = list(&one["list"]).iter().filter(fits).cloned().collect();
            (accepted, &one["preference"], &Value::Null)
        }
    }
}

/// The leaves with an id and how they were asked for.
fn leaves(document: &Value) -> Vec<(String, CertFacts, SniSent)> {
    let details = details(document);
    let mut leaves = Vec::new();
    let key = &details["key"];
    if key.is_object() {
        let signature = &details["cert"]["sigAlg"];
        let leaf = leaf(&key["alg"], &key["size"], signature);
        leaves.push(("leaf".to_owned(), leaf, SniSent::Name));
    }
    for chain in list(&details["certChains"]) {
        let sni = if chain["noSni"] == true { SniSent::None } else { SniSent::Name };
        let id = chain["certIds"][0].as_str().unwrap().to_owned();
        let certs = list(&document["certs"]);
        if let Some(found) = certs.iter().find(|it| it["id"] == *id) {
            let leaf = leaf(&found["keyAlg"], &found["keySize"], &found["sigAlg"]);
            leaves.push((id, leaf, sni));
        }
    }
    leaves
}

fn leaf(algorithm: &Value, bits: &Value, signature: &Value) -> CertFacts {
    let algorithm = KeyAlgorithm::from(algorithm.as_str().unwrap_or("RSA").to_owned());
    let bits = bits.as_u64().map(|bits| u32::try_from(bits).unwrap());
    let curve = match (&algorithm, bits) {
        (KeyAlgorithm::Ec, Some(bits)) => Some(format!("secp{bits}r1")),
        _ => None,
    };
    // Any certificate that can be read will do for the rest.
    static SOME: LazyLock<CertFacts> = LazyLock::new(|| {
        let made = rcgen::generate_simple_self_signed(["www.example.org".to_owned()]).unwrap();
        CertFacts::read(made.cert.der()).unwrap()
    });
    CertFacts {
        key: KeyFacts { algorithm, bits, curve, ..SOME.key.clone() },
        signature: signature.as_str().unwrap_or_default().to_owned(),
        ..SOME.clone()
    }
}

/// An endpoint that speaks TLS, of which nothing is known.
fn nothing() -> Endpoint {
    Endpoint {
        address: "192.0.2.1".parse().unwrap(),
        port: 443,
        contact: Contact::Tls,
        protocols: Vec::new(),
        suites: Vec::new(),
        groups: Vec::new(),
        point_formats: Fact::default(),
        dh: Vec::new(),
        dhe_without_named_group: Fact::default(),
        reuse: Default::default(),
        schemes: Default::default(),
        chains: Vec::new(),
        certificates: BTreeMap::new(),
        ocsp_staple: Fact::default(),
        staple: None,
        scts: Fact::default(),
        alpn: Fact::default(),
        alpn_mismatch: Fact::default(),
        npn: Fact::default(),
        session: Default::default(),
        secure_renegotiation: Fact::default(),
        extended_master_secret: Fact::default(),
        encrypt_then_mac: Fact::default(),
        compression: Fact::default(),
        heartbeat: Fact::default(),
        max_fragment_length: Fact::default(),
        certificate_compression: Fact::default(),
        client_auth: Fact::default(),
        fallback_scsv: Fact::default(),
        sni: Default::default(),
        randoms: Default::default(),
        tolerance: Default::default(),
        http: Fact::default(),
        flaws: Default::default(),
        cost: Default::default(),
        simulations: Vec::new(),
        asked: Vec::new(),
    }
}

fn details(document: &Value) -> &Value {
    &document["endpoint"]["details"]
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn flag(value: &Value) -> Fact<()> {
    match value.as_bool() {
        Some(true) => Fact::yes((), []),
        Some(false) => Fact::no([]),
        None => Fact::default(),
    }
}

fn version(id: &Value) -> Version {
    match u16::try_from(id.as_u64().unwrap()).unwrap() {
        0x0200 => Version::SSL2,
        id => Version(id),
    }
}

fn suite(value: &Value) -> Suite {
    Suite(u32::try_from(value["id"].as_u64().unwrap()).unwrap())
}

/// The name by which a client of ours is found in recorded results.
fn name(client: &Client) -> String {
    let platform = client.platform.unwrap_or_default();
    format!("{} {} {platform}", client.name, client.version).trim().to_owned()
}

/// The name of a recorded client, written the same way whatever the white space.
fn recorded_name(client: &Value) -> String {
    let part = |key: &str| client[key].as_str().unwrap_or_default().to_owned();
    let all = [part("name"), part("version"), part("platform")].join(" ");
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}
