//! The file doctor: files damaged in every way that is met, real output of OpenSSL, and the command.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair,
};
use serde_json::Value;
use taraf_scanner::pki;
use taraf_scanner::pki::file::facts::KeyEncoding;
use taraf_scanner::pki::file::{
    Damage, Effect, FileFacts, FindingId, Form, Item, MOST_BYTES, read, together,
};

/// 23 November 2026.
const NOW: i64 = 1_795_392_000;

/// Made with OpenSSL 3.0. Its DER has bytes that editors and transfers change, its base64 has `+`,
/// `/` and padding.
const LEAF: &str = concat!(
    "-----BEGIN CERTIFICATE-----\n",
    "MIICkjCCAjigAwIBAgIUWsPhO5l52Eg81y4H4PQxz5Pj5WwwCgYIKoZIzj0EAwIw\n",
    "STELMAkGA1UEBhMCTVkxFjAUBgNVBAoMDUNvbnRvaCBBZ2Vuc2kxIjAgBgNVBAMM\n",
    "GXBlcmtoaWRtYXRhbi5leGFtcGxlLnRlc3QwHhcNMjYxMTIzMjI0OTE4WhcNMzYx\n",
    "MTIwMjI0OTE4WjBJMQswCQYDVQQGEwJNWTEWMBQGA1UECgwNQ29udG9oIEFnZW5z\n",
    "aTEiMCAGA1UEAwwZcGVya2hpZG1hdGFuLmV4YW1wbGUudGVzdDBZMBMGByqGSM49\n",
    "AgEGCCqGSM49AwEHA0IABEKfGwoIThkppRU2yWyetmR+wdq9adSXn35j4WXQ63dj\n",
    "8qug1SrmrOxl8VgQek13byrK/F2uv6TsGNdHnlIWO82jgf0wgfowHQYDVR0OBBYE\n",
    "FBaT+XV213TBhsCTnHgY4H6FICWzMB8GA1UdIwQYMBaAFBaT+XV213TBhsCTnHgY\n",
    "4H6FICWzMEMGA1UdEQQ8MDqCGXBlcmtoaWRtYXRhbi5leGFtcGxlLnRlc3SCHXd3\n",
    "dy5wZXJraGlkbWF0YW4uZXhhbXBsZS50ZXN0MAwGA1UdEwEB/wQCMAAwCwYDVR0P\n",
    "BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMEMGCCsGAQUFBwEBBDcwNTAzBggr\n",
    "BgEFBQcwAoYnaHR0cDovL2NhLmV4YW1wbGUudGVzdC9pbnRlcm1lZGlhdGUuY2Vy\n",
    "MAoGCCqGSM49BAMCA0gAMEUCIQD3HUrnjKt/fu5Q+zCAtJMf+3BraXK7Boacgp5n\n",
    "SIG5+QIgeKukVquiF3s/4WxSJAlLeG71dmc9kT1mjNZ1mtGeefI=\n",
    "-----END CERTIFICATE-----\n",
);

fn der() -> Vec<u8> {
    from_pem(LEAF)
}

fn from_pem(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    pki::decode(&base64).unwrap()
}

/// Base64 (RFC 4648 section 4), all on one line.
fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0, |n, at| n << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        for at in 0..4 {
            let letter = char::from(LETTERS[number >> (18 - 6 * at) & 63]);
            out.push(if at <= three.len() { letter } else { '=' });
        }
    }
    out
}

fn base64_lines() -> String {
    LEAF.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect()
}

fn doctor(bytes: impl AsRef<[u8]>) -> FileFacts {
    read("x", bytes.as_ref(), None)
}

fn ids(facts: &FileFacts) -> Vec<Damage> {
    facts.diagnoses.iter().map(|found| found.id).collect()
}

/// Base64 in lines of 76, as mails have it.
fn mail_base64(bytes: &[u8]) -> String {
    let base64 = encode(bytes);
    let lines = base64.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap());
    lines.map(|line| format!("{line}\r\n")).collect()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

/// Quoted-printable as mail programs write it: `=` coded, lines of at most 60.
fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let coded = line.replace('=', "=3D");
        let mut rest = coded.as_str();
        while rest.len() > 60 {
            let (part, after) = rest.split_at(60);
            out.push_str(&format!("{part}=\r\n"));
            rest = after;
        }
        out.push_str(&format!("{rest}\r\n"));
    }
    out
}

