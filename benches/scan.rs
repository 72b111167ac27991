//! Whole scans: what one costs in connections, bytes, processor time and round trips, against a
//! server of our own and, where the lab is up, against its nginx. Then a thousand questions at
//! once.
//!
//! No criterion: a scan is counted, not timed in millions. It fails when a scan of our own server
//! takes more connections than it may. The servers run in a second process of this program, so
//! that processor time and memory here are the engine's alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider, sign};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello as Asked, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{ServerConfig, SignatureAlgorithm, SignatureScheme};
use taraf_scanner::net::dns::Dns;
use taraf_scanner::net::fetch::Fetcher;
use taraf_scanner::net::live::Live;
use taraf_scanner::observe::Cost;
use taraf_scanner::probe::{End, Link, Manners, Probe};
use taraf_scanner::scan::{Addresses, Family, Options, Trust, scan};
use taraf_scanner::target::Target;
use taraf_scanner::wire::flight::Stop;
use taraf_scanner::wire::{ClientHello, Ext, Group, Scheme, Suite, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

/// Most connections a scan of our own server may take. Adding a question is no reason to raise
/// them; asking it together with another is the way.
const MOST_FAST: usize = 59;
const MOST_POLITE: usize = 49;

/// Round trips to show, in milliseconds.
const ROUND_TRIPS: [u64; 3] = [0, 50, 150];

/// Scans at no distance, of which the middle one counts.
const REPEATS: usize = 9;

/// Questions at once, and how far away the server is while their memory is counted.
const PROBES: usize = 1000;
const FAR: u64 = 1000;

/// The nginx of the lab with two certificates.
const NGINX: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 20, 1, 2)), 443);
const NGINX_NAME: &str = "modern-aplus.lab.test";

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.iter().any(|word| word == "--serve") {
        return runtime().block_on(serve());
    }
    // `cargo test` runs benches without `--bench`, only to see that they work.
    let whole = words.iter().any(|word| word == "--bench");
    let round_trips = if whole { &ROUND_TRIPS[..] } else { &ROUND_TRIPS[..1] };
    let mut world = World::start();
    let mut too_many = false;
    runtime().block_on(async {
        if whole {
            // First, while there is no memory yet that an earlier scan has left free.
            probes(&world).await;
        }
        println!("{}", Row::HEAD);
        for rtt in round_trips {
            for (name, manners, most) in [
                ("rustls, fast", Manners::fast(), MOST_FAST),
                ("rustls, polite", Manners::polite(), MOST_POLITE),
            ] {
                let row = measure(&mut world, "bench.invalid", Server::Ours, *rtt, &manners).await;
                println!("{}", row.line(name, *rtt));
                too_many |= row.connections > most;
            }
            if whole && up(NGINX).await {
                let fast = Manners::fast();
                let row = measure(&mut world, NGINX_NAME, Server::Nginx, *rtt, &fast).await;
                println!("{}", row.line("nginx, fast", *rtt));
            }
        }
    });
    if too_many {
        eprintln!(
            "a scan takes more than {MOST_FAST} (fast) or {MOST_POLITE} (polite) connections"
        );
        std::process::exit(1);
    }
}

