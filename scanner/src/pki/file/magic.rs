//! Files that are no certificates at all, by how they begin.

use super::words::Damage;

/// How files begin, and what they are.
const BEGINNINGS: [(&[u8], Damage); 15] = [
    (b"%PDF", Damage::Pdf),
    (b"\xfe\xed\xfe\xed", Damage::JavaKeyStore),
    (b"\xce\xce\xce\xce", Damage::JavaKeyStore),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Damage::Office),
    (b"\x78\x9f\x3e\x22", Damage::Office),
    (b"Rar!", Damage::Archive),
    (b"7z\xbc\xaf\x27\x1c", Damage::Archive),
    (b"\x1f\x8b", Damage::Archive),
    (b"BZh", Damage::Archive),
    (b"\xfd7zXZ", Damage::Archive),
    (b"\x89PNG", Damage::Image),
    (b"\xff\xd8\xff", Damage::Image),
    (b"GIF8", Damage::Image),
    (b"MZ", Damage::Program),
    (b"\x7fELF", Damage::Program),
];

/// What the bytes are, if they begin like one of these.
pub(super) fn foreign(bytes: &[u8]) -> Option<Damage> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        // The names of the first files stand in the clear.
        let start = bytes.get(..4096).unwrap_or(bytes);
        let has = |name: &[u8]| start.windows(name.len()).any(|window| window == name);
        let office =
            has(b"[Content_Types].xml") || has(b"word/") || has(b"mimetypeapplication/vnd");
        return Some(if office { Damage::Office } else { Damage::Archive });
    }
    BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, what)| *what)
}

/// What a text is in which there is nothing to be found.
pub(super) fn foreign_text(text: &str) -> Damage {
    let start: String = text.chars().take(20_000).collect::<String>().to_lowercase();
    let has = |word: &str| start.contains(word);
    let opening = start.trim_start();
    if opening.starts_with("putty-user-key-file") || opening.starts_with("ssh-") {
        return Damage::SshKey;
    }
    if has("<html") || has("<!doctype html") || has("<body") {
        let login = has("type=\"password\"") || has("type='password'") || has("type=password");
        return if login { Damage::LoginPage } else { Damage::HtmlPage };
    }
    if has("certificate:") && has("serial number:") && has("signature algorithm:") {
        return Damage::Printout;
    }
    let listing = [" directory of ", "volume in drive", "index of /", "drwx", "-rw-r--r--"];
    if listing.iter().any(|word| has(word)) {
        return Damage::DirectoryListing;
    }
    Damage::NothingFound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_how_they_begin() {
        assert_eq!(foreign(b"PK\x03\x04....word/document.xml"), Some(Damage::Office));
        assert_eq!(foreign(b"PK\x03\x04....server.cer"), Some(Damage::Archive));
        assert_eq!(foreign(b"%PDF-1.7"), Some(Damage::Pdf));
        assert_eq!(foreign(b"\xfe\xed\xfe\xed\0\0\0\x02"), Some(Damage::JavaKeyStore));
        assert_eq!(foreign(b"0\x82"), None);
        assert_eq!(foreign(b""), None);
    }

    #[test]
    fn texts_are_known_by_what_they_say() {
        assert_eq!(foreign_text("<!DOCTYPE html><input TYPE=\"password\">"), Damage::LoginPage);
        assert_eq!(foreign_text("<html><body>404"), Damage::HtmlPage);
        assert_eq!(foreign_text("total 8\n-rw-r--r-- 1 a a 3 x.cer\n"), Damage::DirectoryListing);
        assert_eq!(foreign_text(" Directory of C:\\certs\n"), Damage::DirectoryListing);
        assert_eq!(foreign_text("PuTTY-User-Key-File-3: ssh-rsa"), Damage::SshKey);
        assert_eq!(foreign_text("hello"), Damage::NothingFound);
    }
}
