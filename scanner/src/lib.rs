//! The engine of taraf: what to ask a TLS server, and what it answered.
//!
//! A walk through the house, along the data:
//!
//! - [`target`] reads what the user typed.
//! - [`wire`] turns bytes into messages and back: no I/O, no cryptography.
//! - [`probe`] decides what to ask next: pure state machines behind one seam, [`probe::Link`].
//! - [`net`] is the only room with sockets; it implements the seam, live or from a recording.
//! - [`observe`] holds the facts that come out, and no judgement.
//! - [`pki`] reads certificates.
//! - [`grade`] judges, from facts alone.
//! - [`report`] tells what came of it, and [`note`] what an officer pastes.
//! - [`scan`] brings a target, the planner and a link together.

pub mod grade;
pub mod legacy;
pub mod net;
pub mod note;
pub mod observe;
pub mod pki;
pub mod probe;
pub mod report;
pub mod scan;
pub mod target;
pub mod wire;

pub use observe::Observation;
pub use probe::{Link, Manners, Probe, Reply};
pub use target::Target;
