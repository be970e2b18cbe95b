//! The requests of the administration and supervision pages, and what became of them.

use bellwire_proto::{
    admin::{
        Changes, ContactTold, Contacts, Current, Import, Imported, InvitationCounts, Kind,
        NotSaved, PhoneLine, Save, Saved, TagSeen, TestCall, TestCallResult, Tried, TrunkLine, Try,
        Undo, WaitAccuracy,
    },
    id::InteractionId,
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    route::encode,
    session::api::{Trouble, fetch},
    text::admin as text,
};

/// Why something was not done.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Problem {
    /// No answer came. Asking again may help.
    Unreachable,
    /// Nobody is signed in any more.
    NotSignedIn,
    /// The user may not.
    Forbidden,
    /// It is not there any more.
    Gone,
    /// What it says is wrong, or strange, or somebody changed the set-up meanwhile.
    NotSaved(NotSaved),
    /// The server said something else, in words where it had some.
    Failed(Option<String>),
}

/// The word of a refusal because of an older version.
pub(crate) const OUTDATED: &str = "outdated";

/// The word of a refusal that a second press overrules.
pub(crate) const WARNINGS: &str = "warnings";

impl Problem {
    /// The sentence for the person in front of the screen.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Unreachable => text::UNREACHABLE.to_owned(),
            Self::NotSignedIn => text::NOT_SIGNED_IN.to_owned(),
            Self::Forbidden => text::FORBIDDEN.to_owned(),
            Self::Gone => text::GONE.to_owned(),
            Self::NotSaved(refusal) if refusal.error == OUTDATED => text::OUTDATED.to_owned(),
            Self::NotSaved(refusal) => refusal.message.clone(),
            Self::Failed(said) => said.clone().unwrap_or_else(|| text::FAILED.to_owned()),
        }
    }
}

/// The word of a refusal because the server's settings name no way in for telephones.
const TELEPHONY_OFF: &str = "telephony_off";

/// What the server's refusals have in common.
#[derive(Default, Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    detail: String,
}

/// How the centre is set up now.
pub(crate) async fn setup() -> Result<Current, Problem> {
    get("/api/admin/setup").await
}

/// Saves a document.
pub(crate) async fn save<T: Serialize>(
    kind: Kind,
    id: &str,
    save: &Save<T>,
) -> Result<Saved, Problem> {
    let path = format!("/api/admin/{}/{}", kind.as_str(), encode(id));
    send("PUT", &path, Some(save)).await
}

/// Deletes a document.
pub(crate) async fn delete(
    kind: Kind,
    id: &str,
    version: i64,
    despite_warnings: bool,
) -> Result<Saved, Problem> {
    let path = format!(
        "/api/admin/{}/{}?version={version}&despite_warnings={despite_warnings}",
        kind.as_str(),
        encode(id),
    );
    send::<(), _>("DELETE", &path, None).await
}

/// What was changed, newest first.
pub(crate) async fn changes(before: Option<i64>) -> Result<Changes, Problem> {
    match before {
        Some(before) => get(&format!("/api/admin/changes?before={before}")).await,
        None => get("/api/admin/changes").await,
    }
}

/// Takes back the last change.
pub(crate) async fn undo(version: i64) -> Result<Saved, Problem> {
    send("POST", "/api/admin/undo", Some(&Undo { version })).await
}

/// Puts a whole set-up in place of the one before, or says what that would do.
pub(crate) async fn import(import: &Import) -> Result<Imported, Problem> {
    send("POST", "/api/admin/import", Some(import)).await
}

/// What rules would say of recorded journeys.
pub(crate) async fn try_rules(rules: &Try) -> Result<Tried, Problem> {
    send("POST", "/api/admin/try", Some(rules)).await
}

/// Whether each site's tag was seen.
pub(crate) async fn seen() -> Result<Vec<TagSeen>, Problem> {
    get("/api/admin/seen").await
}

/// Where phones are reached.
pub(crate) async fn phones() -> Result<Vec<PhoneLine>, Problem> {
    get("/api/admin/phones/live").await
}

/// How trunks stand.
pub(crate) async fn trunks() -> Result<Vec<TrunkLine>, Problem> {
    get("/api/admin/trunks/live").await
}

/// Tries a trunk.
pub(crate) async fn test_call(test: &TestCall) -> Result<TestCallResult, Problem> {
    send("POST", "/api/admin/trunks/test", Some(test)).await
}

