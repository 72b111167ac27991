//! The live link: one question is one TCP connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::dial::{self, Counted};
use super::handshake::{self, Sessions};
use crate::probe::{End, Handshake, Link, Probe, Reply};
use crate::target::Target;
use crate::wire::flight::{FlightReader, MOST_FLIGHT, Stop};
use crate::wire::starttls::{Prelude, StartTls, Step};

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
        let mut stream = match dial::connect(self.address, Instant::now() + self.patience).await {
            Ok(stream) => stream,
            Err(end) => return Reply::empty(end),
        };
        if let Some(protocol) = self.starttls
            && let Err(end) = self.prelude(&mut stream, protocol, last).await
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
            Probe::Talk(_) | Probe::Plain { .. } => Reply::empty(End::NotRecorded),
        }
    }

    /// Goes over from plain text to TLS.
    async fn prelude(
        &self,
        stream: &mut Counted,
        protocol: StartTls,
        last: Instant,
    ) -> Result<(), End> {
        let mut prelude = Prelude::new(protocol, &self.host);
        let mut step = prelude.step(b"");
        let mut buffer = [0; 4096];
        loop {
            step = match step {
                Step::Send(bytes) => {
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
