//! Requests as plain text, so that a test sees what a client library would hide.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::s3::{Server, proxy::Proxy};

/// Longest wait for an answer that should come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Wait for an answer that should not come.
pub(crate) const MOMENT: Duration = Duration::from_millis(300);

/// An answer as it came, up to the end of the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) fn address(proxy: &Proxy) -> SocketAddr {
    let endpoint = proxy.endpoint();
    endpoint.trim_start_matches("http://").parse().unwrap()
}

/// Sends a request for `target`, path and query, with the connection's last word.
pub(crate) async fn begin(
    address: SocketAddr,
    method: &str,
    target: &str,
    body: &str,
) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={}/20260101/{}/s3/aws4_request, \
         SignedHeaders=host, Signature=0\r\ncontent-length: {}\r\n\r\n{body}",
        Server::ACCESS_KEY,
        Server::REGION,
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    Ok(stream)
}

/// Reads the answer to the end of the connection.
pub(crate) async fn finish(mut stream: TcpStream) -> io::Result<Answer> {
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    timeout(PATIENCE, read).await.unwrap()?;
    let text = String::from_utf8(bytes).unwrap();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    Ok(Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_lowercase(),
        body: body.to_owned(),
    })
}

/// A request and its answer, or how the connection broke.
pub(crate) async fn send(
    proxy: &Proxy,
    method: &str,
    target: &str,
    body: &str,
) -> io::Result<Answer> {
    finish(begin(address(proxy), method, target, body).await?).await
}

/// Whether nothing comes on the connection for a while.
pub(crate) async fn is_silent(stream: &TcpStream) -> bool {
    timeout(MOMENT, stream.readable()).await.is_err()
}
