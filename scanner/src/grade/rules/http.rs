//! Rules about what HTTP says.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
