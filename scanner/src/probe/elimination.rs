//! Offer all, note the choice, remove it, repeat. What is left when the server refuses is what it
//! does not have: so the result is complete, whatever the list.

use std::future::Future;

use futures_util::future::join_all;

use crate::observe::Why;

/// What a server made of a set of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice<T> {
    /// It chose this one.
    Took(T),
    /// It refused the whole set.
    None,
    /// It gave no answer that decides.
    Unknown(Why),
}

/// The outcome of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<T> {
    /// What the server takes, in the order found.
    pub(crate) accepted: Vec<T>,
    /// What could not be settled.
    pub(crate) unsettled: Vec<T>,
    /// The questions asked.
    pub(crate) how: Vec<u32>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { accepted: Vec::new(), unsettled: Vec::new(), how: Vec::new() }
    }
}

impl<T> Found<T> {
    /// Adds what another search found.
    pub(crate) fn merge(&mut self, other: Self) {
        self.accepted.extend(other.accepted);
        self.unsettled.extend(other.unsettled);
        self.how.extend(other.how);
    }
}

/// Finds every item of `sets` that the server takes. `ask` puts one set and says which question it
/// was. Sets of one round are asked at the same time: several sets cost fewer round trips and more
/// questions. No set grows beyond `most`, no round beyond `width` sets, unless the limit on their
/// size demands it. A set without a deciding answer is taken apart by
/// `split`, into parts that are smaller.
pub(crate) async fn eliminate<T, F, A>(
    mut sets: Vec<Vec<T>>,
    most: usize,
    width: usize,
    split: fn(Vec<T>) -> Vec<Vec<T>>,
    ask: F,
) -> Found<T>
where
    T: Copy + PartialEq,
    F: Fn(Vec<T>) -> A,
    A: Future<Output = (u32, Choice<T>)>,
{
    let mut found = Found::default();
    sets.retain(|set| !set.is_empty());
    while !sets.is_empty() {
        let answers = join_all(sets.iter().map(|set| ask(set.clone()))).await;
        let (asked, mut hits, mut left) = (sets.len(), 0, Vec::new());
        for (mut set, (id, choice)) in sets.into_iter().zip(answers) {
            found.how.push(id);
            match choice {
                Choice::Took(item) if set.contains(&item) => {
                    hits += 1;
                    found.accepted.push(item);
                    set.retain(|other| *other != item);
                    left.push(set);
                }
                // A choice that was not offered says nothing about the set.
                Choice::Took(_) | Choice::Unknown(_) if set.len() == 1 => {
                    found.unsettled.append(&mut set);
                }
                Choice::Took(_) | Choice::Unknown(_) => {
                    // It may be one of them, or their number, that the server cannot stand. Where
                    // nothing was learnt from any set, asking ever smaller ones is no use.
                    if found.how.len() > 64 && hits == 0 {
                        found.unsettled.append(&mut set);
                    } else {
                        left.extend(split(set));
                    }
                }
                Choice::None => {}
            }
        }
        sets = regroup(left, asked, hits, most, width);
    }
    found
}

/// Two halves: enough to find one item among many that the server cannot stand.
pub(crate) fn halves<T>(mut set: Vec<T>) -> Vec<Vec<T>> {
    let tail = set.split_off(set.len() / 2);
    vec![set, tail]
}

/// The sets of the next round. Where every set held something, each may hold more; where most held
/// nothing, what is left probably holds nothing either, and one question may settle all of it.
fn regroup<T>(
    left: Vec<Vec<T>>,
    asked: usize,
    hits: usize,
    most: usize,
    width: usize,
) -> Vec<Vec<T>> {
    let left: Vec<Vec<T>> = left.into_iter().filter(|set| !set.is_empty()).collect();
    if hits == 0 {
        return left;
    }
    let wanted = if hits == asked && hits > 1 { width } else { hits.div_ceil(6) };
    let items: usize = left.iter().map(Vec::len).sum();
    let count = wanted.max(items.div_ceil(most.max(1))).max(1);
    deal(left.into_iter().flatten(), count)
}

/// Deals items into `count` sets in turn, so that neighbours land in different sets and each set
/// keeps the order.
pub(crate) fn deal<T>(items: impl IntoIterator<Item = T>, count: usize) -> Vec<Vec<T>> {
    let count = count.max(1);
    let mut sets: Vec<Vec<T>> = (0..count).map(|_| Vec::new()).collect();
    for (i, item) in items.into_iter().enumerate() {
        if let Some(set) = sets.get_mut(i % count) {
            set.push(item);
        }
    }
    sets.retain(|set| !set.is_empty());
    sets
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use proptest::prelude::*;
    use std::cell::Cell;

    /// A server that takes the multiples of `k` and prefers large ones.
    fn search(width: usize, k: u32, most: usize) -> (Found<u32>, usize) {
        let questions = Cell::new(0);
        let found = eliminate(deal(1..=100, width), most, width, halves, |set| {
            questions.set(questions.get() + 1);
            assert!(set.len() <= most.max(100_usize.div_ceil(width)));
            let choice = set.iter().copied().filter(|n| n % k == 0).max();
            async move { (0, choice.map_or(Choice::None, Choice::Took)) }
        })
        .now_or_never()
        .unwrap();
        (found, questions.get())
    }

    proptest! {
        #[test]
        fn everything_accepted_is_found(width in 1_usize..12, k in 1_u32..120, most in 10_usize..200) {
            let (found, questions) = search(width, k, most);
            let mut accepted = found.accepted;
            accepted.sort_unstable();
            prop_assert_eq!(&accepted, &(1..=100).filter(|n| n % k == 0).collect::<Vec<_>>());
            prop_assert!(found.unsettled.is_empty());
            prop_assert!(questions <= accepted.len() + 3 * width + 100_usize.div_ceil(most) + 4);
        }
    }

    #[test]
    fn one_set_costs_accepted_plus_one() {
        let (found, questions) = search(1, 20, 200);
        assert_eq!(found.accepted, [100, 80, 60, 40, 20]);
        assert_eq!(questions, 6);
    }

    #[test]
    fn one_item_without_an_answer_spoils_only_itself() {
        let found =
            eliminate(vec![(1..=32).collect()], 64, 1, halves, |set: Vec<u32>| async move {
                let choice = if set.contains(&7) {
                    Choice::Unknown(Why::Timeout)
                } else {
                    set.iter().copied().find(|n| n % 5 == 0).map_or(Choice::None, Choice::Took)
                };
                (0, choice)
            })
            .now_or_never()
            .unwrap();
        let mut accepted = found.accepted;
        accepted.sort_unstable();
        assert_eq!(accepted, [5, 10, 15, 20, 25, 30]);
        assert_eq!(found.unsettled, [7]);
    }
}
