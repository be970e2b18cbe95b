//! Why a change was not made, as the administration page reads it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bellwire_proto::admin::{Finding, Kind, NotSaved};
use serde::de::DeserializeOwned;

use crate::{http::problem::Problem, store::Error};

/// Why a change was not made.
pub(in crate::http) enum Refused {
    /// The request itself is no good.
    Problem(Problem),
    /// What it says is not: 422, or 409 where the page showed an older version.
    NotSaved(StatusCode, NotSaved),
}

impl Refused {
    /// Something is wrong with it as a whole.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::with("invalid", message.into(), Vec::new())
    }

    /// One thing is wrong with it.
    pub(super) fn finding(kind: Kind, id: &str, at: &str, say: impl Into<String>) -> Self {
        let finding = Finding {
            kind,
            id: id.to_owned(),
            at: at.to_owned(),
            say: say.into(),
            error: true,
        };
        Self::with("invalid", finding.say.clone(), vec![finding])
    }

    /// These things are wrong with it, or strange.
    pub(super) fn with(error: &str, message: String, findings: Vec<Finding>) -> Self {
        Self::NotSaved(
            StatusCode::UNPROCESSABLE_ENTITY,
            NotSaved {
                error: error.to_owned(),
                message,
                findings,
            },
        )
    }

    /// Somebody else changed the set-up meanwhile.
    pub(super) fn outdated() -> Self {
        Self::NotSaved(
            StatusCode::CONFLICT,
            NotSaved {
                error: "outdated".to_owned(),
                message: "Somebody else changed the centre meanwhile. Please look at it as it is \
                          now, then try again."
                    .to_owned(),
                findings: Vec::new(),
            },
        )
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::NotSaved(status, why) => {
                let mut response = (status, Json(why)).into_response();
                let headers = response.headers_mut();
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                response
            }
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Problem(error.into())
    }
}

/// What storing a document says, where it is about the document.
pub(super) fn at_user(error: Error, id: &str) -> Refused {
    if let Error::Taken { name, .. } = &error {
        let say = format!("There is a user {name} already. Please choose another name.");
        return Refused::finding(Kind::User, id, "user", say);
    }
    if let Error::NoPassword { .. } = &error {
        return Refused::finding(Kind::User, id, "password", "A new user needs a password.");
    }
    error.into()
}

/// A body that is JSON of this form.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body)
        .map_err(|error| Refused::invalid(format!("This cannot be read: {error}.")))
}
