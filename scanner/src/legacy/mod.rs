//! A small client of TLS 1.0 to 1.2 whose every byte can be chosen, and spoilt. Sans-IO: bytes in,
//! bytes out. It exists to ask questions: about known flaws, and of servers that a modern library
//! does not speak to. It protects nothing, checks no signature and keeps no secret.

mod client;
mod exchange;
mod prf;
mod protect;
pub mod talk;

pub use client::Client;
pub use talk::{Exchange, Heard, Keys, RsaBlock, Spoil, Step, Talk, Ticket, Until, Word};