/// Every kind of damage that loses nothing, and what is to be said of it.
#[allow(clippy::too_many_lines, reason = "one table")]
fn repairable() -> Vec<(&'static str, Vec<u8>, Vec<Damage>)> {
    use Damage as D;
    let begin = "-----BEGIN CERTIFICATE-----\n";
    let end = "-----END CERTIFICATE-----\n";
    let body = base64_lines();
    let one_line = body.replace('\n', "");
    let mapped = |change: &dyn Fn(&str) -> String| -> String {
        let inner: String = body.lines().map(change).collect::<Vec<_>>().join("\n");
        format!("{begin}{inner}\n{end}")
    };
    let quoted: String = LEAF.lines().map(|line| format!("> {line}\n")).collect();
    let twice: String = LEAF.lines().map(|line| format!(">> > {line}\n")).collect();
    let html = LEAF.replace('+', "&#43;").replace('\n', "<br>\r\n");
    let rtf = LEAF.replace('\n', "\\par\r\n");
    let dump: String = der()
        .chunks(16)
        .enumerate()
        .map(|(n, row)| {
            let pairs: Vec<String> =
                row.chunks(2).map(|two| two.iter().map(|b| format!("{b:02x}")).collect()).collect();
            let shown: String = row
                .iter()
                .map(|b| if b.is_ascii_graphic() { char::from(*b) } else { '.' })
                .collect();
            format!("{:08x}: {:<39}  {shown}\n", n * 16, pairs.join(" "))
        })
        .collect();
    let plain_hex: String = der().iter().map(|byte| format!("{byte:02X} ")).collect();
    let mail = format!(
        "From: ca@example.com\r\nSubject: sijil\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\n\
         Content-Type: text/plain\r\n\r\nSijil dilampirkan.\r\n--b1\r\n\
         Content-Type: application/x-x509-ca-cert; name=\"server.cer\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}--b1--\r\n",
        mail_base64(LEAF.as_bytes())
    );
    let trailing = [&der()[..], b"\r\n\0garbage"].concat();
    let spaced = mapped(&|line| format!("  {} {}", &line[..20], &line[20..]));
    let texts: Vec<(&'static str, String, Vec<Damage>)> = vec![
        ("clean", LEAF.to_owned(), vec![]),
        ("bom", format!("\u{feff}{LEAF}"), vec![D::Bom]),
        ("crlf", LEAF.replace('\n', "\r\n"), vec![D::Crlf]),
        ("cr alone", LEAF.replace('\n', "\r"), vec![D::LoneCr]),
        ("\\n written out", LEAF.replace('\n', "\\n"), vec![D::EscapedLineBreaks]),
        ("quoted-printable", quoted_printable(LEAF), vec![D::Crlf, D::QuotedPrintable]),
        ("mail", mail, vec![D::Crlf, D::Mail]),
        ("quote marks", format!("Tuan wrote:\n{quoted}\nbye\n"), vec![D::QuoteMarks]),
        ("quoted twice", twice, vec![D::QuoteMarks]),
        ("html", format!("<div>{html}</div>"), vec![D::Crlf, D::Html]),
        ("nbsp", LEAF.replace("BEGIN ", "BEGIN&nbsp;"), vec![D::Html]),
        ("rtf", format!("{{\\rtf1\\ansi{{\\fonttbl x;}}\\f0 {rtf}}}"), vec![D::Crlf, D::Rtf]),
        ("en dashes", LEAF.replace('-', "\u{2013}"), vec![D::ChangedDashes]),
        ("minus signs", LEAF.replace('-', "\u{2212}"), vec![D::ChangedDashes]),
        ("em dashes for two", LEAF.replace("--", "\u{2014}"), vec![D::ChangedDashes, D::DashCount]),
        ("full width dashes", LEAF.replace('-', "\u{ff0d}"), vec![D::ChangedDashes]),
        ("full width plus", LEAF.replace('+', "\u{ff0b}"), vec![D::FullWidth]),
        ("zero width", LEAF.replace("\nM", "\n\u{200b}M"), vec![D::InvisibleCharacters]),
        (
            "no-break space",
            LEAF.replace("D ", "D\u{a0}").replace("N C", "N\u{a0}C"),
            vec![D::NoBreakSpaces],
        ),
        ("four dashes", LEAF.replace("-----", "----"), vec![D::DashCount]),
        ("six dashes", LEAF.replace("-----", "------"), vec![D::DashCount]),
        ("blanks in the armour", LEAF.replace("-----BEGIN", "----- BEGIN"), vec![]),
        (
            "lower case",
            LEAF.replace("BEGIN CERTIFICATE", "Begin Certificate")
                .replace("END CERTIFICATE", "end certificate"),
            vec![D::LowerCase],
        ),
        ("old label", LEAF.replace("CERTIFICATE", "X509 CERTIFICATE"), vec![D::WrongLabel]),
        ("label of PKCS#7", LEAF.replace("CERTIFICATE", "PKCS7"), vec![D::WrongLabel]),
        ("labels differ", LEAF.replace("END CERTIFICATE", "END PKCS7"), vec![D::LabelsDiffer]),
        ("no begin", format!("Salam,\n\n{body}{end}"), vec![D::BeginMissing]),
        ("no end", format!("{begin}{body}\nRegards\n"), vec![D::EndMissing]),
        ("no armour", body.clone(), vec![D::ArmourMissing]),
        ("no armour in a text", format!("Hello,\n{body}\nRegards\nAli\n"), vec![D::ArmourMissing]),
        ("no armour, one line", one_line.clone(), vec![D::ArmourMissing, D::LineBreaksLost]),
        ("all on one line", LEAF.replace('\n', ""), vec![D::LineBreaksLost]),
        ("blanks for breaks", LEAF.replace('\n', " "), vec![D::SpacesForBreaks]),
        ("blanks and tabs inside", spaced, vec![D::SpacesInside]),
        ("blank lines", LEAF.replace('\n', "\n\n"), vec![D::BlankLines]),
        ("url-safe", mapped(&|line| line.replace('+', "-").replace('/', "_")), vec![D::UrlSafe]),
        ("no padding", LEAF.replace("=\n", "\n"), vec![D::Padding]),
        ("too much padding", LEAF.replace("=\n", "===\n"), vec![D::Padding]),
        ("plus became blank", LEAF.replace('+', " "), vec![D::PlusBecameSpace]),
        (
            "base64 twice",
            format!("{begin}{}{end}", mail_base64(LEAF.as_bytes()).replace("\r\n", "\n")),
            vec![D::DoubleBase64],
        ),
        ("xxd", dump, vec![D::HexDump]),
        ("hex", plain_hex, vec![D::HexDump]),
    ];
    let mut all: Vec<(&str, Vec<u8>, Vec<Damage>)> =
        texts.into_iter().map(|(name, text, found)| (name, text.into_bytes(), found)).collect();
    all.extend([
        ("utf-16 le", utf16(LEAF, u16::to_le_bytes), vec![D::Utf16]),
        ("utf-16 be", utf16(LEAF, u16::to_be_bytes), vec![D::Utf16]),
        (
            "utf-16 le, mark",
            [b"\xff\xfe", &utf16(LEAF, u16::to_le_bytes)[..]].concat(),
            vec![D::Utf16],
        ),
        (
            "utf-16 be, mark",
            [b"\xfe\xff", &utf16(LEAF, u16::to_be_bytes)[..]].concat(),
            vec![D::Utf16],
        ),
        ("der", der(), vec![]),
        ("der, garbage behind", trailing, vec![D::TrailingBytes]),
        (
            "windows-1252 dashes",
            LEAF.replace('-', "\u{1}")
                .into_bytes()
                .iter()
                .map(|b| if *b == 1 { 0x96 } else { *b })
                .collect(),
            vec![D::ChangedDashes],
        ),
    ]);
    all
}

