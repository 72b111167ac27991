//! The fetcher against a server on this machine that answers as each test likes.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::*;

/// A server that has one answer for everything, in parts with a pause before each.
struct Server {
    address: SocketAddr,
    /// The requests it got.
    requests: Arc<Mutex<Vec<String>>>,
    /// The most connections it had at once.
    most_at_once: Arc<AtomicUsize>,
}

impl Server {
    async fn new(parts: Vec<(u64, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let most_at_once = Arc::new(AtomicUsize::new(0));
        let (log, most, parts) =
            (Arc::clone(&requests), Arc::clone(&most_at_once), Arc::new(parts));
        let now = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, most, parts, now) =
                    (Arc::clone(&log), Arc::clone(&most), Arc::clone(&parts), Arc::clone(&now));
                tokio::spawn(async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    serve(stream, &parts, address, &log).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, requests, most_at_once }
    }

    /// Answers with this text at once.
    async fn saying(text: &str) -> Self {
        Self::new(vec![(0, text.as_bytes().to_vec())]).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn count(&self) -> usize {
        lock(&self.requests).len()
    }
}

async fn serve(
    mut stream: TcpStream,
    parts: &[(u64, Vec<u8>)],
    address: SocketAddr,
    log: &Mutex<Vec<String>>,
) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    // The tests send small requests; a body comes with its header or right behind it.
    loop {
        let n = stream.read(&mut buffer).await.unwrap_or(0);
        request.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.split("content-length: ").nth(1).and_then(|n| n.lines().next());
        let length: usize = length.map_or(0, |n| n.parse().unwrap());
        if n == 0 || (text.contains("\r\n\r\n") && body.len() >= length) {
            break;
        }
    }
    lock(log).push(String::from_utf8_lossy(&request).into_owned());
    for (pause, bytes) in parts {
        sleep(Duration::from_millis(*pause)).await;
        let text = String::from_utf8_lossy(bytes).replace("SELF", &address.to_string());
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
    let _ = stream.shutdown().await;
    // Closing with something unread would reset what was sent.
    let _ = timeout(Duration::from_millis(200), stream.read(&mut buffer)).await;
}

/// Short limits, so that tests are quick. No name server: the tests have addresses only.
fn fetcher() -> Fetcher {
    let limits = Limits {
        time: Duration::from_millis(600),
        wait: Duration::from_secs(5),
        crl_bytes: 256 * 1024,
        ..Limits::default()
    };
    Fetcher::with_limits(Dns::server(Vec::new()), limits)
}

fn own() -> Policy {
    Policy::like(IpAddr::from([127, 0, 0, 1]))
}

async fn get(server: &Server, purpose: Purpose) -> Result<Vec<u8>, String> {
    let request = Request::get(server.url("/a.crl?b"), purpose);
    fetcher().fetch(&request, &own()).await.map(|bytes| bytes.to_vec())
}

async fn says(text: &str) -> String {
    get(&Server::saying(text).await, Purpose::Issuer).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_comes_back_and_the_request_is_plain() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    assert_eq!(get(&server, Purpose::Crl).await.unwrap(), b"hello");
    let request = lock(&server.requests)[0].to_ascii_lowercase();
    assert!(request.starts_with("get /a.crl?b http/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("\r\nhost: {}\r\n", server.address)), "{request}");
    assert!(request.contains(concat!("\r\nuser-agent: taraf/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_question_by_post_carries_its_body() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
    let request = Request::post(server.url("/ocsp"), b"question".to_vec(), Purpose::Ocsp);
    let answer = fetcher().fetch(&request, &own()).await.unwrap();
    assert_eq!(&answer[..], b"ok");
    let request = lock(&server.requests)[0].clone();
    assert!(request.starts_with("POST /ocsp HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/ocsp-request\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nquestion"), "{request}");
}

#[tokio::test]
async fn answers_come_in_chunks_and_until_the_end() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    assert_eq!(get(&Server::saying(chunked).await, Purpose::Crl).await.unwrap(), b"abcde");
    let old = "HTTP/1.0 200 OK\r\n\r\nto the end";
    assert_eq!(get(&Server::saying(old).await, Purpose::Crl).await.unwrap(), b"to the end");
}

#[tokio::test]
async fn what_is_no_answer_is_named() {
    assert_eq!(says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await, "answered 404");
    assert_eq!(says("HTTP/1.1 204 No Content\r\n\r\n").await, "answered 204");
    assert_eq!(says("HTTP/1.1 303 See Other\r\nLocation: /\r\n\r\n").await, "answered 303");
    assert_eq!(says("HTTP/1.1 302 Found\r\n\r\n").await, "redirected to nowhere");
    let garbage = "the answer is not HTTP, or its header is too large";
    assert_eq!(says("SSH-2.0-OpenSSH_9.2\r\n\r\n").await, garbage);
    assert_eq!(says("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}F more of it").await, garbage);
    assert_eq!(
        says(&format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "a".repeat(40_000))).await,
        garbage
    );
    assert_eq!(says(&format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(100))).await, garbage);
    let closed = "the connection was closed before the answer was whole";
    assert_eq!(says("").await, closed);
    assert_eq!(says("HTTP/1.1 200 OK\r\nContent-").await, closed);
    let broken = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    assert!(says(broken).await.ends_with("before the answer was whole"));
    let broken = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n";
    assert!(says(broken).await.ends_with("before the answer was whole"));
}

#[tokio::test]
async fn nothing_larger_than_its_purpose_is_read() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n";
    assert_eq!(says(announced).await, "more than 64 kB");
    let huge = "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n";
    assert_ne!(says(huge).await, "");
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(65_537));
    assert_eq!(says(&endless).await, "more than 64 kB");
    let chunks = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        format!("1000\r\n{}\r\n", "a".repeat(4096)).repeat(100)
    );
    assert_eq!(says(&chunks).await, "more than 64 kB");
    // For a revocation list, that is little.
    let fits = get(&Server::saying(&endless).await, Purpose::Crl).await.unwrap();
    assert_eq!(fits.len(), 65_537);
    assert_eq!(size(Limits::default().crl_bytes), "20 MB");
    assert_eq!(size(1000), "1000 bytes");
}

