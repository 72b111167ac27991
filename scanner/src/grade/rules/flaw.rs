//! Rules about known flaws.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
