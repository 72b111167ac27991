//! Intermediates that were fetched once are kept on this machine, so that a chain that misses one
//! is known the next time without asking its authority, or offline.
//!
//! Only what leads to a public root is kept: certificates of private authorities are nobody's
//! business but the operator's. What is kept decides no trust: a path is checked as any other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use taraf_scanner::observe::{CertSource, Observation};
use taraf_scanner::pki::{self, CertFacts};

/// Where they are, instead of the usual place; empty for nowhere.
const VARIABLE: &str = "TARAF_CACHE";

/// Most certificates read; more than all intermediates there are.
const MOST: usize = 10_000;

/// Most bytes of one.
const MOST_BYTES: u64 = 64 << 10;

/// The intermediates kept on this machine.
pub struct Kept(Option<PathBuf>);

impl Kept {
    /// In the directory for such things: `TARAF_CACHE`, or the user's cache directory.
    #[must_use]
    pub fn here() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let cache = match std::env::var_os(VARIABLE) {
            Some(value) if value.is_empty() => None,
            Some(value) => Some(PathBuf::from(value)),
            None => set("XDG_CACHE_HOME")
                .or_else(|| set("LOCALAPPDATA"))
                .map(PathBuf::from)
                .or_else(|| Some(Path::new(&set("HOME")?).join(".cache")))
                .map(|cache| cache.join("taraf")),
        };
        Self(cache.map(|cache| cache.join("intermediates")))
    }

    /// Those kept, in DER. What cannot be read is left out: it is only a cache.
    #[must_use]
    pub fn read(&self) -> Vec<Vec<u8>> {
        let Some(entries) = self.0.as_ref().and_then(|it| fs::read_dir(it).ok()) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        paths.truncate(MOST);
        paths.iter().filter_map(|path| certificate(path)).collect()
    }

    /// Keeps what a scan fetched and that leads to a public root. That it cannot be written costs
    /// nothing but a later fetch.
    pub fn keep(&self, observation: &Observation) {
        let Some(directory) = &self.0 else { return };
        let chains = observation.endpoints.iter().flat_map(|endpoint| &endpoint.chains);
        let paths = chains.filter_map(|chain| chain.facts.as_ref()).flat_map(|it| &it.paths);
        let public = paths.filter(|path| path.stores.iter().any(|store| store == "mozilla"));
        for id in public.flat_map(|path| &path.certificates) {
            let found = observation.pki.certificates.get(id);
            let fetched = found.filter(|it| it.source == CertSource::Fetched);
            let der = fetched.and_then(|it| it.der.as_deref()).and_then(pki::decode);
            if let Some(der) = der {
                let _ = write(directory, id, &der);
            }
        }
    }
}

/// A certificate under its own name.
fn certificate(path: &Path) -> Option<Vec<u8>> {
    let name = path.file_name()?.to_str()?.strip_suffix(".der")?;
    let size = fs::metadata(path).ok()?.len();
    let der = fs::read(path).ok().filter(|_| size <= MOST_BYTES)?;
    let facts = CertFacts::read(&der).ok()?;
    (facts.sha256 == name && facts.is_ca).then_some(der)
}

/// Writes a certificate whole or not at all.
fn write(directory: &Path, id: &str, der: &[u8]) -> io::Result<()> {
    let path = directory.join(format!("{id}.der"));
    if path.exists() {
        return Ok(());
    }
    fs::create_dir_all(directory)?;
    let unfinished = directory.join(format!("{id}.{}.new", std::process::id()));
    fs::write(&unfinished, der)?;
    fs::rename(&unfinished, &path)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

    use super::*;

    #[test]
    fn only_whole_authorities_under_their_own_name_are_read() {
        let directory = std::env::temp_dir().join(format!("taraf-kept-{}", std::process::id()));
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        let leaf = params.self_signed(&key).unwrap().der().to_vec();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = params.self_signed(&key).unwrap().der().to_vec();
        let id = |der: &[u8]| pki::sha256_hex([der]);
        write(&directory, &id(&ca), &ca).unwrap();
        write(&directory, &id(&ca), &ca).unwrap();
        write(&directory, &id(&leaf), &leaf).unwrap();
        write(&directory, &id(b"other"), &ca).unwrap();
        write(&directory, &id(b"garbage"), b"garbage").unwrap();
        assert_eq!(Kept(Some(directory.clone())).read(), [ca]);
        assert!(Kept(None).read().is_empty());
        assert!(Kept(Some(directory.join("nothing"))).read().is_empty());
        fs::remove_dir_all(directory).unwrap();
    }
}
