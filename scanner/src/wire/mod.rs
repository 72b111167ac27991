//! Bytes to messages and back. No sockets, no async, no cryptography.
//!
//! Everything a server sends is hostile: every length is checked, unknown numbers survive, and no
//! sequence of bytes panics.

pub mod codec;
pub mod flight;
pub mod groups;
pub mod hello;
pub mod names;
pub mod record;
pub mod shares;
pub mod sslv2;
pub mod starttls;
pub mod suites;

pub use codec::CodecError;
pub use flight::{Flight, FlightReader};
pub use hello::{ClientHello, Ext, ServerHello};
pub use names::{Alert, Extension, Group, Scheme, Suite, Version};
pub use starttls::StartTls;
