//! Chains as a person sees them. Each is made for the purpose and examined as in a scan.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use taraf_scanner::observe::{
    NameMatch, OldHash, Placed, Revocation, Step, Tlsa, TlsaMatch, Trust,
};
use taraf_scanner::pki;
use taraf_scanner::pki::chain::{Pool, Question, examine};
use taraf_scanner::pki::store::Stores;

use super::*;
use crate::export::text::Style;

const HOST: &str = "www.example.com";

/// An authority.
struct Ca {
    params: CertificateParams,
    key: KeyPair,
    der: Vec<u8>,
}

/// A certificate before it is signed, valid for the year 2026.
fn params(name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

impl Ca {
    fn root(name: &str) -> Self {
        let (mut params, key) = (params(name, &[]), key());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { params, key, der }
    }

    fn ca(&self, name: &str) -> Self {
        let (mut params, key) = (params(name, &[]), key());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = self.sign(&params, &key);
        Self { params, key, der }
    }

    fn leaf(&self, name: &str) -> Vec<u8> {
        self.leaf_with(name, |_| {})
    }

    fn leaf_with(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = params(name, &[name]);
        change(&mut params);
        self.sign(&params, &key())
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Vec<u8> {
        let issuer = Issuer::from_params(&self.params, &self.key);
        params.signed_by(key, &issuer).unwrap().der().to_vec()
    }
}

/// Where the certificate of the issuer is to be had (RFC 5280 section 4.2.2.1).
fn issuer_at(uri: &str) -> CustomExtension {
    let wrap = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()], body].concat();
    let ca_issuers = wrap(0x06, &[0x2b, 6, 1, 5, 5, 7, 0x30, 2]);
    let description = wrap(0x30, &[ca_issuers, wrap(0x86, uri.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrap(0x30, &description))
}

/// Root, intermediate, and an authority the store does not have.
struct World {
    root: Ca,
    inter: Ca,
    pool: Pool,
    tlsa: Vec<Tlsa>,
    pki: Pki,
}

impl World {
    fn new() -> Self {
        let root = Ca::root("Root R1");
        let inter = root.ca("Intermediate I1");
        let (pool, tlsa, pki) = (Pool::default(), Vec::new(), Pki::default());
        Self { root, inter, pool, tlsa, pki }
    }

    /// The drawing of what was sent, at 2026-11-01.
    fn drawn(&mut self, sent: &[&[u8]], serves: Option<Serves>) -> String {
        let stores = Stores::none().with("mozilla", "2026", vec![self.root.der.clone()]).unwrap();
        let operator = Ca::root("Root of the house");
        let stores = stores.with("operator", "house.pem", vec![operator.der]).unwrap();
        let facts = examine(&Question {
            sent,
            pool: &self.pool,
            stores: &stores,
            host: HOST,
            now: date_time_ymd(2026, 11, 1).unix_timestamp(),
            tlsa: &self.tlsa,
        });
        let known = [self.root.der.as_slice(), self.inter.der.as_slice()];
        for der in sent.iter().copied().chain(known) {
            let read = CertFacts::read(der);
            let found = Certificate {
                source: CertSource::Sent,
                der: None,
                error: read.as_ref().err().cloned(),
                facts: read.ok(),
            };
            self.pki.certificates.insert(id(der), found);
        }
        draw(&facts, serves, &self.pki)
    }
}

fn id(der: &[u8]) -> String {
    pki::sha256_hex([der])
}

fn draw(facts: &ChainFacts, serves: Option<Serves>, pki: &Pki) -> String {
    let mut page = Page::new(Style { colour: false, width: 80, verbose: false });
    drawing(&mut page, facts, serves, pki);
    let text = page.finish();
    for line in text.lines() {
        assert!(line.len() <= 80, "{line}");
    }
    text
}

#[track_caller]
fn assert_reads(found: &str, want: &str) {
    assert!(found == want, "it reads now:\n{found}");
}

#[test]
fn complete() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    let inter = world.inter.der.clone();
    assert_reads(
        &world.drawn(&[&leaf, &inter], Some(Serves::This)),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent]
    `- Intermediate I1 [sent]
       `- Root R1 [root in mozilla]

  chain                       complete
  trusted by mozilla          yes
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
  expected certificate        is served
",
    );
}

