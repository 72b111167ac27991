//! Judgement: from facts, rules and a date to a grade with reasons. Pure: no network, no clock, no
//! files.
//!
//! - [`facts`]: the facts of one endpoint as rules look at them;
//! - [`rule`]: what a rule is; [`rules`]: all of them, a table for each family;
//! - [`letter`], [`score`]: the letters, and the numbers that are shown beside them;
//! - [`clients`]: known clients; [`simulate`]: what they make of the server;
//! - [`weakness`]: what is known of each known weakness, whether or not a rule counts it;
//! - [`whatif`]: the grade after fixes.
//!
//! The order of evaluation: the worst cap wins; warnings lower an A; conditions raise it; trust and
//! name come last.

pub mod clients;
pub mod facts;
pub mod letter;
mod needs;
pub mod rule;
pub mod rules;
pub mod score;
pub mod simulate;
pub mod weakness;
pub mod whatif;

pub use facts::Facts;
pub use letter::Letter;
pub use rule::{Day, Effect, Evidence, Language, Rule, Severity, Text, Verdict};
pub use score::Score;

/// The edition of the rating guide the rules follow.
pub const CRITERIA: &str = "2009r";

/// A grade and what it rests on.
#[derive(Clone, Debug)]
pub struct Grade {
    /// The grade.
    pub letter: Letter,
    /// The grade if trust and name were in order; never better than A where they are not.
    pub trust_ignored: Letter,
    /// A warning holds, whether or not it lowers the grade.
    pub warnings: bool,
    /// All conditions of A+ are met.
    pub exceptional: bool,
    /// The numbers.
    pub score: Score,
    /// The best and the worst grade that what is unknown leaves open; the same twice if it is
    /// certain.
    pub between: (Letter, Letter),
    /// What each rule says, in the order of the tables.
    pub verdicts: Vec<(&'static Rule, Verdict)>,
}

impl Grade {
    /// True if nothing unknown could change the letter.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.between.0 == self.between.1
    }

    /// The rules that hold, with their evidence; those that decide first, severe ones first.
    #[must_use]
    pub fn held(&self) -> Vec<(&'static Rule, &Evidence)> {
        let mut held: Vec<_> = self
            .verdicts
            .iter()
            .filter_map(|(rule, verdict)| match verdict {
                Verdict::Holds(evidence) => Some((*rule, evidence)),
                _ => None,
            })
            .collect();
        held.sort_by_key(|(rule, _)| (std::cmp::Reverse(weight(rule.effect)), rule.severity));
        held
    }
}

/// How much an effect decides.
fn weight(effect: Effect) -> u8 {
    match effect {
        Effect::Fail | Effect::Revoked => 20,
        Effect::Untrusted => 19,
        Effect::Mismatch => 18,
        Effect::Cap(letter) => 10 + letter as u8 - Letter::A as u8,
        Effect::Warning => 5,
        Effect::NoPlus => 3,
        Effect::Remark => 0,
    }
}

/// Grades an endpoint by the rules of a day.
#[must_use]
pub fn grade(facts: &Facts, day: Day) -> Grade {
    let verdicts: Vec<(&'static Rule, Verdict)> =
        rules::on(day).map(|rule| (rule, (rule.check)(facts))).collect();
    let seen = Sum::of(&verdicts, Unknown::CostsNothing);
    let between = (
        Sum::of(&verdicts, Unknown::IsClear).letter(),
        Sum::of(&verdicts, Unknown::Holds).letter(),
    );
    Grade {
        letter: seen.letter(),
        trust_ignored: seen.trust_ignored(),
        warnings: seen.warning,
        exceptional: seen.letter() == Letter::APlus,
        score: Score::of(facts),
        between,
        verdicts,
    }
}

/// How a rule that cannot be told counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It costs nothing, but earns no A+ either.
    CostsNothing,
    /// As if it did not hold.
    IsClear,
    /// As if it held.
    Holds,
}

/// The effects of all rules together.
struct Sum {
    cap: Letter,
    revoked: bool,
    warning: bool,
    plus: bool,
    untrusted: bool,
    mismatch: bool,
}

impl Sum {
    fn of(verdicts: &[(&'static Rule, Verdict)], unknown: Unknown) -> Self {
        let mut sum = Self {
            cap: Letter::A,
            revoked: false,
            warning: false,
            plus: true,
            untrusted: false,
            mismatch: false,
        };
        for (rule, verdict) in verdicts {
            let holds = match verdict {
                Verdict::Holds(_) => true,
                Verdict::Clear | Verdict::NotApplicable => false,
                Verdict::Unknown(_) => match unknown {
                    Unknown::CostsNothing => rule.effect == Effect::NoPlus,
                    Unknown::IsClear => false,
                    Unknown::Holds => true,
                },
            };
            if !holds {
                continue;
            }
            match rule.effect {
                Effect::Fail => sum.cap = sum.cap.max(Letter::F),
                Effect::Cap(letter) => sum.cap = sum.cap.max(letter),
                Effect::Revoked => sum.revoked = true,
                Effect::Warning => sum.warning = true,
                Effect::NoPlus => sum.plus = false,
                Effect::Untrusted => sum.untrusted = true,
                Effect::Mismatch => sum.mismatch = true,
                Effect::Remark => {}
            }
        }
        sum
    }

    fn trust_ignored(&self) -> Letter {
        match self.cap {
            Letter::A if self.warning => Letter::AMinus,
            Letter::A if self.plus && !self.untrusted && !self.mismatch => Letter::APlus,
            other => other,
        }
    }

    fn letter(&self) -> Letter {
        if self.cap == Letter::F || self.revoked {
            Letter::F
        } else if self.untrusted {
            Letter::T
        } else if self.mismatch {
            Letter::M
        } else {
            self.trust_ignored()
        }
    }
}
