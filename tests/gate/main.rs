//! The gate: keys, their registry, and rate limits, without HTTP.

#[cfg(test)]
mod key;
#[cfg(test)]
mod limiter;
#[cfg(test)]
mod quota;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod reload;
