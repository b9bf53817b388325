//! Bodies of requests, decompressed while they are received.
//!
//! What comes out is made piece by piece as it is asked for, so that a few bytes that become
//! billions cost nobody more memory than a window.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_compression::{
    tokio::bufread::{GzipDecoder, ZstdDecoder},
    zstd::DParameter,
};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use http_body::Frame;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

/// Greatest window of zstd that is accepted, as a power of two: 8 MiB, as RFC 9659 has it.
const WINDOW: u32 = 23;

/// Bytes that are decompressed at a time.
const PIECE: usize = 16 * 1024;

/// Undoes the `Content-Encoding` of a request and takes the header field off. One that is not
/// known stays, to be refused by the handler in its own words.
pub async fn decompress(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let decoder: Option<Decoder> = match encoding(&parts.headers).as_deref() {
        Some("gzip" | "x-gzip") => {
            let mut decoder = GzipDecoder::new(Incoming::new(body));
            decoder.multiple_members(true);
            Some(Box::pin(decoder))
        }
        Some("zstd") => {
            let window = [DParameter::window_log_max(WINDOW)];
            let mut decoder = ZstdDecoder::with_params(Incoming::new(body), &window);
            decoder.multiple_members(true);
            Some(Box::pin(decoder))
        }
        known => {
            if known == Some("identity") {
                parts.headers.remove(header::CONTENT_ENCODING);
            }
            return next.run(Request::from_parts(parts, body)).await;
        }
    };
    parts.headers.remove(header::CONTENT_ENCODING);
    // What it says is the length of what is compressed.
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = Body::new(Decompressed { decoder });
    next.run(Request::from_parts(parts, body)).await
}

/// The only encoding there is, in lower case.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let only = lines.next().filter(|_| lines.next().is_none())?;
    Some(only.to_str().ok()?.trim().to_ascii_lowercase())
}

type Decoder = Pin<Box<dyn AsyncRead + Send>>;

/// What comes out; nothing more after an end or a failure.
struct Decompressed {
    decoder: Option<Decoder>,
}

impl HttpBody for Decompressed {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Some(decoder) = &mut self.decoder else {
            return Poll::Ready(None);
        };
        let mut piece = vec![0; PIECE];
        let mut buffer = ReadBuf::new(&mut piece);
        let read = ready!(decoder.as_mut().poll_read(context, &mut buffer));
        let length = buffer.filled().len();
        Poll::Ready(match read {
            Ok(()) if length > 0 => {
                piece.truncate(length);
                Some(Ok(Frame::data(piece.into())))
            }
            ended => {
                self.decoder = None;
                ended.err().map(Err)
            }
        })
    }
}

/// A body as a decoder reads it.
struct Incoming {
    body: Body,
    bytes: Bytes,
}

impl Incoming {
    fn new(body: Body) -> Self {
        let bytes = Bytes::new();
        Self { body, bytes }
    }
}

impl AsyncBufRead for Incoming {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.bytes.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)) {
                None => break,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                // Trailers mean nothing here.
                Some(Ok(frame)) => this.bytes = frame.into_data().unwrap_or_default(),
            }
        }
        Poll::Ready(Ok(&this.bytes))
    }

    fn consume(mut self: Pin<&mut Self>, count: usize) {
        drop(self.bytes.split_to(count));
    }
}

impl AsyncRead for Incoming {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(context))?;
        let count = bytes.len().min(buffer.remaining());
        buffer.put_slice(&bytes[..count]);
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}
