//! Status that changes for many: places in line, queues for their agents, and what visitors and the
//! public are told of the centre. Told at most so often, and only where something changed.

use bellwire_proto::{
    agent::{AgentEvent, QueueView},
    id::{AgentId, ConnectionId, InteractionId, QueueId, SessionId},
    interaction::Medium,
    setup::Words,
    time::Timestamp,
    visitor::{CentreView, VisitorEvent, Wait},
};

use super::{Centre, timer::Deadline, view::small};
use crate::{
    Audience, Output, QueueStatus, When,
    facts::{self, as_queue},
    hours,
    interaction::Stage,
    prompt::Facts,
    routing::Line,
    sessions::Session,
};

/// While somebody waits, waits are told anew this often.
const WAITS_EVERY: std::time::Duration = std::time::Duration::from_secs(5);

/// Waits that changed by less are not told again: a number that flickers tells nothing.
const NOTABLE_S: u32 = 5;

/// How many visitors are looked at for invitations each time, besides those who did something.
const LOOKED_AT: usize = 100;

impl Centre {
    /// Sees to it that changed status is told soon, and not too often.
    pub(super) fn plan_status(&mut self, now: Timestamp) {
        if !self.status_due || self.deadlines.is_set(Deadline::Status) {
            return;
        }
        let at = now.max(self.last_status + self.setup.times.status_every);
        self.deadlines.set(at, Deadline::Status);
    }

    /// Tells everyone whom it concerns what changed in the lines and on the floor.
    pub(super) fn tell_status(&mut self, now: Timestamp) {
        self.status_due = false;
        self.last_status = now;
        self.crowd = super::crowd::Crowd::default();
        self.count_crowd(now);
        self.overflow_deserted(now);
        self.release_reserved();
        self.tell_audiences(now);
        self.tell_positions(now);
        self.tell_queues(now);
        self.take_back_invitations(now);
        self.look_for_visitors_to_invite(now);
        if self.somebody_looks_on() {
            self.deadlines.set(now + WAITS_EVERY, Deadline::Waits);
        }
    }

    /// Somebody waits whose page is open: a message may wait for days without being looked at.
    fn somebody_looks_on(&self) -> bool {
        (self.lines.values().flat_map(Line::iter))
            .filter_map(|(_, id)| self.interactions.get(&id))
            .filter_map(|interaction| self.sessions.get(&interaction.session))
            .any(Session::is_here)
    }

    fn look_for_visitors_to_invite(&mut self, now: Timestamp) {
        if self.setup.invitations.is_empty() {
            return;
        }
        let from = self.looked_until;
        let next: Vec<SessionId> = (self.sessions.range(from..))
            .map(|(id, _)| *id)
            .filter(|id| *id > from)
            .take(LOOKED_AT)
            .collect();
        let begin = SessionId::new(Timestamp(0), 0);
        self.looked_until = (next.last().copied())
            .filter(|_| next.len() == LOOKED_AT)
            .unwrap_or(begin);
        for session in next {
            self.consider_inviting(session, now);
        }
    }

    /// Tells those who wait their place and how long it is likely to be.
    fn tell_positions(&mut self, now: Timestamp) {
        let waiting: Vec<(InteractionId, u32)> = (self.lines.values())
            .flat_map(|line| (1..).zip(line.iter()))
            .map(|(position, (_, id))| (id, position))
            .collect();
        for (id, position) in waiting {
            let wait = self.remaining(id, now);
            let Some(interaction) = self.interactions.get_mut(&id) else {
                continue;
            };
            if interaction.told_position == position && !differs(interaction.told_wait, wait) {
                continue;
            }
            interaction.told_position = position;
            interaction.told_wait = wait;
            let event = VisitorEvent::Waiting {
                interaction: id,
                position,
                ringing: false,
                wait,
            };
            self.tell_visitor(id, &event, When::Now);
        }
    }

