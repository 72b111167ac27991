//! Rules about the certificate and its chain.

use crate::grade::rule::Rule;

/// The table.
pub const RULES: &[Rule] = &[];
