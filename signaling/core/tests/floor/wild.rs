//! Random floors under random rules: whatever administrators write down and change while visitors
//! are asked, wait and change their minds, nobody is lost, and who is told something is told the
//! truth.

use bellwire_core::{
    record::StageRecord,
    setup::{AgentSetup, Capacity, Form, Queue, Setup, SkillLevel},
};
use bellwire_proto::{
    agent::{AgentCommand, AgentEvent, Offer},
    id::{AgentId, ConnectionId, InteractionId},
    interaction::{Medium, Page},
    journey::{JourneyEvent, JourneyKind},
    mirror::Contact,
    prompt::{Answer, Ask, AskKind, MENU, Prompt},
    setup::{Destination, Entry, FieldKind, OverflowWhen, Relax, Relaxed},
    visitor::{AgentCard, InvitationAct, VisitorCommand, VisitorStage},
};

use crate::{
    given::{
        about, asks, choice, form, hours, invites, menu, nine_to_five, overflow, queue_of,
        relax_skill, required, skills, tells, to_page, to_queue,
    },
    random::{Dice, Floor, VISITORS},
    sim::{ANNA, BORIS, CARLA, peer, queue, setup},
};

const FLOORS: u64 = 30;
const STEPS: u32 = 500;
const LANGUAGES: [&str; 4] = ["en", "es-MX", "de", ""];

/// What administrators might come up with.
fn any_setup(dice: &mut Dice) -> Setup {
    let mut setup = setup();
    setup.hours = vec![nine_to_five(1)];
    let languages = ["en", "es"].map(|tag| choice(tag, None)).to_vec();
    let topics = ["laptops", "orders"].map(|topic| choice(topic, None));
    let mut choices = vec![choice("none", None)];
    for value in ["a", "b"] {
        let mut led = choice(value, any_way(dice));
        led.skills = skills("laptops", level(dice));
        choices.push(led);
    }
    setup.forms = vec![
        asks(1, "language", FieldKind::Choice(languages)),
        asks(2, "topic", FieldKind::Choice(topics.to_vec())),
        asks(3, "order", FieldKind::Text(20)),
        menu(10, "topic", choices.clone()),
        menu(11, "", choices),
    ];
    let mut rule = tells(1, "laptop", 2, "laptops");
    rule.skills = skills("laptops", level(dice));
    rule.prefers = skills("tv", 1);
    rule.priority = level(dice) / 3;
    setup.intents = vec![rule];
    setup.invitations = vec![invites(1, "laptop")];
    for n in 1..=3 {
        any_rules(&mut setup, n, dice);
    }
    for site in &mut setup.sites {
        if dice.roll(3) == 0 {
            site.needs = vec![required("language", None)];
        }
        if dice.roll(3) == 0 {
            site.needs.push(required("topic", Some("orders")));
        }
        if let Some(to) = any_way(dice) {
            site.entries.insert(0, about("laptops", to));
        }
        if dice.roll(4) == 0 {
            let to = Destination::Menu(form(10));
            site.entries.insert(0, about("orders", to));
        }
    }
    for agent in &mut setup.agents {
        any_agent(agent, dice);
    }
    if dice.roll(4) == 0 {
        setup.agents.remove(2);
    }
    if dice.roll(4) == 0 {
        let gone = queue(2 + u128::from(dice.roll(2)));
        setup.queues.retain(|known| known.id != gone);
    }
    setup
}

fn level(dice: &mut Dice) -> u8 {
    u8::try_from(dice.roll(11)).unwrap()
}

fn any_way(dice: &mut Dice) -> Option<Destination> {
    match dice.roll(8) {
        0 | 1 => None,
        2 => Some(to_page("/help")),
        3 => Some(Destination::Menu(form(10))),
        4 => Some(Destination::Menu(form(11))),
        n => Some(to_queue(u128::from(n) - 4)),
    }
}

