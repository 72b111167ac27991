//! Known flaws, found by asking. Each file asks about one: what must be there for the question to
//! make sense, what is said, and how the answer is read. A flaw is stated only where it was shown;
//! an answer that does not decide is unknown.
//!
//! Every question is one conversation of the legacy client, and none does a server harm that has
//! not the flaw: it is a record or message that every client could send by mistake.

mod invalid_curve;
mod padding;
mod reaction;
mod robot;
mod ticket_key;

use super::desk::{Answer, Desk};
use super::versions::Spoken;
use super::{End, Probe};
use crate::legacy::{Heard, Step, Talk};
use crate::observe::{Fact, Suites, Why};
use crate::wire::suites::{Cipher, Kx, Mac, Mode, SuiteInfo};
use crate::wire::{ClientHello, Ext, Extension, Suite, Version};

/// What the questions build on.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) spoken: &'a Spoken,
    /// The suites of every version.
    pub(crate) suites: &'a [Suites],
}

/// What came of one conversation.
pub(crate) struct Talked {
    /// Id of the question.
    pub(crate) id: u32,
    /// What was heard and how the connection ended, or why nothing was.
    pub(crate) heard: Result<(Heard, End), Why>,
}

impl Known<'_> {
    /// The newest version from TLS 1.0 to TLS 1.2 with suites that fit, and these suites in the
    /// order in which the server was found to accept them.
    pub(crate) fn newest(
        &self,
        fits: impl Fn(&SuiteInfo) -> bool,
    ) -> Option<(Version, Vec<Suite>)> {
        let old = Version::TLS10..=Version::TLS12;
        let mut best: Option<(Version, Vec<Suite>)> = None;
        for entry in self.suites.iter().filter(|s| old.contains(&s.version)) {
            let fitting = entry.accepted.iter().copied().filter(|s| s.info().is_some_and(&fits));
            let fitting: Vec<Suite> = fitting.collect();
            if !fitting.is_empty() && best.as_ref().is_none_or(|(v, _)| *v < entry.version) {
                best = Some((entry.version, fitting));
            }
        }
        best
    }

    /// A hello of the version with these suites, without what would change how records are
    /// protected (encrypt-then-MAC) or the master secret is made (RFC 7627).
    pub(crate) fn hello(&self, version: Version, suites: &[Suite]) -> ClientHello {
        let mut hello = self.spoken.base.hello(version, suites, self.desk.random());
        hello.extensions.retain(|ext| {
            let number = ext.extension();
            number != Extension::ENCRYPT_THEN_MAC
                && number != Extension::EXTENDED_MASTER_SECRET
                && !matches!(ext, Ext::Padding(_))
        });
        hello
    }

    /// Has one conversation.
    pub(crate) async fn talk(
        &self,
        about: impl Into<String>,
        hello: ClientHello,
        steps: Vec<Step>,
    ) -> Talked {
        self.say(about, Talk { hello, steps, injected: String::new() }).await
    }

    /// Has one conversation.
    pub(crate) async fn say(&self, about: impl Into<String>, talk: Talk) -> Talked {
        let answered = self.desk.ask(about, Probe::Talk(talk)).await;
        let heard = match answered.answer {
            Answer::Talk(heard, end) => Ok((*heard, end)),
            Answer::Unknown(why) => Err(why),
            // The hello itself was refused.
            _ => Err(Why::NoHandshake),
        };
        Talked { id: answered.id, heard }
    }
}

/// True for suites the legacy client can complete a handshake with.
pub(super) fn spoken_by_us(suite: &SuiteInfo) -> bool {
    let cipher = matches!(
        (suite.cipher, suite.mode),
        (Cipher::Aes, Mode::Cbc | Mode::Gcm)
            | (Cipher::TripleDes | Cipher::Des, Mode::Cbc)
            | (Cipher::Rc4, Mode::Stream)
    );
    let mac = matches!(suite.mac, Mac::Md5 | Mac::Sha1 | Mac::Sha256 | Mac::Sha384 | Mac::Aead);
    matches!(suite.kx, Kx::Rsa | Kx::Dhe | Kx::Ecdhe) && cipher && mac && !suite.is_export()
}

/// A fact, and in few words what it rests on.
pub(crate) struct Shown<T> {
    pub(crate) fact: Fact<T>,
    pub(crate) evidence: Option<String>,
}

impl<T> Shown<T> {
    pub(crate) fn unknown(why: Why, how: impl Into<Vec<u32>>) -> Self {
        Self { fact: Fact::unknown(why, how), evidence: None }
    }

    pub(crate) fn with(fact: Fact<T>, evidence: impl Into<String>) -> Self {
        Self { fact, evidence: Some(evidence.into()) }
    }
}
