//! Rules about what costs no grade and is good to know.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
