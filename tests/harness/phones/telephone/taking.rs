//! Requests that come in: new calls, and everything inside them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::time::sleep;

use super::{
    Pickup,
    call::{By, Progress, Refer},
    dialog::Dialog,
    message::{Message, parameter, uri_of, user_of},
    stack::Stack,
    talk::Talk,
};

/// What we understand.
pub(super) const ALLOW: &str =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY, PRACK, MESSAGE";

/// Takes in a request.
pub(super) async fn take(stack: &Arc<Stack>, request: Message, from: SocketAddr) {
    let id = request.header("Call-ID").unwrap_or_default();
    if let Some(talk) = stack.call(id) {
        return inside(&talk, &request, from);
    }
    let tagged = parameter(request.header("To").unwrap_or_default(), "tag").is_some();
    match request.method() {
        "ACK" => {}
        "INVITE" if !tagged => {
            if let Err(error) = called(stack, request, from).await {
                stack.complain(format!("{error:#}"));
            }
        }
        "OPTIONS" | "NOTIFY" | "MESSAGE" => refuse(stack, &request, 200, from),
        _ => refuse(stack, &request, 481, from),
    }
}

fn refuse(stack: &Stack, request: &Message, status: u16, to: SocketAddr) {
    let mut response = Message::response(request, status, phrase(status)).with("Allow", ALLOW);
    let tag = format!(
        "{};tag={}",
        request.header("To").unwrap_or_default(),
        super::unique()
    );
    if parameter(request.header("To").unwrap_or_default(), "tag").is_none() {
        response.set("To", tag);
    }
    stack.respond(request, response, to);
}

async fn called(stack: &Arc<Stack>, invite: Message, from: SocketAddr) -> Result<()> {
    if let Pickup::Refuse(status) = stack.settings.pickup {
        refuse(stack, &invite, status, from);
        return Ok(());
    }
    let dialog = Dialog::called(&invite, from);
    let ringing = Progress::Ringing { early: false };
    let talk = Talk::new(stack, invite, dialog, ringing, from).await?;
    match stack.settings.pickup {
        Pickup::Never => {}
        Pickup::ByHand | Pickup::Refuse(_) => respond(&talk, 180, None),
        Pickup::AtOnce => pick_up(&talk)?,
    }
    // Full only where nobody asks who called.
    _ = stack.ring.try_send(talk);
    Ok(())
}

/// Answers the call.
pub(super) fn pick_up(talk: &Arc<Talk>) -> Result<()> {
    let sdp = match talk.invite.sdp() {
        Some(offer) => talk.answer(offer)?,
        None => talk.offer(),
    };
    accept(talk, &talk.invite, Some(sdp));
    talk.moves_to(Progress::Talking);
    Ok(())
}

/// A response to the first INVITE.
pub(super) fn respond(talk: &Talk, status: u16, sdp: Option<String>) {
    respond_to(talk, &talk.invite, status, sdp);
}

/// A reliable response to the first INVITE (RFC 3262), said once: tests lose no packets.
pub(super) fn respond_reliably(talk: &Talk, status: u16, sdp: String) {
    let dress = |response: Message| response.with("Require", "100rel").with("RSeq", 1);
    respond_dressed(talk, &talk.invite, status, Some(sdp), dress);
}

fn respond_to(talk: &Talk, request: &Message, status: u16, sdp: Option<String>) {
    respond_dressed(talk, request, status, sdp, |response| response);
}

fn respond_dressed(
    talk: &Talk,
    request: &Message,
    status: u16,
    sdp: Option<String>,
    dress: impl FnOnce(Message) -> Message,
) {
    let (local, from) = {
        let state = talk.state();
        (state.dialog.local.clone(), state.from)
    };
    let mut response = Message::response(request, status, phrase(status))
        .with("Contact", talk.stack.contact())
        .with("Allow", ALLOW);
    if parameter(request.header("To").unwrap_or_default(), "tag").is_none() {
        response.set("To", local);
    }
    if let Some(sdp) = sdp {
        response = response.carrying("application/sdp", sdp);
    }
    talk.stack.respond(request, dress(response), from);
}

