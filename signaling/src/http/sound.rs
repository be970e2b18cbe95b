//! What visitors hear while a call of theirs waits.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bellwire_proto::id::SiteKey;

use super::problem::Problem;
use crate::app::{App, SiteAnswer};

/// The built-in music: Ogg Vorbis, made to be repeated without a gap.
const MUSIC: &[u8] = include_bytes!("../../media/sounds/music.ogg");

/// `GET /api/public/sound/{KEY}/waiting.ogg`
pub(super) async fn waiting(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<Response, Problem> {
    let SiteAnswer::Allowed(_) = app.site(&SiteKey(key), None).await else {
        return Err(Problem::not_found("site"));
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("audio/ogg")),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
    ];
    Ok((headers, MUSIC).into_response())
}
