//! What can be wrong with a file: an id that stays, what became of it, and words for people in
//! Malay and English. One entry for each; the compiler asks for both languages.

use serde::Serialize;

/// A text in the languages of taraf.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// In Malay.
    pub ms: String,
    /// In English.
    pub en: String,
}

impl Text {
    /// The text with each `{}` replaced by the next of these.
    #[must_use]
    pub(super) fn new(ms: &str, en: &str, with: &[&str]) -> Self {
        let fill = |text: &str| {
            let mut with = with.iter();
            let mut filled = String::new();
            let mut pieces = text.split("{}").peekable();
            while let Some(piece) = pieces.next() {
                filled.push_str(piece);
                if pieces.peek().is_some() {
                    filled.push_str(with.next().unwrap_or(&"?"));
                }
            }
            filled
        };
        Self { ms: fill(ms), en: fill(en) }
    }
}

/// What became of something that was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing had to be done: programs take it as it is.
    Noted,
    /// It was undone here, and nothing was lost. The file on disk is as it was.
    Repaired,
    /// What the file ought to hold cannot be had from it, or not all of it.
    Fault,
}

/// One thing that was wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Its id, which stays.
    pub id: Damage,
    /// What became of it.
    pub effect: Effect,
    /// In words.
    pub text: Text,
}

impl Diagnosis {
    /// With the values its words have room for.
    pub(super) fn new(id: Damage, with: &[&str]) -> Self {
        let (effect, ms, en) = id.entry();
        Self { id, effect, text: Text::new(ms, en, with) }
    }
}

/// What can be wrong. The ids, in JSON the names with hyphens, are a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table below says what each is")]
pub enum Damage {
    Bom,
    Utf16,
    Crlf,
    LoneCr,
    EscapedLineBreaks,
    QuotedPrintable,
    Mail,
    QuoteMarks,
    Html,
    Rtf,
    ChangedDashes,
    FullWidth,
    InvisibleCharacters,
    NoBreakSpaces,
    DashCount,
    LowerCase,
    RunTogether,
    WrongLabel,
    LabelsDiffer,
    BeginMissing,
    EndMissing,
    ArmourMissing,
    LineBreaksLost,
    SpacesForBreaks,
    SpacesInside,
    BlankLines,
    UrlSafe,
    Padding,
    PlusBecameSpace,
    Truncated,
    CharactersLost,
    CharactersReplaced,
    ForeignCharacters,
    NotDer,
    DoubleBase64,
    HexDump,
    TrailingBytes,
    SeveralInOne,
    OpenLengths,
    DerSavedAsText,
    DerLineEnds,
    DerInTextFile,
    OtherExtension,
    Unreadable,
    SelfSignature,
    TooLarge,
    TooMuch,
    Empty,
    Archive,
    Office,
    Pdf,
    Image,
    Program,
    JavaKeyStore,
    HtmlPage,
    LoginPage,
    DirectoryListing,
    Printout,
    SshKey,
    NothingFound,
    PasswordNeeded,
    PasswordWrong,
    OldEncryption,
    UnknownEncryption,
    KeyDamaged,
    KeyUnread,
    Pkcs12Unread,
}

