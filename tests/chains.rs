//! The chain zoo: what a chain is worth, held against what is known of each chain by its making,
//! and against OpenSSL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "chains/forge.rs"]
mod forge;
#[path = "chains/zoo.rs"]
mod zoo;

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ED25519};
use taraf_scanner::observe::{
    CertSource, ChainFacts, Completeness, Missing, OutOfDate, PathFault, Role, Tlsa,
};
use taraf_scanner::pki::chain::{Question, Wanted, examine, wanted};
use taraf_scanner::pki::pool::Pool;
use taraf_scanner::pki::store::Stores;
use taraf_scanner::pki::{CertFacts, decode, sha256_hex};

use forge::{Ca, HOST, PLAIN, issuer_at, key, now, years};
use zoo::Case;

#[test]
fn every_chain_of_the_zoo_has_its_facts() {
    let mut wrong = String::new();
    for case in zoo::all() {
        let found = render(&facts(&case), &case);
        let expected: Vec<_> = case.expected.trim().lines().map(str::trim).collect();
        if found != expected {
            let (found, expected) = (found.join("\n  "), expected.join("\n  "));
            wrong += &format!("\n# {}\n found:\n  {found}\n expected:\n  {expected}\n", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Where OpenSSL may differ, and why.
const DIFFER: [(&str, &str); 7] = [
    ("MD5 leaf", "OpenSSL at level 0 still checks MD5; no browser does"),
    ("X.509 version 1", "OpenSSL takes a leaf of version 1; webpki asks for version 3"),
    ("authority as leaf", "OpenSSL lets an authority be a server; webpki does not"),
    ("authority as leaf, alone", "the same"),
    ("bytes behind the leaf", "PEM goes through OpenSSL's reader, which drops them"),
    ("an intermediate is trusted", "OpenSSL wants a root that signed itself unless told"),
    (
        "the right issuer beside an impostor",
        "without key identifiers, OpenSSL takes the first of a name and does not go back",
    ),
];

#[test]
fn openssl_trusts_what_is_trusted_here() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("SKIPPED: there is no `openssl` on the path, nothing was compared");
        return;
    }
    let room = std::env::temp_dir().join(format!("taraf-chains-{}", std::process::id()));
    std::fs::create_dir_all(&room).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for case in zoo::all() {
        let Some(theirs) = openssl(&room, &case) else { continue };
        let ours = facts(&case).trust.iter().any(|trust| trust.fault.is_none());
        let may_differ = DIFFER.iter().any(|(name, _)| *name == case.name);
        if (ours != theirs.0) != may_differ {
            wrong.push(format!("{}: here {ours}, OpenSSL {}: {}", case.name, theirs.0, theirs.1));
        }
        compared += 1;
    }
    std::fs::remove_dir_all(&room).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 40, "only {compared} chains were compared");
}

/// What `openssl verify` says of a chain, if it can be asked: its first certificate can be read and
/// there is a root.
fn openssl(room: &Path, case: &Case) -> Option<(bool, String)> {
    let readable = |der: &[u8]| CertFacts::read(der).is_ok();
    let (leaf, rest) = case.sent.split_first()?;
    if !readable(&leaf.1) || case.roots.is_empty() {
        return None;
    }
    let write = |name: &str, ders: Vec<&Vec<u8>>| {
        let path = room.join(name);
        std::fs::write(&path, ders.into_iter().map(|der| pem(der)).collect::<String>()).unwrap();
        path
    };
    let sent = rest.iter().map(|(_, der)| der).filter(|der| readable(der));
    let rest: Vec<_> = sent.chain(case.pool.iter().map(|(_, der, _)| der)).collect();
    let mut command = Command::new("openssl");
    command
        .arg("verify")
        .arg("-CAfile")
        .arg(write("roots.pem", case.roots.iter().map(|(_, der)| der).collect()));
    command.args(["-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-auth_level", "0"]);
    command.arg("-attime").arg(now().to_string());
    if !rest.is_empty() {
        command.arg("-untrusted").arg(write("rest.pem", rest));
    }
    let output = command.arg(write("leaf.pem", vec![&leaf.1])).output().unwrap();
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn pem(der: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.chunks(3).map(quartet).collect::<String>();
    let lines: Vec<_> = der.chunks(48).map(line).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// Up to three bytes in base64 (RFC 4648 section 4).
fn quartet(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let number = (0..3).fold(0, |n, i| n << 8 | u32::from(bytes.get(i).copied().unwrap_or(0)));
    let digit = |i: usize| match i {
        i if i > bytes.len() => '=',
        i => char::from(DIGITS[(number >> (18 - 6 * i) & 63) as usize]),
    };
    (0..4).map(digit).collect()
}

#[test]
fn each_store_speaks_for_itself() {
    let (ours, theirs) = (Ca::root("Ours"), Ca::root("Theirs"));
    let int = ours.ca("Int");
    let cross = theirs.ca_with("Int", int.key.clone(), PLAIN);
    let leaf = int.leaf();
    let stores = Stores::mozilla().with("system", "1", vec![theirs.der.clone()]).unwrap();
    let stores = stores.with("operator", "2", vec![ours.der.clone()]).unwrap();
    let mut pool = Pool::default();
    assert_eq!(pool.add(&cross.der, CertSource::Known), Ok(true));
    let facts = ask(&[&leaf, &int.der], &pool, &stores);
    let trust: Vec<_> = facts.trust.iter().map(|t| (t.store.as_str(), &t.fault)).collect();
    let unknown = Some(PathFault::UnknownIssuer { issuer: "CN=Ours".to_owned() });
    assert_eq!(trust, [("mozilla", &unknown), ("system", &None), ("operator", &None)]);
    // The cross-signed one is not needed: one store does without.
    assert_eq!(facts.completeness, Completeness::Complete);
    let paths: Vec<_> = facts.paths.iter().map(|p| (p.stores.join(" "), p.sent)).collect();
    assert_eq!(paths, [("operator".to_owned(), true), ("system".to_owned(), false)]);
}

/// The system's store informs and does not decide: a way to a root that only it has makes no chain
/// complete for clients without that root.
#[test]
fn a_way_that_only_the_system_knows_is_not_enough() {
    let (ours, theirs) = (Ca::root("Ours"), Ca::root("Theirs"));
    let sent = theirs.ca("Int");
    let needed = ours.ca_with("Int", sent.key.clone(), PLAIN);
    let leaf = sent.leaf_with(&[HOST], &|params: &mut rcgen::CertificateParams| {
        params.custom_extensions = vec![issuer_at("http://ca.test/int")];
    });
    let stores = Stores::none().with("system", "1", vec![theirs.der.clone()]).unwrap();
    let stores = stores.with("operator", "2", vec![ours.der.clone()]).unwrap();
    let mut pool = Pool::default();
    pool.add(&needed.der, CertSource::Known).unwrap();
    let facts = ask(&[&leaf, &sent.der], &pool, &stores);
    assert!(facts.trust.iter().all(|trust| trust.fault.is_none()), "{:?}", facts.trust);
    let Completeness::Incomplete { missing } = &facts.completeness else {
        panic!("{:?}", facts.completeness)
    };
    assert_eq!(missing[0].id, Some(sha256_hex([needed.der.as_slice()])));
    // And what would lead to a deciding store is looked for although the system is content.
    let int = theirs.ca("Upper").ca("Int");
    let stores = Stores::mozilla().with("system", "1", vec![int.der.clone()]).unwrap();
    let leaf = int.leaf_with(&[HOST], &|params: &mut rcgen::CertificateParams| {
        params.custom_extensions = vec![issuer_at("http://ca.test/int")];
    });
    let none = Pool::default();
    assert_eq!(wanted(&[&leaf, &int.der], &none, &stores).len(), 1, "Upper");
}

#[test]
fn what_nobody_has_is_wanted_step_by_step() {
    let root = Ca::root("Root");
    let at = |uri: &'static str| {
        move |params: &mut rcgen::CertificateParams| params.custom_extensions = vec![issuer_at(uri)]
    };
    let upper = root.ca_with("Upper", key(&PKCS_ED25519), &at("http://ca.test/root"));
    let int = upper.ca_with("Int", key(&PKCS_ED25519), &at("http://ca.test/upper"));
    let leaf = int.leaf_with(&[HOST], &at("http://ca.test/int"));
    let stores = Stores::none().with("operator", "", vec![root.der.clone()]).unwrap();
    let sent: [&[u8]; 1] = [&leaf];
    let want = |subject: &str, uri: &str| {
        vec![Wanted { subject: subject.to_owned(), uris: vec![uri.to_owned()] }]
    };
    let mut pool = Pool::default();
    assert_eq!(wanted(&sent, &pool, &stores), want("CN=Int", "http://ca.test/int"));
    pool.add(&int.der, CertSource::Fetched).unwrap();
    assert_eq!(wanted(&sent, &pool, &stores), want("CN=Upper", "http://ca.test/upper"));
    pool.add(&upper.der, CertSource::Fetched).unwrap();
    assert_eq!(wanted(&sent, &pool, &stores), []);
    // Without a store the climb goes on to the root, and ends there.
    let none = Stores::none();
    assert_eq!(wanted(&sent, &pool, &none), want("CN=Root", "http://ca.test/root"));
    pool.add(&root.der, CertSource::Fetched).unwrap();
    assert_eq!(wanted(&sent, &pool, &none), []);
    // An authority of that name and another key does not do.
    let mut pool = Pool::default();
    pool.add(&upper.ca("Int").der, CertSource::Known).unwrap();
    assert_eq!(wanted(&sent, &pool, &stores), want("CN=Int", "http://ca.test/int"));
    assert_eq!(wanted(&[b"?!"], &pool, &stores), []);
    assert_eq!(wanted(&[], &pool, &stores), []);
}

#[test]
fn identifiers_and_usages_tell_authorities_apart() {
    let root = Ca::root("Root");
    let stores = Stores::none().with("operator", "", vec![root.der.clone()]).unwrap();
    let pool = Pool::default();
    let int = root.ca("Int");
    let impostor = root.ca("Int");
    let leaf = int.leaf_with(&[HOST], &|params| {
        params.use_authority_key_identifier_extension = true;
    });
    let facts = ask(&[&leaf, &impostor.der], &pool, &stores);
    assert_eq!(facts.sent[1].role, Role::PreviousCa);
    let fault = PathFault::UnknownIssuer { issuer: "CN=Int".to_owned() };
    assert_eq!(facts.trust[0].fault, Some(fault));
    assert!(matches!(facts.completeness, Completeness::NoPath { .. }));
    let facts = ask(&[&leaf, &impostor.der, &int.der], &pool, &stores);
    assert_eq!(facts.trust[0].fault, None);

    let lists = root.ca_with("Lists", key(&PKCS_ED25519), &|params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    });
    let facts = ask(&[&lists.leaf(), &lists.der], &pool, &stores);
    let id = sha256_hex([&lists.der[..]]);
    assert_eq!(facts.trust[0].fault, Some(PathFault::NotAnAuthority { id }));
}

#[test]
fn tlsa_records_are_held_against_leaf_and_authorities() {
    let root = Ca::root("Root");
    let int = root.ca("Int");
    let leaf = int.leaf();
    let stores = Stores::none().with("operator", "", vec![root.der.clone()]).unwrap();
    let pin = |der: &[u8]| {
        let pin = CertFacts::read(der).unwrap().pin;
        let bytes = decode(&pin).unwrap();
        bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>()
    };
    let record = |usage, selector, matching, data: &str| Tlsa {
        usage,
        selector,
        matching,
        data: data.to_owned(),
    };
    let whole = |der: &[u8]| sha256_hex([der]);
    let hex: String = leaf.iter().map(|byte| format!("{byte:02x}")).collect();
    let cases = [
        (record(3, 1, 1, &pin(&leaf)), Some(true)),
        (record(3, 0, 1, &whole(&leaf)), Some(true)),
        (record(1, 0, 0, &hex), Some(true)),
        (record(3, 1, 1, &pin(&int.der)), Some(false)),
        (record(2, 1, 1, &pin(&int.der)), Some(true)),
        (record(0, 0, 1, &whole(&root.der)), Some(true)),
        (record(2, 1, 1, &pin(&leaf)), Some(false)),
        (record(3, 1, 2, &pin(&leaf)), Some(false)),
        (record(4, 1, 1, &pin(&leaf)), None),
        (record(3, 2, 1, &pin(&leaf)), None),
        (record(2, 1, 3, &pin(&int.der)), None),
    ];
    let tlsa: Vec<_> = cases.iter().map(|(record, _)| record.clone()).collect();
    let (sent, pool): ([&[u8]; 2], _) = ([&leaf, &int.der], Pool::default());
    let question =
        Question { sent: &sent, pool: &pool, stores: &stores, host: HOST, now: now(), tlsa: &tlsa };
    let found = examine(&question).tlsa;
    for (index, ((record, fits), found)) in cases.iter().zip(&found).enumerate() {
        assert_eq!((found.record, found.fits), (index, *fits), "{record:?}");
    }
    assert_eq!(found.len(), cases.len());
}

/// Authorities that all issued each other under few names, so that ways multiply.
#[test]
fn a_chain_made_to_cost_much_costs_little() {
    // Same names, different keys: every certificate may be the issuer of every other.
    let roots: Vec<_> = (0..20).map(|_| Ca::root("Same")).collect();
    let mut sent = vec![roots[0].leaf()];
    sent.extend(roots.iter().map(|ca| ca.ca("Same").der));
    bounded("one name", &sent, &roots[0]);

    // Four levels, six twins each: 1,296 ways, every signature right.
    let root = Ca::root_with("Level 5", key(&PKCS_ED25519), &years(2015, 2040));
    let mut above = root.clone();
    let mut levels = Vec::new();
    for level in (1..5).rev() {
        let shared = key(&PKCS_ECDSA_P256_SHA256);
        let name = format!("Level {level}");
        let twins: Vec<_> =
            (0..6).map(|n| above.ca_with(&name, shared.clone(), &years(2016 + n, 2040))).collect();
        above = twins[0].clone();
        levels.extend(twins.into_iter().map(|ca| ca.der));
    }
    let sent: Vec<_> = std::iter::once(above.leaf()).chain(levels).collect();
    let facts = bounded("twins", &sent, &root);
    assert_eq!(facts.completeness, Completeness::Complete);
    assert_eq!(facts.trust[0].fault, None);

    // A thousand certificates, and the one that matters last.
    let int = root.ca("Int");
    let mut sent = vec![int.leaf()];
    sent.extend((0..30).map(|_| root.ca("Other").der));
    let mut many: Vec<_> = sent.iter().cycle().take(1000).cloned().collect();
    many.push(int.der);
    let facts = bounded("many", &many, &root);
    assert_eq!(facts.sent.len(), 1001);
    assert_eq!(facts.trust[0].fault, None);
}

fn bounded(what: &str, sent: &[Vec<u8>], root: &Ca) -> ChainFacts {
    let stores = Stores::none().with("operator", "", vec![root.der.clone()]).unwrap();
    let sent: Vec<&[u8]> = sent.iter().map(Vec::as_slice).collect();
    let begin = Instant::now();
    let facts = ask(&sent, &Pool::default(), &stores);
    let _ = wanted(&sent, &Pool::default(), &stores);
    let took = begin.elapsed();
    // A debug build on a busy machine: what matters is that it is not minutes.
    assert!(took < Duration::from_secs(5), "{what}: {took:?}");
    facts
}

fn ask(sent: &[&[u8]], pool: &Pool, stores: &Stores) -> ChainFacts {
    examine(&Question { sent, pool, stores, host: HOST, now: now(), tlsa: &[] })
}

fn facts(case: &Case) -> ChainFacts {
    let mut pool = Pool::default();
    for (_, der, source) in &case.pool {
        pool.add(der, *source).unwrap();
    }
    let roots = case.roots.iter().map(|(_, der)| der.clone()).collect();
    let stores = Stores::none().with("operator", "today", roots).unwrap();
    let sent: Vec<&[u8]> = case.sent.iter().map(|(_, der)| der.as_slice()).collect();
    let question = Question {
        sent: &sent,
        pool: &pool,
        stores: &stores,
        host: case.host,
        now: now(),
        tlsa: &[],
    };
    examine(&question)
}

/// All the facts as lines, with certificates by their names in the zoo.
fn render(facts: &ChainFacts, case: &Case) -> Vec<String> {
    let all = case.sent.iter().chain(&case.roots).map(|(name, der)| (*name, der));
    let all = all.chain(case.pool.iter().map(|(name, der, _)| (*name, der)));
    let mut names: HashMap<String, &str> = HashMap::new();
    for (name, der) in all {
        names.entry(sha256_hex([&der[..]])).or_insert(name);
    }
    let name = |id: &String| names.get(id).copied().unwrap_or("nobody");
    let source = |source: CertSource| match source {
        CertSource::Sent => "",
        CertSource::Known => "@known",
        CertSource::Fetched => "@fetched",
        CertSource::Store => "@store",
    };
    let late = |late: &OutOfDate| {
        assert_eq!(late.leaf, late.id == facts.sent[0].id);
        format!("{} {}", name(&late.id), if late.early { "early" } else { "over" })
    };
    let fault = |fault: &Option<PathFault>| match fault {
        None => "ok".to_owned(),
        Some(PathFault::UnknownIssuer { issuer }) => format!("unknown-issuer {issuer}"),
        Some(PathFault::SelfSigned) => "self-signed".to_owned(),
        Some(PathFault::OutOfDate(found)) => format!("late {}", late(found)),
        Some(PathFault::Distrusted { authority, .. }) => format!("distrusted {authority}"),
        Some(PathFault::NotAnAuthority { id }) => format!("not-an-authority {}", name(id)),
        Some(PathFault::AuthorityAsLeaf) => "authority-as-leaf".to_owned(),
        Some(PathFault::Usage) => "usage".to_owned(),
        Some(PathFault::PathLength) => "path-length".to_owned(),
        Some(PathFault::NameConstraints) => "name-constraints".to_owned(),
        Some(PathFault::Signature) => "signature".to_owned(),
        Some(PathFault::Algorithm { algorithm }) => format!("algorithm {algorithm}"),
        Some(PathFault::Form { what }) => format!("form {what}"),
    };
    let line = |title: &str, words: Vec<String>| {
        [vec![title.to_owned()], words].concat().join(" ").trim_end().to_owned()
    };
    let missing = |missing: &Missing| match &missing.id {
        Some(id) => line(
            &format!("{}{}", name(id), missing.source.map(source).unwrap_or_default()),
            missing.uris.clone(),
        ),
        None => line(&missing.subject, missing.uris.clone()),
    };
    let mut lines = Vec::new();
    let sent = facts.sent.iter().map(|placed| {
        let role = match placed.role {
            Role::Leaf => "leaf",
            Role::Intermediate => "intermediate",
            Role::Root => "root",
            Role::Duplicate => "duplicate",
            Role::PreviousCa => "previous-ca",
            Role::Unrelated => "unrelated",
            Role::Unreadable => "unreadable",
        };
        format!("{}={role}{}", name(&placed.id), if placed.in_place { "" } else { "!" })
    });
    lines.push(line("sent:", sent.collect()));
    let steps = facts.should_be.iter();
    lines.push(line("should:", {
        steps.map(|step| format!("{}{}", name(&step.id), source(step.source))).collect()
    }));
    lines.push(match &facts.completeness {
        Completeness::Complete => "complete".to_owned(),
        Completeness::Incomplete { missing: all } => {
            line("incomplete:", all.iter().map(missing).collect())
        }
        Completeness::OwnRoot => "own-root".to_owned(),
        Completeness::NoPath { missing: one, tried } => {
            assert_eq!(*tried, None);
            format!("no-path {}", missing(one))
        }
        Completeness::Unreadable => "unreadable".to_owned(),
    });
    for path in &facts.paths {
        let certificates: Vec<_> = path.certificates.iter().map(name).collect();
        lines.push(format!(
            "path: {} [{}] {} {}",
            certificates.join(" "),
            path.stores.join(" "),
            if path.sent { "sent" } else { "added" },
            fault(&path.fault)
        ));
    }
    for trust in &facts.trust {
        lines.push(format!("trust {}: {}", trust.store, fault(&trust.fault)));
    }
    lines.extend(facts.out_of_date.iter().map(|found| format!("late: {}", late(found))));
    for old in &facts.old_hashes {
        assert_eq!(old.leaf, old.id == facts.sent[0].id);
        lines.push(format!("old: {} {}", name(&old.id), old.hash));
    }
    assert_eq!(facts.name.host, case.host);
    let by = match (&facts.name.by, facts.name.only_common_name) {
        (Some(by), _) => by.as_str(),
        (None, true) => "common name only",
        (None, false) => "none",
    };
    let near = facts.name.near.join(" ");
    lines.push(if near.is_empty() {
        format!("name: {by}")
    } else {
        format!("name: {by} near {near}")
    });
    lines
}
