//! The tables of rules: every entry is complete in both languages, holds for a server that it is
//! meant for and not for one that just misses it, and its fix is one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod documents;
mod fixtures;
mod fixtures_certificate;
mod fixtures_handshake;
mod fixtures_remark;
mod properties;
mod sound;
mod texts;
mod weaknesses;

use std::collections::BTreeSet;

use fixtures::Fixture;
use sound::{settle, sound, today};
use taraf_scanner::grade::{Day, Effect, Facts, Letter, Verdict, grade, rules};
use taraf_scanner::observe::{PathFault, Trust};

/// The ids of the rules that hold.
pub fn held(facts: &Facts, day: Day) -> BTreeSet<&'static str> {
    let verdicts = grade(facts, day).verdicts;
    verdicts
        .into_iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Holds(_)))
        .map(|(rule, _)| rule.id)
        .collect()
}

/// Mozilla does not know a private authority, and that is not what is wrong with an expired
/// certificate of it.
#[test]
fn the_store_that_knows_the_authority_says_what_is_wrong() {
    let mut facts = sound();
    let stranger = PathFault::UnknownIssuer { issuer: "CN=Ours".to_owned() };
    sound::distrust(&mut facts, stranger);
    assert!(held(&facts, today()).contains("T-ISSUER"));
    let own = |fault| Trust { store: "operator".to_owned(), fault };
    sound::chain(&mut facts).trust.push(own(Some(PathFault::Usage)));
    let ids = held(&facts, today());
    assert!(ids.contains("T-FORM") && !ids.contains("T-ISSUER"), "{ids:?}");
    sound::chain(&mut facts).trust.last_mut().unwrap().fault = None;
    let ids = held(&facts, today());
    assert!(!ids.contains("T-FORM") && !ids.contains("T-ISSUER"), "{ids:?}");
}

#[test]
fn the_sound_server_has_no_fault() {
    let facts = sound();
    let grade = grade(&facts, today());
    assert_eq!(held(&facts, today()), BTreeSet::new());
    assert_eq!(grade.letter, Letter::APlus);
    let open: Vec<_> = grade
        .verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Unknown(_)))
        .map(|(rule, _)| rule.id)
        .collect();
    assert_eq!(open, [""; 0]);
    assert!(grade.is_certain() && grade.exceptional && !grade.warnings);
}

#[test]
fn every_rule_has_one_fixture() {
    let ids: Vec<_> = rules::all().map(|rule| rule.id).collect();
    let with: Vec<_> = fixtures::all().map(|fixture| fixture.rule).collect();
    for id in &ids {
        assert_eq!(with.iter().filter(|it| it == &id).count(), 1, "{id}");
    }
    assert_eq!(ids.len(), with.len(), "a fixture without a rule");
}

