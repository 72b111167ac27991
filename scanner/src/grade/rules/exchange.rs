//! Rules about the key exchange.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
