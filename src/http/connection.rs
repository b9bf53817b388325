//! Connections as they are accepted: a bounded wait for their first bytes, and for a client that
//! takes nothing of an answer.
//!
//! The server reads up to 24 bytes to tell HTTP/2 from HTTP/1 before the clock
//! of [`HttpConfig::header_read_timeout`](super::HttpConfig) runs. Without a
//! bound of its own a client that sends nothing would hold its connection for ever; so would one
//! that does not read, since a server that waits to write asks no body for more.

use std::{
    future::{self, Ready},
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// What an HTTP/2 client sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bounds the wait for the bytes that tell the protocol, and for each write.
#[derive(Clone, Copy, Debug)]
pub struct Patience(pub Duration);

impl<S> Accept<TcpStream, S> for Patience {
    type Stream = Connection;
    type Service = S;
    type Future = Ready<io::Result<(Connection, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let connection = Connection {
            stream,
            patience: self.0,
            stalled: None,
            undecided: Some(Undecided {
                seen: 0,
                deadline: Box::pin(sleep(self.0)),
            }),
        };
        future::ready(Ok((connection, service)))
    }
}

/// A connection that fails its reads when its protocol stays unknown too long, and its writes when
/// nothing is taken for as long.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    patience: Duration,
    /// When a write that waits has waited long enough.
    stalled: Option<Pin<Box<Sleep>>>,
    undecided: Option<Undecided>,
}

/// What came so far is a beginning of [`PREFACE`].
#[derive(Debug)]
struct Undecided {
    seen: usize,
    deadline: Pin<Box<Sleep>>,
}

impl Undecided {
    /// Whether the protocol is still open after `bytes` more.
    fn remains_after(&mut self, bytes: &[u8]) -> bool {
        let rest = &PREFACE[self.seen..];
        self.seen += bytes.len();
        bytes.len() < rest.len() && rest.starts_with(bytes)
    }
}

impl Connection {
    /// What a write gives, unless it has waited too long.
    fn in_time<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self
            .stalled
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            let news = &buffer.filled()[before..];
            let open = self.undecided.as_mut();
            if open.is_some_and(|open| !open.remains_after(news)) {
                self.undecided = None;
            }
            return Poll::Ready(read);
        }
        let Some(undecided) = &mut self.undecided else {
            return Poll::Pending;
        };
        ready!(undecided.deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.in_time(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.in_time(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
