//! Trust stores: the roots of Mozilla's list, of the operator, of the system.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use pki_types::{CertificateDer, TrustAnchor};

use super::parsed::Parsed;
use crate::observe::Store;

/// Version of the package with Mozilla's list, and the day that version was published.
const MOZILLA: (&str, &str) = ("1.0.11", "2026-10-23");

/// The name of the store whose roots an operator named: what stands in it is trusted as it is.
pub(super) const OPERATOR: &str = "operator";

/// The stores that decide whether a chain is trusted: what the public trusts, and what the operator
/// adds. The system's store informs.
pub const DECIDING: [&str; 2] = ["mozilla", OPERATOR];

/// Stores and their roots. A clone shares them.
#[derive(Clone, Debug)]
pub struct Stores {
    shelf: Arc<Shelf>,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    stores: Vec<Store>,
    roots: Vec<Root>,
    by_subject: HashMap<Vec<u8>, Vec<usize>>,
    by_id: HashMap<String, usize>,
}

/// A root, in each store that has it.
#[derive(Clone)]
pub(super) struct Root {
    pub cert: Arc<Parsed>,
    pub anchor: TrustAnchor<'static>,
    /// Indices of stores.
    pub stores: Vec<usize>,
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Root").field("subject", &self.cert.facts.subject).finish_non_exhaustive()
    }
}

impl Stores {
    /// Mozilla's list of roots for servers, under the name `mozilla`, as compiled in. It is read
    /// once in the life of a process.
    #[must_use]
    pub fn mozilla() -> Self {
        static LIST: LazyLock<Stores> = LazyLock::new(|| {
            let mut shelf = Shelf::default();
            let (version, day) = MOZILLA;
            shelf.open("mozilla", &format!("{day} (webpki-root-certs {version})"));
            for der in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
                // One that cannot be read is left out; a test counts them.
                let _ = shelf.add(der);
            }
            Stores { shelf: Arc::new(shelf) }
        });
        LIST.clone()
    }

    /// No store at all.
    #[must_use]
    pub fn none() -> Self {
        Self { shelf: Arc::default() }
    }

    /// These stores and one more: the system's, or the operator's. `dated` is its date or version
    /// in words, `ders` are its roots. A root that comes twice counts once.
    ///
    /// # Errors
    ///
    /// If there is a store of that name, or a root cannot be read: which and why, in words.
    pub fn with(&self, name: &str, dated: &str, ders: Vec<Vec<u8>>) -> Result<Self, String> {
        let mut shelf = Shelf::clone(&self.shelf);
        if shelf.stores.iter().any(|store| store.name == name) {
            return Err(format!("there is a store `{name}` already"));
        }
        shelf.open(name, dated);
        for (index, der) in ders.iter().enumerate() {
            shelf.add(der).map_err(|why| format!("root {} of `{name}`: {why}", index + 1))?;
        }
        Ok(Self { shelf: Arc::new(shelf) })
    }

    /// What to say of each store.
    #[must_use]
    pub fn facts(&self) -> Vec<Store> {
        self.shelf.stores.clone()
    }

    /// The DER of a root in one of the stores, by its id.
    #[must_use]
    pub fn der(&self, id: &str) -> Option<&[u8]> {
        Some(&self.root(self.index(id)?)?.cert.der)
    }

    /// Names of the stores, by index.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.shelf.stores.iter().map(|store| store.name.as_str())
    }

    /// Whether a store decides, by index. Where none of those that do is open, each does.
    pub(super) fn decides(&self, index: usize) -> bool {
        let decides = |store: &Store| DECIDING.contains(&store.name.as_str());
        let stores = &self.shelf.stores;
        stores.get(index).is_some_and(decides) || !stores.iter().any(decides)
    }

    pub(super) fn root(&self, index: usize) -> Option<&Root> {
        self.shelf.roots.get(index)
    }

    /// The root that is this certificate.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.shelf.by_id.get(id).copied()
    }

    /// The roots of that name.
    pub(super) fn named(&self, subject: &[u8]) -> impl Iterator<Item = &Arc<Parsed>> {
        let found = self.shelf.by_subject.get(subject).map(Vec::as_slice).unwrap_or_default();
        found.iter().filter_map(|index| Some(&self.root(*index)?.cert))
    }
}