#[test]
fn a_rule_holds_for_its_fixture_and_no_other_does() {
    let mut wrong = Vec::new();
    for fixture in fixtures::all() {
        let found = held(&Fixture::after(fixture.fault), fixture.day());
        let mut expected: BTreeSet<_> = fixture.with.iter().copied().collect();
        expected.insert(fixture.rule);
        if found != expected {
            let more: Vec<_> = found.difference(&expected).collect();
            let less: Vec<_> = expected.difference(&found).collect();
            wrong.push(format!("{}: also {more:?}, missing {less:?}", fixture.rule));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_rule_is_clear_for_its_near_miss() {
    for fixture in fixtures::all() {
        let facts = Fixture::after(fixture.near);
        let verdict = (fixture.rule().check)(&facts);
        let open = fixture.rule == "R-HTTP" && matches!(verdict, Verdict::Unknown(_));
        assert!(
            matches!(verdict, Verdict::Clear | Verdict::NotApplicable) || open,
            "{}: {verdict:?}",
            fixture.rule
        );
    }
}

#[test]
fn what_a_rule_does_is_what_it_says() {
    for fixture in fixtures::all() {
        let grade = grade(&Fixture::after(fixture.fault), fixture.day());
        let (letter, effect) = (grade.letter, fixture.rule().effect);
        let fits = match effect {
            Effect::Fail | Effect::Revoked => letter == Letter::F,
            Effect::Cap(cap) => letter >= cap,
            Effect::Warning => grade.warnings && letter >= Letter::AMinus,
            Effect::NoPlus => letter >= Letter::A && !grade.exceptional,
            Effect::Untrusted => letter == Letter::T && grade.trust_ignored >= Letter::A,
            Effect::Mismatch => letter == Letter::M && letter.ssllabs() == Letter::T,
            Effect::Remark => !fixture.with.is_empty() || letter == Letter::APlus,
        };
        // Without HTTP there is no A+.
        assert!(fits || fixture.rule == "R-HTTP", "{}: {effect:?} gives {letter}", fixture.rule);
    }
}

#[test]
fn the_fix_of_a_rule_clears_it_and_makes_no_other_hold() {
    for fixture in fixtures::all() {
        let mut facts = Fixture::after(fixture.fault);
        let before = held(&facts, fixture.day());
        let Some(mend) = fixture.rule().mend else { continue };
        mend(&mut facts);
        settle(&mut facts);
        let after = held(&facts, fixture.day());
        assert!(!after.contains(fixture.rule), "{} holds after its fix", fixture.rule);
        let new: Vec<_> = after.difference(&before).collect();
        assert!(new.is_empty(), "{}: its fix makes {new:?} hold", fixture.rule);
        let verdict = (fixture.rule().check)(&facts);
        assert!(!matches!(verdict, Verdict::Unknown(_)), "{}: {verdict:?}", fixture.rule);
    }
}

#[test]
fn dates_are_in_order() {
    for rule in rules::all() {
        if let Some(until) = rule.until {
            assert!(rule.since < until, "{}", rule.id);
        }
        for day in [Some(rule.since), rule.until].into_iter().flatten() {
            assert_eq!(Day::parse(&day.to_string()), Some(day), "{}", rule.id);
        }
    }
    let on = |day: &str| rules::on(Day::parse(day).unwrap()).map(|it| it.id).collect::<Vec<_>>();
    for (id, last_without, first_with) in [
        ("W-TLS13", "2025-05-15", "2025-05-16"),
        ("W-HSTS", "2025-05-15", "2025-05-16"),
        ("B-TLS10", "2020-01-30", "2020-01-31"),
        ("F-WEAK", "2017-04-02", "2017-04-03"),
        ("T-SHA1", "2017-02-05", "2017-03-01"),
    ] {
        assert!(!on(last_without).contains(&id) && on(first_with).contains(&id), "{id}");
    }
    assert!(on("2025-05-15").contains(&"P-SCSV") && !on("2025-05-16").contains(&"P-SCSV"));
}

#[test]
fn the_first_letter_tells_the_effect() {
    for rule in rules::all() {
        let expected = match rule.effect {
            Effect::Fail | Effect::Revoked => "F".to_owned(),
            Effect::Cap(letter) => letter.to_string(),
            Effect::Warning => "W".to_owned(),
            Effect::NoPlus => "P".to_owned(),
            Effect::Untrusted => "T".to_owned(),
            Effect::Mismatch => "M".to_owned(),
            // Recorded results decide against it; the name is kept.
            Effect::Remark if rule.id == "F-SIGN" => "F".to_owned(),
            Effect::Remark => "R".to_owned(),
        };
        assert_eq!(rule.id.split('-').next(), Some(expected.as_str()), "{}", rule.id);
    }
}

/// What decides comes first in what is told of a server, F before T and T before caps.
#[test]
fn what_decides_is_told_first() {
    let mut facts = sound();
    for fixture in fixtures::all().filter(|it| it.adds) {
        (fixture.fault)(&mut facts);
    }
    settle(&mut facts);
    let told = grade(&facts, today());
    let place = |id: &str| told.held().iter().position(|(rule, _)| rule.id == id).expect(id);
    let order =
        ["F-ANON", "T-SELF-SIGNED", "M-NAME", "C-CRIME", "B-RC4", "W-HSTS", "P-HSTS", "R-CAA"];
    for pair in order.windows(2) {
        assert!(place(pair[0]) < place(pair[1]), "{pair:?}");
    }
}