fn runtime() -> tokio::runtime::Runtime {
    // One thread, as one scan has no use for more.
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn up(address: SocketAddr) -> bool {
    matches!(timeout(Duration::from_secs(1), TcpStream::connect(address)).await, Ok(Ok(_)))
}

// ---- Scans --------------------------------------------------------------------------------------

struct Row {
    connections: usize,
    cost: Cost,
    cpu: Duration,
    wall: Duration,
}

impl Row {
    const HEAD: &str =
        "scan of            RTT  connections      sent  received       CPU      wall    wall";

    fn line(&self, name: &str, rtt: u64) -> String {
        let ms = |d: Duration| format!("{:.1} ms", d.as_secs_f64() * 1000.0);
        let trips = match rtt {
            0 => String::new(),
            _ => format!("{:.1} RTT", self.wall.as_secs_f64() * 1000.0 / rtt as f64),
        };
        format!(
            "{name:14} {rtt:4} ms  {:11} {:9} {:9} {:>9} {:>9} {trips:>8}",
            self.connections,
            self.cost.bytes_sent,
            self.cost.bytes_received,
            ms(self.cpu),
            ms(self.wall),
        )
    }
}

async fn measure(
    world: &mut World,
    name: &str,
    server: Server,
    rtt: u64,
    manners: &Manners,
) -> Row {
    let address = world.address(server, rtt);
    let target = Target { port: address.port(), ..Target::parse(name, None).unwrap() };
    let options = Options {
        addresses: Addresses::Given(vec![address.ip()]),
        family: Family::Any,
        manners: manners.clone(),
        simulate_live: false,
        trust: Trust::default(),
        dns: Dns::system(),
        fetcher: Fetcher::offline(),
        ssl2_keys: Default::default(),
    };
    // At no distance chance counts; farther away, and with pauses, the waiting does.
    let repeats = if rtt == 0 && manners.per_second.is_none() { REPEATS } else { 1 };
    let mut rows = Vec::new();
    for _ in 0..repeats {
        let (seen, cpu, wall) = (world.connections(), processor(), Instant::now());
        let found = scan(&target, &options, &|_| ()).await;
        let (wall, cpu) = (wall.elapsed(), processor() - cpu);
        let cost = found.observation.endpoints[0].cost;
        let counted = world.connections() - seen;
        // The lab's nginx at no distance is asked without anybody of ours between to count.
        let connections = if address == NGINX { cost.connections as usize } else { counted };
        assert_eq!(connections, cost.connections as usize, "the scan counts its connections");
        rows.push(Row { connections, cost, cpu, wall });
    }
    rows.sort_by_key(|row| row.wall);
    rows.swap_remove(repeats / 2)
}

/// Processor time of this thread so far. The scheduler's own figure where it keeps one, because
/// the usual one counts in hundredths of a second.
fn processor() -> Duration {
    if let Ok(text) = fs::read_to_string("/proc/thread-self/schedstat") {
        let nanos = text.split(' ').next().and_then(|word| word.parse().ok());
        return Duration::from_nanos(nanos.unwrap_or_default());
    }
    let Ok(text) = fs::read_to_string("/proc/self/stat") else { return Duration::ZERO };
    // The name of the program may hold spaces; utime and stime are fields 14 and 15 of proc(5).
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2);
    Duration::from_millis(10 * ticks.filter_map(|word| word.parse::<u64>().ok()).sum::<u64>())
}

// ---- A thousand questions at once -----------------------------------------------------------

async fn probes(world: &World) {
    for rtt in [FAR, 0] {
        let address = world.address(Server::Ours, rtt);
        let target =
            Target { port: address.port(), ..Target::parse("bench.invalid", None).unwrap() };
        let link = Arc::new(Live::new(&target, address.ip(), Duration::from_secs(10)));
        let probe = Arc::new(Probe::Hello { hello: hello(), stop: Stop::Hello });
        // The first question brings in what all of them share.
        assert_eq!(link.ask(&probe).await.end, End::Enough);
        let (began, cpu, before) = (Instant::now(), processor(), memory("VmRSS:"));
        let mut asked = JoinSet::new();
        for _ in 0..PROBES {
            let (link, probe) = (Arc::clone(&link), Arc::clone(&probe));
            asked.spawn(async move { link.ask(&probe).await });
        }
        // All connections are open and no answer can be there before two round trips.
        sleep_until(began + Duration::from_millis(rtt * 3 / 2)).await;
        let during = memory("VmRSS:");
        let replies = asked.join_all().await;
        let answered = replies.iter().filter(|reply| reply.end == End::Enough).count();
        assert_eq!(answered, PROBES, "{:?}", replies.iter().find(|r| r.end != End::Enough));
        let (wall, cpu) = (began.elapsed(), processor() - cpu);
        println!(
            "{PROBES} hellos at once, {rtt} ms: wall {:.0} ms, CPU {:.0} ms, {:.0} a second",
            wall.as_secs_f64() * 1000.0,
            cpu.as_secs_f64() * 1000.0,
            PROBES as f64 / wall.as_secs_f64(),
        );
        if rtt > 0 {
            let each = during.saturating_sub(before) as f64 / PROBES as f64;
            let peak = memory("VmHWM:");
            println!("memory: {before} kB before, {during} kB while all wait, {peak} kB at most");
            println!("memory of a question that waits: {each:.1} kB");
        }
    }
    println!();
}

