//! Fetches what certificates point to: issuers, revocation lists, OCSP answers.
//!
//! Whoever made a certificate chose the address, and whoever answers there chose the bytes. So
//! only plain HTTP is spoken, to addresses that a [`Policy`] permits after the name was resolved;
//! time, bytes, redirects and connections at once are bounded; and what came is given back as
//! bytes and nothing else. These objects are signed, so HTTP without TLS is how they are served
//! (RFC 5280 section 8, RFC 6960 appendix A).

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::{Either, pending, select};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Method, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use super::address::Policy;
use super::cache::Cache;
use super::dial::{self, Counted};
use super::dns::Dns;
use super::url::Url;
use crate::pki::sha256_hex;
use crate::probe::End;

/// Who asks.
const USER_AGENT: &str = concat!("taraf/", env!("CARGO_PKG_VERSION"));

/// How often one answer may send us elsewhere.
const REDIRECTS: usize = 3;

/// How many addresses of a name are tried, and how long each may take.
const ADDRESSES: usize = 3;
const CONNECT: Duration = Duration::from_secs(3);

/// The longest header of an answer, in bytes and in lines.
const HEADER_BYTES: usize = 16 * 1024;
const HEADER_LINES: usize = 64;

/// How long answers are kept: what failed, what says nothing about it, and at most.
const SHORT: Duration = Duration::from_secs(60);
const USUAL: Duration = Duration::from_secs(600);
const LONG: Duration = Duration::from_secs(3600);

/// How many names and questions are remembered before those that nobody waits for are forgotten.
const GATES: usize = 1024;

/// What is wanted, which decides how large it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The certificate of an issuer (RFC 5280 section 4.2.2.1).
    Issuer,
    /// A certificate revocation list (RFC 5280 section 4.2.1.13).
    Crl,
    /// An OCSP answer (RFC 6960).
    Ocsp,
}

/// One thing to fetch.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Where, as it stands in the certificate.
    pub url: String,
    /// What to send by POST; without it, it is a GET.
    pub body: Option<Vec<u8>>,
    /// What is wanted.
    pub purpose: Purpose,
}

impl Request {
    /// Asks by GET.
    #[must_use]
    pub fn get(url: impl Into<String>, purpose: Purpose) -> Self {
        Self { url: url.into(), body: None, purpose }
    }

    /// Asks by POST.
    #[must_use]
    pub fn post(url: impl Into<String>, body: Vec<u8>, purpose: Purpose) -> Self {
        Self { url: url.into(), body: Some(body), purpose }
    }

    /// The SHA-256 of what is sent, in hex.
    #[must_use]
    pub fn body_sha256(&self) -> Option<String> {
        self.body.as_ref().map(|body| sha256_hex([body.as_slice()]))
    }
}

/// How much one run may fetch.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For one answer with its redirects, from resolving the name to the last byte.
    pub time: Duration,
    /// For waiting until others are done.
    pub wait: Duration,
    /// The largest issuer's certificate, in bytes.
    pub issuer_bytes: usize,
    /// The largest OCSP answer, in bytes.
    pub ocsp_bytes: usize,
    /// The largest revocation list, in bytes.
    pub crl_bytes: usize,
    /// What may be kept in memory, in bytes.
    pub kept_bytes: usize,
    /// Connections at once.
    pub at_once: usize,
    /// Connections at once to one host.
    pub per_host: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(8),
            wait: Duration::from_secs(30),
            issuer_bytes: 64 * 1024,
            ocsp_bytes: 64 * 1024,
            crl_bytes: 20 * 1024 * 1024,
            kept_bytes: 64 * 1024 * 1024,
            at_once: 16,
            per_host: 2,
        }
    }
}

/// Fetches, and keeps what it fetched. One for all hosts of a run: clones share everything.
#[derive(Clone)]
pub struct Fetcher {
    /// `None`: nothing is ever asked.
    shared: Option<Arc<Shared>>,
}

struct Shared {
    dns: Dns,
    limits: Limits,
    kept: Mutex<Cache<Key, Outcome>>,
    /// One permit for each question that is under way: who comes second waits for the answer.
    flying: Gates<Key>,
    hosts: Gates<String>,
    all: Arc<Semaphore>,
}

/// The bytes, or in words why there are none.
type Outcome = Result<Arc<[u8]>, String>;

type Gates<K> = Mutex<HashMap<K, Weak<Semaphore>>>;

/// What makes two questions the same. The policy belongs to it: an answer from a private network
/// is not for those who may not ask there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    body: Option<String>,
    purpose: Purpose,
    policy: Policy,
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fetcher")
    }
}

impl Fetcher {
    /// With the usual limits.
    #[must_use]
    pub fn new(dns: Dns) -> Self {
        Self::with_limits(dns, Limits::default())
    }

    /// With limits of one's own.
    #[must_use]
    pub fn with_limits(dns: Dns, limits: Limits) -> Self {
        Self {
            shared: Some(Arc::new(Shared {
                dns,
                kept: Mutex::new(Cache::new(limits.kept_bytes)),
                flying: Mutex::default(),
                hosts: Mutex::default(),
                all: Arc::new(Semaphore::new(limits.at_once)),
                limits,
            })),
        }
    }

