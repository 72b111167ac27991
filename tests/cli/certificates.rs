//! What is said about certificates on the command line: whom to trust, where missing ones come
//! from, which one ought to be served; and which name server is asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair, date_time_ymd,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::{Value, json};

use super::{assert_exit, closed_port, file, run, said, stderr, stdout};

const HOST: &str = "www.example.test";

/// Certificates are seen with the first questions, so few connections are enough.
const USUAL: [&str; 6] = ["scan", "--fast", "--max-connections", "12", "--ip", "127.0.0.1"];

/// A certificate before it is signed.
fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

/// A certificate with its key; with the parameters of its issuer's, if it may issue.
struct Made {
    params: CertificateParams,
    key: KeyPair,
    cert: rcgen::Certificate,
}

impl Made {
    fn root(name: &str) -> Self {
        let (mut params, key) = (params(name, &[]), KeyPair::generate().unwrap());
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let cert = params.self_signed(&key).unwrap();
        Self { params, key, cert }
    }

    fn issue(&self, params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        Self { params, key, cert }
    }

    fn ca(&self, name: &str) -> Self {
        let mut params = params(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        self.issue(params)
    }

    fn leaf(&self, names: &[&str]) -> Self {
        self.issue(params("server", names))
    }

    /// A leaf whose validity begins in that year.
    fn leaf_of(&self, names: &[&str], year: i32) -> Self {
        let mut params = params("server", names);
        params.not_before = date_time_ymd(year, 1, 1);
        params.not_after = date_time_ymd(year + 80, 1, 1);
        self.issue(params)
    }

    fn pem(&self, name: &str) -> String {
        path(&file(name, &self.cert.pem()))
    }
}

/// Where the certificate of the issuer is to be had (RFC 5280 section 4.2.2.1).
fn issuer_at(uri: &str) -> CustomExtension {
    let wrap = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()], body].concat();
    let ca_issuers = wrap(0x06, &[0x2b, 6, 1, 5, 5, 7, 0x30, 2]);
    let description = wrap(0x30, &[ca_issuers, wrap(0x86, uri.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrap(0x30, &description))
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// An empty directory of the test's own.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It may be there from the run before.
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir(&path).unwrap();
    path
}

/// A TLS server that sends nothing but this leaf.
fn serving(leaf: &Made) -> SocketAddr {
    let key = PrivateKeyDer::try_from(leaf.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(leaf.cert.der().to_vec())], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                let mut tls = ServerConnection::new(config).unwrap();
                let mut tls = Stream::new(&mut tls, &mut stream);
                if tls.read(&mut [0; 4096]).is_err() {
                    return;
                }
                let _ = tls.write_all(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
                tls.conn.send_close_notify();
                let _ = tls.flush();
            });
        }
    });
    address
}

/// An HTTP server that gives everybody these bytes, and how often it was asked.
fn giving(bytes: Vec<u8>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]);
            let head = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                bytes.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), &bytes].concat());
        }
    });
    (address, asked)
}

/// A name server that knows one IPv4 address for every name, and nothing else.
fn naming(address: [u8; 4]) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let Some(answer) = dns_answer(&buffer[..length], address) else { continue };
            let _ = socket.send_to(&answer, from);
        }
    });
    server
}

/// The answer to a message with one question (RFC 1035 section 4).
fn dns_answer(query: &[u8], address: [u8; 4]) -> Option<Vec<u8>> {
    let name = 12 + query.get(12..)?.iter().position(|byte| *byte == 0)? + 1;
    let question = query.get(12..name + 4)?;
    let is_a = question.ends_with(&[0, 1, 0, 1]);
    // An answer, without an error, that recursion was wanted and is available.
    let mut answer = [&query[..2], &[0x81, 0x80, 0, 1, 0, u8::from(is_a), 0, 0, 0, 0]].concat();
    answer.extend(question);
    if is_a {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(address);
    }
    Some(answer)
}

/// The scan of one host at 127.0.0.1, as JSON: what the endpoint with this port says.
#[track_caller]
fn scanned(address: SocketAddr, words: &[&str]) -> Value {
    let host = format!("{HOST}:{}", address.port());
    let output = run(&[&USUAL[..], &["--format", "jsonl", &host], words].concat());
    let of_port = |document: &Value| document["target"]["port"] == address.port();
    let documents = stdout(&output);
    let mut documents = documents.lines().map(|line| serde_json::from_str(line).unwrap());
    documents.find(of_port).unwrap_or_else(|| panic!("{}", stderr(&output)))
}

fn facts(document: &Value) -> &Value {
    &document["endpoints"][0]["chains"][0]["facts"]
}

fn trust<'a>(document: &'a Value, store: &str) -> &'a Value {
    let mut all = facts(document)["trust"].as_array().unwrap().iter();
    all.find(|trust| trust["store"] == store).unwrap()
}

