//! The file formats that rows come in, by media type and by name.

use std::path::Path;

/// A file format of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values with a header line (RFC 4180).
    Csv,
    /// A JSON object on each line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// Apache Arrow IPC, stream or file; its first bytes tell which.
    Arrow,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Ndjson, Self::Parquet, Self::Arrow];

    /// The format of a media type, whose parameters and case do not matter.
    pub fn from_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let is = |known: &&str| known.eq_ignore_ascii_case(essence);
        Self::ALL
            .into_iter()
            .find(|format| format.media_types().iter().any(is))
    }

    /// The format of a file by the extension of its name; `.gz` and `.zst` after it are passed over.
    pub fn from_path(path: impl AsRef<Path>) -> Option<Self> {
        let mut path = path.as_ref();
        let stem;
        let mut extension = path.extension()?.to_str()?.to_ascii_lowercase();
        if matches!(extension.as_str(), "gz" | "zst") {
            stem = path.with_extension("");
            path = &stem;
            extension = path.extension()?.to_str()?.to_ascii_lowercase();
        }
        Some(match extension.as_str() {
            "csv" => Self::Csv,
            "ndjson" | "jsonl" => Self::Ndjson,
            "parquet" => Self::Parquet,
            "arrow" | "arrows" | "feather" | "ipc" => Self::Arrow,
            _ => return None,
        })
    }

    /// The media type that the format is registered or best known under.
    pub fn media_type(self) -> &'static str {
        self.media_types()[0]
    }

    /// What the format is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Parquet => "Parquet",
            Self::Arrow => "Arrow IPC",
        }
    }

    /// Every media type that means this format, the preferred one first.
    fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Csv => &["text/csv", "application/csv"],
            Self::Ndjson => &[
                "application/x-ndjson",
                "application/ndjson",
                "application/jsonl",
                "application/x-jsonlines",
            ],
            Self::Parquet => &["application/vnd.apache.parquet", "application/x-parquet"],
            Self::Arrow => &[
                "application/vnd.apache.arrow.stream",
                "application/vnd.apache.arrow.file",
            ],
        }
    }
}
