//! The grade after fixes: worked out by grading facts as they would be.

use super::facts::Facts;
use super::letter::Letter;
use super::rule::{Day, Effect, Rule, Verdict};
use super::{Grade, grade};

/// Most rules tried together; more never hold at once in practice, and the search ends.
const MOST_TOGETHER: usize = 20;

/// What would be if one rule were mended.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The rule.
    pub rule: &'static Rule,
    /// The grade then.
    pub letter: Letter,
}

/// The facts after the fix of each of some rules.
#[must_use]
pub fn mended(facts: &Facts, rules: &[&'static Rule]) -> Facts {
    let mut facts = facts.clone();
    for mend in rules.iter().filter_map(|rule| rule.mend) {
        mend(&mut facts);
    }
    facts.simulate();
    facts
}

/// For every rule that holds and can be mended: the grade after mending it alone.
#[must_use]
pub fn each(facts: &Facts, now: &Grade, day: Day) -> Vec<Fixed> {
    mendable(now)
        .into_iter()
        .map(|rule| Fixed { rule, letter: grade(&mended(facts, &[rule]), day).letter })
        .collect()
}

/// Rules whose mending brings the grade to `goal` or better, and of which none can be left out;
/// those that clear much and are little work are preferred. Empty if it is there already, `None` if no mending leads there.
#[must_use]
pub fn smallest(facts: &Facts, now: &Grade, day: Day, goal: Letter) -> Option<Vec<&'static Rule>> {
    if now.letter <= goal {
        return Some(Vec::new());
    }
    let mut able = mendable(now);
    able.retain(|rule| rule.effect != Effect::Remark);
    able.truncate(MOST_TOGETHER);
    let reaches = |rules: &[&'static Rule]| grade(&mended(facts, rules), day).letter <= goal;
    if !reaches(&able) {
        return None;
    }
    // One fix often clears several rules. Leaving out one after the other ends in a set of which
    // every fix is needed.
    let mut kept = able.clone();
    let mut order = able;
    // Those that clear little are left out first.
    order
        .sort_by_cached_key(|rule| (clears(facts, now, day, rule), std::cmp::Reverse(rule.effort)));
    for rule in order {
        let without: Vec<_> =
            kept.iter().copied().filter(|other| !std::ptr::eq(*other, rule)).collect();
        if reaches(&without) {
            kept = without;
        }
    }
    Some(kept)
}

/// How many rules that hold a fix clears.
fn clears(facts: &Facts, now: &Grade, day: Day, rule: &'static Rule) -> usize {
    let held = |grade: &Grade| {
        let holds = |verdict: &&(_, Verdict)| matches!(verdict.1, Verdict::Holds(_));
        grade.verdicts.iter().filter(holds).count()
    };
    held(now).saturating_sub(held(&grade(&mended(facts, &[rule]), day)))
}

/// The rules that hold and can be mended, those that decide first.
fn mendable(now: &Grade) -> Vec<&'static Rule> {
    now.held().into_iter().map(|(rule, _)| rule).filter(|rule| rule.mend.is_some()).collect()
}