#[test]
fn what_loses_nothing_is_repaired() {
    let table = repairable();
    assert!(table.len() >= 30);
    for (name, bytes, want) in table {
        let facts = doctor(&bytes);
        assert_eq!(ids(&facts), want, "{name}: {:?}", facts.diagnoses);
        let found: Vec<_> = facts.certificates().map(|cert| cert.der.clone()).collect();
        assert_eq!(found, [der()], "{name}");
        assert_eq!(facts.pem(), LEAF, "{name}");
        assert!(!facts.is_faulty(), "{name}");
        for found in &facts.diagnoses {
            let harmless = matches!(found.id, Damage::Crlf);
            let effect = if harmless { Effect::Noted } else { Effect::Repaired };
            assert_eq!(found.effect, effect, "{name}");
            assert!(!found.text.ms.is_empty() && !found.text.en.is_empty(), "{name}");
        }
    }
}

#[test]
fn what_is_lost_is_named_and_not_invented() {
    use Damage as D;
    let der = der();
    let cut = &LEAF[..500];
    let mut flipped = der.clone();
    flipped[7] ^= 0x40;
    let crlf: Vec<u8> = der
        .iter()
        .flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] })
        .collect();
    let no_cr: Vec<u8> = der.iter().copied().filter(|byte| *byte != b'\r').collect();
    let latin: String = der.iter().map(|byte| char::from(*byte)).collect();
    let lossy = String::from_utf8_lossy(&der).into_owned();
    let login = "<!DOCTYPE html><html><form><input type=\"password\"></form></html>";
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0server.cer";
    let word = b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml word/document.xml";
    let table: Vec<(&str, Vec<u8>, Vec<Damage>)> = vec![
        ("cut", cut.into(), vec![D::EndMissing, D::Truncated]),
        (
            "cut, armour kept",
            format!("{cut}\n-----END CERTIFICATE-----\n").into(),
            vec![D::Truncated],
        ),
        (
            "one character gone",
            [&LEAF[..200], &LEAF[201..]].concat().into(),
            vec![D::CharactersLost],
        ),
        ("question marks", LEAF.replace('+', "?").into(), vec![D::CharactersReplaced]),
        ("stars", LEAF.replace('+', "*").into(), vec![D::ForeignCharacters]),
        ("other content", LEAF.replacen("\nMIIC", "\nNIIC", 1).into(), vec![D::NotDer]),
        ("der cut", der[..400].to_vec(), vec![D::Truncated]),
        ("der, LF to CR LF", crlf, vec![D::DerLineEnds]),
        ("der, CR gone", no_cr, vec![D::DerLineEnds]),
        ("der as Latin-1 in UTF-8", latin.clone().into(), vec![D::DerSavedAsText]),
        ("der as UTF-8", lossy.into(), vec![D::DerSavedAsText]),
        (
            "der as UTF-16",
            [b"\xff\xfe", &utf16(&latin, u16::to_le_bytes)[..]].concat(),
            vec![D::DerSavedAsText],
        ),
        ("der, a length changed", flipped, vec![D::Unreadable]),
        ("empty", vec![], vec![D::Empty]),
        ("blank", b" \r\n \0".to_vec(), vec![D::Empty]),
        ("too large", vec![b'A'; MOST_BYTES + 1], vec![D::TooLarge]),
        ("zip", zip.to_vec(), vec![D::Archive]),
        ("word", word.to_vec(), vec![D::Office]),
        ("outlook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....".to_vec(), vec![D::Office]),
        ("pdf", b"%PDF-1.7\n".to_vec(), vec![D::Pdf]),
        ("jks", b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(), vec![D::JavaKeyStore]),
        ("picture", b"\x89PNG\r\n".to_vec(), vec![D::Image]),
        ("login page", login.into(), vec![D::LoginPage]),
        ("web page", b"<html><body>404</body></html>".to_vec(), vec![D::HtmlPage]),
        (
            "listing",
            b"total 4\n-rw-r--r-- 1 a a 3 server.cer\n".to_vec(),
            vec![D::DirectoryListing],
        ),
        ("putty", b"PuTTY-User-Key-File-3: ssh-rsa\nx\n".to_vec(), vec![D::SshKey]),
        ("prose", b"Sijil akan dihantar esok.\n".to_vec(), vec![D::NothingFound]),
    ];
    for (name, bytes, want) in table {
        let facts = doctor(&bytes);
        assert_eq!(ids(&facts), want, "{name}: {:?}", facts.diagnoses);
        assert!(facts.is_faulty() && facts.items.is_empty(), "{name}");
    }
}

