//! The sentences of a note, in both languages; `{...}` are places. Malay is that of official
//! letters in Malaysia: impersonal, and with the English word where officers know it by that.

use crate::grade::Text;
use crate::observe::{Contact, Why};

pub(super) const GRADE: Text = Text { ms: "Taraf {grade}", en: "Grade {grade}" };
pub(super) const OVERALL: Text =
    Text { ms: "Taraf keseluruhan: {grade}", en: "Overall grade: {grade}" };
pub(super) const NO_GRADE: Text = Text { ms: "Taraf tiada", en: "No grade" };
pub(super) const NOT_FINAL: Text = Text { ms: " (belum muktamad)", en: " (not final)" };
pub(super) const BETWEEN: Text = Text {
    ms: " (belum muktamad: antara {best} dan {worst})",
    en: " (not final: between {best} and {worst})",
};
pub(super) const DOMAIN: Text = Text { ms: "Domain: {host}", en: "Domain: {host}" };
pub(super) const INTERNAL: Text = Text { ms: "alamat IP dalaman", en: "internal IP address" };
pub(super) const CHECKED: Text =
    Text { ms: "Semakan {date} {time}", en: "Checked {date} {time} MYT" };
pub(super) const CHECKED_LONG: Text = Text {
    ms: "Semakan: {date}, {time} (waktu Malaysia)",
    en: "Checked: {date}, {time} (Malaysia time)",
};
pub(super) const RULES: Text = Text { ms: ", peraturan {date}", en: ", rules of {date}" };
pub(super) const TOOL: Text = Text {
    ms: "Alat: {tool}, panduan SSL Labs {criteria}",
    en: "Tool: {tool}, SSL Labs rating guide {criteria}",
};
/// Facts by somebody else, judged here.
pub(super) const REGRADED: Text =
    Text { ms: "{tool}, dinilai oleh {own}", en: "{tool}, graded by {own}" };
pub(super) const SAME: Text = Text {
    ms: "{count} alamat IP disemak, keputusan sama",
    en: "{count} IP addresses checked, same result",
};
pub(super) const SAME_GRADE: Text = Text {
    ms: "{count} alamat IP disemak, taraf sama tetapi butiran berbeza",
    en: "{count} IP addresses checked, same grade but different details",
};
pub(super) const ADDRESSES: Text = Text { ms: "{count} alamat IP", en: "{count} IP addresses" };
pub(super) const AT: Text = Text { ms: "{grade} pada {list}", en: "{grade} at {list}" };
pub(super) const NONE_AT: Text = Text { ms: "tiada taraf pada {list}", en: "no grade at {list}" };
pub(super) const AND_MORE: Text = Text { ms: " dan {count} lagi", en: " and {count} more" };
pub(super) const SOME: Text = Text {
    ms: "{grade} pada {some} daripada {count} alamat IP",
    en: "{grade} at {some} of {count} IP addresses",
};
pub(super) const SOME_NOT: Text = Text {
    ms: "{some} daripada {count} alamat IP tidak dapat disemak",
    en: "{some} of {count} IP addresses could not be checked",
};
pub(super) const WHERE: Text = Text { ms: " ({list})", en: " ({list})" };
pub(super) const WHERE_SOME: Text = Text {
    ms: " (pada {some} daripada {count} alamat IP)",
    en: " (at {some} of {count} IP addresses)",
};
pub(super) const COMPLETE: Text =
    Text { ms: "Rantaian sijil lengkap", en: "Certificate chain complete" };
pub(super) const INCOMPLETE: Text =
    Text { ms: "Rantaian sijil tidak lengkap", en: "Certificate chain incomplete" };
pub(super) const CHAIN_UNKNOWN: Text =
    Text { ms: "Rantaian sijil belum dapat ditentukan", en: "Certificate chain not determined" };
pub(super) const NAME_MATCHES: Text =
    Text { ms: ", nama domain sepadan", en: ", domain name matches" };
pub(super) const SPEAKS: Text = Text { ms: "Protokol: {list}", en: "Protocols: {list}" };
pub(super) const AND: Text = Text { ms: " dan ", en: " and " };
pub(super) const VALID: Text = Text {
    ms: "Sijil sah hingga {date}, siri berakhir {serial}",
    en: "Certificate valid until {date}, serial ending {serial}",
};
pub(super) const NO_FAULT: Text = Text { ms: "Tiada ralat", en: "No error" };
/// Where not all could be checked.
pub(super) const NONE_FOUND: Text =
    Text { ms: "Tiada ralat dikesan setakat ini", en: "No error found so far" };
