//! Certificates beyond those sent: of other endpoints, known before the scan, or fetched.

use std::collections::HashMap;
use std::sync::Arc;

use super::parsed::Parsed;
use crate::observe::CertSource;

/// Certificates that were not sent, to be looked up by subject.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// What many pools share, such as the known intermediates.
    below: Option<Arc<Pool>>,
    by_id: HashMap<String, Held>,
    by_subject: HashMap<Vec<u8>, Vec<Held>>,
}

/// A certificate, and the first way that led to it.
type Held = (Arc<Parsed>, CertSource);

impl Pool {
    /// An empty pool on top of another one, which it shares: what stands there is found here.
    #[must_use]
    pub fn over(below: Arc<Self>) -> Self {
        Self { below: Some(below), ..Self::default() }
    }

    /// Adds a certificate in DER, and says whether it was new: the first way that led to it counts.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in words.
    pub fn add(&mut self, der: &[u8], source: CertSource) -> Result<bool, String> {
        let id = super::sha256_hex([der]);
        if self.contains(&id) {
            return Ok(false);
        }
        let held = (Arc::new(Parsed::read(der)?), source);
        self.by_subject.entry(held.0.subject().to_vec()).or_default().push(held.clone());
        self.by_id.insert(id, held);
        Ok(true)
    }

    /// How many certificates are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        let below = self.below.as_ref().map_or(0, |below| below.len());
        self.by_id.len().saturating_add(below)
    }

    /// True if there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a certificate is in it, by its id.
    #[must_use]
    pub fn contains(&self, id: &str) -> bool {
        self.held(id).is_some()
    }

    /// The DER of a certificate in it, by its id.
    #[must_use]
    pub fn der(&self, id: &str) -> Option<&[u8]> {
        self.held(id).map(|(cert, _)| cert.der.as_slice())
    }

    /// Where a certificate in it was found, by its id.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<CertSource> {
        self.held(id).map(|(_, source)| *source)
    }

    /// Puts the certificates of that name behind `found`, its own before the shared ones.
    pub(super) fn named(&self, subject: &[u8], found: &mut Vec<Held>) {
        found.extend(self.by_subject.get(subject).into_iter().flatten().cloned());
        if let Some(below) = &self.below {
            below.named(subject, found);
        }
    }

    fn held(&self, id: &str) -> Option<&Held> {
        let below = || self.below.as_ref()?.held(id);
        self.by_id.get(id).or_else(below)
    }
}

#[cfg(test)]
mod tests {
    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    use super::*;

    #[test]
    fn a_certificate_counts_once_by_its_first_source() {
        let [first, second, ..] = TLS_SERVER_ROOT_CERTS else { panic!("two roots") };
        let mut shared = Pool::default();
        assert!(shared.is_empty());
        assert_eq!(shared.add(first, CertSource::Known), Ok(true));
        assert_eq!(shared.add(first, CertSource::Fetched), Ok(false));
        let mut pool = Pool::over(Arc::new(shared));
        assert_eq!(pool.add(first, CertSource::Fetched), Ok(false));
        assert_eq!(pool.add(second, CertSource::Fetched), Ok(true));
        assert_eq!(pool.len(), 2);
        assert!(pool.add(b"no", CertSource::Fetched).is_err());
        assert_eq!((pool.der("no"), pool.source("no")), (None, None));
        for (der, source) in [(first, CertSource::Known), (second, CertSource::Fetched)] {
            let cert = Parsed::read(der).unwrap();
            let mut found = Vec::new();
            pool.named(cert.subject(), &mut found);
            assert_eq!(found.len(), 1);
            assert_eq!((found[0].0.id(), found[0].1), (cert.id(), source));
            assert_eq!(pool.der(cert.id()), Some(&der[..]));
            assert_eq!(pool.source(cert.id()), Some(source));
        }
    }
}