#[test]
fn roots_and_intermediates_of_the_operator_are_used() {
    let root = Made::root("House root");
    let inter = root.ca("House intermediate");
    let server = serving(&inter.leaf(&[HOST]));

    let without = scanned(server, &["--offline"]);
    assert_eq!(facts(&without)["completeness"]["state"], "no-path", "{without:#}");
    assert_eq!(trust(&without, "mozilla")["fault"]["fault"], "unknown-issuer");

    let roots = directory("roots");
    std::fs::write(roots.join("house.pem"), root.cert.pem()).unwrap();
    std::fs::write(roots.join("other.crt"), Made::root("Other").cert.pem()).unwrap();
    std::fs::write(roots.join("README"), "not a certificate, and not meant to be one").unwrap();
    let (roots, inter) = (path(&roots), inter.pem("inter.pem"));
    let words = ["--offline", "--trust", &roots, "--intermediates", &inter];
    let with = scanned(server, &words);
    assert_eq!(trust(&with, "operator")["fault"], Value::Null, "{with:#}");
    assert_eq!(trust(&with, "mozilla")["fault"]["fault"], "unknown-issuer");
    let completeness = &facts(&with)["completeness"];
    assert_eq!(completeness["state"], "incomplete");
    assert_eq!(completeness["missing"][0]["source"], "known");
    let stores = with["pki"]["stores"].as_array().unwrap();
    let operator = stores.iter().find(|store| store["name"] == "operator").unwrap();
    assert_eq!(*operator, json!({"name": "operator", "dated": roots, "roots": 2}));

    let host = format!("{HOST}:{}", server.port());
    let text = run(&[&USUAL[..], &[&host], &words[..]].concat());
    assert_exit(&text, 0);
    assert!(said(&text).contains("trusted by operator yes"), "{}", stdout(&text));
    assert!(said(&text).contains("House intermediate [NOT SENT"), "{}", stdout(&text));
}