    /// Answers every request with "not asked: offline".
    #[must_use]
    pub fn offline() -> Self {
        Self { shared: None }
    }

    /// The answer to a request, from the network or kept from before; or in words why there is
    /// none. Whoever wants the same at the same time shares one question.
    pub async fn fetch(&self, request: &Request, policy: &Policy) -> Result<Arc<[u8]>, String> {
        let Some(shared) = &self.shared else { return Err("not asked: offline".to_owned()) };
        let key = key(request, policy);
        if let Some(outcome) = lock(&shared.kept).find(&key, SystemTime::now()) {
            return outcome;
        }
        let _alone = gate(&shared.flying, &key, 1).acquire_owned().await;
        if let Some(outcome) = lock(&shared.kept).find(&key, SystemTime::now()) {
            return outcome;
        }
        let (outcome, keep) = match shared.ask(request, policy).await {
            Ok((bytes, keep)) => (Ok(bytes), keep),
            Err(error) => (Err(error), SHORT),
        };
        let size = key.url.len() + outcome.as_ref().map_or(0, |bytes| bytes.len());
        lock(&shared.kept).keep(key, outcome.clone(), size, SystemTime::now() + keep);
        outcome
    }

    /// Keeps the answer to a request until then, for one who has read in it how long it counts;
    /// but for a minute at least.
    pub fn keep_until(&self, request: &Request, policy: &Policy, until: SystemTime) {
        if let Some(shared) = &self.shared {
            let until = until.max(SystemTime::now() + SHORT);
            lock(&shared.kept).keep_until(&key(request, policy), until);
        }
    }
}

/// What came of one connection.
enum Step {
    Done(Arc<[u8]>, Duration),
    Elsewhere(Url),
}

impl Shared {
    /// The answer and how long to keep it.
    async fn ask(
        &self,
        request: &Request,
        policy: &Policy,
    ) -> Result<(Arc<[u8]>, Duration), String> {
        let mut url = Url::parse(&request.url)?;
        let mut left = self.limits.time;
        for _ in 0..=REDIRECTS {
            let host = gate(&self.hosts, &url.authority(), self.limits.per_host);
            // The host first: who waits for a slow one takes no place from the others.
            let places = async {
                let host = host.acquire_owned().await;
                (host, Arc::clone(&self.all).acquire_owned().await)
            };
            let places = timeout(self.limits.wait, places).await;
            let _places = places.map_err(|_| "too many other questions were under way")?;
            let began = Instant::now();
            let step = timeout(left, self.step(&url, request, policy)).await;
            let step =
                step.map_err(|_| format!("no whole answer within {:?}", self.limits.time))??;
            left = left.saturating_sub(began.elapsed());
            match step {
                Step::Done(bytes, keep) => return Ok((bytes, keep)),
                Step::Elsewhere(next) => url = next,
            }
        }
        Err(format!("more than {REDIRECTS} redirects"))
    }

    /// One connection, one answer.
    async fn step(&self, url: &Url, request: &Request, policy: &Policy) -> Result<Step, String> {
        let stream = self.connect(url, policy).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADER_LINES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| words(&error))?;
        let exchange = async {
            let response = sender.send_request(message(url, request)?).await;
            self.read(url, request.purpose, response.map_err(|error| words(&error))?).await
        };
        // The connection moves the bytes; whatever ends it, the exchange is told.
        let drive = async {
            let _ = connection.await;
            pending::<Infallible>().await
        };
        match select(pin!(exchange), pin!(drive)).await {
            Either::Left((step, _)) => step,
            Either::Right((never, _)) => match never {},
        }
    }

    /// Connects to an address that was checked, and to no other.
    async fn connect(&self, url: &Url, policy: &Policy) -> Result<Counted, String> {
        let addresses = match url.host.parse::<IpAddr>() {
            Ok(ip) => vec![ip],
            Err(_) => {
                let found = self.dns.addresses(&url.host).await;
                found.map_err(|error| format!("`{}`: {error}", url.host))?
            }
        };
        let mut error = "the name has no address".to_owned();
        let mut permitted = Vec::new();
        for ip in addresses {
            match policy.permits(ip) {
                Ok(()) => permitted.push(ip),
                Err(refused) => error = refused.to_string(),
            }
        }
        for ip in permitted.into_iter().take(ADDRESSES) {
            match dial::connect(SocketAddr::new(ip, url.port), Instant::now() + CONNECT).await {
                Ok(stream) => return Ok(stream),
                Err(end) => {
                    let why = match end {
                        End::Refused => "refuses the connection",
                        End::Reset => "resets the connection",
                        End::NoConnection => "does not answer",
                        _ => "cannot be reached",
                    };
                    error = format!("{ip} port {} {why}", url.port);
                }
            }
        }
        Err(error)
    }

    /// Reads an answer within its limit.
    async fn read(
        &self,
        url: &Url,
        purpose: Purpose,
        mut response: Response<Incoming>,
    ) -> Result<Step, String> {
        let status = response.status().as_u16();
        let headers = response.headers();
        if matches!(status, 301 | 302 | 307 | 308) {
            let location = text(headers, &header::LOCATION).ok_or("redirected to nowhere")?;
            return url.redirected(location).map(Step::Elsewhere);
        }
        if status != 200 {
            return Err(format!("answered {status}"));
        }
        let most = match purpose {
            Purpose::Issuer => self.limits.issuer_bytes,
            Purpose::Ocsp => self.limits.ocsp_bytes,
            Purpose::Crl => self.limits.crl_bytes,
        };
        let too_large = || format!("more than {}", size(most));
        let announced = text(headers, &header::CONTENT_LENGTH).and_then(|n| n.parse::<u64>().ok());
        if announced.is_some_and(|n| n > most as u64) {
            return Err(too_large());
        }
        let keep = keep(headers, SystemTime::now());
        let mut bytes = Vec::new();
        while let Some(frame) = response.frame().await {
            let frame = frame.map_err(|error| words(&error))?;
            let Some(data) = frame.data_ref() else { continue };
            if bytes.len() + data.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(data);
        }
        Ok(Step::Done(bytes.into(), keep))
    }
}

