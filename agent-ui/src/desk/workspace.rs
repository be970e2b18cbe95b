//! The signed-in desk: the bar, what rings, and three columns: contacts, work, context.

use bellwire_client::dom::Listener;
use bellwire_proto::{id::InteractionId, link, mirror::Desk, time::Timestamp};
use leptos::prelude::*;

use super::{
    Parts,
    context::ContextPanel,
    devices::DeviceChoice,
    header::Header,
    help::Help,
    items::{self, Items},
    keypad::KeypadView,
    offer::OfferCard,
    pages::{PageBar, PageBeside, Pages},
    pane::Pane,
    popover::Dialog,
    presses::Presses,
    queues::QueueTable,
    stage::Stage,
    toasts::Toasts,
};
use crate::{keys, rules, text};

/// A lost connection is told after this long: most come back before anyone would notice.
const TOLD_AFTER_MS: u64 = 1_500;

/// The columns; a narrow screen shows one at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    /// The list of contacts.
    Contacts,
    /// The contact that is shown.
    Work,
    /// Who it is.
    Context,
}

impl Part {
    const ALL: [Self; 3] = [Self::Contacts, Self::Work, Self::Context];

    fn name(self) -> &'static str {
        match self {
            Self::Contacts => text::CONTACTS,
            Self::Work => text::WORK,
            Self::Context => text::CONTEXT,
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Work => "work",
            Self::Context => "context",
        }
    }
}

/// What is chosen on the screen, and nowhere else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// The contact the agent chose.
    pub(crate) chosen: RwSignal<Option<InteractionId>>,
    /// The contact that is shown.
    pub(crate) shown: Memo<Option<InteractionId>>,
    /// The column on a narrow screen.
    pub(crate) part: RwSignal<Part>,
    /// The menu of reasons is open.
    pub(crate) reasons: RwSignal<bool>,
    /// The list of shortcuts is open.
    pub(crate) help: RwSignal<bool>,
    /// The choice of devices is open.
    pub(crate) devices: RwSignal<bool>,
    /// The keypad of the live call.
    pub(crate) keypad: KeypadView,
}

impl View {
    fn new(parts: Parts) -> Self {
        let chosen = RwSignal::new(None);
        let desk = parts.session.desk;
        Self {
            chosen,
            shown: Memo::new(move |_| desk.with(|desk| rules::shown(desk, chosen.get()))),
            part: RwSignal::new(Part::Work),
            reasons: RwSignal::new(false),
            help: RwSignal::new(false),
            devices: RwSignal::new(false),
            keypad: KeypadView::new(),
        }
    }
}

/// The desk.
#[component]
pub(crate) fn Workspace(parts: Parts) -> impl IntoView {
    let Parts {
        session,
        media,
        ring,
        notices,
        ..
    } = parts;
    let view = View::new(parts);
    let pages = Pages::new(parts);
    let presses = Presses { parts, view, pages };
    follow(parts, view, pages);
    keys::listen(
        move || {
            let here = |desk: &Desk| desk.offer.is_some() && !rules::rings_elsewhere(desk);
            session.desk.with_untracked(here)
        },
        move || view.keypad.open.get_untracked(),
        move |shortcut| presses.shortcut(shortcut),
    );
    let now = session.now;
    let card = Memo::new(move |_| session.desk.with(|desk| desk.offer.clone()));
    let announcement = Memo::new(move |_| session.desk.with(rules::announcement));

    view! {
        <Header
            desk=session.desk
            link=session.link
            now
            may_notify=ring.may_ask
            reasons_open=view.reasons
            on_ready=Callback::new(move |()| presses.ready())
            on_not_ready=Callback::new(move |reason| presses.not_ready(reason))
            on_call=Callback::new(move |()| presses.on_call())
            on_device=Callback::new(move |device| presses.take_calls_on(device))
            on_choice=Callback::new(move |choice| presses.choice(choice))
        />
        <PageBar parts pages />
        <LinkBanner parts />
        <p class="bw-unseen" role="alert">{announcement}</p>
        <OfferCard
            card
            now
            answering=media.answering
            problem=media.problem
            silent=ring.blocked
            on_accept=Callback::new(move |()| media.accept())
            on_decline=Callback::new(move |()| media.decline())
        />
        <div hidden=move || !pages.on_desk.get()>
            <Tabs part=view.part />
        </div>
        <main
            class="columns"
            data-part=move || view.part.get().mark()
            hidden=move || !pages.on_desk.get()
        >
            <Contacts parts view />
            <Work parts view presses />
            <Context parts view presses />
        </main>
        <PageBeside pages />
        <Toasts
            shown=notices.shown()
            on_way_on=Callback::new(move |way_on| presses.way_on(way_on))
            on_dismiss=Callback::new(move |number| notices.dismiss(number))
        />
        <Dialog open=view.help title=text::SHORTCUTS>
            <Help />
        </Dialog>
        <Dialog open=view.devices title=text::SOUND_AND_CAMERA>
            <DeviceChoice
                on_microphone=Callback::new(move |()| media.reopen_microphone())
                on_camera=Callback::new(move |()| media.change_camera())
            />
        </Dialog>
    }
}