impl Damage {
    /// What becomes of it, and the words in Malay and English.
    #[allow(clippy::too_many_lines, reason = "one table")]
    fn entry(self) -> (Effect, &'static str, &'static str) {
        use Effect::{Fault, Noted, Repaired};
        match self {
            Self::Bom => (
                Repaired,
                "Fail bermula dengan tanda susunan bait (BOM), yang ditolak oleh banyak pelayan.",
                "The file begins with a byte order mark (BOM), which many servers refuse.",
            ),
            Self::Utf16 => (
                Repaired,
                "Teks disimpan sebagai UTF-16 (\"Unicode\"), bukan ASCII.",
                "The text was saved as UTF-16 (\"Unicode\"), not as ASCII.",
            ),
            Self::Crlf => (
                Noted,
                "Baris berakhir dengan CR LF, cara Windows; tidak menjejaskan sijil.",
                "Lines end in CR LF, as Windows writes them; that does no harm.",
            ),
            Self::LoneCr => (
                Repaired,
                "Baris berakhir dengan CR sahaja; program lain membacanya sebagai satu baris.",
                "Lines end in CR alone; other programs take that for one line.",
            ),
            Self::EscapedLineBreaks => (
                Repaired,
                "Pemisah baris ditulis sebagai \"\\n\".",
                "Line breaks are written out as \"\\n\".",
            ),
            Self::QuotedPrintable => (
                Repaired,
                "Teks masih dalam pengekodan e-mel quoted-printable (=3D dan = di hujung baris).",
                "The text is still in the quoted-printable form of a mail (=3D, and = at line ends).",
            ),
            Self::Mail => (
                Repaired,
                "Fail ialah e-mel penuh; sijil diambil daripada bahagian di dalamnya.",
                "The file is a whole mail; the content was taken from its parts.",
            ),
            Self::QuoteMarks => (
                Repaired,
                "Baris bermula dengan tanda petikan e-mel (>).",
                "Lines begin with the quotation mark of mails (>).",
            ),
            Self::Html => (
                Repaired,
                "Teks disalin bersama kod HTML.",
                "The text was copied together with HTML.",
            ),
            Self::Rtf => (
                Repaired,
                "Fail ialah dokumen RTF (WordPad atau Word), bukan teks biasa.",
                "The file is an RTF document (WordPad or Word), not plain text.",
            ),
            Self::ChangedDashes => (
                Repaired,
                "Tanda sempang telah ditukar kepada sempang panjang oleh program e-mel atau Word.",
                "Hyphens were turned into long dashes by a mail program or Word.",
            ),
            Self::FullWidth => (
                Repaired,
                "Aksara lebar penuh (full-width) digunakan sebagai ganti aksara biasa.",
                "Full-width characters stand in place of ordinary ones.",
            ),
            Self::InvisibleCharacters => (
                Repaired,
                "Terdapat aksara halimunan ({} aksara) dalam teks.",
                "There are invisible characters ({} of them) in the text.",
            ),
            Self::NoBreakSpaces => (
                Repaired,
                "Terdapat ruang tanpa pemisah (non-breaking space) dalam teks.",
                "There are non-breaking spaces in the text.",
            ),
            Self::DashCount => (
                Repaired,
                "Baris BEGIN atau END tidak mempunyai tepat lima sempang pada setiap sisi.",
                "A BEGIN or END line does not have exactly five hyphens on each side.",
            ),
            Self::LowerCase => (
                Repaired,
                "Baris BEGIN atau END ditulis dengan huruf kecil.",
                "A BEGIN or END line is written in lower case.",
            ),
            Self::RunTogether => (
                Repaired,
                "Dua sijil bercantum pada satu baris; pemisah baris antara END dan BEGIN hilang.",
                "Two blocks run together: the line break between END and BEGIN is missing.",
            ),
            Self::WrongLabel => (
                Repaired,
                "Label ialah \"{}\", tetapi kandungannya ialah {}.",
                "The label says \"{}\", but the content is: {}.",
            ),
            Self::LabelsDiffer => (
                Repaired,
                "Label pada baris BEGIN dan END tidak sama.",
                "The labels of the BEGIN and END lines differ.",
            ),
            Self::BeginMissing => {
                (Repaired, "Baris BEGIN tidak disalin.", "The BEGIN line is missing.")
            }
            Self::EndMissing => (Repaired, "Baris END tidak disalin.", "The END line is missing."),
            Self::ArmourMissing => (
                Repaired,
                "Hanya base64 tanpa baris BEGIN dan END.",
                "There is only base64, without BEGIN and END lines.",
            ),
            Self::LineBreaksLost => (
                Repaired,
                "Pemisah baris hilang; semuanya pada satu baris.",
                "The line breaks are lost; all is on one line.",
            ),
            Self::SpacesForBreaks => (
                Repaired,
                "Pemisah baris telah menjadi ruang.",
                "The line breaks have become spaces.",
            ),
            Self::SpacesInside => (
                Repaired,
                "Terdapat ruang atau tab di dalam baris base64.",
                "There are spaces or tabs within the lines of base64.",
            ),
            Self::BlankLines => (
                Repaired,
                "Terdapat baris kosong di antara baris base64.",
                "There are blank lines between the lines of base64.",
            ),
            Self::UrlSafe => (
                Repaired,
                "Base64 jenis URL (- dan _) digunakan sebagai ganti + dan /.",
                "It is the base64 of URLs (- and _) in place of + and /.",
            ),
            Self::Padding => (
                Repaired,
                "Tanda = di hujung base64 tidak betul.",
                "The = signs at the end of the base64 are not right.",
            ),
            Self::PlusBecameSpace => (
                Repaired,
                "Setiap tanda + telah menjadi ruang, seperti dalam borang web.",
                "Every + has become a space, as in web forms.",
            ),
            Self::Truncated => (
                Fault,
                "Kandungan terpotong: {} daripada {} bait sahaja. Salin atau muat turun semula.",
                "The content is cut off: {} of {} bytes. Copy or download it again.",
            ),
            Self::CharactersLost => (
                Fault,
                "Aksara base64 hilang di tengah ({}). Salin atau muat turun semula.",
                "Characters of the base64 are lost in the middle ({}). Copy or download it again.",
            ),
            Self::CharactersReplaced => (
                Fault,
                "{} aksara base64 telah diganti dengan tanda soal. Salin atau muat turun semula.",
                "{} characters of the base64 were replaced by question marks. Copy or download it \
                 again.",
            ),
            Self::ForeignCharacters => (
                Fault,
                "Base64 mengandungi aksara asing ({}). Salin atau muat turun semula.",
                "The base64 contains characters that do not belong there ({}). Copy or download it \
                 again.",
            ),
            Self::NotDer => (
                Fault,
                "Base64 boleh dibaca tetapi isinya bukan sijil, kunci atau CSR.",
                "The base64 can be read, but what it holds is no certificate, key or CSR.",
            ),
            Self::DoubleBase64 => (
                Repaired,
                "Kandungan dikodkan dengan base64 dua kali.",
                "The content is in base64 twice.",
            ),
            Self::HexDump => {
                (Repaired, "Kandungan ditulis sebagai hex.", "The content is written out in hex.")
            }
            Self::TrailingBytes => (
                Repaired,
                "Terdapat {} bait lebihan selepas penghujung kandungan.",
                "{} bytes follow the end of the content and do not belong to it.",
            ),
            Self::SeveralInOne => (
                Repaired,
                "Beberapa sijil disambung terus di dalam satu blok.",
                "Several certificates follow each other within one block.",
            ),
            Self::OpenLengths => (
                Noted,
                "Pengekodan ialah BER dengan panjang terbuka; sesetengah program menolaknya.",
                "The encoding is BER with open lengths, which some programs refuse.",
            ),
            Self::DerSavedAsText => (
                Fault,
                "Fail binari (DER) telah disimpan sebagai teks dan rosak. Muat turun semula, \
                 jangan buka dan simpan dengan editor teks.",
                "A binary file (DER) was saved as text, which has destroyed it. Download it again, \
                 and do not open and save it in a text editor.",
            ),
            Self::DerLineEnds => (
                Fault,
                "Penghantaran dalam mod teks telah mengubah bait dalam fail binari (DER). \
                 Hantar semula dalam mod binari.",
                "A transfer in text mode has changed bytes of the binary file (DER). Transfer it \
                 again in binary mode.",
            ),
            Self::DerInTextFile => (
                Noted,
                "Nama fail seperti teks ({}), tetapi kandungannya binari (DER).",
                "The name is that of a text file ({}), but the content is binary (DER).",
            ),
            Self::OtherExtension => (
                Noted,
                "Nama fail berakhir dengan {}, tetapi kandungannya ialah {}.",
                "The name ends in {}, but the content is: {}.",
            ),
            Self::Unreadable => (
                Fault,
                "Kandungan lengkap dari segi panjang tetapi rosak di dalam ({}).",
                "The content has its full length but is damaged inside ({}).",
            ),
            Self::SelfSignature => (
                Fault,
                "Tandatangan sendiri tidak sah: kandungan telah berubah.",
                "Its own signature is not valid: the content has been changed.",
            ),
            Self::TooLarge => (
                Fault,
                "Fail terlalu besar (lebih daripada {} bait); sijil biasanya beberapa kilobait.",
                "The file is too large (more than {} bytes); certificates have a few kilobytes.",
            ),
            Self::TooMuch => (
                Fault,
                "Fail mengandungi terlalu banyak bahagian; bakinya tidak dibaca.",
                "There are too many parts in the file; the rest was not read.",
            ),
            Self::Empty => (Fault, "Fail kosong.", "The file is empty."),
            Self::Archive => (
                Fault,
                "Fail ialah arkib (ZIP atau sejenisnya). Ekstrak dahulu, kemudian semak fail di \
                 dalamnya.",
                "The file is an archive (ZIP or similar). Extract it first, then check the files \
                 in it.",
            ),
            Self::Office => (
                Fault,
                "Fail ialah dokumen Office atau Outlook. Simpan lampiran sebagai fail asal, atau \
                 salin teksnya ke dalam fail teks biasa.",
                "The file is an Office or Outlook document. Save the attachment itself, or copy \
                 the text into a plain text file.",
            ),
            Self::Pdf => {
                (Fault, "Fail ialah PDF, bukan sijil.", "The file is a PDF, not a certificate.")
            }
            Self::Image => (
                Fault,
                "Fail ialah gambar, bukan sijil.",
                "The file is a picture, not a certificate.",
            ),
            Self::Program => (
                Fault,
                "Fail ialah program, bukan sijil. Jangan jalankan.",
                "The file is a program, not a certificate. Do not run it.",
            ),
            Self::JavaKeyStore => (
                Fault,
                "Fail ialah stor kunci Java (JKS), yang tidak dibaca di sini. Tukar dengan: \
                 keytool -importkeystore -srckeystore FILE -destkeystore new.p12 \
                 -deststoretype PKCS12",
                "The file is a Java key store (JKS), which is not read here. Convert it: \
                 keytool -importkeystore -srckeystore FILE -destkeystore new.p12 \
                 -deststoretype PKCS12",
            ),
            Self::HtmlPage => (
                Fault,
                "Fail ialah laman web, bukan sijil; pautan muat turun mungkin telah tamat.",
                "The file is a web page, not a certificate; the download link may have ended.",
            ),
            Self::LoginPage => (
                Fault,
                "Fail ialah laman log masuk, bukan sijil. Log masuk dahulu, kemudian muat turun.",
                "The file is a login page, not a certificate. Log in first, then download.",
            ),
            Self::DirectoryListing => (
                Fault,
                "Fail ialah senarai direktori, bukan sijil.",
                "The file is a listing of a directory, not a certificate.",
            ),
            Self::Printout => (
                Fault,
                "Fail ialah cetakan butiran sijil, bukan sijil itu sendiri.",
                "The file is a printout of a certificate's details, not the certificate itself.",
            ),
            Self::SshKey => (
                Fault,
                "Fail ialah kunci SSH (OpenSSH atau PuTTY), bukan untuk sijil pelayan.",
                "The file is an SSH key (OpenSSH or PuTTY), which is not for server certificates.",
            ),
            Self::NothingFound => (
                Fault,
                "Tiada sijil, kunci atau CSR dijumpai dalam fail.",
                "There is no certificate, key or CSR in the file.",
            ),
            Self::PasswordNeeded => (
                Fault,
                "Kunci dilindungi kata laluan, maka tidak dapat disemak. Beri kata laluan dalam \
                 fail: --password-file FILE",
                "It is protected by a password and cannot be checked. Give the password in a \
                 file: --password-file FILE",
            ),
            Self::PasswordWrong => (
                Fault,
                "Kata laluan salah, atau fail rosak.",
                "The password is wrong, or the file is damaged.",
            ),
            Self::OldEncryption => (
                Fault,
                "Penyulitan lama ({}) tidak dibaca di sini. Tukar dengan: {}",
                "The old encryption ({}) is not read here. Convert it: {}",
            ),
            Self::UnknownEncryption => (
                Fault,
                "Penyulitan ({}) tidak dikenali di sini.",
                "The encryption ({}) is not known here.",
            ),
            Self::KeyDamaged => (
                Fault,
                "Kunci persendirian (private key) rosak: bahagian-bahagiannya tidak sepadan.",
                "The private key is damaged: its parts do not fit each other.",
            ),
            Self::KeyUnread => (
                Fault,
                "Kunci persendirian (private key) jenis {} tidak dapat dibandingkan di sini.",
                "A private key of kind {} cannot be compared here.",
            ),
            Self::Pkcs12Unread => (
                Fault,
                "Fail PKCS#12 (.pfx) rosak atau menggunakan bentuk yang tidak dikenali: {}.",
                "The PKCS#12 file (.pfx) is damaged or of a form not known here: {}.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_order() {
        let text = Text::new("{} daripada {}", "{} of {}", &["1", "2"]);
        assert_eq!((text.ms.as_str(), text.en.as_str()), ("1 daripada 2", "1 of 2"));
        assert_eq!(Text::new("{}", "{} {}", &["a{}"]).en, "a{} ?");
    }

    #[test]
    fn ids_are_written_with_hyphens() {
        let diagnosis = Diagnosis::new(Damage::PlusBecameSpace, &[]);
        let json = serde_json::to_value(&diagnosis).unwrap();
        assert_eq!(json["id"], "plus-became-space");
        assert_eq!(json["effect"], "repaired");
    }
}