#[test]
fn several_certificates_in_every_arrangement() {
    let (one, two) = (LEAF, self_signed("two.example"));
    let two_der = from_pem(&two);
    let is = |bytes: &[u8], want: &[Damage]| {
        let facts = doctor(bytes);
        assert_eq!(ids(&facts), want);
        let found: Vec<_> = facts.certificates().map(|cert| cert.der.clone()).collect();
        assert_eq!(found, [der(), two_der.clone()]);
    };
    is(format!("{one}{two}").as_bytes(), &[]);
    is(format!("{}{two}", one.trim_end()).as_bytes(), &[Damage::RunTogether]);
    is(&[der(), two_der.clone()].concat(), &[Damage::SeveralInOne]);
    let joined = format!("{}{}", base64_lines(), encode(&two_der));
    let joined = format!("-----BEGIN CERTIFICATE-----\n{joined}\n-----END CERTIFICATE-----\n");
    is(joined.as_bytes(), &[Damage::SeveralInOne]);
}

#[test]
fn endings_are_compared_with_the_content() {
    let ending = |name: &str, bytes: &[u8]| ids(&read(name, bytes, None));
    assert_eq!(ending("server.txt", &der()), [Damage::DerInTextFile]);
    assert_eq!(ending("server.key", LEAF.as_bytes()), [Damage::OtherExtension]);
    assert_eq!(ending("server.cer", LEAF.as_bytes()), []);
    assert_eq!(ending("server.crt", &der()), []);
}

fn self_signed(name: &str) -> String {
    let key = KeyPair::generate().unwrap();
    CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap().pem()
}

/// A chain of three, with the key and the CSR of the leaf.
struct Chain {
    root: String,
    intermediate: String,
    leaf: String,
    key: String,
    request: String,
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// Authority information access with the address of the issuer (RFC 5280 section 4.2.2.1).
fn issuer_at(uri: &str) -> CustomExtension {
    let length = |n: usize| u8::try_from(n).unwrap();
    let uri = [&[0x86, length(uri.len())], uri.as_bytes()].concat();
    let id = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let access = [&[0x30, length(id.len() + uri.len())][..], &id, &uri].concat();
    let list = [&[0x30, length(access.len())][..], &access].concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], list)
}

