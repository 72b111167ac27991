//! The live link: one question is one TCP connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::dial::{self, Counted};
use super::handshake::{self, Sessions};
use crate::legacy::{Client, Talk};
use crate::probe::{End, Handshake, Link, Probe, Reply};
use crate::target::Target;
use crate::wire::flight::{FlightReader, MOST_FLIGHT, Stop};
use crate::wire::starttls::{self, Prelude, StartTls, Step};

/// Questions to one address over TCP.
pub struct Live {
    address: SocketAddr,
    /// The name to give in STARTTLS preludes that want one.
    host: String,
    starttls: Option<StartTls>,
    patience: Duration,
    sessions: Sessions,
    began: Instant,
}

/// How many times the patience for one silence a whole connection may last.
const MOST_PATIENCE: u32 = 3;

/// How long to wait for a server to hang up that has said it will.
const LINGER: Duration = Duration::from_millis(700);

/// How long a pause takes: enough for one answer to come back from afar.
const PAUSE: Duration = Duration::from_millis(600);

/// How long to listen where silence is an answer, too.
const LISTENING: Duration = Duration::from_secs(4);

/// Most bytes kept of an answer in plain text.
const MOST_TEXT: usize = 4096;

impl Live {
    /// A link to one address of the target. `patience` is how long a server may keep silent.
    #[must_use]
    pub fn new(target: &Target, address: IpAddr, patience: Duration) -> Self {
        Self {
            address: SocketAddr::new(address, target.port),
            host: target.server_name().unwrap_or(&target.host).to_owned(),
            starttls: target.starttls,
            patience,
            sessions: Sessions::default(),
            began: Instant::now(),
        }
    }

    async fn put(&self, probe: &Probe) -> Reply {
        let last = Instant::now() + self.patience * MOST_PATIENCE;
        let mut address = self.address;
        if let Probe::Plain { port, .. } = probe {
            address.set_port(*port);
        }
        let mut patience = self.patience;
        if let Probe::Plain { .. } = probe {
            // Firewalls drop what goes to other ports; nothing depends on it.
            patience = patience.min(LISTENING);
        }
        let mut stream = match dial::connect(address, Instant::now() + patience).await {
            Ok(stream) => stream,
            Err(end) => return Reply::empty(end),
        };
        if let Probe::Plain { text, .. } = probe {
            return self.plain(stream, text, last).await;
        }
        let injected = match probe {
            Probe::Talk(talk) => talk.injected.as_str(),
            _ => "",
        };
        if let Some(protocol) = self.starttls
            && let Err(end) = self.prelude(&mut stream, protocol, injected, last).await
        {
            return Reply { sent: stream.sent, received: stream.received, ..Reply::empty(end) };
        }
        match probe {
            Probe::Hello { hello, stop } => {
                self.first_flight(stream, &hello.to_record(), *stop, last).await
            }
            Probe::Ssl2 { hello } => {
                self.first_flight(stream, &hello.to_record(), Stop::Flight, last).await
            }
            Probe::Handshake(plan) => self.handshake(stream, plan).await,
            Probe::Talk(talk) => self.talk(stream, talk, last).await,
            Probe::Plain { .. } => Reply::empty(End::Closed),
        }
    }

    /// Goes over from plain text to TLS.
    async fn prelude(
        &self,
        stream: &mut Counted,
        protocol: StartTls,
        injected: &str,
        last: Instant,
    ) -> Result<(), End> {
        let mut prelude = Prelude::new(protocol, &self.host);
        let mut step = prelude.step(b"");
        let mut buffer = [0; 4096];
        loop {
            step = match step {
                Step::Send(mut bytes) => {
                    if starttls::asks_for_tls(&bytes) {
                        bytes.extend_from_slice(injected.as_bytes());
                    }
                    self.write(stream, &bytes, last).await?;
                    prelude.step(b"")
                }
                Step::Need => {
                    let n = self.read(stream, &mut buffer, last).await?;
                    prelude.step(buffer.get(..n).unwrap_or_default())
                }
                Step::Ready => return Ok(()),
                Step::Refused(said) => {
                    // A word of goodbye, so that the server does not log a broken connection.
                    let _ = self.write(stream, prelude.farewell(), last).await;
                    return Err(End::NoStartTls { said });
                }
                Step::Unexpected(said) => return Err(End::OtherProtocol { said }),
            }
        }
    }

    async fn first_flight(
        &self,
        mut stream: Counted,
        hello: &[u8],
        stop: Stop,
        last: Instant,
    ) -> Reply {
        let mut reader = FlightReader::default();
        let mut bytes = Vec::new();
        let mut buffer = [0; 8192];
        let end = match self.write(&mut stream, hello, last).await {
            Err(end) => end,
            Ok(()) => loop {
                match self.read(&mut stream, &mut buffer, last).await {
                    Err(end) => break end,
                    Ok(n) => {
                        let piece = buffer.get(..n).unwrap_or_default();
                        bytes.extend_from_slice(piece);
                        reader.push(piece);
                        if reader.is_enough(stop) {
                            break End::Enough;
                        }
                        if bytes.len() > MOST_FLIGHT {
                            break End::Flooded;
                        }
                    }
                }
            },
        };
        let (sent, received) = (stream.sent, stream.received);
        stream.hang_up();
        Reply { bytes, end, handshake: None, heard: None, sent, received, at: seconds() }
    }