fn hello() -> ClientHello {
    ClientHello {
        record_version: Version::TLS10,
        version: Version::TLS12,
        random: [7; 32],
        session_id: Vec::new(),
        suites: vec![Suite(0xc02b), Suite(0xc02f)],
        compression: vec![0],
        extensions: vec![
            Ext::ServerName("bench.invalid".to_owned()),
            Ext::Groups(vec![Group::X25519, Group::SECP256R1]),
            Ext::Schemes(vec![Scheme::ECDSA_SECP256R1_SHA256, Scheme::RSA_PSS_RSAE_SHA256]),
        ],
    }
}

/// A line of `/proc/self/status`, in kB.
fn memory(line: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = text.lines().find_map(|l| l.strip_prefix(line));
    found.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

// ---- The second process ---------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq)]
enum Server {
    Ours,
    Nginx,
}

/// The process with the servers. It ends when its standard input does, so it never outlives us.
struct World {
    child: Child,
    ask: ChildStdin,
    said: BufReader<ChildStdout>,
    addresses: Vec<(Server, u64, SocketAddr)>,
}

impl World {
    fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (ask, said) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut world = Self { child, ask, said: BufReader::new(said), addresses: Vec::new() };
        let line = world.line();
        let mut ports = line.split_whitespace().map(|word| word.parse::<u16>().unwrap());
        world.addresses = places()
            .map(|(server, rtt)| {
                let ours = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.next().unwrap()));
                let direct = rtt == 0 && server == Server::Nginx;
                (server, rtt, if direct { NGINX } else { ours })
            })
            .collect();
        world
    }

    fn address(&self, server: Server, rtt: u64) -> SocketAddr {
        let found = self.addresses.iter().find(|(s, r, _)| *s == server && *r == rtt);
        found.expect("a place there is").2
    }

    /// How many connections its listeners have taken.
    fn connections(&mut self) -> usize {
        self.ask.write_all(b"?\n").unwrap();
        self.line().trim().parse().unwrap()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which servers can be asked from how far away, in the order of the ports the process names.
fn places() -> impl Iterator<Item = (Server, u64)> {
    let far = [FAR].map(|rtt| (Server::Ours, rtt));
    let scans = ROUND_TRIPS.into_iter().flat_map(|rtt| [(Server::Ours, rtt), (Server::Nginx, rtt)]);
    scans.chain(far)
}

async fn serve() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = listen().await;
    let ours = server.local_addr().unwrap();
    tokio::spawn(tls(server, Arc::new(config())));
    let mut ports = Vec::new();
    for (server, rtt) in places() {
        let listener = listen().await;
        ports.push(listener.local_addr().unwrap().port().to_string());
        let to = if server == Server::Ours { ours } else { NGINX };
        tokio::spawn(forward(listener, to, Duration::from_millis(rtt / 2), Arc::clone(&count)));
    }
    println!("{}", ports.join(" "));
    let (asked, mut stop) = tokio::io::duplex(64);
    std::thread::spawn(move || {
        let _keep = asked;
        for line in std::io::stdin().lines() {
            if line.is_err() {
                break;
            }
            println!("{}", count.load(Ordering::SeqCst));
        }
    });
    // The other end is dropped with the end of standard input.
    let _ = stop.read_u8().await;
}

/// A listener whose queue holds all that come at once.
async fn listen() -> TcpListener {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    socket.listen(4096).unwrap()
}

