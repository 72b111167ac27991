//! A TLS server that exists only in memory: what it is (`config`), how it answers (`simulated`,
//! `flights`), the clock it is asked by (`driver`) and what a scan must find (`expected`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

pub mod config;
pub mod driver;
pub mod expected;
pub mod flights;
pub mod handshakes;
pub mod hostile;
pub mod random;
pub mod simulated;
pub mod strategies;
