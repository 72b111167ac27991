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
/// order given. `at_once` asks all open pairs in one round; else one list at a time, which takes
/// fewer questions when the guess is poor.
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
    let (mut how, mut pairs) = (Vec::new(), at_once);
    // Each round settles at least one pair; the bound is for servers that contradict themselves.
    for round in 0..2 * accepted.len() + 4 {
        let sorted = known.sorted();
        let open: Vec<(usize, usize)> = sorted
            .windows(2)
            .filter_map(|w| match w {
                [a, b] if !known.before(*a, *b) => Some((*a, *b)),
                _ => None,
            })
            .collect();
        let Some(first) = open.first() else { break };
        let lists: Vec<Vec<usize>> = if pairs {
            // The one expected to win is named last: if it wins, that is the server's doing.
            open.iter().map(|(a, b)| vec![*b, *a]).collect()
        } else {
            // All that may stand at the first open place, the expected one last.
            let from = sorted.iter().position(|i| *i == first.0).unwrap_or_default();
            let rest = sorted.get(from..).unwrap_or_default();
            let mut list: Vec<usize> = rest
                .iter()
                .copied()
                .filter(|i| !rest.iter().any(|other| known.before(*other, *i)))
                .collect();
            list.reverse();
            vec![list]
        };
        let items = |list: &[usize]| -> Vec<T> {
            list.iter().filter_map(|i| accepted.get(*i).copied()).collect()
        };
        let answers = join_all(lists.iter().map(|list| ask(items(list)))).await;
        let mut wrong = 0;
        for (list, (id, choice)) in lists.iter().zip(answers) {
            how.push(id);
            let offered = items(list);
            let expected = offered.last().copied();
            // Without an answer the guess stands, so that the rounds come to an end.
            let chosen = match choice {
                Choice::Took(item) if offered.contains(&item) => item,
                _ => match expected {
                    Some(item) => item,
                    None => continue,
                },
            };
            wrong += usize::from(Some(chosen) != expected);
            known.learn(&Picked { offered, chosen });
        }
        // A guess that is wrong in many places makes pairs a slow and costly sort.
        pairs = pairs && round == 0 && wrong * 3 < lists.len();
    }
    let order = known.sorted().into_iter().filter_map(|i| accepted.get(i).copied()).collect();
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
            prop_assert!(questions.get() <= 4 * n, "{} questions for {}", questions.get(), n);
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
