//! Answers kept for a while, in a bounded amount of memory. No I/O, no clock of its own.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::time::SystemTime;

/// What keeping one answer costs beyond its own bytes, roughly.
const OVERHEAD: usize = 512;

/// Answers by their question. The oldest go first when room is short.
#[derive(Debug)]
pub struct Cache<K, V> {
    kept: HashMap<K, Kept<V>>,
    /// Questions in the order in which their answers came.
    order: BTreeMap<u64, K>,
    /// The number of the next answer.
    next: u64,
    bytes: usize,
    most_bytes: usize,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    until: SystemTime,
    size: usize,
    number: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Cache<K, V> {
    /// Keeps at most this many bytes.
    #[must_use]
    pub fn new(most_bytes: usize) -> Self {
        Self { kept: HashMap::new(), order: BTreeMap::new(), next: 0, bytes: 0, most_bytes }
    }

    /// The answer, if it is kept and still counts.
    pub fn find(&mut self, key: &K, now: SystemTime) -> Option<V> {
        let kept = self.kept.get(key)?;
        if kept.until > now {
            return Some(kept.value.clone());
        }
        self.remove(key);
        None
    }

    /// Keeps an answer of `size` bytes until then. One that has no room at all is not kept.
    pub fn keep(&mut self, key: K, value: V, size: usize, until: SystemTime) {
        self.remove(&key);
        let size = size.saturating_add(OVERHEAD);
        if size > self.most_bytes {
            return;
        }
        while self.bytes.saturating_add(size) > self.most_bytes {
            let Some(oldest) = self.order.values().next().cloned() else { break };
            self.remove(&oldest);
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        self.bytes = self.bytes.saturating_add(size);
        self.order.insert(number, key.clone());
        self.kept.insert(key, Kept { value, until, size, number });
    }

    /// Changes until when a kept answer counts.
    pub fn keep_until(&mut self, key: &K, until: SystemTime) {
        if let Some(kept) = self.kept.get_mut(key) {
            kept.until = until;
        }
    }

    fn remove(&mut self, key: &K) {
        if let Some(kept) = self.kept.remove(key) {
            self.order.remove(&kept.number);
            self.bytes = self.bytes.saturating_sub(kept.size);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn an_answer_counts_until_its_time() {
        let mut cache = Cache::new(10_000);
        cache.keep("a", 1, 10, at(100));
        assert_eq!(cache.find(&"a", at(99)), Some(1));
        assert_eq!(cache.find(&"a", at(100)), None);
        assert_eq!(cache.bytes, 0, "what no longer counts takes no room");
        cache.keep("a", 2, 10, at(100));
        cache.keep_until(&"a", at(200));
        assert_eq!(cache.find(&"a", at(150)), Some(2));
        assert_eq!(cache.find(&"b", at(0)), None);
    }

    #[test]
    fn the_oldest_make_room() {
        let mut cache = Cache::new(3 * (OVERHEAD + 100));
        for key in 0..4 {
            cache.keep(key, key, 100, at(100));
        }
        assert_eq!(cache.find(&0, at(0)), None);
        assert_eq!(cache.find(&1, at(0)), Some(1));
        // Kept anew, it is the youngest.
        cache.keep(1, 10, 100, at(100));
        cache.keep(5, 5, 100, at(100));
        assert_eq!(cache.find(&2, at(0)), None);
        assert_eq!(cache.find(&1, at(0)), Some(10));
        // What is too large drives nothing out.
        cache.keep(6, 6, 10_000, at(100));
        assert_eq!(cache.find(&6, at(0)), None);
        assert_eq!(cache.find(&5, at(0)), Some(5));
        assert_eq!(cache.kept.len(), cache.order.len());
        assert_eq!(cache.bytes, 3 * (OVERHEAD + 100));
    }
}
