//! What was seen, as other people want to read it.

pub mod printable;
pub mod ssllabs;
pub mod text;
