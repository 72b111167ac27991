//! Root certificates the operator trusts besides the public ones: PEM files, read and checked
//! before anything is scanned.

use std::path::Path;

use taraf_scanner::pki::{self, CertFacts};

use super::Failure;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/// The certificates of a PEM file, in DER. A file without one, or with one that cannot be read,
/// is refused: to trust less than the operator believes would be a wrong answer later.
pub fn read(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let wrong = |what: &str| {
        Failure::usage(
            format_args!("the root certificates in `{}` cannot be used: {what}", path.display()),
            "give a PEM file, text with blocks that begin with `-----BEGIN CERTIFICATE-----`; \
             `openssl x509 -inform der -in FILE` turns DER into PEM",
        )
    };
    let bytes = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    certificates(&String::from_utf8_lossy(&bytes)).map_err(|what| wrong(&what))
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
        let failure = read(Path::new("/no/such/roots.pem")).unwrap_err().text().unwrap();
        assert!(
            failure.contains("`/no/such/roots.pem`") && failure.contains("hint: "),
            "{failure}"
        );
    }
}
