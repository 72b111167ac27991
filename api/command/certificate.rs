//! The certificate a scan begins with: which hosts it is for.

use std::path::Path;

use taraf_scanner::pki::{self, CertFacts, file};

use super::Failure;
use crate::export::printable::printable;

/// Most bytes of a certificate file.
const MOST: u64 = 10 << 20;

/// The server's certificate in a file, in DER: the one that issued no other in it.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |what: String| {
        Failure::usage(
            format_args!("the certificate in `{}` cannot be used: {what}", path.display()),
            "`taraf file FILE` says what the file is and what is wrong with it",
        )
    };
    let size = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > MOST {
        return Err(wrong("it has more than 10 MiB".to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    // As people received it: repaired where that is safe.
    let file = file::read(&path.display().to_string(), &bytes, None);
    let read: Vec<(Vec<u8>, CertFacts)> =
        file.certificates().map(|it| (it.der.clone(), it.facts.clone())).collect();
    let issued_another = |facts: &CertFacts| {
        read.iter().any(|(_, it)| it.issuer == facts.subject && it.sha256 != facts.sha256)
    };
    let mut leaves = read.iter().filter(|(_, facts)| !facts.is_ca && !issued_another(facts));
    match (leaves.next(), leaves.next()) {
        (Some((der, _)), None) => Ok(der.clone()),
        (Some((_, one)), Some((_, other))) => Err(wrong(format!(
            "there are several server certificates in it, for instance {} and {}",
            printable(&one.subject),
            printable(&other.subject)
        ))),
        (None, _) if read.is_empty() => Err(wrong("there is none in it".to_owned())),
        (None, _) => Err(wrong("there are only certificates of authorities in it".to_owned())),
    }
}

/// The hosts a certificate is for. Names for a wildcard may be given whole, or as the part the star
/// stands for.
pub fn names(path: &Path, given: &[String]) -> Result<Vec<String>, Failure> {
    let der = read(path)?;
    let facts = CertFacts::read(&der).map_err(|error| Failure::ours("the certificate", error))?;
    let (wild, plain): (Vec<_>, Vec<_>) =
        facts.dns_names.iter().partition(|name| name.starts_with("*."));
    let mut names: Vec<String> = plain.into_iter().cloned().collect();
    names.extend(facts.addresses.iter().map(|address| match address {
        std::net::IpAddr::V6(v6) => format!("[{v6}]"),
        std::net::IpAddr::V4(v4) => v4.to_string(),
    }));
    let mut needless = Vec::new();
    for name in given.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        let parents = wild.iter().filter_map(|star| star.strip_prefix("*."));
        let whole: Vec<String> = match name.contains('.') {
            true => vec![name.to_owned()],
            false => parents.map(|parent| format!("{name}.{parent}")).collect(),
        };
        let fits = whole.into_iter().filter(|name| pki::hostname::covers(&facts, name));
        let fits: Vec<String> = fits.collect();
        if fits.is_empty() {
            needless.push(name.to_owned());
        }
        names.extend(fits);
    }
    if !needless.is_empty() {
        let list = needless.iter().map(|name| printable(name)).collect::<Vec<_>>().join(", ");
        return Err(Failure::usage(
            format_args!("the certificate in `{}` is not for {list}", path.display()),
            format_args!("it is for {}", printable(&facts.dns_names.join(", "))),
        ));
    }
    // The name itself often stands beside its wildcard. To scan that alone would look as if every
    // host had been seen.
    if given.is_empty()
        && let Some(star) = wild.first()
    {
        return Err(Failure::usage(
            format_args!("`{}` is for {}, which names no host", path.display(), printable(star)),
            "name the hosts: `--names www,portal,api`",
        ));
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}
