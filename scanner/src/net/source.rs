//! Where what certificates point to comes from: the network, with a record of what passed, or a
//! recording. The same questions get the same answers from both.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::{Deserialize, Serialize};

use super::address::Policy;
use super::fetch::{Fetcher, Request};

/// Most bytes of one answer that a recording keeps: every scan has one in memory, and the lists of
/// large authorities have tens of megabytes.
const MOST_KEPT: usize = 1 << 20;

/// What a replay says of an answer that was larger.
const TOO_LARGE: &str = "too large to be kept in a recording";

/// What a replay says of a question that nobody asked then.
const NOT_RECORDED: &str = "not recorded";

/// One thing fetched, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Where, as it stood in the certificate.
    pub url: String,
    /// SHA-256 of what was sent by POST, in hex; without it, it was a GET.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_sha256: Option<String>,
    /// What came.
    #[serde(flatten)]
    pub came: Came,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Came {
    /// The bytes, in base64.
    Answer(String),
    /// Why there are none, in words.
    Error(String),
}

/// Where a scan fetches from.
pub enum Source {
    /// The network.
    Live {
        /// Shared by all scans of a run.
        fetcher: Fetcher,
        /// What passed in this scan, each question once.
        passed: Mutex<Vec<Exchange>>,
    },
    /// A recording: its answers by address and body.
    Replay(HashMap<(String, Option<String>), Came>),
}

impl Source {
    /// Fetches from the network and keeps a record of it.
    #[must_use]
    pub fn live(fetcher: Fetcher) -> Self {
        Self::Live { fetcher, passed: Mutex::default() }
    }

    /// Answers from a recording; everything else was "not recorded".
    #[must_use]
    pub fn replay(exchanges: &[Exchange]) -> Self {
        let by_question = |e: &Exchange| ((e.url.clone(), e.body_sha256.clone()), e.came.clone());
        // The first answer was the one that counted, should there be two.
        Self::Replay(exchanges.iter().rev().map(by_question).collect())
    }

    /// The answer to a request, or in words why there is none. A replay never waits, and its
    /// answers do not depend on the policy: the recording was made under one.
    pub async fn fetch(&self, request: &Request, policy: &Policy) -> Result<Arc<[u8]>, String> {
        match self {
            Self::Live { fetcher, passed } => {
                let outcome = fetcher.fetch(request, policy).await;
                let exchange = Exchange {
                    url: request.url.clone(),
                    body_sha256: request.body_sha256(),
                    came: match &outcome {
                        Ok(bytes) if bytes.len() > MOST_KEPT => Came::Error(TOO_LARGE.to_owned()),
                        Ok(bytes) => Came::Answer(BASE64_STANDARD.encode(bytes)),
                        Err(error) => Came::Error(error.clone()),
                    },
                };
                let mut passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
                let same =
                    |e: &Exchange| e.url == exchange.url && e.body_sha256 == exchange.body_sha256;
                if !passed.iter().any(same) {
                    passed.push(exchange);
                }
                outcome
            }
            Self::Replay(recorded) => {
                match recorded.get(&(request.url.clone(), request.body_sha256())) {
                    Some(Came::Answer(base64)) => BASE64_STANDARD
                        .decode(base64)
                        .map(Arc::from)
                        .map_err(|_| "the recording is damaged".to_owned()),
                    Some(Came::Error(error)) => Err(error.clone()),
                    None => Err(NOT_RECORDED.to_owned()),
                }
            }
        }
    }

    /// Keeps an answer until then, see [`Fetcher::keep_until`]; nothing in a replay.
    pub fn keep_until(&self, request: &Request, policy: &Policy, until: SystemTime) {
        if let Self::Live { fetcher, .. } = self {
            fetcher.keep_until(request, policy, until);
        }
    }

    /// What passed, for the recording. A replay has nothing new.
    #[must_use]
    pub fn into_exchanges(self) -> Vec<Exchange> {
        match self {
            Self::Live { passed, .. } => {
                passed.into_inner().unwrap_or_else(PoisonError::into_inner)
            }
            Self::Replay(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::net::fetch::Purpose;

    fn replayed(source: &Source, request: &Request) -> Result<Arc<[u8]>, String> {
        source.fetch(request, &Policy::public_only()).now_or_never().unwrap()
    }

    #[test]
    fn what_was_recorded_comes_again_and_nothing_else() {
        let list = Request::get("http://crl.example/a", Purpose::Crl);
        let asked = Request::post("http://ocsp.example/", vec![1, 2], Purpose::Ocsp);
        let text = r#"[
            {"url":"http://crl.example/a","answer":"AAEC"},
            {"url":"http://crl.example/a","error":"answered 404"},
            {"url":"http://ocsp.example/",
             "body_sha256":"a12871fee210fb8619291eaea194581cbd2531e4b23759d225f6806923f63222",
             "error":"answered 500"},
            {"url":"http://crl.example/b","answer":"!"}
        ]"#;
        let exchanges: Vec<Exchange> = serde_json::from_str(text).unwrap();
        let source = Source::replay(&exchanges);
        assert_eq!(replayed(&source, &list).as_deref(), Ok(&[0, 1, 2][..]));
        assert_eq!(replayed(&source, &asked), Err("answered 500".to_owned()));
        let other = Request::post("http://ocsp.example/", vec![1, 3], Purpose::Ocsp);
        assert_eq!(replayed(&source, &other), Err("not recorded".to_owned()));
        let by_get = Request::get("http://ocsp.example/", Purpose::Ocsp);
        assert_eq!(replayed(&source, &by_get), Err("not recorded".to_owned()));
        let damaged = Request::get("http://crl.example/b", Purpose::Crl);
        assert_eq!(replayed(&source, &damaged), Err("the recording is damaged".to_owned()));
        assert_eq!(source.into_exchanges(), []);
    }

    #[test]
    fn a_live_source_records_each_question_once() {
        let source = Source::live(Fetcher::offline());
        let list = Request::get("http://crl.example/a", Purpose::Crl);
        for _ in 0..2 {
            assert_eq!(replayed(&source, &list), Err("not asked: offline".to_owned()));
        }
        let exchanges = source.into_exchanges();
        let json = serde_json::to_string(&exchanges).unwrap();
        assert_eq!(json, r#"[{"url":"http://crl.example/a","error":"not asked: offline"}]"#);
        let again = Source::replay(&serde_json::from_str::<Vec<Exchange>>(&json).unwrap());
        assert_eq!(replayed(&again, &list), Err("not asked: offline".to_owned()));
    }
}