/// Contacts, newest first.
pub(crate) async fn contacts(before: Option<Timestamp>) -> Result<Contacts, Problem> {
    match before {
        Some(before) => get(&format!("/api/supervise/contacts?before={}", before.0)).await,
        None => get("/api/supervise/contacts").await,
    }
}

/// One contact with every decision about it.
pub(crate) async fn contact(id: InteractionId) -> Result<ContactTold, Problem> {
    get(&format!("/api/supervise/contacts/{id}")).await
}

/// What invitations brought about.
pub(crate) async fn invitations() -> Result<Vec<InvitationCounts>, Problem> {
    get("/api/supervise/invitations").await
}

/// How well waits are foretold.
pub(crate) async fn waits() -> Result<Vec<WaitAccuracy>, Problem> {
    get("/api/supervise/waits").await
}

async fn get<A: DeserializeOwned>(path: &str) -> Result<A, Problem> {
    send::<(), A>("GET", path, None).await
}

async fn send<B: Serialize, A: DeserializeOwned>(
    method: &str,
    path: &str,
    body: Option<&B>,
) -> Result<A, Problem> {
    let body = (body.map(serde_json::to_string).transpose()).map_err(|_| Problem::Failed(None))?;
    match fetch(method, path, body.as_deref()).await {
        Ok((status, answer)) => understand(status, &answer),
        Err(Trouble::NotSignedIn) => Err(Problem::NotSignedIn),
        Err(Trouble::Unreachable) => Err(Problem::Unreachable),
        Err(Trouble::TooMany(_) | Trouble::Failed) => Err(Problem::Failed(None)),
    }
}

/// An answer by its status.
fn understand<A: DeserializeOwned>(status: u16, answer: &str) -> Result<A, Problem> {
    match status {
        200..=299 => serde_json::from_str(answer).map_err(|_| Problem::Failed(None)),
        401 => Err(Problem::NotSignedIn),
        403 => Err(Problem::Forbidden),
        404 => Err(Problem::Gone),
        409 | 422 => Err(serde_json::from_str(answer)
            .map_or_else(|_| Problem::Failed(said(answer)), Problem::NotSaved)),
        503 if refusal(answer).error == TELEPHONY_OFF => Err(Problem::Failed(said(answer))),
        502..=504 => Err(Problem::Unreachable),
        _ => Err(Problem::Failed(said(answer))),
    }
}

fn refusal(answer: &str) -> Refusal {
    serde_json::from_str(answer).unwrap_or_default()
}

fn said(answer: &str) -> Option<String> {
    Some(refusal(answer).detail).filter(|detail| !detail.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_come_with_the_refusal_they_are_for() {
        let answer = r#"{"error":"invalid","message":"Not saved.","findings":[
            {"kind":"queue","id":"que_1","at":"name","say":"A queue needs a name.","error":true}]}"#;

        let read = understand::<Saved>(422, answer);

        let Err(Problem::NotSaved(refusal)) = read else {
            panic!("{read:?}");
        };
        assert_eq!(refusal.findings[0].at, "name");
    }

    #[test]
    fn a_change_by_somebody_else_is_told_in_our_words() {
        let answer = r#"{"error":"outdated","message":"…"}"#;

        let problem = understand::<Saved>(409, answer).map_err(|problem| problem.sentence());

        assert_eq!(problem, Err(text::OUTDATED.to_owned()));
    }

    #[test]
    fn that_telephones_are_switched_off_is_told_in_the_servers_words() {
        let answer = r#"{"error":"telephony_off","detail":"Switched off.","status":503}"#;

        let off = understand::<Vec<PhoneLine>>(503, answer);

        assert_eq!(off, Err(Problem::Failed(Some("Switched off.".to_owned()))));
        let busy = understand::<Vec<PhoneLine>>(503, r#"{"error":"busy","detail":"Later."}"#);
        assert_eq!(busy, Err(Problem::Unreachable));
    }

    #[test]
    fn a_refusal_in_words_is_shown_in_these_words() {
        let answer = r#"{"detail":"The file is too large.","status":413}"#;

        let read = understand::<Imported>(413, answer);

        assert_eq!(
            read,
            Err(Problem::Failed(Some("The file is too large.".to_owned())))
        );
        assert_eq!(
            understand::<Saved>(500, "<html>"),
            Err(Problem::Failed(None))
        );
    }

    #[test]
    fn who_may_not_is_told_so() {
        assert_eq!(understand::<Current>(403, "{}"), Err(Problem::Forbidden));
        assert_eq!(understand::<Current>(401, "{}"), Err(Problem::NotSignedIn));
    }
}
