//! Files that cannot be read before they are whole.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
};

use super::feed::{Feed, FeedError};
use crate::{compute::blocking_io, http::error::ApiError};

/// Receives all of a body into a temporary file that has no name, of at most `most` bytes, in
/// `folder` or where the system has such files.
pub(super) async fn spool(
    feed: &mut Feed,
    folder: Option<PathBuf>,
    most: u64,
) -> Result<File, ApiError> {
    let create = move || match folder {
        Some(folder) => tempfile::tempfile_in(folder),
        None => tempfile::tempfile(),
    };
    let mut file = blocking_io(create).await?.map_err(unkept)?;
    let mut length = 0;
    while let Some(bytes) = feed.next().await.map_err(refused)? {
        length += bytes.len() as u64;
        if length > most {
            return Err(ApiError::BodyTooLarge);
        }
        let written = blocking_io(move || file.write_all(&bytes).map(|()| file));
        file = written.await?.map_err(unkept)?;
    }
    let rewound = blocking_io(move || file.seek(SeekFrom::Start(0)).map(|_| file));
    rewound.await?.map_err(unkept)
}

/// What a client is told whose body cannot be received.
pub(super) fn refused(error: FeedError) -> ApiError {
    match error {
        FeedError::Stalled => ApiError::TimedOut,
        FeedError::BrokenOff => ApiError::invalid("", "the request body could not be read"),
    }
}

fn unkept(error: io::Error) -> ApiError {
    tracing::error!(%error, "a data set cannot be kept in a temporary file");
    ApiError::Internal
}