fn any_rules(setup: &mut Setup, n: u128, dice: &mut Dice) {
    for _ in 0..dice.roll(3) {
        let when = match dice.roll(4) {
            0 => OverflowWhen::Closed,
            1 => OverflowWhen::NobodyThere,
            2 => OverflowWhen::Waiting(2),
            _ => OverflowWhen::Waited(30),
        };
        if let Some(to) = any_way(dice) {
            overflow(setup, n, when, to);
        }
    }
    let rules = queue_of(setup, n);
    rules.skills = skills("laptops", level(dice) / 2);
    rules.prefers = skills("laptops", 1);
    rules.visitors_language = dice.roll(2) == 0;
    rules.priority = u8::try_from(dice.roll(3)).unwrap();
    rules.last_agent_s = u32::try_from(dice.roll(2) * 30).unwrap();
    rules.relax = vec![
        relax_skill(20, "laptops", level(dice) / 4),
        Relax {
            after_s: 60,
            change: Relaxed::Language,
        },
    ];
    rules.hours = (dice.roll(3) == 0).then(|| hours(1));
    rules.most_waiting = (dice.roll(3) == 0).then_some(3);
    rules.needs = (dice.roll(4) == 0)
        .then(|| required("order", None))
        .into_iter()
        .collect();
    rules.while_waiting = (dice.roll(4) == 0).then(|| form(11));
    if dice.roll(5) == 0 {
        rules.media = vec![Medium::Chat];
    }
}

fn any_agent(agent: &mut AgentSetup, dice: &mut Dice) {
    agent
        .skills
        .insert("laptops".into(), SkillLevel(level(dice)));
    agent.skills.insert("tv".into(), SkillLevel(level(dice)));
    if dice.roll(2) == 0 {
        agent.languages = vec!["en".into(), "es".into(), "de".into()];
    }
    if dice.roll(3) == 0 {
        agent.queues.remove(usize::try_from(dice.roll(3)).unwrap());
    }
    agent.capacity = Capacity {
        calls: u8::try_from(dice.roll(2)).unwrap(),
        chats: u8::try_from(dice.roll(3)).unwrap(),
    };
}

/// Everybody can do everything, and every site leads to one queue.
fn plain_setup() -> Setup {
    let mut setup = setup();
    for site in &mut setup.sites {
        site.entries = vec![Entry::into_queue(None, queue(1))];
    }
    for agent in &mut setup.agents {
        agent.skills = skills("laptops", 10);
        agent.languages = vec!["en".into(), "es".into(), "de".into()];
    }
    setup
}

/// A good answer to each thing that is asked, or none at all.
fn any_answers(prompt: &Prompt, forms: &[Form], dice: &mut Dice) -> Vec<Answer> {
    let value = |options: &[bellwire_proto::prompt::AskOption], dice: &mut Dice| {
        let option = dice.pick(options);
        option.map_or_else(String::new, |option| option.value)
    };
    let bad = dice.roll(8) == 0 || forms.is_empty();
    match &prompt.ask {
        _ if bad => vec![],
        Ask::Menu(options) => vec![Answer {
            fact: MENU.into(),
            value: value(options, dice),
        }],
        Ask::Fields(fields) => (fields.iter())
            .map(|field| Answer {
                fact: field.fact.clone(),
                value: match &field.kind {
                    AskKind::Choice(options) => value(options, dice),
                    _ => "A-17".into(),
                },
            })
            .collect(),
    }
}

impl Floor {
    fn wild_step(&mut self) {
        match self.dice.roll(40) {
            0..=21 => self.step(),
            22..=27 => self.answers_what_is_asked(),
            28..=31 => self.does_on_the_page(),
            32 => self.changes_medium(),
            33 => self.leaves_a_message(),
            34 => {
                let on = self.dice.roll(3) > 0;
                self.asks_from_any_page(VisitorCommand::Monitoring { on });
            }
            35 => self.takes_an_invitation(),
            36 => {
                let changed = any_setup(&mut self.dice);
                self.sim.set_up(|setup| *setup = changed);
            }
            _ => {
                let ms = self.dice.roll(40_000);
                self.sim.pass(std::time::Duration::from_millis(ms));
            }
        }
    }

    fn asks_from_any_page(&mut self, command: VisitorCommand) {
        if let Some(page) = self.any_page() {
            self.sim.page_asks(page, command);
        }
    }

