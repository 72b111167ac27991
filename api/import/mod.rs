//! What others saw and wrote down, turned into facts.

pub mod ssllabs;
