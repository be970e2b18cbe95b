//! The legs of calls: one task for each, which is told what to do and tells what happens.
//!
//! ```text
//!  arrived ─▶ incoming ─┐ ringing, answered, refused        ┌─ offers (re-INVITE, UPDATE, glare)
//!                       ├──────▶ established::Established ──┼─ refer, INFO, session timer
//!  dial ────▶ outgoing ─┘ forks, challenges, failures       └─ goodbye
//! ```
//!
//! [`CallEvent::Ended`] comes once and last. Transactions and dialogs are rsipstack's.

mod established;
mod headers;
mod incoming;
mod outgoing;
mod place;
mod refer;
mod reliable;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rsipstack::{
    dialog::{DialogId, dialog::Dialog, invite_dialog::InviteDialog},
    sip::{Header, Method, StatusCode},
    transaction::{key::TransactionRole, transaction::Transaction},
};
use tokio::sync::mpsc;

use crate::{
    api::{Call, CallEvent, CallEvents, CallId, Dial, Order, Origin},
    cause::Cause,
    endpoint::locator::Place,
    settings::Transport,
    shared::{LegEntry, Shared, lock},
    trunks::TrunkUse,
};

pub(crate) use headers::{value, values};
pub(crate) use place::{source, transport_of};

/// How long the last BYEs may take when the endpoint stops.
const FAREWELL: Duration = Duration::from_millis(1500);

/// How often, and after how long each time, it is looked whether what came before was taken.
const LOOKS: u32 = 50;
const LOOK: Duration = Duration::from_millis(10);

/// Somebody calls: authenticated, checked, and without a tag in To.
pub(crate) fn arrived(shared: &Arc<Shared>, tx: Transaction, origin: Origin) {
    tokio::spawn(incoming::serve(shared.clone(), tx, origin));
}

/// A request inside a dialog.
pub(crate) async fn in_dialog(shared: &Arc<Shared>, mut tx: Transaction) {
    let dialog = dialog_of(shared, &tx).await;
    if let Some(dialog) = &dialog
        && tx.original.method == Method::PRack
    {
        return confirms(shared, tx, &dialog.id()).await;
    }
    if let Some(dialog) = &dialog
        && matches!(tx.original.method, Method::Invite | Method::Update)
        && let Some(at) = source(&tx)
    {
        let mut legs = lock(&shared.legs);
        if let Some(leg) = legs.values_mut().find(|leg| leg.is(&dialog.id())) {
            leg.spoke_from = Some((at, transport_of(tx.connection.as_ref())));
        }
    }
    if let Some(dialog) = &dialog
        && tx.original.method == Method::Bye
    {
        let reasons: Vec<_> = values(&tx.original.headers, "Reason").collect();
        let mut legs = lock(&shared.legs);
        if let Some(leg) = legs.values_mut().find(|leg| leg.is(&dialog.id())) {
            leg.goodbye = Some(Cause::of_bye(&reasons));
        }
    }
    if let Some(Dialog::Invite(early)) = &dialog
        && tx.original.method == Method::Bye
        && early.role() == TransactionRole::Server
        && early.state().can_cancel()
    {
        // RFC 3261 §15.1.2: what is not answered yet is answered now.
        if let Err(error) = early.reject(Some(StatusCode::RequestTerminated), None) {
            tracing::debug!(%error, "an INVITE that was hung up could not be refused");
        }
    }
    let handled = match dialog {
        Some(Dialog::Invite(dialog)) if is_too_early(&dialog, &tx).await => {
            // RFC 3311 §5.2: its first offer has no answer yet.
            let later = Header::RetryAfter("2".into());
            let status = StatusCode::ServerInternalError;
            tx.reply_with(status, vec![later], None).await
        }
        Some(Dialog::Invite(mut dialog)) => dialog.handle(&mut tx).await,
        Some(
            Dialog::ServerSubscription(_)
            | Dialog::ClientSubscription(_)
            | Dialog::ServerPublication(_)
            | Dialog::ClientPublication(_),
        )
        | None => {
            if tx.original.method == Method::Ack {
                return;
            }
            // RFC 3261 §12.2.2
            tx.reply(StatusCode::CallTransactionDoesNotExist).await
        }
    };
    if let Err(error) = handled {
        tracing::debug!(%error, "a request inside a call came to nothing");
    }
}

