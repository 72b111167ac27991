//! The zoo: chains as they are met, and each with all the facts that are expected of it.
//!
//! The facts are written as [`crate::render`] writes them; certificates go by the names they have
//! here. `!` behind a role: not in its place. `@` behind a certificate: where it was found, if it
//! was not sent.

use rcgen::{
    BasicConstraints, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    NameConstraints, PKCS_ECDSA_P521_SHA512, PKCS_ED25519,
};
use taraf_scanner::observe::CertSource;

use crate::forge::{Ca, HOST, PLAIN, issuer_at, key, old, self_signed, years};

pub struct Case {
    pub name: &'static str,
    pub sent: Vec<(&'static str, Vec<u8>)>,
    pub pool: Vec<(&'static str, Vec<u8>, CertSource)>,
    pub roots: Vec<(&'static str, Vec<u8>)>,
    pub host: &'static str,
    pub expected: &'static str,
}

type Named<'a> = (&'static str, &'a [u8]);

fn case(
    name: &'static str,
    sent: &[Named<'_>],
    roots: &[Named<'_>],
    expected: &'static str,
) -> Case {
    let own = |list: &[Named<'_>]| list.iter().map(|(name, der)| (*name, der.to_vec())).collect();
    let pool = Vec::new();
    Case { name, sent: own(sent), pool, roots: own(roots), host: HOST, expected }
}

impl Case {
    fn host(mut self, host: &'static str) -> Self {
        self.host = host;
        self
    }

    fn pool(mut self, source: CertSource, certificates: &[Named<'_>]) -> Self {
        let more = certificates.iter().map(|(name, der)| (*name, der.to_vec(), source));
        self.pool.extend(more);
        self
    }
}

pub fn all() -> Vec<Case> {
    let rooms = [order(), gaps(), times(), trust(), names(), algorithms(), forms()];
    rooms.into_iter().flatten().collect()
}

/// What was sent beside what was needed, and in which order.
fn order() -> Vec<Case> {
    let root = Ca::root("Root");
    let upper = root.ca("Upper");
    let int = upper.ca("Int");
    let leaf = int.leaf();
    let other = root.ca("Previous");
    let stray = other.leaf_with(&["stray.test"], PLAIN);
    let (r, u, i, l) = (&root.der[..], &upper.der[..], &int.der[..], &leaf[..]);
    let sent = [("leaf", l), ("int", i), ("upper", u)];
    let roots = [("root", r)];

    // Two roots signed one intermediate: the same name and the same key twice.
    let (a, b) = (Ca::root("Root A"), Ca::root("Root B"));
    let twin_a = a.ca("Twin");
    let twin_b = b.ca_with("Twin", twin_a.key.clone(), PLAIN);
    let twins_leaf = twin_a.leaf();

    vec![
        case(
            "complete",
            &sent,
            &roots,
            "
            sent: leaf=leaf int=intermediate upper=intermediate
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "root sent",
            &[("leaf", l), ("int", i), ("upper", u), ("root", r)],
            &roots,
            "
            sent: leaf=leaf int=intermediate upper=intermediate root=root
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "wrong order",
            &[("leaf", l), ("root", r), ("upper", u), ("int", i)],
            &roots,
            "
            sent: leaf=leaf root=root! upper=intermediate! int=intermediate
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "reversed",
            &[("root", r), ("upper", u), ("int", i), ("leaf", l)],
            &roots,
            "
            sent: root=leaf! upper=previous-ca! int=previous-ca! leaf=unrelated
            should: root
            complete
            path: root [operator] sent ok
            trust operator: ok
            name: none",
        ),
        case(
            "extra certificates",
            &[("leaf", l), ("int", i), ("stray", &stray), ("previous", &other.der), ("upper", u)],
            &roots,
            "
            sent: leaf=leaf int=intermediate stray=unrelated previous=previous-ca upper=intermediate
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "duplicate",
            &[("leaf", l), ("int", i), ("int", i), ("leaf", l), ("upper", u)],
            &roots,
            "
            sent: leaf=leaf int=intermediate int=duplicate leaf=duplicate upper=intermediate
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "garbage in the list",
            &[("leaf", l), ("?", b"?!"), ("int", i), ("upper", u)],
            &roots,
            "
            sent: leaf=leaf ?=unreadable int=intermediate upper=intermediate
            should: leaf int upper
            complete
            path: leaf int upper root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "cross-signed twins",
            &[("leaf", &twins_leaf), ("twin-a", &twin_a.der), ("twin-b", &twin_b.der)],
            &[("root-a", &a.der), ("root-b", &b.der)],
            "
            sent: leaf=leaf twin-a=intermediate twin-b=intermediate
            should: leaf twin-a
            complete
            path: leaf twin-a root-a [operator] sent ok
            path: leaf twin-b root-b [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "empty chain",
            &[],
            &roots,
            "
            sent:
            should:
            unreadable
            trust operator: form no certificate was sent
            name: none",
        ),
        case(
            "leaf unreadable",
            &[("?", b"?!"), ("int", i), ("?", b"?!")],
            &roots,
            "
            sent: ?=unreadable int=previous-ca ?=duplicate
            should:
            unreadable
            trust operator: form the leaf cannot be read
            name: none",
        ),
    ]
}

/// What was not sent.
fn gaps() -> Vec<Case> {
    let root = Ca::root("Root");
    let upper = root.ca("Upper");
    let int = upper.ca_with("Int", key(&PKCS_ED25519), &|params| {
        params.custom_extensions = vec![issuer_at("http://ca.test/upper")];
    });
    let leaf = int.leaf_with(&[HOST], &|params| {
        params.custom_extensions = vec![issuer_at("HTTP://ca.test/int")];
    });
    let late = int.leaf_with(&[HOST], &years(2020, 2021));
    let ldap = int.leaf_with(&[HOST], &|params| {
        params.custom_extensions = vec![issuer_at("ldap://ca.test/int")];
    });
    let (r, u, i, l) = (&root.der[..], &upper.der[..], &int.der[..], &leaf[..]);
    let roots = [("root", r)];
    vec![
        case(
            "one missing",
            &[("leaf", l), ("upper", u)],
            &roots,
            "
            sent: leaf=leaf upper=previous-ca
            should:
            no-path CN=Int HTTP://ca.test/int
            trust operator: unknown-issuer CN=Int
            name: www.example.test",
        ),
        case(
            "two missing",
            &[("leaf", &ldap)],
            &roots,
            "
            sent: leaf=leaf
            should:
            no-path CN=Int
            trust operator: unknown-issuer CN=Int
            name: www.example.test",
        ),
        case(
            "one missing, found",
            &[("leaf", l), ("upper", u)],
            &roots,
            "
            sent: leaf=leaf upper=intermediate
            should: leaf int@fetched upper
            incomplete: int@fetched HTTP://ca.test/int
            path: leaf int upper root [operator] added ok
            trust operator: ok
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[("int", i)]),
        case(
            "two missing, found",
            &[("leaf", l)],
            &roots,
            "
            sent: leaf=leaf
            should: leaf int@known upper@fetched
            incomplete: int@known HTTP://ca.test/int upper@fetched http://ca.test/upper
            path: leaf int upper root [operator] added ok
            trust operator: ok
            name: www.example.test",
        )
        .pool(CertSource::Known, &[("int", i)])
        .pool(CertSource::Fetched, &[("upper", u)]),
        case(
            "two missing, one found",
            &[("leaf", l)],
            &roots,
            "
            sent: leaf=leaf
            should:
            no-path CN=Upper http://ca.test/upper
            trust operator: unknown-issuer CN=Upper
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[("int", i)]),
        case(
            "expired leaf and nothing else",
            &[("leaf", &late)],
            &roots,
            "
            sent: leaf=leaf
            should:
            no-path CN=Int
            trust operator: unknown-issuer CN=Int
            late: leaf over
            name: www.example.test",
        ),
        case(
            "wrong name and incomplete",
            &[("leaf", l)],
            &roots,
            "
            sent: leaf=leaf
            should: leaf int@fetched upper@fetched
            incomplete: int@fetched HTTP://ca.test/int upper@fetched http://ca.test/upper
            path: leaf int upper root [operator] added ok
            trust operator: ok
            name: none",
        )
        .pool(CertSource::Fetched, &[("int", i), ("upper", u)])
        .host("www.other.test"),
    ]
}

/// Times that are over or have not begun.
fn times() -> Vec<Case> {
    let root = Ca::root_with("Root", key(&PKCS_ED25519), &years(2015, 2040));
    let int = root.ca_with("Int", key(&PKCS_ED25519), &years(2020, 2028));
    let stale = root.ca_with("Int", int.key.clone(), &years(2020, 2025));
    let (leaf, late) = (int.leaf(), int.leaf_with(&[HOST], &years(2024, 2025)));
    let early = int.leaf_with(&[HOST], &years(2027, 2028));
    let over = Ca::root_with("Over", key(&PKCS_ED25519), &years(2015, 2025));
    let young = over.ca("Young");
    let under = young.leaf();
    let (r, i) = (("root", &root.der[..]), ("int", &int.der[..]));
    vec![
        case(
            "expired leaf",
            &[("leaf", &late), i],
            &[r],
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent late leaf over
            trust operator: late leaf over
            late: leaf over
            name: www.example.test",
        ),
        case(
            "expired leaf, intermediate found",
            &[("leaf", &late)],
            &[r],
            "
            sent: leaf=leaf
            should: leaf int@fetched
            incomplete: int@fetched
            path: leaf int root [operator] added late leaf over
            trust operator: late leaf over
            late: leaf over
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[i]),
        case(
            "not yet valid",
            &[("leaf", &early), i],
            &[r],
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent late leaf early
            trust operator: late leaf early
            late: leaf early
            name: www.example.test",
        ),
        case(
            "expired intermediate",
            &[("leaf", &leaf), ("stale", &stale.der)],
            &[r],
            "
            sent: leaf=leaf stale=intermediate
            should: leaf stale
            complete
            path: leaf stale root [operator] sent late stale over
            trust operator: late stale over
            late: stale over
            name: www.example.test",
        ),
        case(
            "expired intermediate, its successor known",
            &[("leaf", &leaf), ("stale", &stale.der)],
            &[r],
            "
            sent: leaf=leaf stale=intermediate
            should: leaf int@known
            incomplete: int@known
            path: leaf int root [operator] added ok
            path: leaf stale root [operator] sent late stale over
            trust operator: ok
            name: www.example.test",
        )
        .pool(CertSource::Known, &[i]),
        case(
            "expired twin sent first",
            &[("leaf", &leaf), ("stale", &stale.der), i],
            &[r],
            "
            sent: leaf=leaf stale=intermediate int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent ok
            path: leaf stale root [operator] sent late stale over
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "expired root",
            &[("leaf", &under), ("young", &young.der)],
            &[("over", &over.der)],
            "
            sent: leaf=leaf young=intermediate
            should: leaf young
            complete
            path: leaf young over [operator] sent late over over
            trust operator: late over over
            late: over over
            name: www.example.test",
        ),
    ]
}

/// Whom to trust.
fn trust() -> Vec<Case> {
    let root = Ca::root("Root");
    let int = root.ca("Int");
    let leaf = int.leaf();
    let direct = root.leaf();
    let appliance = self_signed(PLAIN);
    let (r, i, l) = (("root", &root.der[..]), ("int", &int.der[..]), ("leaf", &leaf[..]));
    let elsewhere = Ca::root("Elsewhere");
    let e = ("elsewhere", &elsewhere.der[..]);

    // Another authority of the same name and another key.
    let impostor = Ca::root("Root").ca("Int");

    let shut = root.ca_with("Shut", key(&PKCS_ED25519), &|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    });
    let under_shut = shut.ca("Under");
    let too_deep = under_shut.leaf();

    let fenced = root.ca_with("Fenced", key(&PKCS_ED25519), &|params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("gov.test".to_owned())],
            excluded_subtrees: Vec::new(),
        });
    });
    let (outside, inside) = (fenced.leaf(), fenced.leaf_with(&["www.gov.test"], PLAIN));

    let clerk = root.not_ca("Clerk");
    let forged = clerk.leaf();
    let mail = root.ca_with("Mail", key(&PKCS_ED25519), &|params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    });
    let mailed = mail.leaf();
    vec![
        case(
            "issued by the root itself",
            &[("leaf", &direct)],
            &[r],
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "self-signed",
            &[("leaf", &appliance)],
            &[r],
            "
            sent: leaf=leaf
            should: leaf
            own-root
            trust operator: self-signed
            name: www.example.test",
        ),
        case(
            "self-signed, trusted by itself",
            &[("leaf", &appliance)],
            &[("leaf", &appliance)],
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "private authority, root sent",
            &[l, i, r],
            &[e],
            "
            sent: leaf=leaf int=intermediate root=root
            should: leaf int
            own-root
            trust operator: unknown-issuer CN=Root
            name: www.example.test",
        ),
        case(
            "private authority, root not sent",
            &[l, i],
            &[e],
            "
            sent: leaf=leaf int=intermediate
            should:
            no-path CN=Root
            trust operator: unknown-issuer CN=Root
            name: www.example.test",
        ),
        case(
            "private authority, intermediate fetched",
            &[l, r],
            &[e],
            "
            sent: leaf=leaf root=root
            should: leaf int@fetched
            incomplete: int@fetched
            trust operator: unknown-issuer CN=Root
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[i]),
        case(
            "an intermediate is trusted",
            &[l, i],
            &[i],
            "
            sent: leaf=leaf int=intermediate
            should: leaf
            complete
            path: leaf int [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "wrong signature",
            &[l, ("impostor", &impostor.der)],
            &[r],
            "
            sent: leaf=leaf impostor=intermediate
            should: leaf impostor
            complete
            path: leaf impostor root [operator] sent signature
            trust operator: signature
            name: www.example.test",
        ),
        case(
            "the right issuer beside an impostor",
            &[l, ("impostor", &impostor.der), i],
            &[r],
            "
            sent: leaf=leaf impostor=previous-ca int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "path length",
            &[("leaf", &too_deep), ("under", &under_shut.der), ("shut", &shut.der)],
            &[r],
            "
            sent: leaf=leaf under=intermediate shut=intermediate
            should: leaf under shut
            complete
            path: leaf under shut root [operator] sent path-length
            trust operator: path-length
            name: www.example.test",
        ),
        case(
            "name constraints",
            &[("leaf", &outside), ("fenced", &fenced.der)],
            &[r],
            "
            sent: leaf=leaf fenced=intermediate
            should: leaf fenced
            complete
            path: leaf fenced root [operator] sent name-constraints
            trust operator: name-constraints
            name: www.example.test",
        ),
        case(
            "name constraints kept",
            &[("leaf", &inside), ("fenced", &fenced.der)],
            &[r],
            "
            sent: leaf=leaf fenced=intermediate
            should: leaf fenced
            complete
            path: leaf fenced root [operator] sent ok
            trust operator: ok
            name: www.gov.test",
        )
        .host("www.gov.test"),
        case(
            "issued by no authority",
            &[("leaf", &forged), ("clerk", &clerk.der)],
            &[r],
            "
            sent: leaf=leaf clerk=intermediate
            should: leaf clerk
            complete
            path: leaf clerk root [operator] sent not-an-authority clerk
            trust operator: not-an-authority clerk
            name: www.example.test",
        ),
        case(
            "authority for mail",
            &[("leaf", &mailed), ("mail", &mail.der)],
            &[r],
            "
            sent: leaf=leaf mail=intermediate
            should: leaf mail
            complete
            path: leaf mail root [operator] sent usage
            trust operator: usage
            name: www.example.test",
        ),
    ]
}

/// The host and the names.
fn names() -> Vec<Case> {
    let root = Ca::root("Root");
    let r = [("root", &root.der[..])];
    let named = |name, names: &[&str], host, expected| {
        case(name, &[("leaf", &root.leaf_with(names, PLAIN))], &r, expected).host(host)
    };
    let many: Vec<String> = (0..1000).map(|n| format!("h{n}.example.test")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let common = root.leaf_with(&[], &|params| {
        params.distinguished_name.push(DnType::CommonName, HOST);
    });
    const HOLDS: &str = "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf root [operator] sent ok
            trust operator: ok
            name: ";
    let holds = |name: &str| -> &'static str { format!("{HOLDS}{name}").leak() };
    vec![
        named("name mismatch", &["a.test", "b.test"], HOST, holds("none")),
        named("www missing", &["example.test"], HOST, holds("none near example.test")),
        named("a star", &["*.example.test"], HOST, holds("*.example.test")),
        named(
            "a star too deep",
            &["*.example.test"],
            "a.b.example.test",
            holds("none near b.example.test"),
        ),
        named(
            "international",
            &["xn--mnchen-3ya.test"],
            "MÜNCHEN.test.",
            holds("xn--mnchen-3ya.test"),
        ),
        named("address", &["192.0.2.7"], "192.0.2.7", holds("192.0.2.7")),
        named("address as a name only", &["a.test"], "192.0.2.7", holds("none")),
        case("common name only", &[("leaf", &common)], &r, holds("common name only")),
        named("1,000 names", &many, "h999.example.test", holds("h999.example.test")),
    ]
}

/// Algorithms old and new.
fn algorithms() -> Vec<Case> {
    let root = old("old-root");
    let r = [("root", &root[..])];
    let (sha1, under_sha1) = (old("sha1-intermediate"), old("sha1-leaf"));
    let (short, under_short) = (old("rsa1024-intermediate"), old("rsa1024-issued-leaf"));
    let modern = |algorithm| {
        let root = Ca::root_with("Root", key(algorithm), PLAIN);
        let int = root.ca_with("Int", key(algorithm), PLAIN);
        (root.der.clone(), int.der.clone(), int.leaf())
    };
    let complete = "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent ok
            trust operator: ok
            name: www.example.test";
    let (edwards, p521) = (modern(&PKCS_ED25519), modern(&PKCS_ECDSA_P521_SHA512));
    vec![
        case(
            "SHA-1 in the middle",
            &[("leaf", &under_sha1), ("sha1", &sha1)],
            &r,
            "
            sent: leaf=leaf sha1=intermediate
            should: leaf sha1
            complete
            path: leaf sha1 root [operator] sent ok
            trust operator: ok
            old: sha1 SHA1
            name: www.example.test",
        ),
        case(
            "SHA-1 in the middle, not sent",
            &[("leaf", &under_sha1)],
            &r,
            "
            sent: leaf=leaf
            should: leaf sha1@known
            incomplete: sha1@known
            path: leaf sha1 root [operator] added ok
            trust operator: ok
            name: www.example.test",
        )
        .pool(CertSource::Known, &[("sha1", &sha1)]),
        case(
            "SHA-1 and nobody above",
            &[("leaf", &under_sha1), ("sha1", &sha1)],
            &[],
            "
            sent: leaf=leaf sha1=intermediate
            should:
            no-path CN=Old Root
            trust operator: unknown-issuer CN=Old Root
            old: sha1 SHA1
            name: www.example.test",
        ),
        case(
            "MD5 leaf",
            &[("leaf", &old("md5-leaf"))],
            &r,
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf root [operator] sent algorithm MD5withRSA
            trust operator: algorithm MD5withRSA
            old: leaf MD5
            name: www.example.test",
        ),
        case(
            "RSA-1024 leaf",
            &[("leaf", &old("rsa1024-leaf"))],
            &r,
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "RSA-1024 authority",
            &[("leaf", &under_short), ("short", &short)],
            &r,
            "
            sent: leaf=leaf short=intermediate
            should: leaf short
            complete
            path: leaf short root [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "Ed25519",
            &[("leaf", &edwards.2), ("int", &edwards.1)],
            &[("root", &edwards.0)],
            complete,
        ),
        case("P-521", &[("leaf", &p521.2), ("int", &p521.1)], &[("root", &p521.0)], complete),
    ]
}

/// Forms clients refuse.
fn forms() -> Vec<Case> {
    let root = Ca::root("Root");
    let r = [("root", &root.der[..])];
    let int = root.ca("Int");
    let i = ("int", &int.der[..]);
    let with = |tweak: &dyn Fn(&mut rcgen::CertificateParams)| int.leaf_with(&[HOST], tweak);
    let authority = with(&|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    let client = with(&|params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let strange = with(&|params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions = vec![extension];
    });
    let wide = root.ca_with("Wide", key(&PKCS_ED25519), &years(2015, 2040));
    let client_late = wide.leaf_with(&[HOST], &|params| {
        years(2020, 2021)(params);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let longer = [int.leaf(), vec![0]].concat();
    let (v1, old_root) = (old("v1-leaf"), old("old-root"));
    let appliance = self_signed(&|params| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    });
    vec![
        case(
            "X.509 version 1",
            &[("leaf", &v1)],
            &[("root", &old_root)],
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf root [operator] sent form it is not X.509 version 3
            trust operator: form it is not X.509 version 3
            name: common name only",
        ),
        case(
            "authority as leaf",
            &[("leaf", &authority), i],
            &r,
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent authority-as-leaf
            trust operator: authority-as-leaf
            name: www.example.test",
        ),
        case(
            "authority as leaf, alone",
            &[("leaf", &authority)],
            &r,
            "
            sent: leaf=leaf
            should: leaf int@fetched
            incomplete: int@fetched
            path: leaf int root [operator] added authority-as-leaf
            trust operator: authority-as-leaf
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[i]),
        case(
            "self-signed authority, trusted by itself",
            &[("leaf", &appliance)],
            &[("leaf", &appliance)],
            "
            sent: leaf=leaf
            should: leaf
            complete
            path: leaf [operator] sent ok
            trust operator: ok
            name: www.example.test",
        ),
        case(
            "for clients only",
            &[("leaf", &client), i],
            &r,
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent usage
            trust operator: usage
            name: www.example.test",
        ),
        case(
            "for clients only, expired and incomplete",
            &[("leaf", &client_late)],
            &r,
            "
            sent: leaf=leaf
            should: leaf wide@fetched
            incomplete: wide@fetched
            path: leaf wide root [operator] added usage
            trust operator: usage
            late: leaf over
            name: www.example.test",
        )
        .pool(CertSource::Fetched, &[("wide", &wide.der)]),
        case(
            "unknown critical extension",
            &[("leaf", &strange), i],
            &r,
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent form it has a critical extension that clients do \
            not know
            trust operator: form it has a critical extension that clients do not know
            name: www.example.test",
        ),
        case(
            "bytes behind the leaf",
            &[("leaf", &longer), i],
            &r,
            "
            sent: leaf=leaf int=intermediate
            should: leaf int
            complete
            path: leaf int root [operator] sent form bytes follow where it should end
            trust operator: form bytes follow where it should end
            name: www.example.test",
        ),
    ]
}