impl Shelf {
    fn open(&mut self, name: &str, dated: &str) {
        self.stores.push(Store { name: name.to_owned(), dated: dated.to_owned(), roots: 0 });
    }

    /// Puts a root into the store opened last.
    fn add(&mut self, der: &[u8]) -> Result<(), String> {
        let id = super::sha256_hex([der]);
        let index = match self.by_id.get(&id) {
            Some(index) => *index,
            None => self.read(der, id)?,
        };
        let store = self.stores.len().saturating_sub(1);
        let root = self.roots.get_mut(index).filter(|root| !root.stores.contains(&store));
        if let (Some(root), Some(facts)) = (root, self.stores.last_mut()) {
            root.stores.push(store);
            facts.roots = facts.roots.saturating_add(1);
        }
        Ok(())
    }

    fn read(&mut self, der: &[u8], id: String) -> Result<usize, String> {
        let cert = Arc::new(Parsed::read(der)?);
        let der = CertificateDer::from(der);
        let anchor = webpki::anchor_from_trusted_cert(&der)
            .map_err(|error| format!("{}: {error}", cert.facts.subject))?
            .to_owned();
        let index = self.roots.len();
        self.by_subject.entry(cert.subject().to_vec()).or_default().push(index);
        self.by_id.insert(id, index);
        self.roots.push(Root { cert, anchor, stores: Vec::new() });
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_that_of_the_version_in_use() {
        let lock = include_str!("../../../Cargo.lock");
        let entry = lock
            .split("[[package]]")
            .find(|entry| entry.lines().any(|line| line == "name = \"webpki-root-certs\""));
        let version = format!("version = \"{}\"", MOZILLA.0);
        assert!(
            entry.unwrap().lines().any(|line| line == version),
            "another version of webpki-root-certs is in use: put it and its day into MOZILLA"
        );
    }

    #[test]
    fn every_root_of_mozilla_is_read() {
        let stores = Stores::mozilla();
        let all = webpki_root_certs::TLS_SERVER_ROOT_CERTS.len();
        assert!(all > 100);
        assert_eq!(
            stores.facts(),
            [Store {
                name: "mozilla".to_owned(),
                dated: "2026-10-23 (webpki-root-certs 1.0.11)".to_owned(),
                roots: all,
            }]
        );
    }

    #[test]
    fn a_root_in_two_stores_is_one_root() {
        let one = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].to_vec();
        let stores = Stores::mozilla();
        let more = stores.with(OPERATOR, "today", vec![one.clone(), one.clone()]).unwrap();
        assert_eq!(more.facts()[1].roots, 1);
        assert_eq!(more.shelf.roots.len(), stores.shelf.roots.len());
        let root = more.root(more.index(&super::super::sha256_hex([&one[..]])).unwrap()).unwrap();
        assert_eq!(root.stores, [0, 1]);
        assert_eq!(more.der(root.cert.id()), Some(&one[..]));
        assert_eq!(Stores::none().der(root.cert.id()), None);
        assert_eq!(stores.facts().len(), 1, "the stores it was made from are as they were");
    }

    #[test]
    fn what_is_no_root_is_named() {
        let stores = Stores::none();
        let error = stores.with("system", "", vec![b"no".to_vec()]).unwrap_err();
        assert!(error.starts_with("root 1 of `system`: "), "{error}");
        let error = Stores::mozilla().with("mozilla", "", Vec::new()).unwrap_err();
        assert_eq!(error, "there is a store `mozilla` already");
    }
}
