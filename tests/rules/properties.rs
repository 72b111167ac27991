//! What must be true of whatever facts: servers with several faults, and with things not known.

use proptest::prelude::*;
use proptest::sample::subsequence;
use taraf_scanner::grade::whatif::{each, mended, smallest};
use taraf_scanner::grade::{Facts, Letter, grade};
use taraf_scanner::observe::{Fact, Why};
use taraf_scanner::wire::Version;

use crate::fixtures::{self, Fixture};
use crate::held;
use crate::sound::{settle, sound, spoken, today, unknown};

/// How much a letter says against a server. F stands above T, and T above M: that is the order of
/// evaluation, not that of display.
fn rank(letter: Letter) -> u8 {
    match letter {
        Letter::M => 7,
        Letter::T => 8,
        Letter::F => 9,
        other => other as u8,
    }
}

/// The sound server with some faults, one after the other.
fn with(faults: &[&'static Fixture]) -> Facts {
    let mut facts = sound();
    faults.iter().for_each(|fixture| (fixture.fault)(&mut facts));
    settle(&mut facts);
    facts
}

/// A few faults in any order.
fn faults(such: fn(&Fixture) -> bool) -> impl Strategy<Value = Vec<&'static Fixture>> {
    let all: Vec<_> = fixtures::all().filter(|fixture| such(fixture)).collect();
    subsequence(all, 0..7).prop_shuffle()
}

