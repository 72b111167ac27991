//! Who decides, the server or the client? And if the server: in which order?
//!
//! Every answer is evidence: what was chosen stands before all else that was offered and is
//! accepted, unless it was named first. Only what does not follow from answers already had is
//! asked.

use std::future::Future;

use futures_util::future::join_all;

use super::elimination::Choice;

/// A list as offered and what was chosen from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picked<T> {
    pub(crate) offered: Vec<T>,
    pub(crate) chosen: T,
}

/// What is known of an order: `before(a, b)` when the server has shown that it prefers a to b.
#[derive(Clone, Debug)]
struct Preferences<T> {
    items: Vec<T>,
    /// `wins[i][j]`: item i before item j.
    wins: Vec<Vec<bool>>,
}

impl<T: Copy + PartialEq> Preferences<T> {
    fn new(items: &[T]) -> Self {
        Self { items: items.to_vec(), wins: vec![vec![false; items.len()]; items.len()] }
    }

    fn index(&self, item: T) -> Option<usize> {
        self.items.iter().position(|other| *other == item)
    }

    fn before(&self, a: usize, b: usize) -> bool {
        self.wins.get(a).and_then(|row| row.get(b)).copied().unwrap_or(false)
    }

    /// Takes in an answer, and all that follows from it. What contradicts earlier answers is left
    /// out: some servers treat a few suites as equals.
    fn learn(&mut self, picked: &Picked<T>) {
        let Some(winner) = self.index(picked.chosen) else { return };
        let losers: Vec<usize> = picked
            .offered
            .iter()
            .filter_map(|item| self.index(*item))
            .filter(|i| *i != winner)
            .collect();
        for loser in losers {
            if self.before(loser, winner) || self.before(winner, loser) {
                continue;
            }
            let n = self.items.len();
            for a in 0..n {
                if a != winner && !self.before(a, winner) {
                    continue;
                }
                for b in 0..n {
                    if (b == loser || self.before(loser, b))
                        && a != b
                        && let Some(cell) = self.wins.get_mut(a).and_then(|row| row.get_mut(b))
                    {
                        *cell = true;
                    }
                }
            }
        }
    }

    /// The items in an order that contradicts nothing known; where nothing is known, as in
    /// `items`.
    fn sorted(&self) -> Vec<usize> {
        let mut left: Vec<usize> = (0..self.items.len()).collect();
        let mut sorted = Vec::with_capacity(left.len());
        while let Some(at) =
            left.iter().position(|i| !left.iter().any(|other| self.before(*other, *i)))
        {
            sorted.push(left.remove(at));
        }
        sorted.extend(left);
        sorted
    }
}

/// The server's order of `accepted`, whose present order is the guess. `ask` offers a list in the
/// order given. `at_once` first asks all neighbours of the guess in one round, which settles all of
/// it when the guess is good.
pub(crate) async fn server_order<T, F, A>(
    accepted: &[T],
    evidence: &[Picked<T>],
    at_once: bool,
    ask: F,
) -> (Vec<T>, Vec<u32>)
where
    T: Copy + PartialEq,
    F: Fn(Vec<T>) -> A,
    A: Future<Output = (u32, Choice<T>)>,
{
    let mut known = Preferences::new(accepted);
    evidence.iter().for_each(|picked| known.learn(picked));
    let mut how = Vec::new();
    let items = |list: &[usize]| -> Vec<T> {
        list.iter().filter_map(|i| accepted.get(*i).copied()).collect()
    };
    if at_once {
        // Neighbours of the guess. The one expected to win is named last: if it wins, that is the
        // server's doing.
        let sorted = known.sorted();
        let pairs: Vec<Vec<T>> = sorted
            .windows(2)
            .filter_map(|w| match w {
                [a, b] if !known.before(*a, *b) => Some(items(&[*b, *a])),
                _ => None,
            })
            .collect();
        let answers = join_all(pairs.iter().map(|pair| ask(pair.clone()))).await;
        for (offered, (id, choice)) in pairs.into_iter().zip(answers) {
            how.push(id);
            if let Choice::Took(chosen) = choice {
                known.learn(&Picked { offered, chosen });
            }
        }
    }
    // One place after the other: all that may still stand there, the expected one last.
    let mut left = known.sorted();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let mut list: Vec<usize> = left
            .iter()
            .copied()
            .filter(|i| !left.iter().any(|other| known.before(*other, *i)))
            .collect();
        list.reverse();
        let expected = list.last().or(left.first()).copied();
        let mut first = expected;
        if list.len() > 1 {
            let offered = items(&list);
            let (id, choice) = ask(offered.clone()).await;
            how.push(id);
            // Without an answer the guess stands.
            if let Choice::Took(chosen) = choice {
                known.learn(&Picked { offered, chosen });
                first = known.index(chosen).filter(|i| list.contains(i)).or(expected);
            }
        }
        let Some(first) = first else { break };
        left.retain(|i| *i != first);
        order.extend(items(&[first]));
    }
    (order, how)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use std::cell::Cell;

    proptest! {
        #[test]
        fn any_order_is_found(
            order in Just((0_u32..24).collect::<Vec<_>>()).prop_shuffle(),
            at_once: bool,
            n in 1_usize..24,
        ) {
            let server: Vec<u32> = order.iter().copied().filter(|i| (*i as usize) < n).collect();
            let guess: Vec<u32> = (0..u32::try_from(n).unwrap()).collect();
            let questions = Cell::new(0);
            let (found, how) = server_order(&guess, &[], at_once, |list: Vec<u32>| {
                questions.set(questions.get() + 1);
                let choice = server.iter().copied().find(|i| list.contains(i)).unwrap();
                async move { (0, Choice::Took(choice)) }
            })
            .now_or_never()
            .unwrap();
            prop_assert_eq!(found, server);
            prop_assert_eq!(how.len(), questions.get());
            prop_assert!(questions.get() <= 2 * n, "{} questions for {}", questions.get(), n);
        }
    }

    #[test]
    fn what_follows_from_answers_is_not_asked() {
        let evidence = [
            Picked { offered: vec![1, 2, 3], chosen: 3 },
            Picked { offered: vec![1, 2], chosen: 1 },
        ];
        let (found, how) =
            server_order(&[1, 2, 3], &evidence, true, |_: Vec<u32>| async { (0, Choice::None) })
                .now_or_never()
                .unwrap();
        assert_eq!((found, how.len()), (vec![3, 1, 2], 0));
    }
}