pub(super) const FAULT: Text = Text { ms: "Ralat", en: "Error" };
pub(super) const FAULTS: Text = Text { ms: "Ralat", en: "Errors" };
pub(super) const WARNING: Text = Text { ms: "Amaran", en: "Warning" };
pub(super) const MORE_FAULTS: Text =
    Text { ms: "; dan {count} ralat lain", en: "; and {count} more" };
pub(super) const SEE_REPORT: Text =
    Text { ms: "lihat laporan semakan", en: "see the report of the check" };
pub(super) const UNDETERMINED: Text =
    Text { ms: "Belum dapat ditentukan: {list}", en: "Not determined: {list}" };
pub(super) const COUNTS_AS_A: Text = Text {
    ms: "A- dikira dalam lingkungan Taraf A mengikut tetapan agensi",
    en: "A- is counted within grade A by the setting of the agency",
};
pub(super) const JUSTIFICATION: Text = Text { ms: "Justifikasi: ", en: "Justification: " };
/// Where only the officer may write.
pub(super) const JUSTIFICATION_PLACE: Text =
    Text { ms: "Justifikasi: ....", en: "Justification: ...." };
pub(super) const ACTION: Text = Text { ms: "Tindakan", en: "Action" };
pub(super) const URGENT: Text = Text { ms: "Tindakan segera", en: "Urgent action" };
pub(super) const ACTION_LONG: Text = Text { ms: "Tindakan pembetulan", en: "Corrective action" };
pub(super) const TARGET_DATE: Text =
    Text { ms: "Tarikh sasaran: {date}", en: "Target date: {date}" };
pub(super) const EXPECTED: Text = Text {
    ms: "Jangkaan taraf selepas tindakan: {grade}",
    en: "Expected grade after the action: {grade}",
};
pub(super) const REFERENCE: Text = Text { ms: "Rujukan: {code}", en: "Reference: {code}" };

/// The name leads to no address.
pub(super) const NO_ADDRESS: Text = Text {
    ms: "Nama domain tidak mempunyai alamat IP yang boleh disemak",
    en: "The domain name has no IP address to check",
};
pub(super) const CHECK_DNS: Text = Text {
    ms: "Semak rekod DNS dan ulang semakan",
    en: "Check the DNS record and repeat the check",
};

/// Why there is no grade, and what to do, where an address did not speak TLS; `{port}` is a place.
pub(super) fn obstacle(contact: &Contact) -> (Text, Text) {
    const OPEN: Text = Text {
        ms: "Buka capaian port {port} dari Internet dan ulang semakan",
        en: "Open port {port} from the Internet and repeat the check",
    };
    const ENABLE: Text = Text {
        ms: "Aktifkan TLS pada port {port} dan ulang semakan",
        en: "Enable TLS on port {port} and repeat the check",
    };
    const CONFIGURE: Text = Text {
        ms: "Semak konfigurasi TLS pelayan dan ulang semakan",
        en: "Check the TLS configuration of the server and repeat the check",
    };
    let reason = |ms, en| Text { ms, en };
    match contact {
        Contact::Tls => (CHAIN_UNKNOWN, CONFIGURE),
        Contact::Refuses { .. } => (
            reason(
                "Pelayan menolak setiap jabat tangan TLS (handshake)",
                "The server refuses every TLS handshake",
            ),
            CONFIGURE,
        ),
        Contact::NotTls { .. } => {
            (reason("TLS tidak digunakan pada port {port}", "No TLS on port {port}"), ENABLE)
        }
        Contact::NoStartTls { .. } => (
            reason(
                "Pelayan tidak beralih kepada TLS (STARTTLS) pada port {port}",
                "The server does not go over to TLS (STARTTLS) on port {port}",
            ),
            ENABLE,
        ),
        Contact::Nothing { why } => {
            let reason = match why {
                Why::Refused => reason(
                    "Pelayan tidak dapat dihubungi: sambungan ke port {port} ditolak",
                    "Server unreachable: connection to port {port} refused",
                ),
                Why::Timeout => reason(
                    "Pelayan tidak dapat dihubungi: tamat masa sambungan ke port {port}",
                    "Server unreachable: connection to port {port} timed out",
                ),
                Why::Closed | Why::Reset => reason(
                    "Pelayan tidak dapat dihubungi: sambungan ke port {port} diputuskan",
                    "Server unreachable: connection to port {port} cut off",
                ),
                Why::Unreachable => reason(
                    "Pelayan tidak dapat dihubungi: alamat IP tidak dapat dicapai",
                    "Server unreachable: no way to the IP address",
                ),
                _ => reason("Pelayan tidak dapat dihubungi", "Server unreachable"),
            };
            (reason, OPEN)
        }
    }
}
