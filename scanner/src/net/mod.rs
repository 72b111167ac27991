//! The only room with sockets: connections, DNS, completed handshakes, and recordings of them.

pub mod dial;
pub mod dns;
pub mod handshake;
pub mod live;
pub mod trace;
