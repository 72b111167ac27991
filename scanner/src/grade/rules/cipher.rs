//! Rules about ciphers.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
