//! The list of contacts: who, what, since when, and what is new.

use bellwire_client::ui::{Icon, icon};
use bellwire_proto::{
    agent::WorkStage,
    id::InteractionId,
    interaction::Medium,
    mirror::{Desk, DeskItem},
    time::Timestamp,
};
use leptos::prelude::*;

use crate::{format, rules, text};

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    id: InteractionId,
    who: String,
    medium: Medium,
    video: bool,
    how: &'static str,
    queue: String,
    stage: WorkStage,
    reachable: bool,
    unread: usize,
    last: String,
}

impl Line {
    /// In contact, and not on hold.
    fn stage_is_open(&self) -> bool {
        rules::is_talking(&self.stage) && !rules::is_held(&self.stage)
    }
}

/// The lines of a desk, in the order of the list.
pub(crate) fn lines(desk: &Desk) -> Vec<Line> {
    (rules::order(desk).into_iter())
        .filter_map(|id| desk.items.get(&id).map(|item| line(id, item)))
        .collect()
}

fn line(id: InteractionId, item: &DeskItem) -> Line {
    let last = item.chat.lines().last().map(|line| line.text.clone());
    Line {
        id,
        who: format::who(&item.context),
        medium: item.medium,
        video: item.video,
        how: format::medium(&item.context, item.medium, item.video),
        queue: item.queue.clone(),
        stage: item.stage,
        reachable: item.reachable,
        unread: item.unread(),
        last: last.unwrap_or_default(),
    }
}

/// The list of contacts.
#[component]
pub(crate) fn Items(
    /// The lines.
    #[prop(into)]
    lines: Signal<Vec<Line>>,
    /// Which contact is shown.
    #[prop(into)]
    shown: Signal<Option<InteractionId>>,
    /// Who is typing.
    #[prop(into)]
    typing: Signal<Vec<InteractionId>>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
    /// Called with the contact to show.
    on_choose: Callback<InteractionId>,
) -> impl IntoView {
    let item = move |id: InteractionId| {
        let line = Memo::new(move |_| {
            lines.with(|lines| lines.iter().find(|line| line.id == id).cloned())
        });
        view! { <Item id line shown typing now on_choose /> }
    };
    let ids = move || lines.with(|lines| lines.iter().map(|line| line.id).collect::<Vec<_>>());
    let nothing = move || {
        let empty = lines.with(Vec::is_empty);
        empty.then(|| view! { <p class="hint">{text::NOTHING_HERE}</p> })
    };

    view! {
        <ul class="items">
            <For each=ids key=|id| *id children=item />
        </ul>
        {nothing}
    }
}

#[component]
fn Item(
    id: InteractionId,
    line: Memo<Option<Line>>,
    shown: Signal<Option<InteractionId>>,
    typing: Signal<Vec<InteractionId>>,
    now: Signal<Timestamp>,
    on_choose: Callback<InteractionId>,
) -> impl IntoView {
    let get = move |part: fn(&Line) -> String| {
        line.with(|line| line.as_ref().map(part).unwrap_or_default())
    };
    let timer = move || {
        let since = line.with(|line| line.as_ref().map(|line| rules::since(&line.stage)));
        since.map(|since| format::timer(now.get().since(since)))
    };
    let more = move || {
        if typing.with(|typing| typing.contains(&id)) {
            return text::TYPING.to_owned();
        }
        // Its own chat stands beside the list.
        if shown.get() == Some(id) {
            get(keeping)
        } else {
            get(doing)
        }
    };
    let unread = move || {
        let unread = line.with(|line| line.as_ref().map_or(0, |line| line.unread));
        (unread > 0).then(|| {
            view! {
                <span class="badge">
                    {unread} <span class="bw-unseen">" " {text::UNREAD}</span>
                </span>
            }
        })
    };
    let sign = move || line.with(|line| line.as_ref().map_or(Icon::Chat, sign));
    let stage = move || line.with(|line| line.as_ref().map_or("", stage_mark));

    view! {
        <li>
            <button
                class="item"
                data-interaction=id.to_string()
                data-stage=stage
                aria-current=move || (shown.get() == Some(id)).to_string()
                on:click=move |_| on_choose.run(id)
            >
                <span class="item-sign">{move || icon(sign())}</span>
                <span class="bw-unseen">
                    {move || get(|line| line.how.to_owned())} ": "
                </span>
                <span class="item-who">{move || get(|line| line.who.clone())}</span>
                <span class="timer">{timer}</span>
                <span class="item-more">{more}</span>
                {unread}
            </button>
        </li>
    }
}

/// What a contact is about just now: what keeps it, or its last line.
fn doing(line: &Line) -> String {
    let quiet = line.reachable && line.stage_is_open() && !line.last.is_empty();
    if quiet {
        line.last.clone()
    } else {
        keeping(line)
    }
}

/// What keeps a contact just now, or its queue.
fn keeping(line: &Line) -> String {
    match line.stage {
        WorkStage::WrapUp { .. } => text::WRAP_UP.to_owned(),
        WorkStage::Talking { held: true, .. } => text::ON_HOLD.to_owned(),
        WorkStage::Talking { .. } if !line.reachable => text::UNREACHABLE.to_owned(),
        WorkStage::Talking { .. } => line.queue.clone(),
    }
}

fn sign(line: &Line) -> Icon {
    match (line.medium, line.video) {
        (Medium::Call, false) => Icon::Phone,
        (Medium::Call, true) => Icon::Video,
        (Medium::Chat, _) => Icon::Chat,
    }
}

fn stage_mark(line: &Line) -> &'static str {
    match line.stage {
        WorkStage::Talking { held: false, .. } => "talking",
        WorkStage::Talking { held: true, .. } => "held",
        WorkStage::WrapUp { .. } => "wrap_up",
    }
}