    fn tell_queues(&mut self, now: Timestamp) {
        let views: Vec<_> = (self.setup.queues.iter())
            .map(|queue| (queue.id, self.queue_view(queue.id, now)))
            .collect();
        let mut changed = vec![];
        for (id, view) in views {
            let told = self.told_queues.get(&id);
            if told.is_none_or(|told| queue_differs(told, &view)) {
                self.told_queues.insert(id, view);
                changed.push(id);
            }
        }
        if changed.is_empty() {
            return;
        }
        let overall = self.view_for(None, "", now);
        self.outputs.push_back(Output::Overall(overall));
        let queues = self.queue_statuses(now);
        self.outputs.push_back(Output::Queues(queues));
        let concerned: Vec<_> = (self.agents.values())
            .filter(|agent| agent.connection().is_some())
            .filter(|agent| (agent.setup.queues.iter()).any(|queue| changed.contains(queue)))
            .map(|agent| agent.setup.id)
            .collect();
        for id in concerned {
            let queues = self.queues_of(id, now);
            self.tell_agent(id, AgentEvent::Queues(queues), When::Now);
        }
    }

    fn queue_statuses(&self, now: Timestamp) -> Vec<QueueStatus> {
        let status = |queue: &crate::setup::Queue| QueueStatus {
            queue: queue.id,
            view: self.view_for(Some(queue.id), "en", now),
            accuracy: [Medium::Call, Medium::Chat]
                .into_iter()
                .filter_map(|medium| {
                    let waits = self.waits.get(&(queue.id, medium))?;
                    Some((medium, waits.accuracy()?))
                })
                .collect(),
        };
        self.setup.queues.iter().map(status).collect()
    }

    pub(super) fn queues_of(&self, id: AgentId, now: Timestamp) -> Vec<QueueView> {
        let queues = self.agents.get(&id).map(|agent| &agent.setup.queues);
        (queues.into_iter().flatten())
            .map(|queue| self.queue_view(*queue, now))
            .collect()
    }

    fn queue_view(&self, id: QueueId, now: Timestamp) -> QueueView {
        let lines = [Medium::Call, Medium::Chat].map(|medium| self.lines.get(&(id, medium)));
        let waiting = lines.iter().flatten().map(|line| line.len()).sum::<usize>();
        let oldest = (lines.iter().flatten())
            .flat_map(|line| line.iter())
            .filter_map(|(_, id)| self.interactions.get(&id))
            .map(|interaction| interaction.created)
            .min();
        let ready = (self.staff.get(&id).into_iter().flatten())
            .filter_map(|agent| self.agents.get(agent))
            .filter(|agent| agent.free().is_some())
            .count();
        QueueView {
            name: self.queue_name(id),
            waiting: small(waiting),
            oldest,
            ready: small(ready),
            call_wait: self.joining(id, Medium::Call, now),
            chat_wait: self.joining(id, Medium::Chat, now),
        }
    }

    /// The pages of this visitor follow the status of the queue they would come to.
    pub(super) fn follow(&mut self, session: SessionId, now: Timestamp) {
        let Some(known) = self.sessions.get(&session) else {
            return;
        };
        let key = self.audience_key(known);
        let (audience, view) = self.audience(key, now);
        let Some(known) = self.sessions.get_mut(&session) else {
            return;
        };
        if known.audience == Some(audience) {
            return;
        }
        known.audience = Some(audience);
        for (_, connection) in known.tabs.clone() {
            self.outputs.push_back(Output::Follow {
                connection,
                audience,
            });
            self.tell_page(connection, VisitorEvent::Centre(view.clone()), When::Now);
        }
    }