fn chain() -> Chain {
    let root_key = KeyPair::generate().unwrap();
    let root = authority("Root").self_signed(&root_key).unwrap().pem();
    let root_issuer = Issuer::new(authority("Root"), root_key);
    let key = KeyPair::generate().unwrap();
    let intermediate = authority("Intermediate").signed_by(&key, &root_issuer).unwrap().pem();
    let issuer = Issuer::new(authority("Intermediate"), key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["www.example.test".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "www.example.test");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let request = params.serialize_request(&key).unwrap().pem().unwrap();
    params.custom_extensions = vec![issuer_at("http://ca.example.test/int.cer")];
    params.use_authority_key_identifier_extension = true;
    let leaf = params.signed_by(&key, &issuer).unwrap().pem();
    Chain { root, intermediate, leaf, key: key.serialize_pem(), request }
}

fn files(contents: &[&str]) -> Vec<FileFacts> {
    let named = |(at, text): (usize, &&str)| read(&format!("f{at}"), text.as_bytes(), None);
    contents.iter().enumerate().map(named).collect()
}

#[test]
fn what_belongs_together_is_told() {
    let chain = chain();
    let all = [&chain.root, &chain.key, &chain.intermediate, &chain.request, &chain.leaf];
    let all = files(&all.map(String::as_str));
    let set = together(&all, NOW);
    assert!(set.is_consistent(), "{:?}", set.findings);
    let order: Vec<_> = set.chain.iter().map(|place| place.file).collect();
    assert_eq!(order, [4, 2, 0]);
    assert_eq!(set.pairs.len(), 3);
    assert!(set.pairs.iter().all(|pair| pair.same));
    assert!(set.has(FindingId::RootIncluded));
    let want = format!("{}{}", chain.leaf, chain.intermediate).replace("\r\n", "\n");
    assert_eq!(set.fullchain(&all).unwrap(), want);
}

#[test]
fn a_missing_intermediate_is_named_with_its_address() {
    let chain = chain();
    let all = files(&[&chain.leaf, &chain.root]);
    let set = together(&all, NOW);
    assert!(!set.is_consistent());
    let missing = set.missing.clone().unwrap();
    assert_eq!(missing.subject, "CN=Intermediate");
    assert_eq!(missing.uris, ["http://ca.example.test/int.cer"]);
    assert!(missing.key_id.is_some());
    assert_eq!(set.extras.len(), 1);
    let why = set.fullchain(&all).unwrap_err();
    assert!(why.en.contains("CN=Intermediate is missing"), "{}", why.en);
    assert!(why.ms.contains("http://ca.example.test/int.cer"), "{}", why.ms);
}

#[test]
fn what_does_not_belong_together_is_told() {
    let (chain, other) = (chain(), chain());
    let has = |contents: &[&str], id| {
        let set = together(&files(contents), NOW);
        assert!(set.has(id), "{id:?}: {:?}", set.findings);
        set
    };
    let set =
        has(&[&chain.leaf, &chain.intermediate, &chain.root, &other.key], FindingId::KeyMismatch);
    assert!(!set.is_consistent());
    let fine = [&chain.leaf[..], &chain.intermediate, &chain.root, &other.key];
    assert!(set.fullchain(&files(&fine)).is_err());
    has(&[&chain.leaf, &other.request], FindingId::RequestMismatch);
    has(&[&other.request, &chain.key], FindingId::KeyMismatch);
    // The same name and another key: an intermediate of last year.
    let set = has(&[&chain.leaf, &other.intermediate, &chain.root], FindingId::OldIntermediate);
    assert!(set.has(FindingId::IssuerMissing));
    has(&[&chain.leaf, &chain.intermediate, &chain.root, LEAF], FindingId::SeveralLeaves);
    has(&[&chain.leaf, &chain.leaf], FindingId::Duplicate);
    has(&[&chain.root, &chain.intermediate], FindingId::NoLeaf);
    let wrong = format!("{}{}", chain.intermediate, chain.leaf);
    let set = has(&[&wrong, &chain.root], FindingId::WrongOrder);
    assert!(!set.is_consistent());
    let set = together(&files(&[LEAF]), 2_200_000_000);
    assert!(set.has(FindingId::Expired) && !set.is_consistent());
    let set = together(&files(&[LEAF]), 0);
    assert!(set.has(FindingId::NotYetValid) && !set.is_consistent());
    let set = together(&files(&[LEAF]), 2_110_000_000);
    assert!(set.has(FindingId::ExpiresSoon) && set.is_consistent(), "{:?}", set.findings);
}

#[test]
fn a_changed_signature_of_its_own_is_seen() {
    let chain = chain();
    for (label, pem) in [("CERTIFICATE", LEAF), ("CERTIFICATE REQUEST", &chain.request)] {
        let mut der = from_pem(pem);
        let last = der.len() - 3;
        der[last] ^= 1;
        let text = format!(
            "-----BEGIN {label}-----\n{}-----END {label}-----\n",
            mail_base64(&der).replace("\r\n", "\n")
        );
        assert!(doctor(&text).has(Damage::SelfSignature), "{label}");
    }
}

#[test]
fn a_damaged_key_is_seen() {
    let key = KeyPair::generate().unwrap();
    let mut der = key.serialize_der();
    let last = der.len() - 1;
    der[last] ^= 1;
    assert_eq!(ids(&doctor(&der)), [Damage::KeyDamaged]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = together(&[doctor(&bytes)], NOW);
        let _ = doctor([&[0x30, 0x82, 1, 0][..], &bytes].concat());
        let _ = doctor([b"-----BEGIN CERTIFICATE-----\n", &bytes[..]].concat());
    }

    #[test]
    fn mutated_files_do_no_harm(
        which in 0_usize..64,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let table = repairable();
        let mut bytes = table[which % table.len()].1.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let whole = doctor(&bytes);
        let end = cut.index(bytes.len());
        let _ = together(&[whole, doctor(&bytes[..end])], NOW);
    }
}

/// A directory of its own for a test.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("file").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Runs OpenSSL in the directory; false, said loudly, if this machine has none.
fn openssl(within: &Path, words: &str) -> bool {
    let command =
        Command::new("openssl").args(words.split_whitespace()).current_dir(within).output();
    let Ok(output) = command else {
        eprintln!("!!! NOT TESTED: this machine has no `openssl` command");
        return false;
    };
    assert!(
        output.status.success(),
        "openssl {words}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

fn read_in(within: &Path, name: &str, password: Option<&str>) -> FileFacts {
    read(name, &std::fs::read(within.join(name)).unwrap(), password)
}

/// The one private key of a file.
#[track_caller]
fn one_key(facts: &FileFacts) -> (KeyEncoding, Option<String>, String) {
    let keys = facts.items.iter().filter_map(|item| match item {
        Item::PrivateKey(key) => Some(key),
        _ => None,
    });
    let [key] = &keys.collect::<Vec<_>>()[..] else { panic!("{facts:?}") };
    (key.encoding, key.encryption.clone(), key.pin.clone().unwrap_or_default())
}

#[test]
fn keys_of_openssl_are_read() {
    let dir = directory("keys");
    let run = |words: &str| openssl(&dir, words);
    if !run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key") {
        return;
    }
    for (kind, curve) in [
        ("p256", "P-256"),
        ("p384", "P-384"),
        ("p521", "P-521"),
        ("k1", "secp256k1"),
        ("bp", "brainpoolP256r1"),
    ] {
        run(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out {kind}.key"));
    }
    run("genpkey -algorithm ED25519 -out ed.key");
    run("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out small.key");
    let kinds = ["rsa", "small", "p256", "p384", "p521", "k1", "bp", "ed"];
    for kind in kinds {
        run(&format!("pkey -in {kind}.key -pubout -out {kind}.pub"));
        let public = read_in(&dir, &format!("{kind}.pub"), None);
        let pin = public.items[0].pin().unwrap().to_owned();
        run(&format!("pkcs8 -topk8 -nocrypt -in {kind}.key -outform DER -out {kind}.der"));
        for name in [format!("{kind}.key"), format!("{kind}.der")] {
            let facts = read_in(&dir, &name, None);
            assert_eq!(one_key(&facts), (KeyEncoding::Pkcs8, None, pin.clone()), "{name}");
            assert!(!facts.is_faulty(), "{name}: {:?}", facts.diagnoses);
        }
        if kind != "ed" {
            let encoding = match kind {
                "rsa" | "small" => KeyEncoding::Pkcs1,
                _ => KeyEncoding::Sec1,
            };
            run(&format!("pkey -in {kind}.key -traditional -out {kind}.old.key"));
            let facts = read_in(&dir, &format!("{kind}.old.key"), None);
            assert_eq!(one_key(&facts), (encoding, None, pin.clone()), "{kind}");
            assert_eq!(ids(&facts), [], "{kind}");
        }
        for (cipher, hash) in [
            ("aes128", "hmacWithSHA1"),
            ("aes192", "hmacWithSHA256"),
            ("aes-256-cbc", "hmacWithSHA384"),
            ("aes256", "hmacWithSHA512"),
        ] {
            run(&format!(
                "pkcs8 -topk8 -in {kind}.key -v2 {cipher} -v2prf {hash} -passout pass:rahsia -out enc.key"
            ));
            let facts = read_in(&dir, "enc.key", Some("rahsia"));
            let (encoding, encryption, found) = one_key(&facts);
            assert_eq!((encoding, &found), (KeyEncoding::Pkcs8, &pin), "{kind} {cipher}");
            assert!(encryption.unwrap().starts_with("PBES2, AES-"), "{kind} {cipher}");
            assert!(!facts.is_faulty());
            assert_eq!(ids(&read_in(&dir, "enc.key", None)), [Damage::PasswordNeeded]);
            assert_eq!(ids(&read_in(&dir, "enc.key", Some("salah"))), [Damage::PasswordWrong]);
        }
    }
    run("pkey -in rsa.key -traditional -aes256 -passout pass:rahsia -out old.key");
    assert_eq!(ids(&read_in(&dir, "old.key", Some("rahsia"))), [Damage::OldEncryption]);
    run("pkcs8 -topk8 -in rsa.key -v2 des3 -passout pass:rahsia -out des.key");
    assert_eq!(ids(&read_in(&dir, "des.key", Some("rahsia"))), [Damage::OldEncryption]);
    run("ecparam -name prime256v1 -genkey -out params.key");
    let facts = read_in(&dir, "params.key", None);
    assert_eq!((facts.items.len(), ids(&facts)), (2, vec![]));
    run("genpkey -algorithm ED448 -out ed448.key");
    assert_eq!(ids(&read_in(&dir, "ed448.key", None)), [Damage::KeyUnread]);

    // A key of RSA with one number changed is noticed, because its parts do not fit any more.
    let mut der = std::fs::read(dir.join("rsa.der")).unwrap();
    let middle = der.len() / 2;
    der[middle] ^= 1;
    assert_eq!(ids(&doctor(&der)), [Damage::KeyDamaged]);
}

#[test]
fn containers_of_openssl_are_read() {
    let dir = directory("containers");
    let chain = chain();
    for (name, text) in [
        ("root.pem", &chain.root),
        ("int.pem", &chain.intermediate),
        ("leaf.pem", &chain.leaf),
        ("leaf.key", &chain.key),
        ("leaf.csr", &chain.request),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    std::fs::write(dir.join("ca.pem"), format!("{}{}", chain.intermediate, chain.root)).unwrap();
    let run = |words: &str| openssl(&dir, words);
    if !run("crl2pkcs7 -nocrl -certfile ca.pem -certfile leaf.pem -out all.p7b") {
        return;
    }
    run("crl2pkcs7 -nocrl -certfile ca.pem -certfile leaf.pem -outform DER -out der.p7b");
    for name in ["all.p7b", "der.p7b"] {
        let facts = read_in(&dir, name, None);
        assert_eq!((facts.certificates().count(), ids(&facts)), (3, vec![]), "{name}");
        assert!(facts.forms.contains(&Form::Pkcs7));
        let set = together(&[facts, read_in(&dir, "leaf.key", None)], NOW);
        assert!(set.is_consistent() && set.chain.len() == 3, "{:?}", set.findings);
    }
    let renamed = std::fs::read_to_string(dir.join("all.p7b")).unwrap();
    let renamed = renamed.replace("PKCS7", "CERTIFICATE");
    let facts = read("chain.p7b", renamed.as_bytes(), None);
    assert_eq!((facts.certificates().count(), ids(&facts)), (3, vec![Damage::WrongLabel]));

    run("req -in leaf.csr -outform DER -out der.csr");
    for name in ["leaf.csr", "der.csr"] {
        let facts = read_in(&dir, name, None);
        let Item::Request(request) = &facts.items[0] else { panic!("{facts:?}") };
        assert_eq!(request.dns_names, ["www.example.test"]);
        assert_eq!(request.self_signed, Some(true));
        assert_eq!(ids(&facts), []);
    }

    let export = "pkcs12 -export -in leaf.pem -inkey leaf.key -certfile ca.pem";
    for (name, options) in [
        ("modern.pfx", ""),
        ("sha512.pfx", "-macalg sha512 -keypbe AES-128-CBC -certpbe AES-192-CBC"),
        ("sha1.pfx", "-macalg sha1"),
        ("nomac.pfx", "-nomac"),
        ("clear.pfx", "-certpbe NONE"),
    ] {
        run(&format!("{export} {options} -passout pass:rahsia -out {name}"));
        let facts = read_in(&dir, name, Some("rahsia"));
        assert_eq!((facts.items.len(), ids(&facts)), (4, vec![]), "{name}");
        let set = together(&[facts], NOW);
        assert!(set.is_consistent() && set.chain.len() == 3, "{name}: {:?}", set.findings);
        assert!(set.pairs.iter().all(|pair| pair.same) && set.pairs.len() == 1, "{name}");
        let locked = read_in(&dir, name, None);
        assert!(locked.has(Damage::PasswordNeeded), "{name}: {:?}", locked.diagnoses);
        let wrong = read_in(&dir, name, Some("salah"));
        assert!(wrong.has(Damage::PasswordWrong), "{name}: {:?}", wrong.diagnoses);
    }
    run(&format!("{export} -passout pass: -out open.pfx"));
    assert_eq!(read_in(&dir, "open.pfx", None).items.len(), 4);
    run(&format!("{export} -legacy -passout pass:rahsia -out legacy.pfx"));
    let facts = read_in(&dir, "legacy.pfx", Some("rahsia"));
    assert!(facts.has(Damage::OldEncryption), "{:?}", facts.diagnoses);
    assert!(facts.diagnoses[0].text.en.contains("openssl pkcs12 -in OLD.pfx -legacy"));
    assert_eq!(ids(&read_in(&dir, "legacy.pfx", Some("salah"))), [Damage::PasswordWrong]);

    run("x509 -in leaf.pem -trustout -out trusted.pem");
    let facts = read_in(&dir, "trusted.pem", None);
    assert_eq!((facts.certificates().count(), ids(&facts)), (1, vec![Damage::WrongLabel]));
    run("x509 -in leaf.pem -noout -text -out text.txt");
    assert_eq!(ids(&read_in(&dir, "text.txt", None)), [Damage::Printout]);
    run("x509 -in leaf.pem -text -out both.pem");
    assert_eq!(ids(&read_in(&dir, "both.pem", None)), []);
    run("pkcs12 -in modern.pfx -passin pass:rahsia -nodes -out bags.pem");
    let facts = read_in(&dir, "bags.pem", None);
    assert_eq!((facts.items.len(), ids(&facts)), (4, vec![]));
}

fn taraf(words: &[&str], within: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taraf"));
    command.arg("file").args(words).current_dir(within).stdin(Stdio::null());
    command.env_remove("NO_COLOR").env_remove("COLUMNS").env("TERM", "xterm");
    command
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(!text.contains("panicked"), "{text}");
    assert_eq!(output.status.code(), Some(code), "{text}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A directory with the files of a chain.
fn command_directory(name: &str) -> (PathBuf, Chain) {
    let (dir, chain) = (directory(name), chain());
    let crlf = format!("> {}", chain.leaf.trim_end().replace('\n', "\r\n> "));
    for (name, text) in [
        ("root.pem", &chain.root),
        ("int.cer", &chain.intermediate),
        ("leaf.cer", &chain.leaf),
        ("leaf.key", &chain.key),
        ("leaf.csr", &chain.request),
        ("mail.txt", &crlf),
        ("other.key", &self::chain().key),
        ("cut.cer", &chain.leaf[..300].to_owned()),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    (dir, chain)
}

#[test]
fn the_exit_code_says_whether_all_is_well() {
    let (dir, _) = command_directory("exit");
    let run = |words: &[&str]| taraf(words, &dir).output().unwrap();
    let text = assert_exit(&run(&["leaf.cer", "int.cer", "root.pem", "leaf.key", "leaf.csr"]), 0);
    for want in ["chain: complete", "Belong together:", "yes", "EC secp256r1", "www.example.test"] {
        assert!(text.to_lowercase().contains(&want.to_lowercase()), "{want}: {text}");
    }
    let text = assert_exit(&run(&["mail.txt", "int.cer", "root.pem"]), 0);
    assert!(text.contains("Repaired: Lines begin with the quotation mark"), "{text}");
    let text = assert_exit(&run(&["--lang", "ms", "leaf.cer", "root.pem"]), 1);
    assert!(text.contains("Rantaian sijil tidak lengkap: CN=Intermediate tiada"), "{text}");
    assert!(text.contains("Langkah seterusnya"), "{text}");
    let text = assert_exit(&run(&["cut.cer"]), 1);
    assert!(text.contains("The content is cut off"), "{text}");
    assert_exit(&run(&["leaf.cer", "int.cer", "root.pem", "other.key"]), 1);
    for (words, want) in [
        (&[][..], "PATH"),
        (&["no-such-file.cer"], "`no-such-file.cer` cannot be read"),
        (&["."], "it is a directory"),
        (&["leaf.cer", "--password-file", "none"], "password file `none`"),
        (&["leaf.cer", "--out-pem", "leaf.cer", "--force"], "one of the files to look at"),
        (&["leaf.cer", "--out-pem", "root.pem"], "exists already"),
        (&["leaf.cer", "--lang", "id"], "id"),
    ] {
        let text = assert_exit(&run(words), 2);
        assert!(text.contains(want), "{want}: {text}");
    }
    let text = assert_exit(&run(&["--help"]), 0);
    for want in ["Exit codes:", "--write-fullchain", "--password-file", "taraf file server.cer"] {
        assert!(text.contains(want), "{want}: {text}");
    }
}

#[test]
fn standard_input_and_json() {
    let (dir, chain) = command_directory("json");
    let mut command = taraf(&["-", "--format", "json"], &dir);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(chain.request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_exit(&output, 0);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["files"][0]["name"], "standard input");
    assert_eq!(document["files"][0]["forms"][0], "pem");
    assert_eq!(document["files"][0]["items"][0]["item"], "request");
    assert_eq!(document["files"][0]["items"][0]["self_signed"], true);
    assert!(document["together"]["findings"].as_array().unwrap().is_empty());
}

#[test]
fn the_chain_is_written_in_its_order_and_only_whole() {
    let (dir, chain) = command_directory("write");
    let run = |words: &[&str]| taraf(words, &dir).output().unwrap();
    let out = dir.join("full.pem");
    let all = ["int.cer", "root.pem", "mail.txt", "leaf.key", "--write-fullchain", "full.pem"];
    let text = assert_exit(&run(&all), 0);
    assert!(text.contains("wrote `full.pem`: 2 blocks"), "{text}");
    let want = format!("{}{}", chain.leaf, chain.intermediate).replace("\r\n", "\n");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), want);
    assert_exit(&run(&all), 2);
    assert_exit(&run(&[&all[..], &["--force"]].concat()), 0);
    std::fs::remove_file(&out).unwrap();

    for files in [
        &["leaf.cer"][..],
        &["leaf.cer", "int.cer", "root.pem", "other.key"],
        &["int.cer", "root.pem"],
    ] {
        let text = assert_exit(&run(&[files, &["--write-fullchain", "full.pem"]].concat()), 1);
        assert!(text.contains("error: `full.pem` was not written"), "{text}");
        assert!(!out.exists(), "{files:?}");
    }
    let text =
        assert_exit(&run(&["mail.txt", "leaf.key", "root.pem", "--out-pem", "clean.pem"]), 1);
    assert!(text.contains("wrote `clean.pem`: 2 blocks"), "{text}");
    let clean = std::fs::read_to_string(dir.join("clean.pem")).unwrap();
    assert_eq!(clean, format!("{}{}", chain.leaf, chain.root).replace("\r\n", "\n"));
    let text = assert_exit(&run(&["leaf.key", "--out-pem", "key.pem"]), 1);
    assert!(text.contains("there is nothing public to write"), "{text}");
    assert!(!dir.join("key.pem").exists());
}

/// No window of 16 bytes of a key may appear, neither as it is nor in base64 nor in hex.
#[track_caller]
fn assert_no_key(output: &[u8], key: &[u8], public: &[u8]) {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let lower = String::from_utf8_lossy(output).to_lowercase();
    for window in key.windows(16) {
        // What is public anyway may be seen, for instance within a request.
        if public.windows(16).any(|known| known == window) {
            continue;
        }
        assert!(!output.windows(16).any(|shown| shown == window));
        assert!(!lower.contains(&hex(window)));
    }
    let text: String = String::from_utf8_lossy(output).split_whitespace().collect();
    let base64 = encode(key);
    for at in 0..base64.len().saturating_sub(16) {
        assert!(!text.contains(&base64[at..at + 16]), "base64 from {at}");
    }
}

#[test]
fn no_key_is_ever_shown() {
    let (dir, chain) = command_directory("secret");
    let key = from_pem(&chain.key);
    let damaged = chain.key.replacen("\nM", "\n*M", 1);
    let mut changed = key.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    std::fs::write(dir.join("damaged.key"), damaged).unwrap();
    std::fs::write(dir.join("changed.key"), changed).unwrap();
    std::fs::write(dir.join("cut.key"), &chain.key[..100]).unwrap();
    std::fs::write(dir.join("line.key"), chain.key.replace("\r\n", "").replace('\n', "")).unwrap();
    std::fs::write(dir.join("wrong.key"), chain.key.replace("PRIVATE KEY", "CERTIFICATE")).unwrap();
    let pair = KeyPair::from_pem(&chain.key).unwrap();
    let public = pair.public_key_raw();
    let names =
        ["leaf.key", "damaged.key", "changed.key", "cut.key", "line.key", "wrong.key", "leaf.cer"];
    for format in ["text", "json"] {
        let output = taraf(&[&names[..], &["--format", format]].concat(), &dir).output().unwrap();
        assert_exit(&output, 1);
        assert_no_key(&[&output.stdout[..], &output.stderr].concat(), &key, public);
    }
    for name in names {
        let facts = read_in(&dir, name, None);
        assert_no_key(format!("{facts:?}").as_bytes(), &key, public);
        assert_no_key(facts.pem().as_bytes(), &key, public);
    }
}