/// Whether a request belongs to a call that there is. The stack gives a call of ours its whole name a moment after its ACK.
pub(crate) fn is_known(shared: &Shared, tx: &Transaction) -> bool {
    let Ok(id) = DialogId::try_from(tx) else {
        return false;
    };
    let dialogs = &shared.dialogs;
    [&id, &unanswered(&id), &id]
        .into_iter()
        .any(|id| dialogs.get_dialog(id).is_some())
}

/// What a call of ours is named as long as nobody answered.
fn unanswered(id: &DialogId) -> DialogId {
    DialogId {
        remote_tag: String::new(),
        ..id.clone()
    }
}

/// The call that a request belongs to. What comes right behind our ACK waits until the call has its whole name.
async fn dialog_of(shared: &Shared, tx: &Transaction) -> Option<Dialog> {
    let id = DialogId::try_from(tx).ok()?;
    let unanswered = unanswered(&id);
    for _ in 0..LOOKS {
        let dialog = shared.dialogs.get_dialog(&id);
        if dialog.is_some() || shared.dialogs.get_dialog(&unanswered).is_none() {
            return dialog.or_else(|| shared.dialogs.get_dialog(&id));
        }
        tokio::time::sleep(LOOK).await;
    }
    None
}

/// A provisional answer is confirmed (PRACK): its leg knows whether it is.
async fn confirms(shared: &Arc<Shared>, tx: Transaction, dialog: &DialogId) {
    let confirmations = lock(&shared.legs)
        .values()
        .find(|leg| leg.is(dialog))
        .and_then(|leg| leg.confirmations.clone());
    let unheard = match confirmations {
        Some(leg) => leg.send(tx).err().map(|unheard| unheard.0),
        None => Some(tx),
    };
    let Some(mut tx) = unheard else {
        return;
    };
    let status = StatusCode::CallTransactionDoesNotExist;
    if let Err(error) = tx.reply(status).await {
        tracing::debug!(%error, "a PRACK was not answered");
    }
}

/// Whether a request of the far end comes before the call was answered, and the stack would not answer it then.
async fn is_too_early(dialog: &InviteDialog, tx: &Transaction) -> bool {
    let waits_for_answer = matches!(
        tx.original.method,
        Method::Info
            | Method::Invite
            | Method::Message
            | Method::Notify
            | Method::Options
            | Method::Refer
            | Method::Update
    );
    if !waits_for_answer {
        return false;
    }
    for _ in 0..LOOKS {
        let state = dialog.state();
        if state.is_confirmed() || state.can_cancel() || state.is_terminated() {
            break;
        }
        // What came before it (the ACK, another key) is being taken by another task, or is on its way.
        tokio::time::sleep(LOOK).await;
    }
    !dialog.state().is_confirmed()
}

/// Calls somebody.
pub(crate) fn dial(shared: &Arc<Shared>, dial: Dial) -> (Call, CallEvents) {
    let (leg, call, events) = Leg::new(shared);
    tokio::spawn(outgoing::serve(leg, dial));
    (call, events)
}