    /// A new page follows what its visitor's others follow; what that is now.
    pub(super) fn join_audience(
        &mut self,
        session: SessionId,
        connection: ConnectionId,
        now: Timestamp,
    ) -> CentreView {
        let Some(known) = self.sessions.get(&session) else {
            return CentreView::default();
        };
        let key = self.audience_key(known);
        let (audience, view) = self.audience(key, now);
        if let Some(known) = self.sessions.get_mut(&session) {
            known.audience = Some(audience);
        }
        self.outputs.push_back(Output::Follow {
            connection,
            audience,
        });
        view
    }

    /// The queue a visitor would come to, and the language its name is shown in.
    fn audience_key(&self, known: &Session) -> AudienceKey {
        let facts = self.facts_of(known);
        let queue = (self.site(&known.site))
            .and_then(|site| facts::entry(site, &facts, None, &[]))
            .and_then(|entry| as_queue(&entry.to));
        let label = queue
            .and_then(|queue| self.queue(queue))
            .map(|queue| &queue.label);
        let language = label.map_or_else(String::new, |label| {
            language_of(label, &known.page.language)
        });
        (queue, language)
    }

    /// What is known of a visitor who has not asked for anything.
    pub(super) fn facts_of(&self, known: &Session) -> Facts {
        facts::known(
            &known.page.language,
            known.name.as_deref(),
            &known.intents,
            &known.lasting,
            &Facts::new(),
        )
    }

    /// What this visitor's pages were told last.
    pub(super) fn audience_view(&self, session: SessionId) -> CentreView {
        let known = self.sessions.get(&session);
        let found = known.and_then(|known| self.audiences.get(&self.audience_key(known)));
        found.map_or_else(CentreView::default, |(_, view)| view.clone())
    }

    /// The audience's number and its status.
    fn audience(&mut self, key: AudienceKey, now: Timestamp) -> (Audience, CentreView) {
        if let Some((audience, view)) = self.audiences.get(&key) {
            return (*audience, view.clone());
        }
        self.count_crowd(now);
        let view = self.view_for(key.0, &key.1, now);
        self.last_audience = Audience(self.last_audience.0.wrapping_add(1));
        let audience = self.last_audience;
        self.audiences.insert(key, (audience, view.clone()));
        (audience, view)
    }

    /// Tells each audience what changed for it.
    fn tell_audiences(&mut self, now: Timestamp) {
        let views: Vec<_> = (self.audiences.keys())
            .map(|key| (key.clone(), self.view_for(key.0, &key.1, now)))
            .collect();
        for (key, view) in views {
            let Some((audience, told)) = self.audiences.get_mut(&key) else {
                continue;
            };
            if view_differs(told, &view) {
                told.clone_from(&view);
                let audience = *audience;
                self.outputs
                    .push_back(Output::TellAudience { audience, view });
            }
        }
    }

    /// The set-up changed: whoever is here may fit elsewhere.
    pub(super) fn follow_anew(&mut self, now: Timestamp) {
        self.audiences.clear();
        let here: Vec<_> = self.sessions.keys().copied().collect();
        for session in here {
            self.relearn(session, now);
        }
    }

    /// The status of one queue, or of the whole centre where no queue fits.
    fn view_for(&self, queue: Option<QueueId>, language: &str, now: Timestamp) -> CentreView {
        let Some(setup) = queue.and_then(|queue| self.queue(queue)) else {
            let staffed = |medium| self.crowd.staffed.get(&medium).copied().unwrap_or(0);
            let queues = &self.setup.queues;
            let open = queues.is_empty() || queues.iter().any(|queue| self.is_open(queue, now));
            return CentreView {
                open,
                opens: None,
                call_agents: staffed(Medium::Call),
                chat_agents: staffed(Medium::Chat),
                waiting: small(self.lines.values().map(Line::len).sum()),
                ..CentreView::default()
            };
        };
        let id = setup.id;
        let open = self.is_open(setup, now);
        let takes = |medium| open && setup.media.contains(&medium);
        let agents = |medium| {
            if takes(medium) {
                self.crowd.of(id, medium).agents
            } else {
                0
            }
        };
        let wait = |medium| self.joining(id, medium, now).filter(|_| takes(medium));
        CentreView {
            topic: setup.public_name(language).to_owned(),
            open,
            opens: self.opens(setup, now).filter(|_| !open),
            call_agents: agents(Medium::Call),
            chat_agents: agents(Medium::Chat),
            waiting: small(self.waiting_in(id)),
            call_wait: wait(Medium::Call),
            chat_wait: wait(Medium::Chat),
        }
    }

