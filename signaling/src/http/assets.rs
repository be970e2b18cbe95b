//! The files inside the binary: both web apps, the loader and the demo shop.
//!
//! They are read once at the start. A file that stands compressed beside its original
//! (`desk.wasm.br`) goes out so; others that shrink are compressed in the background, quickly and
//! less well, and go out as they are until that is done.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io::Write,
    sync::{Arc, OnceLock},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use tokio_util::sync::CancellationToken;

/// What the name of a compressed file ends with.
const SMALL: &str = ".br";

/// The best quality that does not take many seconds.
const QUALITY: i32 = 9;

/// The built web apps, `agent/` and `widget/`, and the scripts of pages, made small: they take the
/// place of those in `www/`.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Dist;

/// The loader, the demo shop and the test pages.
#[derive(RustEmbed)]
#[folder = "../www"]
#[allow_missing = true]
struct Www;

/// All files, by path: `agent/index.html`, `bellwire.js`, `demo/style.css`.
pub(crate) struct Assets {
    files: BTreeMap<String, File>,
}

/// One file.
pub(crate) struct File {
    bytes: Bytes,
    mime: &'static str,
    etag: HeaderValue,
    kept: Kept,
    brotli: OnceLock<Bytes>,
}

/// How long a browser may keep a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kept {
    /// Its name changes with its contents.
    Forever,
    /// It is asked about each time.
    Asked,
}

impl Assets {
    /// Reads the files that the binary carries.
    pub(crate) fn load() -> Arc<Self> {
        let dist = Dist::iter().filter_map(|path| Some((Dist::get(&path)?, path)));
        let www = Www::iter().filter_map(|path| Some((Www::get(&path)?, path)));
        let (small, whole): (Vec<_>, Vec<_>) =
            www.chain(dist).partition(|(_, path)| path.ends_with(SMALL));
        let files: BTreeMap<String, File> = whole
            .into_iter()
            .map(|(file, path)| (path.to_string(), File::new(&path, file)))
            .collect();
        for (file, path) in small {
            if let Some(whole) = path.strip_suffix(SMALL).and_then(|path| files.get(path)) {
                whole.brotli.get_or_init(|| bytes(file));
            }
        }
        Arc::new(Self { files })
    }

    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Compresses what shrinks and is not compressed yet. Takes about a second of one core: for a
    /// thread of its own.
    pub(crate) fn compress(&self, stop: &CancellationToken) {
        let worthwhile = self
            .files
            .iter()
            .filter(|(_, file)| file.brotli.get().is_none() && file.shrinks());
        for (path, file) in worthwhile {
            if stop.is_cancelled() {
                return;
            }
            match brotli(&file.bytes) {
                Ok(small) if small.len() < file.bytes.len() => {
                    file.brotli.get_or_init(|| small);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(path, %error, "a file could not be compressed"),
            }
        }
    }
}

impl File {
    fn new(path: &str, file: EmbeddedFile) -> Self {
        let digest = file.metadata.sha256_hash();
        let tag: String = digest[..12].iter().map(|b| format!("{b:02x}")).collect();
        Self {
            bytes: bytes(file),
            mime: mime(path),
            etag: HeaderValue::try_from(format!("\"{tag}\""))
                .unwrap_or(HeaderValue::from_static("\"0\"")),
            kept: if has_hash(path) {
                Kept::Forever
            } else {
                Kept::Asked
            },
            brotli: OnceLock::new(),
        }
    }

    /// The file as text; `None` where it is not text.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// The file as an answer to a request with these headers.
    pub(crate) fn answer(&self, request: &HeaderMap) -> Response {
        let mut response = self.whole(request);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.mime));
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(match self.kept {
                Kept::Forever => "public, max-age=31536000, immutable",
                Kept::Asked => "no-cache",
            }),
        );
        response
    }

    fn whole(&self, request: &HeaderMap) -> Response {
        let known = request.get(header::IF_NONE_MATCH).is_some_and(|tags| {
            let tag = self.etag.to_str().unwrap_or_default();
            tags.to_str().is_ok_and(|tags| tags.contains(tag))
        });
        if known {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        match self.brotli.get().filter(|_| takes_brotli(request)) {
            Some(small) => (
                [(header::CONTENT_ENCODING, HeaderValue::from_static("br"))],
                Body::from(small.clone()),
            )
                .into_response(),
            None => Body::from(self.bytes.clone()).into_response(),
        }
    }

    fn shrinks(&self) -> bool {
        self.bytes.len() > 512
            && (self.mime.starts_with("text/")
                || self.mime == "application/wasm"
                || self.mime == "application/json"
                || self.mime == "image/svg+xml")
    }
}

fn bytes(file: EmbeddedFile) -> Bytes {
    match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

fn brotli(bytes: &[u8]) -> std::io::Result<Bytes> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: QUALITY,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut small = brotli::CompressorWriter::with_params(Vec::new(), 64 * 1024, &params);
    small.write_all(bytes)?;
    small.flush()?;
    Ok(Bytes::from(small.into_inner()))
}

fn takes_brotli(request: &HeaderMap) -> bool {
    request
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "br" && !matches!(weight.trim(), "q=0" | "q=0.0")
        })
}

/// Whether the name carries a hash of the contents, as Trunk writes it: `desk-5f0c…d1.css`.
fn has_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['-', '_', '.'])
        .any(|part| part.len() >= 15 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_kept_forever() {
        let names = [
            ("agent/bellwire-agent-ui-1e6f2d5b0a9c8d7e.js", true),
            ("widget/bellwire-client-1e6f2d5b0a9c8d7e_bg.wasm", true),
            ("agent/index.html", false),
            ("bellwire.js", false),
            ("demo/style.css", false),
        ];
        for (name, kept) in names {
            assert_eq!(has_hash(name), kept, "{name}");
        }
    }

    #[test]
    fn brotli_goes_only_to_who_takes_it() {
        let headers = |value: &'static str| {
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
        };

        assert!(takes_brotli(&headers("gzip, deflate, br, zstd")));
        assert!(takes_brotli(&headers("br;q=0.8")));
        assert!(!takes_brotli(&headers("gzip, br;q=0")));
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
