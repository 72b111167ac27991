//! What certificates are held against: the public roots, the system's, and those the operator adds;
//! and intermediates to look for missing ones in. All is read and checked before anything is
//! scanned.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use taraf_scanner::observe::CertSource;
use taraf_scanner::pki::chain::Pool;
use taraf_scanner::pki::store::Stores;
use taraf_scanner::pki::{self, CertFacts};
use taraf_scanner::scan::{self, Trust};

use super::Failure;
use super::intermediates::Kept;
use crate::cli::Certificates;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/// What the command line says to hold certificates against.
pub fn of(args: &Certificates) -> Result<Trust, Failure> {
    let mut stores = Stores::mozilla();
    // A machine without a store of its own is no failure: Mozilla's is built in.
    let system = rustls_native_certs::load_native_certs().certs;
    // One that cannot be read is the system's affair, and must not cost the others.
    let system = system.iter().map(|der| der.to_vec());
    let system: Vec<Vec<u8>> = system.filter(|der| CertFacts::read(der).is_ok()).collect();
    if !system.is_empty()
        && let Ok(more) = stores.with("system", "as installed", system)
    {
        stores = more;
    }
    if !args.trust.is_empty() {
        let mut roots = Vec::new();
        for path in &args.trust {
            roots.extend(read(path, "root")?);
        }
        let names: Vec<String> = args.trust.iter().map(|path| path.display().to_string()).collect();
        let added = stores.with("operator", &names.join(", "), roots);
        stores = added.map_err(|what| Failure::usage(what, "see `taraf scan --help`"))?;
    }
    let mut known = scan::built_in();
    let kept = Kept::here().read();
    if !args.intermediates.is_empty() || !kept.is_empty() {
        let mut more = Pool::over(known);
        for der in kept {
            // Each was read already.
            let _ = more.add(&der, CertSource::Known);
        }
        for path in &args.intermediates {
            for der in read(path, "intermediate")? {
                more.add(&der, CertSource::Known)
                    .map_err(|error| Failure::usage(error, "see `taraf scan --help`"))?;
            }
        }
        known = Arc::new(more);
    }
    Ok(Trust { stores, known, expected: None })
}

/// The certificates of a PEM file or of all files of a directory, in DER. A file without one, or
/// with one that cannot be read, is refused: to trust less than the operator believes would be a
/// wrong answer later.
pub fn read(path: &Path, kind: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let wrong = |path: &Path, what: &str| {
        Failure::usage(
            format_args!("the {kind} certificates in `{}` cannot be used: {what}", path.display()),
            "give a PEM file, text with blocks that begin with `-----BEGIN CERTIFICATE-----`; \
             `openssl x509 -inform der -in FILE` turns DER into PEM",
        )
    };
    let unreadable = |error: std::io::Error| wrong(path, &error.to_string());
    if !path.is_dir() {
        let bytes = std::fs::read(path).map_err(unreadable)?;
        return certificates(&String::from_utf8_lossy(&bytes)).map_err(|what| wrong(path, &what));
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let extension = file.extension().map(|it| it.to_ascii_lowercase());
        let wanted = ["pem", "crt", "cer"];
        if extension.is_some_and(|it| wanted.iter().any(|wanted| it == *wanted)) {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(wrong(path, "the directory has no file that ends in .pem, .crt or .cer"));
    }
    files.sort();
    let mut all = Vec::new();
    for file in files {
        all.extend(read(&file, kind)?);
    }
    Ok(all)
}

/// The certificates in a text. Other blocks and whatever stands between are left alone, as in
/// RFC 7468 section 5.2.
fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in pem.lines().map(str::trim) {
        if let Some(label) = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix("-----")) {
            open = Some((label, String::new()));
        } else if line.starts_with(END) {
            if let Some((label, body)) = open.take()
                && LABELS.contains(&label)
            {
                found.push(certificate(&body, found.len() + 1)?);
            }
        } else if let Some((_, body)) = &mut open {
            body.push_str(line);
        }
    }
    match (open, found.is_empty()) {
        (Some((label, _)), _) => Err(format!("the last block, `{label}`, has no end")),
        (None, true) => Err("there is no PEM certificate in it".to_owned()),
        (None, false) => Ok(found),
    }
}

fn certificate(base64: &str, number: usize) -> Result<Vec<u8>, String> {
    let der = pki::decode(base64)
        .ok_or_else(|| format!("certificate {number} is damaged: it is not base64"))?;
    match CertFacts::read(&der) {
        Ok(_) => Ok(der),
        Err(error) => Err(format!("certificate {number} cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----\r\n{body}\r\n-----END {label}-----\r\n")
    }

    #[test]
    fn a_store_of_roots_is_read() {
        let key = rcgen::generate_simple_self_signed(["root.example".to_owned()]).unwrap();
        let text = format!(
            "# Our roots\n{}{}{}",
            pem("PRIVATE KEY", "AAAA"),
            key.cert.pem(),
            key.cert.pem().replace('\n', "\r\n")
        );
        let found = certificates(&text).unwrap();
        assert_eq!(found, [key.cert.der().to_vec(), key.cert.der().to_vec()]);
    }

    #[test]
    fn what_is_no_store_is_refused() {
        let is = |text: &str, what: &str| {
            let error = certificates(text).unwrap_err();
            assert!(error.contains(what), "{error}");
        };
        is("", "no PEM certificate");
        is("\u{30}\u{82}\u{3}", "no PEM certificate");
        is(&pem("PRIVATE KEY", "AAAA"), "no PEM certificate");
        is(&pem("CERTIFICATE", "!!!!"), "certificate 1 is damaged");
        is(&pem("CERTIFICATE", "AAAA"), "certificate 1 cannot be read");
        is("-----BEGIN CERTIFICATE-----\nAAAA\n", "has no end");
        let failure = read(Path::new("/no/such/roots.pem"), "root").unwrap_err().text().unwrap();
        assert!(
            failure.contains("`/no/such/roots.pem`") && failure.contains("hint: "),
            "{failure}"
        );
    }
}
