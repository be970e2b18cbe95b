//! The contact that is shown: its head, its wrap-up, and its chat.

use bellwire_client::ui::{ChatLog, Composer};
use bellwire_proto::{
    agent::WorkStage,
    id::InteractionId,
    interaction::{Medium, Role},
    mirror::{Chat, Desk, DeskItem},
    time::Timestamp,
};
use leptos::prelude::*;

use super::wrapup::WrapUp;
use crate::{drafts::Drafts, format, rules, text};

/// Where the message is written, for the shortcut that goes there.
pub(crate) const MESSAGE_BOX: &str = ".chat textarea";

/// What is asked for in a pane.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    /// End the chat.
    End,
    /// Write a line.
    Say(String),
    /// The agent is typing.
    Typing,
    /// The wrap-up is done.
    Finish,
}

/// One contact.
#[component]
pub(crate) fn Pane(
    /// Which one.
    id: InteractionId,
    /// What the desk knows.
    #[prop(into)]
    desk: Signal<Desk>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// The visitor is typing.
    #[prop(into)]
    typing: Signal<bool>,
    /// What was typed but not sent.
    drafts: Drafts,
    /// Called with what is asked for.
    on_ask: Callback<Ask>,
) -> impl IntoView {
    let head = Memo::new(move |_| desk.with(|desk| desk.items.get(&id).map(Head::of)));
    let chat = Memo::new(move |_| {
        desk.with(|desk| {
            desk.items
                .get(&id)
                .map(|item| item.chat.clone())
                .unwrap_or_default()
        })
    });
    let stage = Memo::new(move |_| head.with(|head| head.as_ref().map(|head| head.stage)));
    let is_open =
        Signal::derive(move || stage.with(|it| it.as_ref().is_some_and(rules::is_talking)));
    let timer = Signal::derive(move || {
        let since = stage.with(|stage| stage.as_ref().map(rules::since));
        since
            .map(|since| format::timer(now.get().since(since)))
            .unwrap_or_default()
    });

    let by_telephone =
        Memo::new(move |_| head.with(|head| head.as_ref().is_some_and(|head| head.by_telephone)));
    let chat = move || match by_telephone.get() {
        true => view! { <p class="hint no-chat">{text::phone::NO_CHAT}</p> }.into_any(),
        false => view! { <ChatOf id chat is_open typing drafts head on_ask /> }.into_any(),
    };

    view! {
        <article class="pane" data-pane=id.to_string()>
            <PaneHead head timer on_end=Callback::new(move |()| on_ask.run(Ask::End)) />
            <WrapUpOf id head desk timer drafts on_ask />
            {chat}
        </article>
    }
}

/// What the head of a pane and its wrap-up show.
#[derive(Clone, Debug, PartialEq)]
struct Head {
    who: String,
    medium: Medium,
    how: &'static str,
    by_telephone: bool,
    queue: String,
    stage: WorkStage,
    reachable: bool,
}

impl Head {
    fn of(item: &DeskItem) -> Self {
        Self {
            who: format::who(&item.context),
            medium: item.medium,
            how: format::medium(&item.context, item.medium, item.video),
            by_telephone: item.context.caller.is_some(),
            queue: item.queue.clone(),
            stage: item.stage,
            reachable: item.reachable,
        }
    }
}

/// Who it is; for a chat also its timer and end. (A live call has its own stage for those.)
#[component]
fn PaneHead(
    head: Memo<Option<Head>>,
    timer: Signal<String>,
    on_end: Callback<()>,
) -> impl IntoView {
    move || {
        let head = head.get()?;
        let talking = rules::is_talking(&head.stage);
        if talking && head.medium == Medium::Call {
            return None;
        }
        let end = (talking && head.medium == Medium::Chat).then(|| {
            view! {
                <button
                    class="bw-button end"
                    aria-keyshortcuts="Alt+U"
                    on:click=move |_| on_end.run(())
                >
                    {text::END_CHAT}
                </button>
            }
        });
        let away = (talking && !head.reachable)
            .then(|| view! { <p class="hint" role="status">{text::VISITOR_AWAY}</p> });
        Some(view! {
            <header class="pane-head">
                <h2>{head.who}</h2>
                <p class="pane-what">
                    {head.how} " · " {head.queue}
                </p>
                {talking.then(|| view! { <span class="timer" role="timer">{timer}</span> })}
                {end}
            </header>
            {away}
        })
    }
}

#[component]
fn WrapUpOf(
    id: InteractionId,
    head: Memo<Option<Head>>,
    desk: Signal<Desk>,
    timer: Signal<String>,
    drafts: Drafts,
    on_ask: Callback<Ask>,
) -> impl IntoView {
    let sentence = Memo::new(move |_| {
        head.with(|head| match head {
            Some(Head {
                medium,
                by_telephone,
                stage: WorkStage::WrapUp { cause, by, .. },
                ..
            }) => Some(text::over(*medium, *cause, *by, *by_telephone)),
            Some(Head {
                stage: WorkStage::Talking { .. },
                ..
            })
            | None => None,
        })
    });
    let dispositions = Memo::new(move |_| desk.with(|desk| desk.dispositions.clone()));
    let on_disposition =
        Callback::new(move |chosen| drafts.change(id, |draft| draft.disposition = chosen));
    let on_note = Callback::new(move |note| drafts.change(id, |draft| draft.note = note));
    let over = Memo::new(move |_| sentence.with(Option::is_some));

    move || {
        over.get().then(|| {
            view! {
                <WrapUp
                    sentence=Signal::derive(move || sentence.get().unwrap_or_default())
                    timer
                    dispositions
                    draft=Signal::derive(move || drafts.of(id))
                    on_disposition
                    on_note
                    on_finish=Callback::new(move |()| on_ask.run(Ask::Finish))
                />
            }
        })
    }
}

#[component]
fn ChatOf(
    id: InteractionId,
    chat: Memo<Chat>,
    is_open: Signal<bool>,
    typing: Signal<bool>,
    drafts: Drafts,
    head: Memo<Option<Head>>,
    on_ask: Callback<Ask>,
) -> impl IntoView {
    let who = Signal::derive(move || {
        let typing = typing.get();
        head.with(|head| {
            head.as_ref()
                .filter(|_| typing)
                .map(|head| head.who.clone())
        })
    });
    let draft = RwSignal::new(drafts.peek(id).message);
    Effect::new(move |_| {
        let message = draft.get();
        if message != drafts.peek(id).message {
            drafts.change(id, |draft| draft.message = message);
        }
    });
    let on_send = Callback::new(move |line: String| on_ask.run(Ask::Say(line)));
    let on_typing = Callback::new(move |()| on_ask.run(Ask::Typing));
    let composer = move || {
        is_open.get().then(|| {
            view! { <Composer on_send on_typing draft placeholder=text::MESSAGE_HINT /> }
        })
    };

    view! {
        <section class="chat" aria-label=text::CHAT>
            <ChatLog chat own=Role::Agent label=text::CHAT_LINES typing=who />
            {composer}
        </section>
    }
}
