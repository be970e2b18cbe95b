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

pub(crate) use headers::{contact_of, value, values};
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
        && let method = &tx.original.method
        && matches!(method, Method::Invite | Method::Update | Method::Bye)
        && let Some(leg) = (lock(&shared.legs).values_mut()).find(|leg| leg.is(&dialog.id()))
    {
        // What the stack does not pass on.
        if *method == Method::Bye {
            let reasons: Vec<_> = values(&tx.original.headers, "Reason").collect();
            leg.goodbye = Some(Cause::of_bye(&reasons));
        } else if let Some(at) = source(&tx) {
            leg.spoke_from = Some((at, transport_of(tx.connection.as_ref())));
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

/// The call that a request belongs to.
enum Found {
    Dialog(Dialog),
    /// One of ours, which nobody answered: the stack gives it its whole name a moment after our ACK.
    Unanswered,
    Nothing,
}

fn find(shared: &Shared, id: &DialogId) -> Found {
    let unanswered = DialogId {
        remote_tag: String::new(),
        ..id.clone()
    };
    let dialogs = &shared.dialogs;
    if let Some(dialog) = dialogs.get_dialog(id) {
        return Found::Dialog(dialog);
    }
    if dialogs.get_dialog(&unanswered).is_some() {
        return Found::Unanswered;
    }
    // It may have been named between the two.
    dialogs.get_dialog(id).map_or(Found::Nothing, Found::Dialog)
}

/// Whether a request belongs to a call that there is.
pub(crate) fn is_known(shared: &Shared, tx: &Transaction) -> bool {
    DialogId::try_from(tx).is_ok_and(|id| !matches!(find(shared, &id), Found::Nothing))
}

/// The call that a request belongs to. What comes right behind our ACK waits until the call has its whole name.
async fn dialog_of(shared: &Shared, tx: &Transaction) -> Option<Dialog> {
    let id = DialogId::try_from(tx).ok()?;
    for _ in 0..LOOKS {
        match find(shared, &id) {
            Found::Dialog(dialog) => return Some(dialog),
            Found::Nothing => return None,
            Found::Unanswered => tokio::time::sleep(LOOK).await,
        }
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
        lock(&self.shared.legs).insert(self.id, self.entry(owner));
    }

    fn entry(&self, owner: Origin) -> LegEntry {
        LegEntry {
            orders: self.own_orders.clone(),
            sip_call_id: String::new(),
            local_tag: String::new(),
            remote_tag: String::new(),
            owner,
            confirmations: None,
            asked: Vec::new(),
            goodbye: None,
            spoke_from: None,
        }
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
        let leg = legs.entry(self.id).or_insert_with(|| self.entry(owner));
        leg.sip_call_id.clone_from(&dialog.call_id);
        leg.local_tag.clone_from(&dialog.local_tag);
        leg.remote_tag.clone_from(&dialog.remote_tag);
        leg.confirmations = confirmations;
        leg.asked = Vec::new();
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