/// Things that may not have been found out.
type Hide = (&'static str, fn(&mut Facts));

const HIDES: &[Hide] = &[
    ("SSL 2.0", |f| spoken(f, Version::SSL2, unknown())),
    ("SSL 3.0", |f| spoken(f, Version::SSL3, unknown())),
    ("HTTP", |f| f.endpoint.http = unknown()),
    ("compression", |f| f.endpoint.compression = unknown()),
    ("renegotiation", |f| f.endpoint.secure_renegotiation = unknown()),
    ("a flaw of renegotiation", |f| {
        f.endpoint.flaws.legacy_renegotiation = unknown();
    }),
    ("heartbeat", |f| f.endpoint.heartbeat = unknown()),
    ("Heartbleed", |f| f.endpoint.flaws.heartbleed = unknown()),
    ("early CCS", |f| f.endpoint.flaws.early_ccs = unknown()),
    ("tickets", |f| f.endpoint.session.ticket_issued = unknown()),
    ("Ticketbleed", |f| f.endpoint.flaws.ticketbleed = unknown()),
    ("ROBOT", |f| f.endpoint.flaws.robot = unknown()),
    ("POODLE", |f| f.endpoint.flaws.poodle_tls = unknown()),
    ("CVE-2016-2107", |f| f.endpoint.flaws.lucky_minus_20 = unknown()),
    ("Zombie POODLE", |f| f.endpoint.flaws.zombie_poodle = unknown()),
    ("GOLDENDOODLE", |f| f.endpoint.flaws.goldendoodle = unknown()),
    ("DHE parameters", |f| f.endpoint.dh.clear()),
    ("revocation", |f| {
        f.revocation.clear();
        f.endpoint.staple = None;
    }),
    ("the chain", |f| f.endpoint.chains.iter_mut().for_each(|chain| chain.facts = None)),
    ("the leaf", |f| drop(f.certificates.remove("leaf"))),
    ("the server's order", |f| {
        let why = Why::Timeout;
        f.endpoint.suites.iter_mut().for_each(|it| it.server_order = Fact::unknown(why, []));
    }),
];

/// Flaws are shown in servers that have what they need, and the sound one has not: with the flaw
/// hidden it would be out of the question.
fn is_possible(fixture: &Fixture) -> bool {
    ![
        "F-RENEG",
        "F-HEARTBLEED",
        "F-CCS",
        "R-CCS",
        "F-POODLE-TLS",
        "F-LUCKY20",
        "F-TICKETBLEED",
        "F-DROWN",
        "F-ROBOT",
        "F-CBC-ORACLE",
        "R-INVALID-CURVE",
        "R-TICKET-KEY",
        "R-STARTTLS-INJECTION",
        "R-OPOSSUM",
        "R-BREACH",
    ]
    .contains(&fixture.rule)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn mending_never_lowers_a_grade(faults in faults(|_| true)) {
        let facts = with(&faults);
        let names: Vec<_> = faults.iter().map(|it| it.rule).collect();
        let now = grade(&facts, today());
        let before = held(&facts, today());
        for (rule, _) in now.held() {
            let Some(mend) = rule.mend else { continue };
            let mut after = facts.clone();
            mend(&mut after);
            settle(&mut after);
            let then = grade(&after, today());
            prop_assert!(
                rank(then.letter) <= rank(now.letter),
                "{names:?}: mending {} goes from {} to {}", rule.id, now.letter, then.letter
            );
            let left = held(&after, today());
            prop_assert!(!left.contains(rule.id), "{names:?}: {} holds after its fix", rule.id);
            let new: Vec<_> = left.difference(&before).collect();
            prop_assert!(new.is_empty(), "{names:?}: mending {} makes {new:?} hold", rule.id);
        }
    }

    #[test]
    fn one_more_fault_never_raises_a_grade(
        faults in faults(|it| it.adds),
        more in faults(|it| it.adds),
    ) {
        let facts = with(&faults);
        let now = grade(&facts, today());
        for fixture in more {
            let mut after = facts.clone();
            (fixture.fault)(&mut after);
            settle(&mut after);
            let then = grade(&after, today());
            let names: Vec<_> = faults.iter().map(|it| it.rule).collect();
            prop_assert!(
                rank(then.letter) >= rank(now.letter),
                "{names:?}: {} goes from {} to {}", fixture.rule, now.letter, then.letter
            );
        }
    }

    #[test]
    fn what_is_not_known_only_leaves_more_open(
        faults in faults(is_possible),
        hides in subsequence(HIDES.to_vec(), 1..4),
    ) {
        let facts = with(&faults);
        let mut less = facts.clone();
        hides.iter().for_each(|(_, hide)| hide(&mut less));
        settle(&mut less);
        let (now, then) = (grade(&facts, today()), grade(&less, today()));
        let names: Vec<_> = faults.iter().map(|it| it.rule).collect();
        let hidden: Vec<_> = hides.iter().map(|(name, _)| name).collect();
        let context = format!(
            "{names:?} without {hidden:?}: {:?}, then {:?}", now.between, then.between
        );
        prop_assert!(rank(then.between.0) <= rank(now.between.0), "{}", context);
        prop_assert!(rank(then.between.1) >= rank(now.between.1), "{}", context);
        // And what was not found out costs nothing but an A+.
        let least = rank(now.letter).max(rank(Letter::A));
        prop_assert!(rank(then.letter) <= least, "{}: {} {}", context, now.letter, then.letter);
    }

    #[test]
    fn what_if_grades_the_mended_facts(faults in faults(|_| true)) {
        let mut facts = with(&faults);
        facts.simulate();
        let now = grade(&facts, today());
        let able = now.held().iter().filter(|(rule, _)| rule.mend.is_some()).count();
        let fixed = each(&facts, &now, today());
        prop_assert_eq!(fixed.len(), able);
        for one in &fixed {
            let mut after = facts.clone();
            (one.rule.mend.unwrap())(&mut after);
            after.simulate();
            prop_assert_eq!(one.letter, grade(&after, today()).letter, "{}", one.rule.id);
        }
        if let Some(set) = smallest(&facts, &now, today(), Letter::A) {
            prop_assert!(grade(&mended(&facts, &set), today()).letter <= Letter::A);
            for left_out in &set {
                let rest: Vec<_> =
                    set.iter().copied().filter(|rule| rule.id != left_out.id).collect();
                let letter = grade(&mended(&facts, &rest), today()).letter;
                prop_assert!(letter > Letter::A, "{} is not needed", left_out.id);
            }
        }
    }
}