    /// Somebody who is asked something, and what.
    fn any_asked(&mut self) -> Option<(ConnectionId, InteractionId, Prompt)> {
        let asked: Vec<_> = (self.pages.keys())
            .flat_map(|page| {
                let contacts = self.sim.widgets[page].contacts.iter();
                contacts.filter_map(|(id, c)| Some((*page, *id, c.prompt.clone()?)))
            })
            .collect();
        self.dice.pick(&asked)
    }

    fn answers_what_is_asked(&mut self) {
        let Some((page, interaction, prompt)) = self.any_asked() else {
            return;
        };
        let n = prompt.n;
        let command = match self.dice.roll(6) {
            0 => VisitorCommand::Skip { interaction, n },
            _ => VisitorCommand::Answer {
                interaction,
                n,
                answers: any_answers(&prompt, &self.sim.setup.forms, &mut self.dice),
            },
        };
        self.sim.page_asks(page, command);
    }

    fn does_on_the_page(&mut self) {
        let language = self.dice.pick(&LANGUAGES).unwrap_or_default().to_owned();
        let url = format!("https://shop/{}", self.dice.roll(1_000));
        let n = u32::try_from(self.dice.roll(1_000_000)).unwrap();
        let kind = JourneyKind::Viewed {
            url: url.clone(),
            title: String::new(),
            referrer: String::new(),
            language: language.clone(),
            categories: vec!["laptop".into()],
        };
        let at = self.sim.now;
        let events = vec![JourneyEvent { n, at, kind }];
        let page = Page {
            url,
            language,
            ..Page::default()
        };
        let command = match self.dice.roll(2) {
            0 => VisitorCommand::Looks(page),
            _ => VisitorCommand::Journey { events },
        };
        self.asks_from_any_page(command);
    }

    fn changes_medium(&mut self) {
        let interaction = self.any_interaction();
        let medium = [Medium::Call, Medium::Chat][usize::from(self.dice.roll(2) == 0)];
        self.asks_from_any_page(VisitorCommand::Switch {
            interaction,
            medium,
        });
        let peer = peer(u128::from(self.dice.roll(1_000_000)));
        self.asks_from_any_page(VisitorCommand::Attach { interaction, peer });
    }

    fn leaves_a_message(&mut self) {
        let n = match self.dice.roll(2) {
            0 => 5_000 + u128::from(self.dice.roll(100_000)),
            _ => u128::from(self.dice.roll(100)),
        };
        if let Some(page) = self.any_page() {
            self.sim.writes_later(page, n, "vera@shop.example");
        }
    }

    fn takes_an_invitation(&mut self) {
        let acts = [
            InvitationAct::Shown,
            InvitationAct::Accepted,
            InvitationAct::Dismissed,
        ];
        let act = self.dice.pick(&acts).unwrap();
        if let Some(page) = self.any_page() {
            self.sim.acts(page, 1, act);
        }
    }

    /// Whoever began to ring since `from` may take it: they serve the queue, can what it asks by
    /// now, and have room.
    fn offers_are_right(&self, from: usize) {
        for (to, event) in &self.sim.agent_events[from..] {
            let AgentEvent::Offered(offer) = event else {
                continue;
            };
            let Some(desk) = self.sim.desks.get(to) else {
                continue;
            };
            let id = desk.agent.unwrap();
            let found = self.sim.setup.agents.iter().find(|known| known.id == id);
            let agent = found.expect("who is offered something works here");
            let queue = (self.sim.setup.queues.iter()).find(|known| known.name == offer.queue);
            self.may_take(agent, queue.expect("the queue exists"), offer);
        }
    }

