//! What judgements are called, in both languages: effects, severities, people, work, reasons.

use taraf_scanner::grade::rule::{Basis, Effort, Who};
use taraf_scanner::grade::simulate::Failure;
use taraf_scanner::grade::weakness::reason;
use taraf_scanner::grade::{Effect, Language, Letter, Severity, Text};
use taraf_scanner::observe::Why;
use taraf_scanner::report::Standing;

/// One of two texts.
#[must_use]
pub fn say(language: Language, ms: &'static str, en: &'static str) -> &'static str {
    Text { ms, en }.r#in(language)
}

/// An effect in one word, as it stands before a reason.
#[must_use]
pub fn mark(effect: Effect, language: Language) -> &'static str {
    match effect {
        Effect::Fail | Effect::Revoked => Letter::F.as_str(),
        Effect::Cap(letter) => letter.as_str(),
        Effect::Warning => Letter::AMinus.as_str(),
        Effect::NoPlus => say(language, "bukan A+", "no A+"),
        Effect::Untrusted => Letter::T.as_str(),
        Effect::Mismatch => Letter::M.as_str(),
        Effect::Remark => say(language, "nota", "note"),
    }
}

/// An effect in words.
#[must_use]
pub fn effect(effect: Effect, language: Language) -> String {
    let text = match effect {
        Effect::Fail => say(language, "taraf F, walau apa pun yang lain", "grade F, whatever else"),
        Effect::Cap(letter) => {
            return match language {
                Language::Malay => format!("taraf dihadkan kepada {letter}"),
                Language::English => format!("the grade is {letter} at best"),
            };
        }
        Effect::Warning => say(language, "amaran: A menjadi A-", "a warning: an A becomes A-"),
        Effect::NoPlus => say(language, "tiada A+", "no A+"),
        Effect::Untrusted => {
            say(language, "sijil tidak dipercayai: T", "the certificate is not trusted: T")
        }
        Effect::Mismatch => say(
            language,
            "sijil untuk nama lain: M (T di SSL Labs)",
            "the certificate is for another name: M (T at SSL Labs)",
        ),
        Effect::Revoked => say(language, "sijil dibatalkan: F", "the certificate is revoked: F"),
        Effect::Remark => {
            say(language, "tiada kesan kepada taraf", "none on the grade; it is good to know")
        }
    };
    text.to_owned()
}

/// How bad it is.
#[must_use]
pub fn severity(severity: Severity, language: Language) -> &'static str {
    match severity {
        Severity::Critical => say(language, "kritikal", "critical"),
        Severity::High => say(language, "tinggi", "high"),
        Severity::Medium => say(language, "sederhana", "medium"),
        Severity::Low => say(language, "rendah", "low"),
        Severity::Info => say(language, "maklumat", "info"),
    }
}

/// Who has to act.
#[must_use]
pub fn who(who: Who, language: Language) -> &'static str {
    match who {
        Who::Technical => say(language, "Pegawai Teknikal", "who configures the server"),
        Who::Installer => say(language, "pemasang sijil", "who installs the certificate"),
        Who::Applicant => say(language, "Pegawai Pemohon", "who applies for certificates"),
        Who::Dns => say(language, "pentadbir DNS", "who keeps the DNS zone"),
        Who::Developer => say(language, "pembangun laman", "who develops the site"),
        Who::Supplier => say(language, "pembekal", "the supplier"),
    }
}

/// How much work it is.
#[must_use]
pub fn effort(effort: Effort, language: Language) -> &'static str {
    match effort {
        Effort::Minutes => say(language, "beberapa minit", "minutes"),
        Effort::Hours => say(language, "beberapa jam", "hours"),
        Effort::Days => say(language, "beberapa hari", "days"),
        Effort::Weeks => say(language, "beberapa minggu", "weeks"),
    }
}

/// How well a rule is founded.
#[must_use]
pub fn basis(basis: Basis, language: Language) -> &'static str {
    match basis {
        Basis::Recorded => {
            say(language, "disahkan oleh keputusan yang direkodkan", "recorded results decide it")
        }
        Basis::Official => {
            say(language, "menurut panduan atau pengarangnya", "the guide or its authors say so")
        }
        Basis::Judgement => say(language, "pertimbangan taraf sendiri", "taraf's own judgement"),
    }
}

/// Why a client does not connect.
#[must_use]
pub fn failure(failure: Failure, language: Language) -> &'static str {
    match failure {
        Failure::Protocol => {
            say(language, "tiada versi protokol yang sama", "no version in common")
        }
        Failure::Suite => say(language, "tiada sut sifer yang sama", "no suite in common"),
        Failure::Group => say(language, "tiada kumpulan yang sama", "no group in common"),
        Failure::Limits => say(
            language,
            "menolak kunci atau tandatangan pelayan",
            "refuses the server's key or signature",
        ),
        Failure::Alpn => {
            say(language, "tiada protokol aplikasi (ALPN) yang sama", "no ALPN protocol in common")
        }
        Failure::Intolerance => say(
            language,
            "pelayan tidak menerima bentuk ClientHello ini",
            "the server does not take such a hello",
        ),
        Failure::ServerName => {
            say(language, "tidak menghantar nama pelayan (SNI)", "sends no server name")
        }
    }
}

/// Why something is not known.
#[must_use]
pub fn why(why: Why, language: Language) -> &'static str {
    reason(why).r#in(language)
}

/// Whether a weakness is there, in the words that stand before it.
#[must_use]
pub fn standing(standing: Standing, language: Language) -> &'static str {
    match standing {
        Standing::Vulnerable => say(language, "rentan", "vulnerable"),
        Standing::Potential => say(language, "mungkin rentan", "potential"),
        Standing::NotTestable => say(language, "tidak dapat diuji", "not testable"),
        Standing::NotVulnerable => say(language, "tidak rentan", "not vulnerable"),
    }
}
