//! One row of the route table: a route, who may call it, and what is said of it.

use axum::{http::Method, routing::MethodRouter};

use super::{AppState, doc::Doc};
use crate::{access::Scope, limits::Class};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Callers with this scope.
    Scope(Scope),
}

/// One row of the table.
pub struct Row {
    /// The method; GET answers HEAD too.
    pub method: Method,
    /// The path pattern; it answers with a trailing slash too.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// Which quota it is charged to.
    pub class: Class,
    /// Whether it is charged and bounded at all.
    pub limited: bool,
    /// Whether requests leave records in the audit trail.
    pub audited: bool,
    /// Whether its requests have the time that those with a data set are given.
    pub with_data_set: bool,
    /// What the documentation says.
    pub doc: fn() -> Doc,
    pub(super) handler: fn() -> MethodRouter<AppState>,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.method, self.path, self.access)
    }
}

/// A route anybody may call: probes and documentation, which are neither
/// charged nor audited.
pub(super) const fn public(
    method: Method,
    path: &'static str,
    handler: fn() -> MethodRouter<AppState>,
    doc: fn() -> Doc,
) -> Row {
    let access = Access::Public;
    Row {
        method,
        path,
        access,
        class: Class::Other,
        limited: false,
        audited: false,
        with_data_set: false,
        doc,
        handler,
    }
}

/// A route for callers with `scope`, charged to `class` and audited.
pub(super) const fn guarded(
    method: Method,
    path: &'static str,
    scope: Scope,
    class: Class,
    handler: fn() -> MethodRouter<AppState>,
    doc: fn() -> Doc,
) -> Row {
    let access = Access::Scope(scope);
    Row {
        method,
        path,
        access,
        class,
        limited: true,
        audited: true,
        with_data_set: matches!(class, Class::Train | Class::FeatureSelection),
        doc,
        handler,
    }
}

impl Row {
    /// Never charged nor audited, though guarded: for the metrics page, which is
    /// read every few seconds.
    pub(super) const fn unmetered(mut self) -> Self {
        self.limited = false;
        self.audited = false;
        self
    }

    /// Given the time of a request with a data set, though charged as one without.
    pub(super) const fn with_data_set(mut self) -> Self {
        self.with_data_set = true;
        self
    }

    /// Charged like a guarded row, though anybody may call.
    pub(super) const fn charged(mut self, class: Class) -> Self {
        self.class = class;
        self.limited = true;
        self.audited = true;
        self
    }
}
