//! Opens connections: the only place that does.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use crate::probe::End;

/// A connection that counts its bytes.
pub struct Counted {
    stream: TcpStream,
    /// Bytes sent so far.
    pub sent: u64,
    /// Bytes received so far.
    pub received: u64,
}

/// Connects, or says how that failed.
pub async fn connect(address: SocketAddr, deadline: Instant) -> Result<Counted, End> {
    match timeout_at(deadline, TcpStream::connect(address)).await {
        Err(_) => Err(End::NoConnection),
        Ok(Err(error)) => Err(match error.kind() {
            io::ErrorKind::ConnectionRefused => End::Refused,
            io::ErrorKind::ConnectionReset => End::Reset,
            io::ErrorKind::TimedOut => End::NoConnection,
            _ => End::Unreachable,
        }),
        Ok(Ok(stream)) => {
            // Questions are single small writes: waiting to fill a packet only costs time.
            let _ = stream.set_nodelay(true);
            Ok(Counted { stream, sent: 0, received: 0 })
        }
    }
}

impl Counted {
    /// Hangs up at once: nothing more is wanted, and the server is free without waiting. It also
    /// leaves no port behind in TIME_WAIT here.
    pub fn hang_up(self) {
        let _ = self.stream.set_zero_linger();
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.received += (buffer.filled().len() - before) as u64;
        result
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(n)) = result {
            self.sent += n as u64;
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
