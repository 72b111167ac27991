//! Fixtures of the rules about certificates, trust and name.

use taraf_scanner::grade::Facts;
use taraf_scanner::observe::*;

use crate::fixtures::Fixture;
use crate::sound::*;

/// Signed with that hash.
fn sign(facts: &mut Facts, id: &str, hash: &str) {
    let leaf = id == "leaf";
    chain(facts).old_hashes.push(OldHash { id: id.to_owned(), leaf, hash: hash.to_owned() });
    if let Some(known) = facts.certificates.get_mut(id) {
        known.facts.as_mut().unwrap().signature = format!("{hash}withRSA");
    }
}

fn out_of_date(leaf: bool, early: bool) -> PathFault {
    let id = if leaf { "leaf" } else { "intermediate" }.to_owned();
    let at = if early { NOW + DAY } else { NOW - DAY };
    PathFault::OutOfDate(OutOfDate { id, leaf, early, at })
}

pub const FIXTURES: &[Fixture] = &[
    Fixture::new(
        "F-REVOKED",
        ("revoked by the list", |f| {
            let reason = Some("keyCompromise".to_owned());
            f.revocation.get_mut("leaf").unwrap().crl =
                RevocationStatus::Revoked { at: NOW - DAY, reason };
        }),
        ("a staple that says so, but is not signed by the issuer", |f| {
            let staple = f.endpoint.staple.as_mut().unwrap();
            staple.status = RevocationStatus::Revoked { at: NOW - DAY, reason: None };
            staple.signed = Some(false);
        }),
    ),
    Fixture::new(
        "F-DEBIAN",
        ("a known key", |f| leaf(f).key.debian = Some(true)),
        ("another key", |f| leaf(f).key.debian = Some(false)),
    ),
    Fixture::new(
        "F-EXPONENT",
        ("exponent 1", |f| leaf(f).key.exponent = Some("1".to_owned())),
        ("exponent 3", |f| leaf(f).key.exponent = Some("3".to_owned())),
    ),
    Fixture::new(
        "F-SIGN",
        ("the leaf signed with MD5", |f| sign(f, "leaf", "MD5")),
        ("the leaf signed with SHA-1", |f| sign(f, "leaf", "SHA1")),
    )
    .with(&["T-SHA1", "P-SHA1"]),
    Fixture::new(
        "B-CHAIN",
        ("an intermediate missing", |f| {
            chain(f).completeness = Completeness::Incomplete {
                missing: vec![Missing {
                    subject: "CN=Issuing CA 1, O=CA".to_owned(),
                    id: None,
                    source: None,
                    uris: Vec::new(),
                }],
            };
        }),
        ("nothing missing, but no path", |f| chain(f).completeness = Completeness::OwnRoot),
    ),
    Fixture::new(
        "P-SHA1",
        ("an intermediate signed with SHA-1", |f| sign(f, "intermediate", "SHA1")),
        ("only the root is", |f| {
            send(f, "root", Role::Root);
            let root = f.certificates.get_mut("root").unwrap().facts.as_mut().unwrap();
            root.signature = "SHA1withRSA".to_owned();
            root.self_issued = true;
        }),
    ),
    Fixture::new(
        "T-ISSUER",
        ("no path to a root", |f| {
            let issuer = "CN=Nobody".to_owned();
            distrust(f, PathFault::UnknownIssuer { issuer });
        }),
        ("none in Mozilla's store, but in the operator's", |f| {
            let issuer = "CN=Nobody".to_owned();
            distrust(f, PathFault::UnknownIssuer { issuer });
            chain(f).trust.push(Trust { store: "operator".to_owned(), fault: None });
        }),
    )
    .replaces(),
    Fixture::new(
        "T-SELF-SIGNED",
        ("self-signed", |f| distrust(f, PathFault::SelfSigned)),
        ("self-signed, and in the operator's store", |f| {
            distrust(f, PathFault::SelfSigned);
            chain(f).trust.push(Trust { store: "operator".to_owned(), fault: None });
        }),
    ),
    Fixture::new(
        "T-EXPIRED",
        ("the leaf's time is over", |f| {
            leaf(f).not_after = NOW - DAY;
            distrust(f, out_of_date(true, false));
        }),
        ("the leaf's time ends in two months", |f| leaf(f).not_after = NOW + 60 * DAY),
    ),
    Fixture::new(
        "T-NOT-YET",
        ("the leaf's time has not begun", |f| {
            leaf(f).not_before = NOW + DAY;
            distrust(f, out_of_date(true, true));
        }),
        ("it began this moment", |f| leaf(f).not_before = NOW),
    ),
    Fixture::new(
        "T-DISTRUSTED",
        ("the store has a date for the authority", |f| {
            let (authority, source) = ("CN=Root 1, O=CA".to_owned(), "announcement".to_owned());
            distrust(f, PathFault::Distrusted { authority, since: NOW - 365 * DAY, source });
        }),
        ("only the system's store says so", |f| {
            let (authority, source) = ("CN=Root 1, O=CA".to_owned(), "announcement".to_owned());
            let fault = PathFault::Distrusted { authority, since: NOW, source };
            chain(f).trust.push(Trust { store: "system".to_owned(), fault: Some(fault) });
        }),
    ),
    Fixture::new(
        "T-SHA1",
        ("the leaf signed with SHA-1", |f| sign(f, "leaf", "SHA1")),
        ("an intermediate is", |f| sign(f, "intermediate", "SHA1")),
    )
    .with(&["P-SHA1"]),
    Fixture::new(
        "T-FORM",
        ("not for servers", |f| distrust(f, PathFault::Usage)),
        ("an unknown issuer, which is T-ISSUER", |f| {
            let issuer = "CN=Nobody".to_owned();
            distrust(f, PathFault::UnknownIssuer { issuer });
        }),
    ),
    Fixture::new(
        "M-NAME",
        ("another name", |f| chain(f).name.by = None),
        ("a wildcard that covers it", |f| {
            chain(f).name.by = Some("*.example.my".to_owned());
        }),
    ),
    // Remarks.
    Fixture::new(
        "R-CHAIN-ORDER",
        ("an intermediate before what it issued", |f| {
            send(f, "second", Role::Intermediate);
            chain(f).sent[2].in_place = false;
        }),
        ("each behind what it issued", |f| send(f, "second", Role::Intermediate)),
    ),
    Fixture::new(
        "R-ROOT-SENT",
        ("a root", |f| send(f, "root", Role::Root)),
        ("another intermediate", |f| send(f, "second", Role::Intermediate)),
    ),
    Fixture::new(
        "R-CHAIN-EXTRA",
        ("one of somebody else", |f| send(f, "stranger", Role::Unrelated)),
        ("a root", |f| send(f, "root", Role::Root)),
    ),
    Fixture::new(
        "R-PREVIOUS-CA",
        ("an authority that issued nothing here", |f| send(f, "former", Role::PreviousCa)),
        ("one that did", |f| send(f, "second", Role::Intermediate)),
    ),
    Fixture::new(
        "R-CHAIN-OTHER",
        ("the second chain is incomplete", |f| {
            second_chain(f).completeness = Completeness::Incomplete { missing: Vec::new() };
        }),
        ("the second is complete", |f| {
            second_chain(f);
        }),
    ),
    Fixture::new(
        "R-NOT-SUPPLIED",
        ("the one before it", |f| f.endpoint.chains[0].serves = Some(Serves::Older)),
        ("none was named", |f| f.endpoint.chains[0].serves = None),
    ),
    Fixture::new(
        "R-ENDS-30",
        ("29 days and a half left", |f| leaf(f).not_after = NOW + 29 * DAY + DAY / 2),
        ("30 days left", |f| leaf(f).not_after = NOW + 30 * DAY),
    )
    .replaces(),
    Fixture::new(
        "R-ENDS-14",
        ("7 days left", |f| leaf(f).not_after = NOW + 7 * DAY),
        ("14 days left", |f| leaf(f).not_after = NOW + 14 * DAY),
    )
    .replaces(),
    Fixture::new(
        "R-ENDS-7",
        ("an hour left", |f| leaf(f).not_after = NOW + 3600),
        ("over, which is T-EXPIRED", |f| leaf(f).not_after = NOW - 1),
    )
    .replaces(),
    Fixture::new(
        "R-LIFETIME",
        ("a day more than allowed", |f| leaf(f).days = 201),
        ("as long as allowed", |f| leaf(f).days = 200),
    ),
    Fixture::new(
        "R-SCT",
        ("no timestamps", |f| leaf(f).embedded_scts = false),
        ("none inside, but with the handshake", |f| {
            leaf(f).embedded_scts = false;
            f.endpoint.scts = yes("AA==".to_owned());
        }),
    ),
    Fixture::new(
        "R-STAPLE",
        ("no staple", |f| f.endpoint.ocsp_staple = no()),
        ("none, but the authority has no OCSP", |f| {
            f.endpoint.ocsp_staple = no();
            leaf(f).ocsp_uris.clear();
        }),
    ),
    Fixture::new(
        "R-MUST-STAPLE",
        ("required, and not sent", |f| {
            leaf(f).must_staple = true;
            f.endpoint.ocsp_staple = no();
        }),
        ("required, and sent", |f| leaf(f).must_staple = true),
    ),
    Fixture::new(
        "R-STAPLE-OLD",
        ("its time is over", |f| {
            f.endpoint.staple.as_mut().unwrap().next_update = Some(NOW - 1);
        }),
        ("its time ends now", |f| f.endpoint.staple.as_mut().unwrap().next_update = Some(NOW)),
    ),
    Fixture::new(
        "R-SHA1-ELSEWHERE",
        ("an intermediate that is not sent, signed with SHA-1", |f| sign(f, "elsewhere", "SHA1")),
        ("one that is sent", |f| sign(f, "intermediate", "SHA1")),
    ),
    Fixture::new(
        "R-ROCA",
        ("the form of ROCA", |f| leaf(f).key.roca = Some(true)),
        ("no RSA key", |f| leaf(f).key.roca = None),
    ),
    Fixture::new(
        "R-COMMON-NAME",
        ("in the common name only", |f| {
            chain(f).name.by = None;
            chain(f).name.only_common_name = true;
        }),
        ("nowhere", |f| chain(f).name.by = None),
    )
    .with(&["M-NAME"]),
    Fixture::new(
        "R-DEFAULT-CERTIFICATE",
        ("another certificate", |f| {
            f.endpoint.sni.unrecognised = yes(Unrecognised::OtherCertificate);
        }),
        ("a refusal", |f| f.endpoint.sni.unrecognised = yes(Unrecognised::Refused)),
    ),
];
