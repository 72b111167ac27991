//! DROWN across servers: RSA keys that were seen with SSL 2.0 count against every server that has
//! them. Within one scan, within one run, and with what the program knows from before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::observe::{Endpoint, Fact, KeyAlgorithm, Observation, Pki};

/// Pins of RSA keys that were seen with SSL 2.0, and where. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Ssl2Keys(Arc<Mutex<BTreeMap<String, String>>>);

impl Ssl2Keys {
    /// Adds a key: the SHA-256 of its SubjectPublicKeyInfo in base64, and the server that has it,
    /// for people to read.
    pub fn insert(&self, pin: String, server: String) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.entry(pin).or_insert(server);
    }

    fn server(&self, pin: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(pin).cloned()
    }

    /// Takes in the keys of this scan, and marks the endpoints that share one. A scan that ended
    /// before the key was seen elsewhere is not marked.
    pub(super) fn apply(&self, observation: &mut Observation) {
        let Observation { endpoints, pki, target, .. } = observation;
        for endpoint in endpoints.iter().filter(|e| e.flaws.drown.is_yes()) {
            let server = format!("{} ({})", target, endpoint.address);
            for pin in rsa_pins(endpoint, pki) {
                self.insert(pin, server.clone());
            }
        }
        for endpoint in endpoints.iter_mut().filter(|e| !e.flaws.drown.is_yes()) {
            let shared = rsa_pins(endpoint, pki).iter().find_map(|pin| self.server(pin));
            if let Some(server) = shared {
                endpoint.flaws.drown = Fact::yes((), endpoint.flaws.drown.how.clone());
                let evidence = format!("the same key is used with SSL 2.0 at {server}");
                endpoint.flaws.evidence.insert("drown".to_owned(), evidence);
            }
        }
    }
}

/// The pins of the RSA keys an endpoint serves.
fn rsa_pins(endpoint: &Endpoint, pki: &Pki) -> Vec<String> {
    let leaves = endpoint.chains.iter().filter_map(|chain| chain.certificates.first());
    let facts = leaves.filter_map(|leaf| pki.certificates.get(leaf)?.facts.as_ref());
    facts.filter(|f| f.key.algorithm == KeyAlgorithm::Rsa).map(|f| f.pin.clone()).collect()
}
