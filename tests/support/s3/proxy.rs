//! A proxy before a server, which counts what passes and does it harm by rule.
//!
//! It forwards requests byte for byte, signed headers and all, each on a connection
//! of its own; bodies pass as a whole.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use hyper::{HeaderMap, Method, StatusCode};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::{Server, host, passage};

/// A proxy before one server; it ends when dropped, and with it every connection.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

/// A request that came, whether or not the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// Decoded: `/bucket/a key`.
    pub(crate) path: String,
    /// As it came, without the question mark; empty when there is none.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body_length: usize,
}

/// An answer of the proxy's own; `None` lets the request pass.
pub(crate) type Custom =
    Box<dyn Fn(&Seen) -> Option<(StatusCode, HeaderMap, Vec<u8>)> + Send + Sync>;

/// What is done to a request or to its answer.
pub(crate) enum Fault {
    /// S3's error document with this code. The server sees nothing.
    Answer(StatusCode, &'static str),
    /// Whatever the function says.
    AnswerWith(Custom),
    /// The connection is reset. The server sees nothing.
    ResetBefore,
    /// The server does it, and the connection is reset: the client does not know.
    ResetAfter,
    /// Nothing happens until [`Proxy::heal`], which lets it pass. The server sees nothing before.
    Stall,
    /// The server does it, and its answer is held back until [`Proxy::heal`].
    StallAfter,
    /// It passes later.
    Delay(Duration),
    /// The answer ends after so many bytes of its body, whatever its head has promised.
    Truncate(usize),
    /// One bit in the middle of the answer's body is turned over.
    Corrupt,
    /// The server sees another path and query. Its signature check will notice.
    Rewrite(fn(&str) -> String),
}

struct Rule {
    /// How often it still applies.
    times: usize,
    matches: Box<dyn Fn(&Seen) -> bool + Send + Sync>,
    fault: Arc<Fault>,
}

/// What the connections share with their proxy.
pub(super) struct Shared {
    pub(super) server: SocketAddr,
    seen: Mutex<Vec<Seen>>,
    rules: Mutex<Vec<Rule>>,
    pub(super) healed: watch::Sender<()>,
}

impl Shared {
    /// Counts the request and says what is to be done to it.
    pub(super) fn meet(&self, request: &Seen) -> Option<Arc<Fault>> {
        self.seen.lock().unwrap().push(request.clone());
        let mut rules = self.rules.lock().unwrap();
        let rule = rules
            .iter_mut()
            .find(|rule| rule.times > 0 && (rule.matches)(request))?;
        rule.times -= 1;
        Some(Arc::clone(&rule.fault))
    }
}

impl Proxy {
    /// A proxy on a port of its own.
    pub(crate) async fn before(server: &Server) -> Self {
        let shared = Arc::new(Shared {
            server: server.address(),
            seen: Mutex::default(),
            rules: Mutex::default(),
            healed: watch::Sender::new(()),
        });
        let listen = async { TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap() };
        let listener = host::run(listen).await;
        Self {
            address: listener.local_addr().unwrap(),
            accepting: host::spawn(passage::accept(listener, Arc::clone(&shared))),
            shared,
        }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many of the requests seen so far match.
    pub(crate) fn count(&self, what: impl Fn(&Seen) -> bool) -> usize {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|request| what(request)).count()
    }

    /// The requests seen so far, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Begins to count anew.
    pub(crate) fn forget(&self) {
        self.shared.seen.lock().unwrap().clear();
    }

    /// From now on the next so many requests that match suffer the fault; `usize::MAX` is for ever.
    /// Where two rules match, the older one has its turn first.
    pub(crate) fn inject(
        &self,
        times: usize,
        what: impl Fn(&Seen) -> bool + Send + Sync + 'static,
        fault: Fault,
    ) {
        self.shared.rules.lock().unwrap().push(Rule {
            times,
            matches: Box::new(what),
            fault: Arc::new(fault),
        });
    }

    /// Forgets all rules; what has stalled goes on.
    pub(crate) fn heal(&self) {
        self.shared.rules.lock().unwrap().clear();
        self.shared.healed.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
