//! A chain for each type of key, from servers of TLS 1.3 only: their certificates are encrypted, so
//! each takes a completed handshake that offers the schemes of one key type.

use futures_util::future::join_all;

use super::Handshake;
use super::desk::Desk;
use super::negotiation::plain_handshake;
use super::sessions::complete;
use super::versions::Spoken;
use crate::wire::{Scheme, Version};

/// Schemes by the key they need (RFC 8446 section 4.2.3).
const KEY_TYPES: [(&str, &[Scheme]); 4] = [
    (
        "RSA",
        &[Scheme::RSA_PSS_RSAE_SHA256, Scheme::RSA_PSS_RSAE_SHA384, Scheme::RSA_PSS_RSAE_SHA512],
    ),
    (
        "ECDSA",
        &[
            Scheme::ECDSA_SECP256R1_SHA256,
            Scheme::ECDSA_SECP384R1_SHA384,
            Scheme::ECDSA_SECP521R1_SHA512,
        ],
    ),
    ("EdDSA", &[Scheme::ED25519, Scheme::ED448]),
    (
        "RSA-PSS",
        &[Scheme::RSA_PSS_PSS_SHA256, Scheme::RSA_PSS_PSS_SHA384, Scheme::RSA_PSS_PSS_SHA512],
    ),
];

/// Asks for the chain of each key type not seen yet; the chains are read from the handshakes.
pub(crate) async fn of_tls13(desk: &Desk, spoken: &Spoken) {
    let used: Vec<Scheme> =
        desk.handshakes().into_iter().filter_map(|(.., reply)| reply.scheme).collect();
    let open = KEY_TYPES.iter().filter(|(_, schemes)| !used.iter().any(|u| schemes.contains(u)));
    let ask = open.map(|(name, schemes)| {
        let plan = Handshake {
            schemes: schemes.to_vec(),
            ..plain_handshake(Version::TLS13, spoken.base.server_name.clone())
        };
        complete(desk, format!("{}: a chain for {name}", Version::TLS13), plan)
    });
    join_all(ask).await;
}