#[test]
fn an_intermediate_is_not_sent_but_fetched() {
    let mut world = World::new();
    let leaf = world.inter.leaf_with(HOST, |params| {
        params.custom_extensions.push(issuer_at("http://ca.example/i1.crt"));
    });
    world.pool.add(&world.inter.der, CertSource::Fetched).unwrap();
    assert_reads(
        &world.drawn(&[&leaf], None),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent]
    `- Intermediate I1 [NOT SENT, but fetched from its issuer]
       `- Root R1 [root in mozilla]

  chain                       incomplete, not sent: CN=Intermediate I1, to be
                              had at http://ca.example/i1.crt
  trusted by mozilla          yes
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
",
    );
}

#[test]
fn nobody_has_the_issuer() {
    let mut world = World::new();
    let leaf = Ca::root("Authority nobody knows").leaf(HOST);
    assert_reads(
        &world.drawn(&[&leaf], None),
        r"
  The chain, as far as it can be followed:
    www.example.com [sent]
    `- CN=Authority nobody knows [NOT SENT, and not found]

  chain                       no path to a root; not found: CN=Authority nobody
                              knows
  trusted by mozilla          no: unknown issuer CN=Authority nobody knows
  trusted by operator         no: unknown issuer CN=Authority nobody knows
  name                        www.example.com matches
",
    );
}

#[test]
fn a_root_no_store_has() {
    let mut world = World::new();
    let root = Ca::root("Private root");
    let leaf = root.leaf(HOST);
    assert_reads(
        &world.drawn(&[&leaf, &root.der], None),
        r"
  The chain to a root of its own:
    www.example.com [sent]
    `- Private root [root that no store has; sent]

  chain                       complete, up to a root that no store has
  trusted by mozilla          no: unknown issuer CN=Private root
  trusted by operator         no: unknown issuer CN=Private root
  name                        www.example.com matches
",
    );
}

#[test]
fn a_certificate_that_signed_itself() {
    let mut world = World::new();
    let leaf = params("appliance", &[HOST]).self_signed(&key()).unwrap().der().to_vec();
    assert_reads(
        &world.drawn(&[&leaf], None),
        r"
  The chain to a root of its own:
    appliance [sent]

  chain                       complete, up to a root that no store has
  trusted by mozilla          no: self-signed
  trusted by operator         no: self-signed
  name                        www.example.com matches
",
    );
}

#[test]
fn wrong_order_and_what_does_not_belong() {
    let mut world = World::new();
    let upper = world.root.ca("Upper U1");
    let lower = upper.ca("Lower L1");
    let leaf = lower.leaf(HOST);
    let former = Ca::root("Former root").ca("Former authority");
    let other = Ca::root("Other root").leaf("mail.example.net");
    let sent: [&[u8]; 7] =
        [&leaf, &upper.der, &lower.der, &leaf, &former.der, &other, b"not a certificate"];
    assert_reads(
        &world.drawn(&sent, None),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent]
    `- Lower L1 [sent]
       `- Upper U1 [sent]
          `- Root R1 [root in mozilla]
  Sent besides:
    4. www.example.com: sent before
    5. Former authority: an authority that issued nothing here, perhaps a former
      one
    6. mail.example.net: has nothing to do with this chain
    7. cannot be read

  chain                       complete
  order                       2. Upper U1 stands before what it issued
  trusted by mozilla          yes
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
",
    );
}

#[test]
fn expired_and_without_intermediate() {
    let mut world = World::new();
    let leaf = world.inter.leaf_with(HOST, |params| {
        params.not_after = date_time_ymd(2026, 10, 2);
    });
    world.pool.add(&world.inter.der, CertSource::Known).unwrap();
    assert_reads(
        &world.drawn(&[&leaf], None),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent, EXPIRED on 2026-10-02]
    `- Intermediate I1 [NOT SENT, but among the known intermediates]
       `- Root R1 [root in mozilla]

  chain                       incomplete, not sent: CN=Intermediate I1
  trusted by mozilla          no: the certificate expired on 2026-10-02
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
",
    );
}

#[test]
fn not_yet_valid_and_nobody_has_the_issuer() {
    let mut world = World::new();
    let leaf = Ca::root("Authority nobody knows").leaf_with(HOST, |params| {
        params.not_before = date_time_ymd(2026, 12, 2);
    });
    assert_reads(
        &world.drawn(&[&leaf], None),
        r"
  The chain, as far as it can be followed:
    www.example.com [sent, valid only from 2026-12-02]
    `- CN=Authority nobody knows [NOT SENT, and not found]

  chain                       no path to a root; not found: CN=Authority nobody
                              knows
  validity                    the certificate is valid only from 2026-12-02
  trusted by mozilla          no: unknown issuer CN=Authority nobody knows
  trusted by operator         no: unknown issuer CN=Authority nobody knows
  name                        www.example.com matches
",
    );
}