    fn may_take(&self, agent: &AgentSetup, queue: &Queue, offer: &Offer) {
        let id = offer.interaction;
        let record = &self.sim.stored.interactions[&id];
        let waited = self.sim.now.since(record.created).as_secs();
        assert!(agent.queues.contains(&queue.id), "{id}: not their queue");
        for (skill, level) in &queue.skills {
            let relaxed = queue
                .relax
                .iter()
                .filter(|step| u64::from(step.after_s) <= waited);
            let least = relaxed.fold(level.0, |least, step| match &step.change {
                Relaxed::Skill { skill: of, level } if of == skill => least.min(*level),
                Relaxed::Skill { .. } | Relaxed::Language => least,
            });
            let has = agent.skills.get(skill).map_or(0, |level| level.0);
            assert!(has >= least, "{id}: {skill} {has}, not {least}");
        }
        let any = (queue.relax.iter())
            .any(|step| step.change == Relaxed::Language && u64::from(step.after_s) <= waited);
        let speaks = (queue.language.as_ref()).is_none_or(|tag| agent.languages.contains(tag));
        assert!(speaks || any, "{id}: does not speak the queue's language");
        let has = self.load(agent.id, offer.medium);
        assert!(
            has < usize::from(agent.capacity.of(offer.medium)),
            "{id}: no room"
        );
    }

    fn load(&self, agent: AgentId, medium: Medium) -> usize {
        (self.sim.stored.interactions.values())
            .filter(|record| record.medium == medium)
            .filter(|record| match record.stage {
                StageRecord::Talking { agent: has, .. }
                | StageRecord::WrapUp { agent: has, .. } => has == agent,
                StageRecord::Waiting | StageRecord::Closed { .. } => false,
            })
            .count()
    }

    /// What a page shows is what a new page of the same visitor is shown.
    fn pages_show_the_truth(&mut self) {
        let Some(page) = self.any_page() else { return };
        let visitor = self.pages[&page];
        let site = ["shop", "laptops"][usize::try_from(visitor % 2).unwrap()];
        let mut shown = (vec![], vec![]);
        for _ in 0..5 {
            // Status that changes for many is told a little later.
            self.sim.pass(std::time::Duration::from_millis(600));
            let fresh = self.sim.page_on(visitor, site, 99_999);
            let live = |page: &ConnectionId| -> Vec<_> {
                let contacts = self.sim.widgets[page].contacts.iter();
                contacts
                    .filter(|(_, c)| c.is_live())
                    .map(|(id, c)| (*id, told(c)))
                    .collect()
            };
            shown = (live(&page), live(&fresh));
            let centre = [page, fresh].map(|page| self.sim.widgets[&page].centre.clone());
            self.sim.page_leaves(fresh);
            if shown.0 == shown.1 {
                assert_eq!(centre[0], centre[1]);
                return;
            }
        }
        assert_eq!(shown.0, shown.1);
    }

    /// All who are asked are asked the same after a restart, and none who waited is gone.
    fn a_restart_keeps_the_floor(&mut self) {
        let before: Vec<_> = (self.sim.stored.interactions.values())
            .filter(|record| record.stage == StageRecord::Waiting)
            .map(|record| {
                (
                    record.session,
                    record.interaction,
                    record.way.asking.clone(),
                )
            })
            .collect();
        self.crash();
        for visitor in 1..=u128::from(VISITORS) {
            self.open_page_of(visitor, visitor * 10);
        }
        for (session, id, asking) in before {
            let mut pages = self.pages.iter();
            let found = pages.find(|(_, visitor)| crate::sim::session(**visitor) == session);
            let contact = &self.sim.widgets[found.unwrap().0].contacts[&id];
            let record = &self.sim.stored.interactions[&id];
            if let Some(asking) = asking.filter(|_| record.stage == StageRecord::Waiting) {
                assert_eq!(contact.prompt, Some(asking.prompt), "{id}");
            }
        }
    }

    /// Under plain rules, with everybody at work, all contacts come to their end.
    fn all_are_served_at_last(&mut self) {
        self.sim.set_up(|setup| *setup = plain_setup());
        for visitor in 1..=u128::from(VISITORS) {
            self.open_page_of(visitor, visitor * 10);
        }
        let windows: Vec<_> = self.sim.desks.keys().copied().collect();
        for window in windows {
            self.sim.desk_leaves(window);
        }
        let desks = [ANNA, BORIS, CARLA].map(|n| self.sim.ready(n));
        for round in 0.. {
            self.answer_all_questions();
            self.serve(&desks);
            self.sim.pass_s(31);
            if self.live().is_empty() {
                break;
            }
            assert!(round < 60, "{:?} wait for good", self.live());
        }
        self.nothing_is_left(&desks);
    }

