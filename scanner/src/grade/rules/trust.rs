//! Rules about trust and names.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