/// What happens on the screen by itself: a new contact is shown, what is seen is read, and what
/// was typed for a contact goes with it.
fn follow(parts: Parts, view: View, pages: Pages) {
    let Parts {
        session, drafts, ..
    } = parts;
    // None before the server has told: what is there then is not new.
    let items = Memo::new(move |_| {
        session.desk.with(|desk| {
            desk.agent?;
            Some(desk.items.keys().copied().collect::<Vec<_>>())
        })
    });
    Effect::new(move |before: Option<Option<Vec<InteractionId>>>| {
        let items = items.get();
        if let Some(items) = &items {
            if let Some(before) = before.flatten()
                && let Some(new) = items.iter().find(|id| !before.contains(id))
            {
                view.chosen.set(Some(*new));
                view.part.set(Part::Work);
                pages.router.to_desk();
            }
            drafts.retain(|id| items.contains(id));
        }
        items
    });
    let call = Memo::new(move |_| {
        session
            .desk
            .with(|desk| rules::talking_call(desk).map(|(id, _)| id))
    });
    Effect::new(move |_| {
        call.track();
        view.keypad.reset();
    });
    let attentive = attentive();
    Effect::new(move |_| {
        let looks = attentive.get() && pages.on_desk.get();
        let Some(shown) = view.shown.get().filter(|_| looks) else {
            return;
        };
        let unread = |desk: &Desk| desk.items.get(&shown).and_then(rules::read_up_to);
        if let Some(seq) = session.desk.with(unread) {
            session.read(shown, seq);
        }
    });
}

/// Whether the agent looks at this window.
fn attentive() -> Signal<bool> {
    let looks = || {
        let document = document();
        !document.hidden() && document.has_focus().unwrap_or(true)
    };
    let attentive = RwSignal::new(looks());
    let listeners = StoredValue::new_local(vec![
        Listener::new(&window(), "focus", move |_| attentive.set(looks())),
        Listener::new(&window(), "blur", move |_| attentive.set(looks())),
        Listener::new(&document(), "visibilitychange", move |_| {
            attentive.set(looks())
        }),
    ]);
    on_cleanup(move || _ = listeners.try_set_value(vec![]));
    attentive.into()
}

#[component]
fn LinkBanner(parts: Parts) -> impl IntoView {
    let session = parts.session;
    let is_up = Memo::new(move |_| matches!(session.link.get(), link::State::Up { .. }));
    let down_since = RwSignal::new(None::<Timestamp>);
    Effect::new(move |_| {
        let since = (!is_up.get()).then(|| session.server_now());
        down_since.set(since);
    });
    let is_told = Memo::new(move |_| {
        let now = session.now.get();
        down_since
            .get()
            .is_some_and(|since| now.since(since).as_millis() >= TOLD_AFTER_MS.into())
    });
    let sentence = move || is_told.get().then(|| session.desk.with(rules::link_banner));

    view! {
        <p class="banner" role="status" class:shown=is_told>
            {sentence}
        </p>
    }
}