#[tokio::test]
async fn drips_and_silence_end_with_the_time() {
    let mut drip = vec![(0, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec())];
    drip.extend((0..100).map(|_| (50, b"a".to_vec())));
    for parts in [drip, vec![(5_000, b"HTTP/1.1 200 OK\r\n\r\n".to_vec())]] {
        let began = Instant::now();
        let error = get(&Server::new(parts).await, Purpose::Crl).await.unwrap_err();
        assert_eq!(error, "no whole answer within 600ms");
        assert!(began.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn redirects_are_followed_but_not_for_ever() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere").await;
    let to = format!("HTTP/1.1 301 Moved\r\nLocation: {}\r\n\r\n", server.url("/there"));
    assert_eq!(get(&Server::saying(&to).await, Purpose::Crl).await.unwrap(), b"here");
    assert!(lock(&server.requests)[0].starts_with("GET /there "));

    let around = Server::saying("HTTP/1.1 302 Found\r\nLocation: /a.crl?b\r\n\r\n").await;
    assert_eq!(get(&around, Purpose::Crl).await.unwrap_err(), "more than 3 redirects");
    assert_eq!(around.count(), 4);

    let to = |location: &str| format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n");
    assert_eq!(
        says(&to("https://SELF/")).await,
        "redirected, but the address is `https`, only http is asked"
    );
    assert_eq!(
        says(&to("http://127.0.0.1:6379/")).await,
        "redirected, but port 6379 belongs to another protocol"
    );
    assert_eq!(
        says(&to("http://10.0.0.1/secrets")).await,
        "the address 10.0.0.1 is private and not allowed"
    );
    assert_eq!(
        says(&to("http://169.254.169.254/latest/meta-data/")).await,
        "the address 169.254.169.254 is a cloud's metadata service and not allowed"
    );
    assert_eq!(
        says(&to("http://[::ffff:10.0.0.1]/")).await,
        "the address ::ffff:10.0.0.1 (10.0.0.1) is private and not allowed"
    );
}

#[tokio::test]
async fn an_address_that_is_not_permitted_is_not_connected_to() {
    let server = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
    let request = Request::get(server.url("/"), Purpose::Crl);
    let fetcher = fetcher();
    let refused = fetcher.fetch(&request, &Policy::public_only()).await;
    assert_eq!(refused.unwrap_err(), "the address 127.0.0.1 is this machine's own and not allowed");
    assert_eq!(server.count(), 0);
    // What one may have is kept for him, and not for others.
    assert_eq!(&fetcher.fetch(&request, &own()).await.unwrap()[..], b"hello");
    assert!(fetcher.fetch(&request, &Policy::public_only()).await.is_err());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn nobody_there_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let request = Request::get(format!("http://{address}/"), Purpose::Crl);
    let error = fetcher().fetch(&request, &own()).await.unwrap_err();
    assert_eq!(error, format!("127.0.0.1 port {} refuses the connection", address.port()));
    let named = Request::get("http://crl.example/", Purpose::Crl);
    let error = fetcher().fetch(&named, &own()).await.unwrap_err();
    assert_eq!(error, "`crl.example`: no name server was given");
}

#[tokio::test]
async fn an_answer_is_kept_and_asked_for_once() {
    let slow = (100, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec());
    let server = Server::new(vec![slow]).await;
    let fetcher = fetcher();
    let request = Request::get(server.url("/"), Purpose::Crl);
    let policy = own();
    let crowd = (0..20).map(|_| fetcher.fetch(&request, &policy));
    for answer in futures_util::future::join_all(crowd).await {
        assert_eq!(&answer.unwrap()[..], b"hello");
    }
    assert_eq!(server.count(), 1, "twenty at the same time share one question");
    fetcher.clone().fetch(&request, &policy).await.unwrap();
    assert_eq!(server.count(), 1, "a clone shares what is kept");
    let other = Request::get(server.url("/other"), Purpose::Crl);
    fetcher.fetch(&other, &policy).await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn whoever_gives_up_leaves_the_question_to_the_next() {
    let slow = (100, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec());
    let server = Server::new(vec![slow]).await;
    let fetcher = fetcher();
    let request = Request::get(server.url("/"), Purpose::Crl);
    let policy = own();
    let impatient = timeout(Duration::from_millis(30), fetcher.fetch(&request, &policy));
    let (given_up, patient) = tokio::join!(impatient, fetcher.fetch(&request, &policy));
    assert!(given_up.is_err());
    assert_eq!(&patient.unwrap()[..], b"hello");
}

#[tokio::test]
async fn failures_are_kept_too() {
    let server = Server::saying("HTTP/1.1 500 Sorry\r\nContent-Length: 0\r\n\r\n").await;
    let fetcher = fetcher();
    let request = Request::get(server.url("/"), Purpose::Ocsp);
    for _ in 0..3 {
        assert_eq!(fetcher.fetch(&request, &own()).await.unwrap_err(), "answered 500");
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_host_has_two_connections_at_most() {
    let slow = (50, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec());
    let server = Server::new(vec![slow]).await;
    let fetcher = fetcher();
    let policy = own();
    let requests: Vec<Request> =
        (0..8).map(|n| Request::get(server.url(&format!("/{n}")), Purpose::Crl)).collect();
    let crowd = requests.iter().map(|request| fetcher.fetch(request, &policy));
    let answers = futures_util::future::join_all(crowd).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    // One may still be closing when the next begins.
    let most = server.most_at_once.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most}");
}

#[tokio::test]
async fn waiting_for_the_others_has_an_end() {
    let server = Server::new(vec![(5_000, Vec::new())]).await;
    let limits = Limits {
        wait: Duration::from_millis(100),
        time: Duration::from_millis(800),
        at_once: 1,
        ..Limits::default()
    };
    let fetcher = Fetcher::with_limits(Dns::server(Vec::new()), limits);
    let policy = own();
    let (one, two) = (
        Request::get(server.url("/1"), Purpose::Crl),
        Request::get(server.url("/2"), Purpose::Crl),
    );
    let (_, second) = tokio::join!(fetcher.fetch(&one, &policy), fetcher.fetch(&two, &policy));
    assert_eq!(second.unwrap_err(), "too many other questions were under way");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn offline_asks_nobody() {
    let server = Server::saying("HTTP/1.1 200 OK\r\n\r\n").await;
    let request = Request::get(server.url("/"), Purpose::Crl);
    let answer = Fetcher::offline().fetch(&request, &Policy::anything()).await;
    assert_eq!(answer.unwrap_err(), "not asked: offline");
    assert_eq!(server.count(), 0);
}

#[test]
fn the_header_says_how_long_to_keep() {
    let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (lines, seconds) in [
        (&[][..], 600),
        (&[("cache-control", "public, max-age=300")], 300),
        (&[("cache-control", "max-age=\"300\"")], 300),
        (&[("cache-control", "max-age=0")], 60),
        (&[("cache-control", "Max-Age=999999")], 3600),
        (&[("cache-control", "no-cache"), ("expires", "Sun, 06 Nov 1994 09:00:00 GMT")], 60),
        (&[("cache-control", "max-age=much")], 600),
        (&[("expires", "Sun, 06 Nov 1994 08:59:37 GMT")], 600),
        (&[("expires", "Sun, 06 Nov 1994 10:59:37 GMT")], 3600),
        (&[("expires", "Sun, 06 Nov 1994 08:00:00 GMT")], 60),
        (&[("expires", "0")], 60),
        // By the server's own clock.
        (
            &[
                ("date", "Tue, 29 Feb 2000 23:59:59 GMT"),
                ("expires", "Wed, 01 Mar 2000 00:02:00 GMT"),
            ],
            121,
        ),
    ] {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(*name, value.parse().unwrap());
        }
        assert_eq!(keep(&headers, now), Duration::from_secs(seconds), "{lines:?}");
    }
}

#[test]
fn dates_are_read() {
    let seconds =
        |text: &str| date(text).map(|date| date.duration_since(UNIX_EPOCH).unwrap().as_secs());
    // The example of RFC 9110 section 5.6.7, and others by `date -u +%s`.
    assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
    assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(seconds("Tue, 29 Feb 2000 12:00:00 GMT"), Some(951_825_600));
    assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
    for wrong in [
        "",
        "Sun",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 XXX 1994 08:49:37 GMT",
        "Sun, 06 Nov 1969 08:49:37 GMT",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
    ] {
        assert_eq!(seconds(wrong), None, "{wrong}");
    }
}