/// A 2xx to an INVITE, again and again until the ACK comes (RFC 3261, section 13.3.1.4).
fn accept(talk: &Arc<Talk>, invite: &Message, sdp: Option<String>) {
    talk.state().acknowledged = false;
    respond_to(talk, invite, 200, sdp.clone());
    let (talk, invite) = (Arc::clone(talk), invite.clone());
    tokio::spawn(async move {
        for pause in [500, 1000, 2000, 4000] {
            sleep(Duration::from_millis(pause)).await;
            if talk.state().acknowledged || matches!(*talk.progress.borrow(), Progress::Ended(_)) {
                return;
            }
            respond_to(&talk, &invite, 200, sdp.clone());
        }
        talk.stack.complain("no ACK to our 200".into());
    });
}

fn inside(talk: &Arc<Talk>, request: &Message, from: SocketAddr) {
    if !talk.state().dialog.hear(request) {
        talk.stack.complain(format!("an old CSeq in:\n{request}"));
    }
    {
        let mut state = talk.state();
        state.from = from;
        state.requests.push(request.clone());
    }
    let ok = || respond_to(talk, request, 200, None);
    match request.method() {
        "ACK" => acknowledged(talk, request),
        "BYE" => {
            ok();
            talk.ends(By::Far, None, request.header("Reason"));
        }
        "CANCEL" => {
            ok();
            if matches!(*talk.progress.borrow(), Progress::Ringing { .. }) {
                respond(talk, 487, None);
                talk.ends(By::Far, Some(487), request.header("Reason"));
            }
        }
        "INVITE" | "UPDATE" => offered(talk, request),
        "INFO" => {
            ok();
            talk.state().digits.extend(info_digit(&request.body));
        }
        "REFER" => referred(talk, request),
        "NOTIFY" => {
            ok();
            let fragment = request.body.split_whitespace().nth(1);
            let status: Option<u16> = fragment.and_then(|status| status.parse().ok());
            talk.state().told.extend(status);
        }
        "PRACK" | "OPTIONS" | "MESSAGE" => ok(),
        _ => respond_to(talk, request, 501, None),
    }
}

fn acknowledged(talk: &Talk, ack: &Message) {
    talk.state().acknowledged = true;
    // A late offer's answer.
    let Some(sdp) = ack.sdp() else { return };
    if let Err(error) = talk.answered(sdp) {
        talk.stack.complain(format!("{error:#}"));
    }
}

/// A new offer inside the call: re-INVITE, or UPDATE (RFC 3311).
fn offered(talk: &Arc<Talk>, request: &Message) {
    let is_update = request.method() == "UPDATE";
    if talk.state().offering && (request.sdp().is_some() || !is_update) {
        // Both offer at once (RFC 3261, section 14.2).
        return respond_to(talk, request, 491, None);
    }
    talk.state().dialog.retarget(request);
    let sdp = match request.sdp() {
        Some(offer) => talk.answer(offer).map(Some),
        None if is_update => Ok(None),
        None => Ok(Some(talk.offer())),
    };
    match sdp {
        Ok(sdp) if is_update => respond_to(talk, request, 200, sdp),
        Ok(sdp) => accept(talk, request, sdp),
        Err(error) => {
            talk.stack.complain(format!("{error:#}"));
            respond_to(talk, request, 488, None);
        }
    }
}

/// REFER (RFC 3515): it is accepted; whether it is done is the test's part.
fn referred(talk: &Arc<Talk>, request: &Message) {
    let to = request.header("Refer-To").unwrap_or_default();
    talk.state().refer = Some(Refer {
        uri: uri_of(to).to_owned(),
        user: user_of(to).to_owned(),
        by: request.header("Referred-By").map(str::to_owned),
    });
    respond_to(talk, request, 202, None);
}

/// The digit in an INFO: `Signal=5` (application/dtmf-relay), or the digit alone (application/dtmf).
fn info_digit(body: &str) -> Option<char> {
    let signal = body.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then_some(value)
    });
    signal.unwrap_or(body).trim().chars().next()
}

fn phrase(status: u16) -> &'static str {
    match status {
        180 => "Ringing",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        404 => "Not Found",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        603 => "Decline",
        _ => "Test",
    }
}
