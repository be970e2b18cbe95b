//! Passing a call on (RFC 3515): what was asked, and how it is told what came of it.

use std::time::Duration;

use rsipstack::{
    dialog::{dialog::TransactionHandle, invite_dialog::InviteDialog},
    sip::{Header, Request},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::{established::answer, headers::value, replaced};
use crate::{
    api::{CallId, Origin, Refer, ReferReply},
    cause,
    shared::Shared,
    words,
};

/// How long the server may take to decide.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whom a REFER names, and which call of ours it is to take over; nothing where it cannot be read.
pub(super) fn read(
    shared: &Shared,
    request: &Request,
    owner: &Origin,
) -> Option<(String, Option<CallId>)> {
    let address = words::Address::parse(value(&request.headers, "Refer-To")?)?;
    let uri = address.uri?;
    let to = words::dialled(&uri.user?)?;
    let replaces = uri.headers.as_deref().and_then(|headers| {
        let wanted = headers.split('&').find_map(|header| {
            let (name, value) = header.split_once('=')?;
            name.eq_ignore_ascii_case("Replaces").then_some(value)
        })?;
        replaced(shared, &words::percent_decode(wanted)?, owner)
    });
    Some((to, replaces))
}

/// Asks the server, and answers for it.
pub(super) fn ask(
    dialog: InviteDialog,
    handle: TransactionHandle,
    to: String,
    replaces: Option<CallId>,
    subscribes: bool,
) -> Refer {
    let (say, said) = oneshot::channel::<mpsc::UnboundedReceiver<u16>>();
    tokio::spawn(async move {
        let Ok(Ok(mut told)) = timeout(PATIENCE, said).await else {
            return answer(&handle, 603, vec![], None).await;
        };
        let headers = match subscribes {
            true => vec![],
            false => vec![super::headers::other("Refer-Sub", "false")],
        };
        answer(&handle, 202, headers, None).await;
        drop(handle);
        if !subscribes {
            return;
        }
        notify(&dialog, 100).await;
        while let Some(status) = told.recv().await {
            notify(&dialog, status).await;
            if status >= 200 {
                return;
            }
        }
        // Nobody told the end: it is not known.
        notify(&dialog, 503).await;
    });
    Refer {
        to,
        replaces,
        reply: ReferReply(Some(say)),
    }
}

async fn notify(dialog: &InviteDialog, status: u16) {
    let state = match status {
        0..200 => "active;expires=60",
        _ => "terminated;reason=noresource",
    };
    let phrase = match status {
        100 => "Trying",
        180 => "Ringing",
        200 => "OK",
        other => cause::phrase(other).unwrap_or("Unknown"),
    };
    let headers = vec![
        Header::Event("refer".into()),
        Header::SubscriptionState(state.into()),
        Header::ContentType("message/sipfrag;version=2.0".into()),
    ];
    let body = format!("SIP/2.0 {status} {phrase}\r\n").into_bytes();
    if let Err(error) = dialog.notify(Some(headers), Some(body)).await {
        tracing::debug!(%error, status, "what came of a transfer could not be told");
    }
}

/// The final status that a NOTIFY about our REFER tells, if it tells one.
pub(super) fn final_status(request: &Request) -> Option<u16> {
    let body = String::from_utf8_lossy(&request.body);
    let line = body.lines().next()?;
    let status: u16 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    (status >= 200 && line.starts_with("SIP/2.0 ")).then_some(status)
}
