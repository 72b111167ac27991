//! The taraf program, on top of the engine in `taraf_scanner`.
//!
//! - [`cli`]: what can be typed, and the help that teaches it;
//! - [`command`]: one file per command, and the ways a command can end;
//! - [`export`]: what was seen and its grade, as others want to read it: text, SSL Labs' documents.
//! - [`import`]: what others saw, as facts: SSL Labs' documents.
//!
//! The engine finds the facts, grades them and knows nothing of this package. What is here has no
//! opinion about TLS: it reads words from a person or a pipeline, and puts results into words.

pub mod cli;
pub mod command;
pub mod export;
pub mod import;