    fn opens(&self, queue: &crate::setup::Queue, now: Timestamp) -> Option<Timestamp> {
        let id = queue.hours?;
        let hours = self.setup.hours.iter().find(|hours| hours.id == id)?;
        hours::opens(hours, now)
    }

    /// Sets when the next queue opens or closes.
    pub(super) fn plan_hours(&mut self, now: Timestamp) {
        self.deadlines.drop(Deadline::Hours);
        let next = (self.setup.hours.iter())
            .filter_map(|hours| hours::next_change(hours, now))
            .filter(|at| *at > now)
            .min();
        if let Some(at) = next {
            self.deadlines.set(at, Deadline::Hours);
        }
    }

    /// The place in line and the expected wait, told at once.
    pub(super) fn tell_place(&mut self, id: InteractionId, when: When, now: Timestamp) {
        let Some(interaction) = (self.interactions.get(&id)).filter(|i| i.is_placed()) else {
            return;
        };
        match interaction.stage {
            Stage::Waiting | Stage::Offered { .. } => {}
            Stage::Talking { .. } | Stage::WrapUp { .. } | Stage::Closed { .. } => return,
        }
        let position = self.position(interaction);
        let ringing = matches!(interaction.stage, Stage::Offered { .. });
        let wait = self.remaining(id, now);
        let event = VisitorEvent::Waiting {
            interaction: id,
            position,
            ringing,
            wait,
        };
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.told_position = position;
            interaction.told_wait = wait;
        }
        self.tell_visitor(id, &event, when);
    }
}

/// What tells audiences apart: the queue, and the language of its name.
pub(super) type AudienceKey = (Option<QueueId>, String);

/// The language a label is read in for this tag: one of the label's own, so that there are few.
fn language_of(label: &Words, tag: &str) -> String {
    let primary = crate::routing::primary(tag).to_ascii_lowercase();
    if label.0.contains_key(&primary) {
        primary
    } else {
        String::new()
    }
}

/// Whether a wait changed enough to be told.
fn differs(told: Option<Wait>, wait: Option<Wait>) -> bool {
    match (told, wait) {
        (None, None) => false,
        (Some(told), Some(wait)) => {
            let apart = |a: u32, b: u32| a.abs_diff(b) >= NOTABLE_S.max(a.max(b) / 10);
            apart(told.from_s, wait.from_s) || apart(told.to_s, wait.to_s)
        }
        (None, Some(_)) | (Some(_), None) => true,
    }
}

/// Whether the wait for a call or for a chat changed enough to be told.
fn waits_differ(told: [Option<Wait>; 2], waits: [Option<Wait>; 2]) -> bool {
    told.into_iter()
        .zip(waits)
        .any(|(told, wait)| differs(told, wait))
}

fn view_differs(told: &CentreView, view: &CentreView) -> bool {
    let waits = |view: &CentreView| [view.call_wait, view.chat_wait];
    let rest = |view: &CentreView| CentreView {
        call_wait: None,
        chat_wait: None,
        ..view.clone()
    };
    waits_differ(waits(told), waits(view)) || rest(told) != rest(view)
}

fn queue_differs(told: &QueueView, view: &QueueView) -> bool {
    let waits = |view: &QueueView| [view.call_wait, view.chat_wait];
    let rest = |view: &QueueView| QueueView {
        call_wait: None,
        chat_wait: None,
        ..view.clone()
    };
    waits_differ(waits(told), waits(view)) || rest(told) != rest(view)
}