    fn answer_all_questions(&mut self) {
        let asked: Vec<_> = (self.pages.keys())
            .flat_map(|page| {
                let contacts = self.sim.widgets[page].contacts.iter();
                contacts
                    .filter(|(_, contact)| contact.stage == VisitorStage::Asked)
                    .map(|(id, _)| (*page, *id))
            })
            .collect();
        for (page, interaction) in asked {
            self.sim
                .page_asks(page, VisitorCommand::Leave { interaction });
        }
    }

    fn serve(&mut self, desks: &[ConnectionId]) {
        for desk in desks {
            for interaction in self.sim.desks[desk]
                .items
                .keys()
                .copied()
                .collect::<Vec<_>>()
            {
                self.sim.finish(*desk, interaction);
            }
            self.sim.desk_asks(*desk, AgentCommand::Ready);
            while self.sim.rings(*desk).is_some() {
                let id = self.sim.accept(*desk);
                self.sim.finish(*desk, id);
            }
        }
    }

    fn live(&self) -> Vec<(InteractionId, &StageRecord)> {
        (self.sim.stored.interactions.iter())
            .filter(|(_, record)| record.stage.name() != "closed")
            // The wrap-up of one who left the centre is nobody's to finish.
            .filter(|(_, record)| record.stage.name() != "wrap_up")
            .map(|(id, record)| (*id, &record.stage))
            .collect()
    }

    fn nothing_is_left(&mut self, desks: &[ConnectionId]) {
        for page in std::mem::take(&mut self.pages).into_keys() {
            self.sim.page_leaves(page);
        }
        for desk in desks {
            assert!(self.sim.desks[desk].items.is_empty());
            self.sim.desk_leaves(*desk);
        }
        self.sim.pass_s(3600);
        assert_eq!(self.sim.centre.poll_timeout(), None, "all deadlines end");
    }
}

/// What is told of one contact, but for waits: they are told when they changed notably.
fn told(contact: &Contact) -> (VisitorStage, Option<Prompt>, bool) {
    let stage = match contact.stage.clone() {
        VisitorStage::Waiting {
            position, ringing, ..
        } => VisitorStage::Waiting {
            position,
            ringing,
            wait: None,
        },
        VisitorStage::Connected {
            held,
            reachable,
            since,
            ..
        } => VisitorStage::Connected {
            // Whoever was taken out of the centre and put back has a name for new pages only.
            agent: AgentCard {
                name: String::new(),
            },
            peer: None,
            own: None,
            held,
            reachable,
            since,
        },
        other @ (VisitorStage::Asked | VisitorStage::Ended { .. }) => other,
    };
    (stage, contact.prompt.clone(), contact.left_message)
}

fn run(seed: u64) -> usize {
    let mut dice = Dice(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) | 1);
    let mut floor = Floor::new(any_setup(&mut dice), seed);
    for step in 1..=STEPS {
        let from = floor.sim.agent_events.len();
        floor.wild_step();
        floor.forget_dropped();
        floor.offers_are_right(from);
        floor.stored_makes_sense();
        floor.desks_make_sense();
        if step % 40 == 0 {
            floor.pages_show_the_truth();
        }
        if step % 170 == 0 {
            floor.a_restart_keeps_the_floor();
        }
    }
    floor.all_are_served_at_last();
    let served = floor.sim.stored.interactions.values();
    served
        .filter(|record| record.stage.agent().is_some())
        .count()
}

#[test]
fn under_any_rules_nobody_is_lost_and_nobody_is_told_what_is_not_so() {
    let served: usize = (1..=FLOORS)
        .map(|seed| {
            std::panic::catch_unwind(|| run(seed))
                .unwrap_or_else(|_| panic!("the floor of seed {seed} broke"))
        })
        .sum();

    assert!(served > 200, "{served} contacts were served");
}