/// Hangs up everywhere, and waits a moment for it.
pub(crate) async fn hang_up_all(shared: &Arc<Shared>) {
    let legs: Vec<_> = lock(&shared.legs)
        .values()
        .filter_map(|leg| leg.orders.upgrade())
        .collect();
    for orders in legs {
        let _ = orders.send(Order::HangUp(Cause::ServerError { status: 503 }));
    }
    let gone = async {
        while !lock(&shared.legs).is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(FAREWELL, gone).await.is_err() {
        tracing::warn!(
            left = lock(&shared.legs).len(),
            "some calls were not hung up"
        );
    }
}

/// One leg, as its task has it.
struct Leg {
    shared: Arc<Shared>,
    id: CallId,
    orders: mpsc::UnboundedReceiver<Order>,
    own_orders: mpsc::WeakUnboundedSender<Order>,
    events: mpsc::UnboundedSender<CallEvent>,
    /// Its place on a trunk.
    trunk: Option<TrunkUse>,
    /// The ways to its far end.
    ways: Vec<Place>,
}

impl Leg {
    fn new(shared: &Arc<Shared>) -> (Self, Call, CallEvents) {
        let id = shared.next_call();
        let (tell, orders) = mpsc::unbounded_channel();
        let (events, told) = mpsc::unbounded_channel();
        let leg = Self {
            shared: shared.clone(),
            id,
            orders,
            own_orders: tell.downgrade(),
            events,
            trunk: None,
            ways: Vec::new(),
        };
        let call = Call { id, orders: tell };
        (leg, call, told)
    }

    fn tell(&self, event: CallEvent) {
        // Who dropped the events hears nothing more; the call is hung up when its `Call` is dropped.
        let _ = self.events.send(event);
    }

    /// The next order. Whoever dropped the call wants no more of it.
    async fn order(&mut self) -> Order {
        (self.orders.recv().await).unwrap_or(Order::HangUp(Cause::Hangup))
    }

    /// Counts the leg, which has no dialog yet.
    fn begun(&self, owner: Origin) {
        let entry = LegEntry {
            orders: self.own_orders.clone(),
            sip_call_id: String::new(),
            local_tag: String::new(),
            remote_tag: String::new(),
            owner,
            confirmations: None,
            asked: Vec::new(),
            goodbye: None,
            spoke_from: None,
        };
        lock(&self.shared.legs).insert(self.id, entry);
    }

    /// Notes an INVITE of the leg.
    fn asks(&self, dialog: &DialogId) {
        if let Some(leg) = lock(&self.shared.legs).get_mut(&self.id) {
            let asked = (dialog.call_id.clone(), dialog.local_tag.clone());
            leg.asked.push(asked);
        }
    }

    /// What the Reason of their BYE said, where there was one; otherwise `cause`.
    fn why_they_went(&self, cause: Cause) -> Cause {
        let legs = lock(&self.shared.legs);
        let said = legs.get(&self.id).and_then(|leg| leg.goodbye);
        match (cause, said) {
            (Cause::Hangup, Some(said)) => said,
            (_, _) => cause,
        }
    }

    /// Where their last change of the session came from.
    fn spoke_from(&self) -> Option<(SocketAddr, Transport)> {
        let legs = lock(&self.shared.legs);
        legs.get(&self.id).and_then(|leg| leg.spoke_from)
    }

    /// Makes the leg known to others by its dialog.
    fn known(
        &self,
        dialog: &DialogId,
        owner: Origin,
        confirmations: Option<mpsc::UnboundedSender<Transaction>>,
    ) {
        let mut legs = lock(&self.shared.legs);
        let before = legs.remove(&self.id);
        let entry = LegEntry {
            orders: self.own_orders.clone(),
            sip_call_id: dialog.call_id.clone(),
            local_tag: dialog.local_tag.clone(),
            remote_tag: dialog.remote_tag.clone(),
            owner,
            confirmations,
            asked: Vec::new(),
            goodbye: before.as_ref().and_then(|leg| leg.goodbye),
            spoke_from: before.and_then(|leg| leg.spoke_from),
        };
        legs.insert(self.id, entry);
    }
}

impl Drop for Leg {
    fn drop(&mut self) {
        lock(&self.shared.legs).remove(&self.id);
    }
}

/// The leg that a Replaces header names (RFC 3891 §3), if it is one that `who` may take over.
fn replaced(shared: &Shared, value: &str, who: &Origin) -> Option<CallId> {
    let mut parts = value.split(';').map(str::trim);
    // One that only rings has no name yet.
    let call_id = parts.next().filter(|id| !id.is_empty())?;
    let (mut to_tag, mut from_tag) = (None, None);
    for part in parts {
        match part.split_once('=') {
            Some(("to-tag", tag)) => to_tag = Some(tag),
            Some(("from-tag", tag)) => from_tag = Some(tag),
            Some(_) | None => {}
        }
    }
    let (to_tag, from_tag) = (to_tag?, from_tag?);
    lock(&shared.legs)
        .iter()
        .find(|(_, leg)| {
            leg.sip_call_id == call_id
                && leg.local_tag == to_tag
                && leg.remote_tag == from_tag
                && (leg.owner == *who || matches!(who, Origin::Trunk(_)))
        })
        .map(|(id, _)| *id)
}