    /// Has the legacy client's conversation.
    async fn talk(&self, mut stream: Counted, talk: &Talk, last: Instant) -> Reply {
        let mut client = Client::new(talk.clone());
        let before = stream.received;
        let mut buffer = [0; 8192];
        let mut heard_bytes = false;
        let end = loop {
            let bytes = client.take_output();
            if !bytes.is_empty()
                && let Err(end) = self.write(&mut stream, &bytes, last).await
            {
                // It may have said why before it hung up.
                while let Ok(n) = self.read(&mut stream, &mut buffer, Instant::now() + LINGER).await
                {
                    client.push(buffer.get(..n).unwrap_or_default());
                }
                break end;
            }
            if client.is_over() {
                break End::Enough;
            }
            if client.is_pausing() {
                let pause = last.min(Instant::now() + PAUSE);
                match self.read(&mut stream, &mut buffer, pause).await {
                    Err(End::Silent) => client.go_on(),
                    Err(end) => break end,
                    Ok(n) => client.push(buffer.get(..n).unwrap_or_default()),
                }
                continue;
            }
            let wait = match (client.is_ending(), client.is_listening()) {
                (true, _) => LINGER,
                (false, true) => self.patience.min(LISTENING),
                (false, false) => self.patience,
            };
            match self.read(&mut stream, &mut buffer, last.min(Instant::now() + wait)).await {
                Err(end) => break end,
                Ok(n) => {
                    heard_bytes = true;
                    client.push(buffer.get(..n).unwrap_or_default());
                }
            }
        };
        let (sent, received) = (stream.sent, stream.received);
        if heard_bytes {
            stream.hang_up()
        } else {
            drop(stream)
        }
        let received = if received == before { 0 } else { received };
        let heard = Some(client.finish());
        Reply { bytes: Vec::new(), end, handshake: None, heard, sent, received, at: seconds() }
    }

    /// Sends a text and reads the first lines of the answer.
    async fn plain(&self, mut stream: Counted, text: &str, last: Instant) -> Reply {
        let mut bytes = Vec::new();
        let mut buffer = [0; 2048];
        let end = match self.write(&mut stream, text.as_bytes(), last).await {
            Err(end) => end,
            Ok(()) => loop {
                match self.read(&mut stream, &mut buffer, last).await {
                    Err(end) => break end,
                    Ok(n) => bytes.extend_from_slice(buffer.get(..n).unwrap_or_default()),
                }
                if bytes.len() >= MOST_TEXT || bytes.windows(4).any(|w| w == b"\r\n\r\n") {
                    break End::Enough;
                }
            },
        };
        bytes.truncate(MOST_TEXT);
        let (sent, received) = (stream.sent, stream.received);
        stream.hang_up();
        Reply { bytes, sent, received, at: seconds(), ..Reply::empty(end) }
    }

    async fn handshake(&self, mut stream: Counted, plan: &Handshake) -> Reply {
        let deadline = Instant::now() + self.patience;
        let ip = self.address.ip();
        let before = stream.received;
        let (end, reply) =
            handshake::complete(&mut stream, plan, ip, &self.sessions, deadline).await;
        // Whether the server said anything counts from the first byte of TLS.
        let tls = stream.received - before;
        let (sent, received) = (stream.sent, stream.received);
        drop(stream);
        let received = if tls == 0 { 0 } else { received };
        Reply {
            bytes: Vec::new(),
            end,
            handshake: Some(reply),
            heard: None,
            sent,
            received,
            at: seconds(),
        }
    }

    async fn write(&self, stream: &mut Counted, bytes: &[u8], last: Instant) -> Result<(), End> {
        let deadline = last.min(Instant::now() + self.patience);
        match timeout_at(deadline, stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(end_of(&error)),
            Err(_) => Err(End::Silent),
        }
    }

    async fn read(
        &self,
        stream: &mut Counted,
        buffer: &mut [u8],
        last: Instant,
    ) -> Result<usize, End> {
        let deadline = last.min(Instant::now() + self.patience);
        match timeout_at(deadline, stream.read(buffer)).await {
            Ok(Ok(0)) => Err(End::Closed),
            Ok(Ok(n)) => Ok(n),
            Ok(Err(error)) => Err(end_of(&error)),
            Err(_) => Err(End::Silent),
        }
    }
}

impl Link for Live {
    async fn ask(&self, probe: &Probe) -> Reply {
        self.put(probe).await
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    async fn sleep_until(&self, time: Duration) {
        sleep_until(self.began + time).await;
    }
}

fn end_of(error: &io::Error) -> End {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => End::Reset,
        io::ErrorKind::TimedOut => End::Silent,
        _ => End::Closed,
    }
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}