fn key(request: &Request, policy: &Policy) -> Key {
    let (url, body) = (request.url.clone(), request.body_sha256());
    Key { url, body, purpose: request.purpose, policy: policy.clone() }
}

/// A place to wait at, the same for all who name the same.
fn gate<K: Clone + Eq + Hash>(gates: &Gates<K>, key: &K, permits: usize) -> Arc<Semaphore> {
    let mut gates = lock(gates);
    if let Some(gate) = gates.get(key).and_then(Weak::upgrade) {
        return gate;
    }
    if gates.len() >= GATES {
        gates.retain(|_, gate| gate.strong_count() > 0);
    }
    let gate = Arc::new(Semaphore::new(permits));
    gates.insert(key.clone(), Arc::downgrade(&gate));
    gate
}

/// The request as it is sent.
fn message(url: &Url, request: &Request) -> Result<hyper::Request<Full<Bytes>>, String> {
    let (wanted, sent) = match request.purpose {
        Purpose::Issuer => ("application/pkix-cert, application/pkcs7-mime, */*;q=0.5", None),
        Purpose::Crl => ("application/pkix-crl, */*;q=0.5", None),
        Purpose::Ocsp => ("application/ocsp-response", Some("application/ocsp-request")),
    };
    let method = if request.body.is_some() { Method::POST } else { Method::GET };
    let mut builder = hyper::Request::builder()
        .method(method)
        .uri(url.path.as_str())
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, wanted)
        .header(header::CONNECTION, "close");
    if let (Some(_), Some(kind)) = (&request.body, sent) {
        builder = builder.header(header::CONTENT_TYPE, kind);
    }
    let body = Full::new(Bytes::from(request.body.clone().unwrap_or_default()));
    builder.body(body).map_err(|_| "the address cannot be asked".to_owned())
}

/// Why there is no HTTP answer.
fn words(error: &hyper::Error) -> String {
    let why = if error.is_parse() {
        "the answer is not HTTP, or its header is too large"
    } else if error.is_incomplete_message() {
        "the connection was closed before the answer was whole"
    } else {
        "the connection broke before the answer was whole"
    };
    why.to_owned()
}

fn size(bytes: usize) -> String {
    const MEGA: usize = 1024 * 1024;
    match bytes {
        _ if bytes >= MEGA && bytes.is_multiple_of(MEGA) => format!("{} MB", bytes / MEGA),
        _ if bytes >= 1024 && bytes.is_multiple_of(1024) => format!("{} kB", bytes / 1024),
        _ => format!("{bytes} bytes"),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// How long an answer may be kept by its header (RFC 9111 section 4.2.1): within reason, since
/// every host of a run asks for the same.
fn keep(headers: &HeaderMap, now: SystemTime) -> Duration {
    let directives = text(headers, &header::CACHE_CONTROL).unwrap_or_default();
    for directive in directives.split(',').map(|d| d.trim().to_ascii_lowercase()) {
        if directive == "no-store" || directive == "no-cache" {
            return SHORT;
        }
        let age =
            directive.strip_prefix("max-age=").and_then(|age| age.trim_matches('"').parse().ok());
        if let Some(seconds) = age {
            return Duration::from_secs(seconds).clamp(SHORT, LONG);
        }
    }
    let Some(expires) = text(headers, &header::EXPIRES) else { return USUAL };
    // What is no date has passed already (RFC 9111 section 5.3).
    let until = date(expires).unwrap_or(UNIX_EPOCH);
    let from = text(headers, &header::DATE).and_then(date).unwrap_or(now);
    until.duration_since(from).unwrap_or_default().clamp(SHORT, LONG)
}

/// A date as HTTP writes it today: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
fn date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.trim().split(' ').skip(1);
    let day: u64 = parts.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = parts.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = parts.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = parts.next()?.split(':').map(str::parse::<u64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    if parts.next()? != "GMT" || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
    // 719468 days lie between 1 March of the year 0 and 1970.
    let days = days.checked_sub(719_468)?;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// A panic elsewhere leaves nothing half-written here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