#[test]
fn revoked() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    let inter = world.inter.der.clone();
    let at = date_time_ymd(2026, 9, 30).unix_timestamp();
    let revoked =
        |reason: Option<&str>| RevocationStatus::Revoked { at, reason: reason.map(str::to_owned) };
    let unknown = RevocationStatus::Unknown { why: "http://ca.example/i1.crl: timeout".to_owned() };
    let by_ocsp = Revocation { crl: unknown, ocsp: revoked(Some("keyCompromise")) };
    let by_list = Revocation { crl: revoked(None), ocsp: RevocationStatus::NotAsked };
    world.pki.revocation = BTreeMap::from([(id(&leaf), by_ocsp), (id(&inter), by_list)]);
    assert_reads(
        &world.drawn(&[&leaf, &inter], None),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent, REVOKED]
    `- Intermediate I1 [sent, REVOKED]
       `- Root R1 [root in mozilla]

  chain                       complete
  trusted by mozilla          yes
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
  revocation, by list         not known: http://ca.example/i1.crl: timeout
  revocation, by OCSP         REVOKED on 2026-09-30, keyCompromise
  revocation, by list         Intermediate I1: REVOKED on 2026-09-30
",
    );
}

#[test]
fn not_revoked() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    let inter = world.inter.der.clone();
    let until = Some(date_time_ymd(2026, 11, 5).unix_timestamp());
    let fine = || Revocation {
        crl: RevocationStatus::NotRevoked { until },
        ocsp: RevocationStatus::NotAsked,
    };
    world.pki.revocation = BTreeMap::from([(id(&leaf), fine()), (id(&inter), fine())]);
    let text = world.drawn(&[&leaf, &inter], None);
    let row = "  revocation, by list         not revoked, valid until 2026-11-05\n";
    assert_eq!(text.matches(row).count(), 1, "{text}");
}

#[test]
fn the_name_does_not_match() {
    let mut world = World::new();
    let inter = world.inter.der.clone();
    let mut is = |names: &[&str], want: &str| {
        let leaf = world.inter.leaf_with(names[0], |leaf| *leaf = params(names[0], &names[1..]));
        let text = world.drawn(&[&leaf, &inter], None);
        let row = text.lines().find(|line| line.starts_with("  name ")).unwrap();
        assert_eq!(row, format!("  name                        {want}"));
    };
    is(&["x", HOST], "www.example.com matches");
    is(&["x", "*.example.com"], "www.example.com matches *.example.com");
    is(
        &["x", "example.com", "mail.example.com"],
        "www.example.com does not match; example.com would",
    );
    is(&["x", "example.net"], "www.example.com does not match");
}

#[test]
fn an_older_certificate_than_expected() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    let inter = world.inter.der.clone();
    let mut is = |serves: Serves, want: &str| {
        let text = world.drawn(&[&leaf, &inter], Some(serves));
        assert!(text.ends_with(&format!("\n  expected certificate        {want}\n")), "{text}");
    };
    is(Serves::This, "is served");
    is(Serves::Older, "not served, but an older one for the same names");
    is(Serves::Newer, "not served, but a newer one for the same names");
    is(Serves::Other, "not served, but another one");
}

#[test]
fn the_root_is_sent() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    let (inter, root) = (world.inter.der.clone(), world.root.der.clone());
    let tlsa = |usage, matching, data: String| Tlsa { usage, selector: 0, matching, data };
    world.tlsa = vec![tlsa(3, 1, id(&leaf)), tlsa(3, 1, id(&root)), tlsa(3, 9, String::new())];
    assert_reads(
        &world.drawn(&[&leaf, &inter, &root], None),
        r"
  The chain to the root, as it should be sent:
    www.example.com [sent]
    `- Intermediate I1 [sent]
       `- Root R1 [root in mozilla; sent, although clients have it]

  chain                       complete
  trusted by mozilla          yes
  trusted by operator         no: unknown issuer CN=Root R1
  name                        www.example.com matches
  TLSA                        fits 1 of 3 records; 1 cannot be compared
",
    );
}