#[component]
fn Tabs(part: RwSignal<Part>) -> impl IntoView {
    let tab = move |own: Part| {
        view! {
            <button
                aria-pressed=move || (part.get() == own).to_string()
                on:click=move |_| part.set(own)
            >
                {own.name()}
            </button>
        }
    };

    view! {
        <nav class="tabs" aria-label=text::COLUMNS>
            {Part::ALL.map(tab).collect_view()}
        </nav>
    }
}

#[component]
fn Contacts(parts: Parts, view: View) -> impl IntoView {
    let session = parts.session;
    let lines = Memo::new(move |_| session.desk.with(items::lines));
    let typing = Memo::new(move |_| {
        session
            .typing
            .with(|typing| typing.keys().copied().collect::<Vec<_>>())
    });
    let on_choose = Callback::new(move |id| {
        view.chosen.set(Some(id));
        view.part.set(Part::Work);
    });

    view! {
        <section class="column contacts" aria-labelledby="contacts-title">
            <h2 id="contacts-title">{text::CONTACTS}</h2>
            <Items lines shown=view.shown typing now=session.now on_choose />
        </section>
    }
}

#[component]
fn Work(parts: Parts, view: View, presses: Presses) -> impl IntoView {
    let Parts {
        session,
        media,
        drafts,
        ..
    } = parts;
    let on_press = Callback::new(move |press| presses.call(press));
    let pane = move |id: InteractionId| {
        let typing = Signal::derive(move || session.typing.with(|typing| typing.contains_key(&id)));
        let on_ask = Callback::new(move |ask| presses.ask(id, ask));
        view! { <Pane id desk=session.desk now=session.now typing drafts on_ask /> }
    };
    let shown = move || match view.shown.get() {
        Some(id) => pane(id).into_any(),
        None => view! { <Idle parts /> }.into_any(),
    };

    view! {
        <section class="column work" aria-label=text::WORK>
            <Stage session media keypad=view.keypad shown=view.shown on_press />
            {shown}
        </section>
    }
}

/// The work column without a contact: what to expect, and the queues.
#[component]
fn Idle(parts: Parts) -> impl IntoView {
    let session = parts.session;
    let sentence = Memo::new(move |_| session.desk.with(rules::idle_sentence));
    let queues = Memo::new(move |_| session.desk.with(|desk| desk.queues.clone()));

    view! {
        <div class="idle" tabindex="0" role="group" aria-label=text::QUEUES>
            <p class="idle-sentence">{sentence}</p>
            <h2>{text::QUEUES}</h2>
            <QueueTable queues now=session.now />
        </div>
    }
}

#[component]
fn Context(parts: Parts, view: View, presses: Presses) -> impl IntoView {
    let session = parts.session;
    let item = move |get: fn(&bellwire_proto::mirror::DeskItem) -> String| {
        Memo::new(move |_| {
            let shown = view.shown.get();
            session.desk.with(|desk| {
                shown
                    .and_then(|id| desk.items.get(&id))
                    .map(get)
                    .unwrap_or_default()
            })
        })
    };
    let context = Memo::new(move |_| {
        let shown = view.shown.get()?;
        session
            .desk
            .with(|desk| desk.items.get(&shown).map(|item| item.context.clone()))
    });
    let queue = item(|item| item.queue.clone());
    let uri = item(|item| item.uri.clone());

    view! {
        <section class="column context" aria-labelledby="context-title">
            <h2 id="context-title">{text::CONTEXT}</h2>
            <ContextPanel
                context
                queue
                uri
                now=session.now
                on_copy=Callback::new(move |text| presses.copy(text))
            />
        </section>
    }
}
