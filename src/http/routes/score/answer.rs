//! The answers of a batch as a body that is sent while it is made.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use axum::{
    body::{Bytes, HttpBody},
    http::HeaderMap,
};
use http_body::Frame;
use tokio::{sync::mpsc, task::AbortHandle};

use super::ending::Ending;

/// A part of the answer.
pub(super) enum Part {
    /// Encoded rows.
    Rows(Bytes),
    /// The end, which has been recorded: how many rows there were.
    End(HeaderMap),
}

/// The parts that wait for the connection.
#[derive(Clone)]
pub(super) struct Queue(Arc<Mutex<mpsc::Receiver<Part>>>);

impl Queue {
    pub(super) fn new(parts: mpsc::Receiver<Part>) -> Self {
        Self(Arc::new(Mutex::new(parts)))
    }

    /// Drops what waits.
    pub(super) fn clear(&self) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while parts.try_recv().is_ok() {}
    }

    /// Says that nobody will take any more.
    fn close(&self) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.close();
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Part>> {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.poll_recv(context)
    }
}

/// The body. Without [`Part::End`] it is broken off, so that the client cannot take a part for
/// the whole; dropping it stops the work.
pub(super) struct AnswerBody {
    pub parts: Queue,
    pub ending: Arc<Ending>,
    pub work: AbortHandle,
    pub over: bool,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.parts.poll(context)) {
            Some(Part::Rows(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Part::End(counts)) => {
                self.over = true;
                Some(Ok(Frame::trailers(counts)))
            }
            None => {
                self.over = true;
                Some(Err(io::ErrorKind::ConnectionAborted.into()))
            }
        })
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if !self.over {
            // At once, not when the work notices: the trail may be about to close.
            self.ending.abandon();
            self.work.abort();
            self.parts.close();
        }
    }
}