#[test]
fn nothing_that_can_be_read() {
    let mut world = World::new();
    assert_reads(
        &world.drawn(&[b"\x30\x82"], None),
        r"
  Sent besides:
    1. cannot be read

  chain                       the server's certificate cannot be read
  trusted by mozilla          no: the leaf cannot be read
  trusted by operator         no: the leaf cannot be read
",
    );
}

#[test]
fn every_fault_has_its_words() {
    let mut world = World::new();
    let leaf = world.inter.leaf(HOST);
    world.drawn(&[&leaf], None);
    let evil = || "x\u{1b}[2J\nchain  complete".to_owned();
    let late = |leaf, early| {
        PathFault::OutOfDate(OutOfDate { id: id(&world.inter.der), leaf, early, at: 0 })
    };
    let faults = [
        PathFault::UnknownIssuer { issuer: evil() },
        PathFault::SelfSigned,
        late(false, false),
        late(true, true),
        PathFault::Distrusted { authority: evil(), since: 0, source: evil() },
        PathFault::NotAnAuthority { id: id(&leaf) },
        PathFault::NotAnAuthority { id: evil() },
        PathFault::AuthorityAsLeaf,
        PathFault::Usage,
        PathFault::PathLength,
        PathFault::NameConstraints,
        PathFault::Signature,
        PathFault::Algorithm { algorithm: evil() },
        PathFault::Form { what: evil() },
    ];
    let words: Vec<String> = faults.iter().map(|one| fault(one, &world.pki.certificates)).collect();
    assert_reads(
        &("\n".to_owned() + &words.join("\n") + "\n"),
        r"
unknown issuer x\u{1b}[2J\nchain  complete
self-signed
Intermediate I1 expired on 1970-01-01
the certificate is valid only from 1970-01-01
x\u{1b}[2J\nchain  complete has not been trusted since 1970-01-01
www.example.com may not issue certificates
a certificate that cannot be read may not issue certificates
the certificate is that of an authority, not of a server
the certificate, or one above it, is not for servers
there are more intermediates than an authority allows
its names are outside those an authority may certify
a signature is wrong
a signature cannot be checked (x\u{1b}[2J\nchain  complete)
x\u{1b}[2J\nchain  complete
",
    );
}

#[test]
fn hostile_texts_are_harmless() {
    let evil = || "x\u{1b}[2J\u{202e}\r\n  chain  complete".to_owned();
    let missing = || Missing { subject: evil(), id: None, source: None, uris: vec![evil()] };
    let step = Step { id: evil(), subject: evil(), source: CertSource::Known };
    let status = || RevocationStatus::Revoked { at: i64::MAX, reason: Some(evil()) };
    let mut pki = Pki::default();
    pki.revocation.insert(evil(), Revocation { crl: status(), ocsp: status() });
    let roles = [Role::Leaf, Role::Root, Role::Duplicate, Role::PreviousCa, Role::Unrelated];
    let mut facts = ChainFacts {
        sent: roles.map(|role| Placed { id: evil(), role, in_place: false }).to_vec(),
        should_be: vec![step],
        completeness: Completeness::NoPath { missing: missing(), tried: Some(evil()) },
        paths: vec![Path {
            certificates: vec![evil(), evil()],
            stores: vec![evil()],
            sent: false,
            fault: None,
        }],
        trust: vec![Trust { store: evil(), fault: None }],
        name: NameMatch { host: evil(), near: vec![evil()], ..NameMatch::default() },
        out_of_date: vec![OutOfDate { id: evil(), leaf: false, early: false, at: i64::MIN }],
        old_hashes: vec![OldHash { id: evil(), leaf: false, hash: evil() }],
        tlsa: vec![TlsaMatch { record: usize::MAX, fits: None }],
    };
    let harmless = |facts: &ChainFacts| {
        let mut page = Page::new(Style { colour: false, width: 80, verbose: false });
        drawing(&mut page, facts, None, &pki);
        let text = page.finish();
        assert!(text.chars().all(|c| c == '\n' || (' '..='~').contains(&c)), "{text}");
        assert!(!text.contains("\n  chain  complete"), "{text}");
    };
    harmless(&facts);
    facts.should_be.clear();
    harmless(&facts);
    facts.paths.clear();
    facts.completeness = Completeness::Incomplete { missing: vec![missing()] };
    harmless(&facts);
}
