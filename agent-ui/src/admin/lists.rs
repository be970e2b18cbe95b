//! All documents of a kind, in a table.

use std::collections::BTreeMap;

use bellwire_proto::{
    admin::{Import, Kind},
    setup::{Capacity, Destination, FormKind, Setup, Words},
};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    api,
    docs::{self, Named},
    live::{self, Standing},
    store::Admin,
};
use crate::{
    route::{Route, Which},
    text::admin as text,
};

/// The list.
pub(crate) fn all(admin: Admin, kind: Kind) -> AnyView {
    let lines = Memo::new(move |_| admin.with(|setup| lines(setup, kind)));
    let page = Route::Docs(kind);
    let now = live::standings(kind);
    let off = move || {
        let sentence = now.and_then(|now| now.get().err());
        sentence.map(|sentence| view! { <p class="notice-line">{sentence}</p> })
    };
    let table = move || {
        let lines = lines.get();
        if lines.is_empty() {
            return view! { <p class="notice-line">{text::none_yet(kind)}</p> }.into_any();
        }
        let count = lines.len();
        let row = |(index, line): (usize, Line)| row(admin, kind, line, now, index, count);
        view! {
            <table class="table docs">
                <thead>
                    <tr>
                        <th scope="col">{text::NAME}</th>
                        <th scope="col">{text::IN_SHORT}</th>
                        {now.is_some().then(|| view! { <th scope="col">{text::NOW}</th> })}
                        {has_order(kind).then(|| view! { <th scope="col">{text::ORDER}</th> })}
                    </tr>
                </thead>
                <tbody>{lines.into_iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <h2 class="page-title">{text::page_name(&page)}</h2>
        <p class="hint">{text::about(kind)}</p>
        <p>
            <a class="bw-button bw-primary" href=Route::Doc(kind, Which::New).hash()>
                {text::new_one(kind)}
            </a>
        </p>
        {off}
        {table}
    }
    .into_any()
}

/// How every document of a list stands, where that is known.
type Now = Option<Signal<Result<BTreeMap<String, Standing>, String>>>;

fn row(admin: Admin, kind: Kind, line: Line, now: Now, index: usize, count: usize) -> AnyView {
    let id = line.named.id.clone();
    let stands = now.map(|now| {
        let own = move || now.with(|all| all.as_ref().ok()?.get(&id).cloned());
        view! { <td>{move || own().map(live::mark)}</td> }
    });
    let route = Route::Doc(kind, Which::One(line.named.id));
    let name = if line.named.name.trim().is_empty() {
        text::NAMELESS.to_owned()
    } else {
        line.named.name
    };
    let order = has_order(kind).then(|| {
        let number = index + 1;
        view! {
            <td class="list-buttons">
                <button
                    type="button"
                    class="bw-button bw-plain"
                    aria-label=text::row_up(number)
                    title=text::UP
                    disabled=index == 0
                    on:click=move |_| move_rule(admin, index, -1)
                >
                    "↑"
                </button>
                <button
                    type="button"
                    class="bw-button bw-plain"
                    aria-label=text::row_down(number)
                    title=text::DOWN
                    disabled=number == count
                    on:click=move |_| move_rule(admin, index, 1)
                >
                    "↓"
                </button>
            </td>
        }
    });
    view! {
        <tr class:off=line.off>
            <th scope="row">
                <a href=route.hash()>{name}</a>
            </th>
            <td>{line.more}</td>
            {stands}
            {order}
        </tr>
    }
    .into_any()
}

/// Whether the order of the documents means something: between equal intents the first rule wins.
fn has_order(kind: Kind) -> bool {
    match kind {
        Kind::Intent => true,
        Kind::Site
        | Kind::Queue
        | Kind::User
        | Kind::Hours
        | Kind::Form
        | Kind::Invitation
        | Kind::Phone
        | Kind::Trunk
        | Kind::Number
        | Kind::Dialling
        | Kind::Skills
        | Kind::Reasons
        | Kind::Dispositions => false,
    }
}

/// Changes the order of the rules: the whole set-up is put in place of itself, in another order.
fn move_rule(admin: Admin, index: usize, by: isize) {
    let Some(current) = admin.current.get_untracked() else {
        return;
    };
    let Some(setup) = moved(current.setup, index, by) else {
        return;
    };
    let import = Import {
        version: current.version,
        setup,
        dry_run: false,
        despite_warnings: true,
    };
    spawn_local(async move {
        if let Err(problem) = api::import(&import).await {
            admin.notices.say(problem.sentence());
        }
        admin.reload().await;
    });
}

fn moved(mut setup: Setup, index: usize, by: isize) -> Option<Setup> {
    let other = index.checked_add_signed(by)?;
    if index.max(other) >= setup.intents.len() {
        return None;
    }
    setup.intents.swap(index, other);
    Some(setup)
}

/// A document in the list.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Line {
    named: Named,
    more: String,
    off: bool,
}

fn lines(setup: &Setup, kind: Kind) -> Vec<Line> {
    let named = docs::named(setup, kind).into_iter().enumerate();
    let line = |(index, named)| {
        let (more, on) = in_short(setup, kind, index).unwrap_or_default();
        Line {
            named,
            more,
            off: !on,
        }
    };
    named.map(line).collect()
}

/// What a document is about, and whether it is in use.
fn in_short(setup: &Setup, kind: Kind, index: usize) -> Option<(String, bool)> {
    let on = |text: String| Some((text, true));
    match kind {
        Kind::Site => {
            let site = setup.sites.get(index)?;
            on(text::site_in_short(
                site.origins.len(),
                site.entries.len(),
                &site.key.0,
            ))
        }
        Kind::Queue => {
            let queue = setup.queues.get(index)?;
            let agents = setup.users.iter();
            let agents = agents
                .filter(|user| user.queues.contains(&queue.id))
                .count();
            on(text::queue_in_short(&queue.media, agents))
        }
        Kind::User => {
            let user = setup.users.get(index)?;
            let Capacity { calls, chats } = user.capacity;
            let role = text::role(user.role);
            on(format!(
                "{} · {role} · {}",
                user.user,
                text::capacity(calls, chats)
            ))
        }
        Kind::Hours => on(setup.hours.get(index)?.zone.clone()),
        Kind::Intent => {
            let rule = setup.intents.get(index)?;
            let topic = rule.topic.as_deref().unwrap_or_default();
            Some((
                text::rule_in_short(rule.enabled, topic, rule.confidence),
                rule.enabled,
            ))
        }
        Kind::Form => {
            let form = setup.forms.get(index)?;
            let title = Words::read(&form.title, "en");
            on(match &form.kind {
                FormKind::Fields(fields) => text::fields_in_short(title, fields.len()),
                FormKind::Menu { choices, .. } => text::menu_in_short(title, choices.len()),
            })
        }
        Kind::Invitation => {
            let it = setup.invitations.get(index)?;
            let said = it.text.read("en");
            Some((text::invitation_in_short(it.enabled, said), it.enabled))
        }
        Kind::Phone => {
            let phone = setup.phones.get(index)?;
            let owner = setup.users.iter().find(|user| user.id == phone.agent);
            let owner = owner.map(|user| user.name.as_str()).unwrap_or_default();
            on(text::phone_in_short(&phone.user, owner))
        }
        Kind::Trunk => {
            let trunk = setup.trunks.get(index)?;
            Some((text::trunk_leads(trunk), trunk.on))
        }
        Kind::Number => {
            let number = setup.numbers.get(index)?;
            let queue = match &number.to {
                Destination::Queue(id) => setup.queues.iter().find(|queue| queue.id == *id),
                Destination::Menu(_) | Destination::Page { .. } | Destination::Link { .. } => None,
            };
            let queue = queue.map(|queue| queue.name.as_str()).unwrap_or_default();
            on(text::number_in_short(&number.number, queue))
        }
        Kind::Dialling | Kind::Skills | Kind::Reasons | Kind::Dispositions => None,
    }
}

#[cfg(test)]
mod tests {
    use bellwire_proto::{id::QueueId, setup::Queue, time::Timestamp};

    use super::*;

    #[test]
    fn a_queue_tells_how_many_serve_it() {
        let setup = Setup {
            queues: vec![Queue::new(QueueId::new(Timestamp(1), 1), "Support")],
            ..Setup::default()
        };

        let lines = lines(&setup, Kind::Queue);

        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].named.name, "Support");
        assert_eq!(lines[0].more, "calls and chats · 0 agents");
    }

    #[test]
    fn a_rule_does_not_move_beyond_the_ends() {
        let (_, draft) = docs::fresh(Kind::Intent, "", 1, Timestamp(1));
        let (_, other) = docs::fresh(Kind::Intent, "", 2, Timestamp(1));
        let rules: Vec<_> = [draft, other].iter().filter_map(docs::read).collect();
        let setup = Setup {
            intents: rules.clone(),
            ..Setup::default()
        };

        assert_eq!(moved(setup.clone(), 0, -1), None);
        assert_eq!(moved(setup.clone(), 1, 1), None);
        let moved = moved(setup, 0, 1).map(|setup| setup.intents);
        assert_eq!(moved, Some(vec![rules[1].clone(), rules[0].clone()]));
    }
}
