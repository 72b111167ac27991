//! Revocation against another implementation: OpenSSL makes an authority, understands our request,
//! and answers it; what we read of its answers and lists is what it was told.
//!
//! It needs the `openssl` command. Where there is none it fails and says so; who cannot have one
//! sets `TARAF_WITHOUT_OPENSSL=1`, and this file tests nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use taraf_scanner::observe::RevocationStatus;
use taraf_scanner::pki::{crl, ocsp};

const CONFIG: &str = "\
[ca]
default_ca = authority
[authority]
database = index.txt
default_md = sha256
default_crl_days = 7
";

/// 2025-06-01 12:00.
const REVOKED_AT: i64 = 1_748_779_200;

#[test]
fn openssl_understands_and_is_understood() {
    if std::env::var_os("TARAF_WITHOUT_OPENSSL").is_some() {
        return;
    }
    let authority = Authority::new("round-trip");
    let leaf = authority.issue("leaf", "0x00A1B2C3D4E5F60718", &[]);
    let responder = authority.issue("responder", "0x7001", &["-extfile", "responder.cnf"]);
    assert!(!responder.is_empty());

    let statuses = [
        ("V\t450101000000Z\t\tA1B2C3D4E5F60718\tunknown\t/CN=leaf\n", Told::NotRevoked),
        (
            "R\t450101000000Z\t250601120000Z,superseded\tA1B2C3D4E5F60718\tunknown\t/CN=leaf\n",
            Told::Revoked,
        ),
        ("V\t450101000000Z\t\t05\tunknown\t/CN=other\n", Told::NoSuch),
    ];
    for (index, told) in statuses {
        authority.write("index.txt", index.as_bytes());
        for signer in ["ca", "responder"] {
            let response = authority.respond(&leaf, signer);
            let (status, until) = ocsp::answer(&response, &leaf, &authority.cert, now());
            told.check(&status, &format!("{signer}: {index}"));
            assert_eq!(until.is_some(), told != Told::NoSuch);
        }
        let list = authority.list();
        let (status, until) = crl::answer(&list, &leaf, &authority.cert, now());
        // What an authority has never heard of is in no list of revoked certificates.
        let told = if told == Told::NoSuch { Told::NotRevoked } else { told };
        told.check(&status, index);
        assert!(until.is_some_and(|until| until > now()));
    }
}

/// What OpenSSL was told about the leaf.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    NotRevoked,
    Revoked,
    NoSuch,
}

impl Told {
    #[track_caller]
    fn check(self, status: &RevocationStatus, about: &str) {
        match self {
            Self::NotRevoked => {
                assert!(
                    matches!(status, RevocationStatus::NotRevoked { .. }),
                    "{about} {status:?}"
                );
            }
            Self::Revoked => {
                let reason = Some("superseded".to_owned());
                let revoked = RevocationStatus::Revoked { at: REVOKED_AT, reason };
                assert_eq!(*status, revoked, "{about}");
            }
            Self::NoSuch => {
                let why = "the responder does not know the certificate".to_owned();
                assert_eq!(*status, RevocationStatus::Unknown { why }, "{about}");
            }
        }
    }
}

/// An authority in a directory of its own, which goes with it.
struct Authority {
    directory: PathBuf,
    /// Its certificate.
    cert: Vec<u8>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("taraf-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let mut authority = Self { directory, cert: Vec::new() };
        authority.write("ca.cnf", CONFIG.as_bytes());
        authority.write("responder.cnf", b"extendedKeyUsage = OCSPSigning\n");
        authority.key("ca");
        authority.run(&[
            "req",
            "-x509",
            "-key",
            "ca.key",
            "-subj",
            "/O=Tests/CN=Authority",
            "-days",
            "30",
            "-out",
            "ca.pem",
        ]);
        authority.cert = authority.der("ca");
        authority
    }

    fn issue(&self, name: &str, serial: &str, more: &[&str]) -> Vec<u8> {
        self.key(name);
        let (key, csr, pem) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        self.run(&["req", "-new", "-key", &key, "-subj", &format!("/CN={name}"), "-out", &csr]);
        let mut arguments = vec![
            "x509",
            "-req",
            "-in",
            &csr,
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-set_serial",
            serial,
            "-days",
            "20",
            "-out",
            &pem,
        ];
        arguments.extend(more);
        self.run(&arguments);
        self.der(name)
    }

    /// OpenSSL's response to our request.
    fn respond(&self, leaf: &[u8], signer: &str) -> Vec<u8> {
        self.write("request.der", &ocsp::request(leaf, &self.cert).unwrap());
        self.run(&[
            "ocsp",
            "-index",
            "index.txt",
            "-CA",
            "ca.pem",
            "-rsigner",
            &format!("{signer}.pem"),
            "-rkey",
            &format!("{signer}.key"),
            "-reqin",
            "request.der",
            "-respout",
            "response.der",
            "-ndays",
            "7",
        ]);
        self.read("response.der")
    }

    fn list(&self) -> Vec<u8> {
        self.run(&[
            "ca", "-gencrl", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-out",
            "list.pem",
        ]);
        self.read("list.pem")
    }

    fn key(&self, name: &str) {
        let file = format!("{name}.key");
        self.run(&["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", &file]);
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let (pem, der) = (format!("{name}.pem"), format!("{name}.der"));
        self.run(&["x509", "-in", &pem, "-outform", "DER", "-out", &der]);
        self.read(&der)
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()
            .expect(
                "the `openssl` command is missing: install it, or set TARAF_WITHOUT_OPENSSL=1 to \
                 go without this test",
            );
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}:\n{said}");
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.at(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.at(name)).unwrap()
    }

    fn at(&self, name: &str) -> PathBuf {
        Path::new(&self.directory).join(name)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // What is left behind is the system's to clear away.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}
