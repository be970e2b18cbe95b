//! Making a call: INVITE and what comes of it (RFC 3261, section 13.2), PRACK (RFC 3262), CANCEL.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use super::{
    Dial,
    call::{By, Progress},
    dialog::Dialog,
    digest,
    message::Message,
    stack::{Stack, next_sequence},
    talk::{Talk, refusal_ack},
};

/// How often a challenge is answered in one call; a server that asks again refuses.
const CHALLENGES: usize = 2;

/// Sends an INVITE, and goes on by itself.
pub(super) async fn place(stack: &Arc<Stack>, dial: Dial) -> Result<Arc<Talk>> {
    let uri = match dial.to.starts_with("sip") {
        true => dial.to,
        false => format!("sip:{}@{}", dial.to, stack.settings.domain),
    };
    let mut invite = Message::request("INVITE", &uri);
    invite.headers.extend(dial.headers);
    let mut invite = stack.complete(invite);
    stack.stamp(&mut invite);
    let to = stack.settings.server;
    // An address with numbers is called directly, without a registrar.
    let to = super::message::address_of(&uri).unwrap_or(to);
    let dialog = Dialog::calling(&invite, &uri, to);
    let talk = Talk::new(stack, invite.clone(), dialog, Progress::Calling, to).await?;
    if !dial.late_offer {
        invite = invite.carrying("application/sdp", talk.offer());
    }
    talk.state().sent = Some((invite.clone(), to));
    let calling = Arc::clone(&talk);
    tokio::spawn(async move {
        if let Err(error) = call(&calling, invite, to).await {
            calling.stack.complain(format!("{error:#}"));
            calling.ends(By::Near, None, None);
        }
    });
    Ok(talk)
}

async fn call(talk: &Arc<Talk>, mut invite: Message, to: SocketAddr) -> Result<()> {
    for _ in 0..=CHALLENGES {
        let answers = talk.stack.transact(invite.clone(), to);
        let Some(last) = hear(talk, answers).await? else {
            talk.ends(By::Far, Some(408), None);
            return Ok(());
        };
        if last.status() < Some(300) {
            return answered(talk, &invite, &last);
        }
        let ack = refusal_ack(&invite, &last);
        talk.stack.acknowledge(invite.branch(), ack, to);
        let login = talk.stack.settings.login.as_ref();
        let may_answer = login.is_some()
            && !invite
                .headers
                .iter()
                .any(|(name, _)| name.ends_with("uthorization"));
        if !matches!(last.status(), Some(401 | 407)) || !may_answer {
            talk.ends(By::Far, last.status(), last.header("Reason"));
            return Ok(());
        }
        digest::answer(&mut invite, &last, login)?;
        next_sequence(&mut invite);
        talk.stack.stamp(&mut invite);
        let mut state = talk.state();
        state.dialog.sequence = invite.sequence();
        state.sent = Some((invite.clone(), to));
    }
    talk.ends(By::Far, Some(401), None);
    Ok(())
}

/// Waits for the final answer, and takes in what comes before.
async fn hear(talk: &Arc<Talk>, mut answers: mpsc::Receiver<Message>) -> Result<Option<Message>> {
    while let Some(answer) = answers.recv().await {
        talk.state().answers.push(answer.clone());
        match answer.status() {
            Some(200..) => return Ok(Some(answer)),
            Some(101..) => provisional(talk, &answer)?,
            Some(_) | None => {}
        }
    }
    Ok(None)
}

fn provisional(talk: &Arc<Talk>, answer: &Message) -> Result<()> {
    talk.state().dialog.learn(answer);
    let early = answer.sdp();
    if let Some(sdp) = early {
        talk.answered(sdp)?;
    }
    let was_early = matches!(*talk.progress.borrow(), Progress::Ringing { early: true });
    talk.moves_to(Progress::Ringing {
        early: was_early || early.is_some(),
    });
    if answer.list("Require").iter().any(|one| one == "100rel") {
        acknowledge_early(talk, answer)?;
    }
    Ok(())
}

/// PRACK (RFC 3262, section 7.2), once for each number.
fn acknowledge_early(talk: &Arc<Talk>, answer: &Message) -> Result<()> {
    let number = answer.must("RSeq")?.to_owned();
    let mut state = talk.state();
    if state.reliable.contains(&number) {
        return Ok(());
    }
    state.reliable.push(number.clone());
    let what = format!("{number} {} INVITE", answer.sequence());
    let talk = Arc::clone(talk);
    tokio::spawn(async move {
        let outcome = talk
            .ask("PRACK", |request| request.with("RAck", what))
            .await;
        match outcome {
            Ok(answer) if answer.status() == Some(200) => {}
            Ok(answer) => talk.stack.complain(format!("PRACK was refused:\n{answer}")),
            Err(error) => talk.stack.complain(format!("{error:#}")),
        }
    });
    Ok(())
}

fn answered(talk: &Arc<Talk>, invite: &Message, answer: &Message) -> Result<()> {
    talk.state().dialog.learn(answer);
    let (mut ack, to) = talk.acknowledgement(invite.sequence());
    if let Some(sdp) = answer.sdp() {
        if invite.sdp().is_some() {
            talk.answered(sdp)?;
        } else {
            // They offered, so the answer goes into the ACK (RFC 3261, section 13.2.2.4).
            ack = ack.carrying("application/sdp", talk.answer(sdp)?);
        }
    }
    talk.stack.acknowledge(invite.branch(), ack, to);
    let cancelled = talk.state().cancelled;
    talk.moves_to(Progress::Talking);
    if cancelled {
        // The CANCEL crossed the answer: BYE is what is left (RFC 3261, section 15).
        let talk = Arc::clone(talk);
        tokio::spawn(async move {
            if let Err(error) = talk.ask("BYE", |request| request).await {
                talk.stack.complain(format!("{error:#}"));
            }
            talk.ends(By::Near, None, None);
        });
    }
    Ok(())
}

/// Takes an INVITE back (RFC 3261, section 9.1).
pub(super) async fn cancel(talk: &Arc<Talk>) -> Result<Message> {
    let (invite, to) = {
        let mut state = talk.state();
        state.cancelled = true;
        state.sent.clone().context("only who calls can cancel")?
    };
    let super::message::Line::Request { uri, .. } = &invite.line else {
        anyhow::bail!("an INVITE that is no request")
    };
    let mut cancel = Message::request("CANCEL", uri).with("Max-Forwards", 70);
    for name in ["Via", "From", "To", "Call-ID"] {
        cancel = cancel.with(name, invite.must(name)?);
    }
    let cancel = cancel.with("CSeq", format!("{} CANCEL", invite.sequence()));
    let mut answers = talk.stack.transact(cancel, to);
    let answer = answers.recv().await;
    answer.context("no answer to CANCEL")
}
