//! A key inside requests that never reach a route: broken heads, and HTTP/2.

use std::io::{Read, Write};

use crate::{
    canary::Canary,
    support::{Home, Running, eventually, read_answer},
};

fn start(home: &Home) -> Running {
    home.service()
        .set("LOG_LEVEL", "trace")
        .set("HEADER_LIMIT", "8 KiB")
        .start()
}

#[test]
fn a_key_in_a_broken_head_is_written_nowhere() {
    for canary in Canary::both() {
        let home = Home::new();
        let service = start(&home);
        let key = &canary.key;
        let long = "x".repeat(9000);
        let heads = [
            format!("GET / HTTP/1.1\r\nx-api-key {key}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nx-api-key: {key}\0\r\n\r\n"),
            format!("GET / HTTP/1.1\r\n x-api-key: {key}\r\n\r\n"),
            format!("GET {key} HTTP/1.1\r\n\r\n"),
            format!("{key} / HTTP/1.1\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\u{e9}\r\n\r\n"),
            format!("GET / HTTP/9.9\r\nx-api-key: {key}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nx-api-key: {key}{long}\r\n\r\n"),
        ];
        for head in heads {
            let mut stream = service.connect();
            stream.write_all(head.as_bytes()).unwrap();
            if let Some(answer) = read_answer(&stream) {
                canary.assert_answer("the answer to a broken head", &answer);
            }
        }
        canary.assert_unwritten(&home, service);
    }
}

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags, 0, 0, 0, stream]);
    frame.extend(payload);
    frame
}

/// A literal field, kept in the compression table or not, as HPACK writes it.
fn field(indexed: bool, name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![if indexed { 0x40 } else { 0x00 }];
    for text in [name, value] {
        assert!(text.len() < 127, "a longer length takes more than one byte");
        field.push(u8::try_from(text.len()).unwrap());
        field.extend(text.as_bytes());
    }
    field
}

/// The HEADERS frame of a whole `GET /models` with one field more.
fn get_models(more: &[u8]) -> Vec<u8> {
    const METHOD_GET: u8 = 0x82;
    const SCHEME_HTTP: u8 = 0x86;
    const PATH: u8 = 0x44;
    const END_STREAM_AND_HEADERS: u8 = 0x5;
    let mut fields = vec![METHOD_GET, SCHEME_HTTP, PATH, 7];
    fields.extend(b"/models");
    fields.extend(more);
    frame(1, END_STREAM_AND_HEADERS, 1, &fields)
}

/// Sends one request over HTTP/2 and reads until something comes on its stream.
fn send(service: &Running, more: &[u8]) -> String {
    let mut stream = service.connect();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    bytes.extend(get_models(more));
    stream.write_all(&bytes).unwrap();
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    eventually("the request is answered or refused", || {
        let read = stream.read(&mut chunk).unwrap_or(0);
        received.extend(&chunk[..read]);
        read == 0 || ends(&received)
    });
    String::from_utf8_lossy(&received).into_owned()
}

/// Whether a frame ends the stream or the connection: DATA or HEADERS with
/// `END_STREAM`, `RST_STREAM` or `GOAWAY`.
fn ends(mut frames: &[u8]) -> bool {
    while let [a, b, c, kind, flags, rest @ ..] = frames {
        if matches!((kind, flags & 1), (0 | 1, 1) | (3 | 7, _)) {
            return true;
        }
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        frames = rest.get(4 + length..).unwrap_or_default();
    }
    false
}

#[test]
fn a_key_sent_over_http2_is_written_nowhere() {
    for canary in Canary::both() {
        let home = Home::new();
        let service = start(&home);
        let key = canary.key.as_str();
        let bearer = format!("Bearer {key}");
        let fields = [
            field(false, "x-api-key", key),
            field(true, "x-api-key", key),
            field(true, "authorization", &bearer),
            field(true, "authorization", key),
            field(true, "X-API-Key", key),
            field(true, "x-api-key", &format!("{key}\n")),
            field(true, "connection", key),
            field(true, ":path", key),
        ];
        for field in fields {
            canary.assert_not_in("an HTTP/2 answer", &send(&service, &field));
        }
        canary.assert_unwritten(&home, service);
    }
}