/// Both certificates: ECDSA for those who can, RSA for the others.
#[derive(Debug)]
struct Two([Arc<CertifiedKey>; 2]);

impl ResolvesServerCert for Two {
    fn resolve(&self, asked: Asked<'_>) -> Option<Arc<CertifiedKey>> {
        let wanted = asked.signature_schemes();
        // By suite in TLS 1.2, by scheme in TLS 1.3: the suites are looked at only where they tell.
        let suites = asked.cipher_suites().iter().map(|suite| u16::from(*suite));
        let of_13 = suites.clone().any(|n| (0x1301..=0x1305).contains(&n));
        let ecdsa = [0xc02b, 0xc02c, 0xcca9];
        let can = |key: &CertifiedKey| key.key.choose_scheme(wanted).is_some();
        let takes = |key: &CertifiedKey| match key.key.algorithm() {
            SignatureAlgorithm::ECDSA => of_13 || suites.clone().any(|n| ecdsa.contains(&n)),
            _ => true,
        };
        self.0.iter().find(|key| can(key) && takes(key)).cloned()
    }
}

fn config() -> ServerConfig {
    let certified = |algorithm| {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(vec!["bench.invalid".to_owned()]).unwrap();
        let leaf = params.self_signed(&key).unwrap().der().clone();
        let der = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key: Arc<dyn SigningKey> = sign::any_supported_type(&der).unwrap();
        assert!(
            key.choose_scheme(&[SignatureScheme::RSA_PSS_SHA256]).is_some()
                || key.algorithm() == SignatureAlgorithm::ECDSA
        );
        Arc::new(CertifiedKey::new(vec![leaf], key))
    };
    let both = Two([certified(&PKCS_ECDSA_P256_SHA256), certified(&PKCS_RSA_SHA256)]);
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(both));
    config.ignore_client_order = true;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = Ticketer::new().unwrap();
    config
}

/// Answers every request with the same page.
async fn tls(listener: TcpListener, config: Arc<ServerConfig>) {
    let acceptor = TlsAcceptor::from(config);
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut request = [0; 4096];
            if matches!(stream.read(&mut request).await, Ok(n) if n > 0) {
                let page = b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Length: 0\r\n\r\n";
                let _ = stream.write_all(page).await;
            }
            let _ = stream.shutdown().await;
        });
    }
}

// ---- Distance -------------------------------------------------------------------------------

/// Forwards as if the server were `delay` away, one way. The client's connection is up at once, so
/// the handshake of TCP is charged to the first bytes: they reach the server three delays after
/// the accept, and nothing reaches the client before four. Everything later travels one delay.
async fn forward(listener: TcpListener, to: SocketAddr, delay: Duration, count: Arc<AtomicUsize>) {
    while let Ok((client, _)) = listener.accept().await {
        count.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(to).await else { return };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let ((from_client, to_client), (from_server, to_server)) =
                (client.into_split(), server.into_split());
            tokio::join!(
                carry(from_client, to_server, delay, began + 3 * delay),
                carry(from_server, to_client, delay, began + 4 * delay),
            );
        });
    }
}

/// One direction: what is read now is written a delay later, and not before `first`.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration, first: Instant) {
    let mut on_the_way: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut open = true;
    let mut buffer = vec![0; 16 << 10];
    while open || !on_the_way.is_empty() {
        let due = on_the_way.front().map_or(first, |(due, _)| *due);
        tokio::select! {
            biased;
            () = sleep_until(due), if !on_the_way.is_empty() => {
                let Some((_, bytes)) = on_the_way.pop_front() else { continue };
                // No bytes stand for the end.
                let written = match bytes.as_slice() {
                    [] => to.shutdown().await,
                    bytes => to.write_all(bytes).await,
                };
                if written.is_err() {
                    return;
                }
            }
            read = from.read(&mut buffer), if open => {
                let n = read.unwrap_or(0);
                open = n > 0;
                let due = first.max(Instant::now() + delay);
                on_the_way.push_back((due, buffer[..n].to_vec()));
            }
        }
    }
}
