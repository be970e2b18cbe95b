//! Who connects telephones: hears the centre's orders and the SIP endpoint's events, and passes each on to the task
//! that it concerns.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use bellwire_core::Telephone as Does;
use bellwire_media::anchor::LegId;
use bellwire_proto::{
    id::{AgentId, ConnectionId, InteractionId},
    setup::Setup,
};
use bellwire_sip::api::{CallId, Event, TrunkStatus};
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};

use super::{
    Across, End, Order, Phones, Told, caller,
    device::{self, Stop},
    directory::Directory,
    lock,
};
use crate::store::Registered;

struct Exchange {
    phones: Arc<Phones>,
    telephones: HashMap<ConnectionId, Entry>,
    rings: HashMap<(InteractionId, u32), Stop>,
    /// The agents whose phone is registered, as the centre was told.
    reachable: HashSet<AgentId>,
    /// Who stores where phones are: calls do not wait for it.
    keeper: UnboundedSender<(String, Vec<Registered>)>,
}

/// A telephone in a call.
struct Entry {
    tell: UnboundedSender<Told>,
    leg: LegId,
    call: CallId,
}

/// Serves until the server stops.
pub(super) async fn serve(
    phones: Arc<Phones>,
    mut orders: UnboundedReceiver<Order>,
    mut events: UnboundedReceiver<Event>,
) {
    let stop = phones.app.stop.clone();
    let (keeper, kept) = unbounded_channel();
    phones.tasks.spawn(keep(phones.clone(), kept));
    let mut exchange = Exchange {
        keeper,
        phones,
        telephones: HashMap::new(),
        rings: HashMap::new(),
        reachable: HashSet::new(),
    };
    exchange.tell_reachable().await;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(order) = orders.recv() => exchange.ordered(order).await,
            Some(event) = events.recv() => exchange.heard(event).await,
        }
    }
    for (_, stop) in exchange.rings.drain() {
        stop.ask(false);
    }
}

impl Exchange {
    async fn ordered(&mut self, order: Order) {
        match order {
            Order::SetUp {
                setup,
                known,
                followed,
            } => {
                if self.set_up(*setup, known).await {
                    // Who saved it may have left.
                    let _ = followed.send(());
                }
            }
            Order::Ring(ring) => {
                let stop = Stop::default();
                self.rings.retain(|_, stop| !stop.is_asked());
                (self.rings).insert((ring.interaction, ring.epoch), stop.clone());
                let phones = self.phones.clone();
                (self.phones.tasks).spawn(device::ring(phones, ring, stop));
            }
            Order::StopRing {
                interaction,
                epoch,
                taken,
            } => {
                if let Some(stop) = self.rings.remove(&(interaction, epoch)) {
                    stop.ask(taken);
                }
            }
            Order::Bridged {
                interaction,
                visitor,
                agent,
            } => {
                self.rings.retain(|(of, _), _| *of != interaction);
                self.bridge(interaction, visitor, agent);
                self.bridge(interaction, agent, visitor);
            }
            Order::Unbridged { connection } => self.tell(connection, Told::Apart),
            Order::Here {
                connection,
                tell,
                leg,
                call,
            } => {
                self.telephones
                    .insert(connection, Entry { tell, leg, call });
            }
            Order::Join {
                connection,
                other,
                to,
            } => {
                let known = self
                    .telephones
                    .iter()
                    .find(|(_, entry)| entry.call == other);
                let does = match known {
                    Some((consult, _)) => Does::AgentJoins {
                        connection,
                        consult: *consult,
                    },
                    None => Does::AgentTransfers { connection, to },
                };
                self.phones.tell(does).await;
            }
            Order::Gone { connection } => {
                self.telephones.remove(&connection);
            }
            Order::Press { to, digits } => self.tell(to, Told::Press(digits)),
        }
    }

    /// Tells one end who is across, where it is a telephone.
    fn bridge(&self, interaction: InteractionId, end: End, other: End) {
        if !end.telephone {
            return;
        }
        let across = match self.telephones.get(&other.connection) {
            Some(entry) if other.telephone => Across::Telephone {
                connection: other.connection,
                leg: entry.leg,
            },
            Some(_) | None if !other.telephone => Across::Page(other.peer),
            // It hung up in this moment: the centre hears of it, and says what is next.
            Some(_) | None => return,
        };
        self.tell(end.connection, Told::Across(across, interaction));
    }

    fn tell(&self, connection: ConnectionId, told: Told) {
        if let Some(entry) = self.telephones.get(&connection) {
            // A task that is over has told the centre so.
            let _ = entry.tell.send(told);
        }
    }

    async fn heard(&mut self, event: Event) {
        match event {
            Event::Bindings { user, bindings } => {
                let rows = (bindings.iter())
                    .map(|binding| super::directory::registered(&user, binding))
                    .collect();
                // It ends only with this task.
                let _ = self.keeper.send((user, rows));
                self.tell_reachable().await;
            }
            Event::Trunk(status) => log(&self.phones.directory(), &status),
            Event::Arrived(arrived) => {
                let phones = self.phones.clone();
                self.phones.tasks.spawn(caller::serve(phones, *arrived));
            }
            // The endpoint has logged it.
            Event::Banned(_) => {}
        }
    }

    /// Follows a new set-up. False where that was not possible.
    async fn set_up(&mut self, setup: Setup, known: oneshot::Receiver<()>) -> bool {
        let secrets = match self.phones.app.store.secrets().await {
            Ok(secrets) => secrets,
            Err(error) => {
                tracing::warn!(%error, "the passwords of phones could not be read; they stay as they are");
                return false;
            }
        };
        let directory = Directory::new(setup, secrets, &self.phones.app.config.phone);
        self.phones.endpoint.set_directory(directory.endpoint());
        *lock(&self.phones.directory) = Arc::new(directory);
        // Where the centre was never told, it knows no new agents either.
        let _ = known.await;
        self.tell_reachable().await;
        true
    }

    /// Tells the centre whose phone can be reached, where that changed.
    async fn tell_reachable(&mut self) {
        let directory = self.phones.directory();
        let now: HashSet<AgentId> = (directory.owners())
            .filter(|(_, user)| !self.phones.endpoint.bindings_of(user).is_empty())
            .map(|(agent, _)| agent)
            .collect();
        for agent in self.reachable.symmetric_difference(&now).copied() {
            let reachable = now.contains(&agent);
            self.phones.tell(Does::Reachable { agent, reachable }).await;
        }
        self.reachable = now;
    }
}

fn log(directory: &Directory, status: &TrunkStatus) {
    let trunk = directory.trunk_name(&status.id);
    match &status.trouble {
        Some((why, _)) if !status.state.is_usable() => tracing::warn!(trunk, "{why}"),
        Some(_) | None => tracing::info!(trunk, state = ?status.state, "a trunk changed"),
    }
}

/// Keeps where phones are, so that they can be called after a restart. Of what waits, the last of each phone counts.
async fn keep(phones: Arc<Phones>, mut kept: UnboundedReceiver<(String, Vec<Registered>)>) {
    while let Some((user, rows)) = kept.recv().await {
        let mut waiting = HashMap::from([(user, rows)]);
        while let Ok((user, rows)) = kept.try_recv() {
            waiting.insert(user, rows);
        }
        for (user, rows) in waiting {
            if let Err(error) = phones.app.store.keep_registrations(&user, &rows).await {
                tracing::warn!(%error, user, "where a phone is reached could not be stored");
            }
        }
    }
}
