//! The only room with sockets: connections, DNS, completed handshakes, what certificates point to,
//! and recordings of them.

pub mod address;
mod cache;
pub mod dial;
pub mod dns;
pub mod fetch;
pub mod handshake;
pub mod live;
pub mod source;
pub mod trace;
pub mod url;
