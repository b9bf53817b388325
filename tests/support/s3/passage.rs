//! What happens to a request on its way through a [`Proxy`](super::proxy::Proxy).

use std::{error::Error, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::Incoming,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING},
    http::request,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use tokio::{
    io::AsyncWriteExt,
    join,
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

use super::proxy::{Fault, Seen, Shared};

/// Serves connections until the task is dropped, and every connection with it.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(converse(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

/// How a connection ends before its time.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("reset")]
    Reset,
    #[error("cut off after these bytes")]
    CutOff(Vec<u8>),
}

/// Serves one connection until the client leaves or a fault ends it.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(|request| {
        let shared = Arc::clone(&shared);
        async move { pass(&shared, request).await }
    });
    let builder = hyper::server::conn::http1::Builder::new();
    let mut connection = builder.serve_connection(TokioIo::new(stream), service);
    let Err(error) = (&mut connection).await else {
        return;
    };
    let mut stream = connection.into_parts().io.into_inner();
    match error.source().and_then(|cause| cause.downcast_ref()) {
        Some(End::Reset) => stream.set_zero_linger().unwrap(),
        // The client may have left.
        Some(End::CutOff(bytes)) => _ = stream.write_all(bytes).await,
        None => {}
    }
}

async fn pass(shared: &Shared, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, End> {
    let (mut head, body) = request.into_parts();
    // A client that leaves before its request is complete has sent none.
    let body = body.collect().await.map_err(|_| End::Reset)?.to_bytes();
    let seen = seen(&head, body.len());
    let mut healed = shared.healed.subscribe();
    let fault = shared.meet(&seen);
    let server = shared.server;

    let answer = match fault.as_deref() {
        None => forward(server, head, body).await?,
        Some(Fault::Answer(status, code)) => error_document(*status, code),
        Some(Fault::AnswerWith(custom)) => match custom(&seen) {
            Some((status, headers, body)) => answer(status, headers, body.into()),
            None => forward(server, head, body).await?,
        },
        Some(Fault::ResetBefore) => return Err(End::Reset),
        Some(Fault::ResetAfter) => {
            forward(server, head, body).await?;
            return Err(End::Reset);
        }
        Some(Fault::Stall) => {
            healed.changed().await.map_err(|_| End::Reset)?;
            forward(server, head, body).await?
        }
        Some(Fault::StallAfter) => {
            let answer = forward(server, head, body).await?;
            healed.changed().await.map_err(|_| End::Reset)?;
            answer
        }
        Some(Fault::Delay(time)) => {
            sleep(*time).await;
            forward(server, head, body).await?
        }
        Some(Fault::Truncate(length)) => {
            let answer = forward(server, head, body).await?;
            return Err(End::CutOff(beginning(answer, *length)));
        }
        Some(Fault::Corrupt) => forward(server, head, body).await?.map(corrupted),
        Some(Fault::Rewrite(change)) => {
            let target = head.uri.path_and_query().unwrap().as_str();
            head.uri = change(target).parse().unwrap();
            forward(server, head, body).await?
        }
    };
    Ok(answer.map(Full::new))
}

fn seen(head: &request::Parts, body_length: usize) -> Seen {
    let path = percent_decode_str(head.uri.path()).decode_utf8_lossy();
    Seen {
        method: head.method.clone(),
        path: path.into_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.clone(),
        body_length,
    }
}

/// The server's answer; a server that gives none resets the connection.
async fn forward(
    server: SocketAddr,
    head: request::Parts,
    body: Bytes,
) -> Result<Response<Bytes>, End> {
    let request = Request::from_parts(head, Full::new(body));
    exchange(server, request).await.map_err(|_| End::Reset)
}

async fn exchange(
    server: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<Response<Bytes>, Box<dyn Error>> {
    let stream = TokioIo::new(TcpStream::connect(server).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    // The connection ends when its sender is dropped.
    let conversation = async move {
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        hyper::Result::Ok(answer(head.status, head.headers, body))
    };
    let (answer, _) = join!(conversation, connection);
    Ok(answer?)
}

fn answer(status: StatusCode, mut headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    // How the bytes travel is between the two ends of one connection.
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn error_document(status: StatusCode, code: &str) -> Response<Bytes> {
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>The proxy of the tests says so.</Message><RequestId>PROXY</RequestId></Error>"
    );
    let xml = HeaderValue::from_static("application/xml");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, xml)]);
    answer(status, headers, document.into())
}

/// The answer up to so many bytes of its body; its head promises the whole.
fn beginning(answer: Response<Bytes>, length: usize) -> Vec<u8> {
    let (mut head, body) = answer.into_parts();
    head.headers
        .entry(CONTENT_LENGTH)
        .or_insert(body.len().into());
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_ref());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body[..length.min(body.len())]);
    bytes
}

fn corrupted(body: Bytes) -> Bytes {
    let mut bytes = Vec::from(body);
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    bytes.into()
}
