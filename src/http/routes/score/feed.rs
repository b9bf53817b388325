//! The body of a request, taken as it comes.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use tokio::time::timeout;

/// Bytes that are collected, while they are there already, before they are scored: handing every
/// small piece over would cost more than scoring it.
const BLOCK: usize = 256 * 1024;

/// A body that is being received.
pub(super) struct Feed {
    body: Body,
    patience: Duration,
}

/// Why no more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FeedError {
    /// Nothing came for too long.
    #[error("TIMED_OUT: the client sent nothing for too long")]
    Stalled,
    /// The connection broke.
    #[error("BODY_BROKEN_OFF: the request body ended too early or could not be decoded")]
    BrokenOff,
}

impl Feed {
    /// Waits for each piece of `body` no longer than `patience`.
    pub(super) fn new(body: Body, patience: Duration) -> Self {
        Self { body, patience }
    }

    /// The next bytes, not empty; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, FeedError> {
        let first = timeout(self.patience, poll_fn(|context| self.poll(context))).await;
        let Some(first) = first.map_err(|_| FeedError::Stalled)?? else {
            return Ok(None);
        };
        let mut block = Vec::from(first);
        while block.len() < BLOCK {
            // What is not there yet is waited for the next time.
            let more = poll_fn(|context| match self.poll(context) {
                Poll::Ready(found) => Poll::Ready(Some(found)),
                Poll::Pending => Poll::Ready(None),
            });
            match more.await {
                Some(Ok(Some(bytes))) => block.extend_from_slice(&bytes),
                // The end and a failure come again when they are asked for.
                Some(Ok(None)) | None => break,
                Some(Err(error)) => return Err(error),
            }
        }
        Ok(Some(block.into()))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, FeedError>> {
        loop {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(FeedError::BrokenOff)),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) if !bytes.is_empty() => return Poll::Ready(Ok(Some(bytes))),
                    // Trailers, of which none mean anything here.
                    Ok(_) | Err(_) => {}
                },
            }
        }
    }
}