#[test]
fn roots_that_cannot_be_used_are_refused() {
    let is = |option: &str, path: &str, want: &str| {
        let output = run(&["scan", option, path, "127.0.0.1:1"]);
        assert_exit(&output, 2);
        assert!(said(&output).contains(want), "{}", stderr(&output));
        assert!(said(&output).contains("hint: "), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    };
    for option in ["--trust", "--intermediates"] {
        let empty = directory(&format!("empty{option}"));
        is(option, &path(&empty), "has no file that ends in .pem, .crt or .cer");
        std::fs::write(empty.join("a.pem"), Made::root("A").cert.pem()).unwrap();
        std::fs::write(empty.join("b.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap();
        is(option, &path(&empty), "b.pem` cannot be used");
        is(option, &path(&empty.join("none.pem")), "none.pem` cannot be used");
    }
}

#[test]
fn nothing_is_fetched_offline() {
    let root = Made::root("House root");
    let inter = root.ca("House intermediate");
    let (address, asked) = giving(inter.cert.der().to_vec());
    let url = format!("http://{address}/i.crt");
    let mut wanted = params("server", &[HOST]);
    wanted.custom_extensions.push(issuer_at(&url));
    let server = serving(&inter.issue(wanted));
    let roots = root.pem("fetch-root.pem");

    let offline = scanned(server, &["--offline", "--trust", &roots]);
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    let completeness = &facts(&offline)["completeness"];
    assert_eq!(completeness["state"], "no-path");
    assert_eq!(completeness["missing"]["uris"], json!([url]));
    assert!(completeness["tried"].as_str().unwrap().contains("offline"), "{completeness}");
    assert_eq!(offline["pki"]["fetched"][0]["bytes"], 0);

    let online = scanned(server, &["--trust", &roots]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(facts(&online)["completeness"]["missing"][0]["source"], "fetched", "{online:#}");
    assert_eq!(trust(&online, "operator")["fault"], Value::Null);
    assert_eq!(online["pki"]["fetched"][0]["url"], url);
}

#[test]
fn the_expected_certificate_is_recognised() {
    let root = Made::root("House root");
    let old = root.leaf_of(&[HOST, "old.example.test"], 2020);
    let new = root.leaf_of(&[HOST], 2021);
    let other = root.leaf_of(&["other.example.test"], 2020);
    let server = serving(&old);
    let is = |expected: &Made, name: &str, serves: &str| {
        let file = expected.pem(name);
        let document = scanned(server, &["--offline", "--certificate", &file]);
        assert_eq!(document["endpoints"][0]["chains"][0]["serves"], serves, "{document:#}");
        let id = document["pki"]["expected"].as_str().unwrap();
        let sent = &document["endpoints"][0]["chains"][0]["certificates"][0];
        assert_eq!(sent == id, serves == "this");
    };
    is(&old, "old.cer", "this");
    is(&new, "new.cer", "older");
    is(&other, "other.cer", "other");
    is(&root.leaf_of(&[HOST], 2019), "very-old.cer", "newer");
    assert!(scanned(server, &["--offline"])["pki"].get("expected").is_none());
}

/// The hosts scanned with these words, all of them at 127.0.0.1.
#[track_caller]
fn hosts(words: &[&str]) -> Vec<String> {
    let output = run(&[&USUAL[..], &["--offline", "--format", "json"], words].concat());
    let documents: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let documents = match documents {
        Value::Array(documents) => documents,
        one => vec![one],
    };
    documents.iter().map(|it| it["target"]["host"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_certificate_names_the_hosts() {
    let root = Made::root("House root");
    let names = ["a.example.test", "b.example.test", "127.0.0.7", "::1"];
    let file = root.leaf(&names).pem("names.cer");
    let found = hosts(&["--certificate", &file]);
    assert_eq!(found, ["a.example.test", "b.example.test", "127.0.0.7", "::1"]);
    // A chain in one file: the leaf counts, wherever it stands.
    let chain = root.cert.pem() + &root.leaf(&["c.example.test"]).cert.pem();
    let chain = path(&self::file("chain.pem", &chain));
    assert_eq!(hosts(&["--certificate", &chain]), ["c.example.test"]);
}

#[test]
fn a_wildcard_needs_names() {
    let root = Made::root("House root");
    let file = root.leaf(&["*.example.test"]).pem("wildcard.cer");
    let output = run(&["scan", "--certificate", &file]);
    assert_exit(&output, 2);
    let text = said(&output);
    assert!(text.contains("is for *.example.test, which names no host"), "{text}");
    assert!(text.contains("hint: name the hosts: `--names www,portal,api`"), "{text}");

    let named = hosts(&["--certificate", &file, "--names", "www,portal.example.test,www"]);
    assert_eq!(named, ["www.example.test", "portal.example.test"]);

    let refused = |names: &str, want: &str| {
        let output = run(&["scan", "--certificate", &file, "--names", names]);
        assert_exit(&output, 2);
        let text = said(&output);
        assert!(text.contains(want), "{text}");
        assert!(text.contains("hint: it is for *.example.test"), "{text}");
    };
    refused("www,www.example.net", "is not for www.example.net");
    refused("example.test", "is not for example.test");
    refused("a.b.example.test", "is not for a.b.example.test");

    // The name beside the wildcard is not all there is.
    let both = root.leaf(&["*.example.test", "example.test"]).pem("both.cer");
    let output = run(&["scan", "--certificate", &both]);
    assert_exit(&output, 2);
    assert!(said(&output).contains("is for *.example.test"), "{}", said(&output));
    let named = hosts(&["--certificate", &both, "--names", "www"]);
    assert_eq!(named, ["example.test", "www.example.test"]);
    let named = hosts(&["--certificate", &both, "--names", "example.test"]);
    assert_eq!(named, ["example.test"]);

    let output = run(&["scan", "--names", "www", "example.test"]);
    assert_exit(&output, 2);
    assert!(stderr(&output).contains("--certificate"), "{}", stderr(&output));
}

#[test]
fn a_file_without_the_certificate_of_a_server_is_refused() {
    let root = Made::root("House root");
    let is = |file: &str, want: &str| {
        let output = run(&["scan", "--certificate", file, "127.0.0.1:1"]);
        assert_exit(&output, 2);
        assert!(said(&output).contains(want), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
    };
    is(&path(&file("text.cer", "Dear customer,\n")), "there is none in it");
    is(&path(&file("empty.cer", "")), "there is none in it");
    is(&root.pem("only-root.cer"), "there are only certificates of authorities in it");
    let two = root.leaf(&["a.example.test"]).cert.pem() + &root.leaf(&[HOST]).cert.pem();
    is(&path(&file("two.cer", &two)), "there are several server certificates in it");
    is("/no/such/certificate", "`/no/such/certificate` cannot be used");
}

#[test]
fn the_name_server_can_be_named() {
    for wrong in ["ns.example.test", "192.0.2.53:99999", "192.0.2.53:0", "[192.0.2.53]", ""] {
        let output = run(&["scan", "--dns", wrong, "example.test"]);
        assert_exit(&output, 2);
        assert!(stderr(&output).contains("--dns"), "{}", stderr(&output));
    }
    let dns = naming([127, 0, 0, 1]).to_string();
    let host = format!("{HOST}:{}", closed_port().port());
    let output = run(&["scan", "--fast", "--format", "json", "--dns", &dns, &host]);
    assert_exit(&output, 3);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["dns"]["source"], "dns");
    assert_eq!(document["dns"]["addresses"], json!(["127.0.0.1"]));
    assert_eq!(document["dns"]["caa"]["answer"], "no", "{document:#}");
}
