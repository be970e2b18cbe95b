//! The agent's queues: a line in the header, a table in its panel and on the empty desk.

use bellwire_proto::{agent::QueueView, time::Timestamp};
use leptos::prelude::*;

use super::popover::Popover;
use crate::{format, rules, text};

/// How many wait in all queues, and how long the longest has; opens the table.
#[component]
pub(crate) fn QueueSummary(
    /// The queues.
    #[prop(into)]
    queues: Signal<Vec<QueueView>>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let line = move || {
        let now = now.get();
        text::waiting(queues.with(|queues| rules::waiting(queues, now)))
    };
    let button = view! {
        <button
            class="bw-button bw-plain queue-summary"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <span class="label">{text::QUEUES}</span>
            " "
            <span class="numbers">{line}</span>
        </button>
    };

    view! {
        <Popover open=open button=button.into_any() class="queues">
            <QueueTable queues=queues now=now />
        </Popover>
    }
}

/// Every queue in a row.
#[component]
pub(crate) fn QueueTable(
    /// The queues.
    #[prop(into)]
    queues: Signal<Vec<QueueView>>,
    /// The server's time.
    #[prop(into)]
    now: Signal<Timestamp>,
) -> impl IntoView {
    let row = move |queue: QueueView| {
        let oldest = move || match queue.oldest {
            Some(oldest) => format::timer(now.get().since(oldest)),
            None => "–".to_owned(),
        };
        view! {
            <tr>
                <th scope="row">{queue.name}</th>
                <td>{queue.waiting}</td>
                <td>{oldest}</td>
                <td>{queue.ready}</td>
                <td>{format::wait(queue.call_wait)}</td>
                <td>{format::wait(queue.chat_wait)}</td>
            </tr>
        }
    };
    move || {
        let queues = queues.get();
        if queues.is_empty() {
            return view! { <p class="hint">{text::NO_QUEUES}</p> }.into_any();
        }
        view! {
            <table class="queue-table">
                <thead>
                    <tr>
                        <th scope="col">{text::QUEUE}</th>
                        <th scope="col">{text::WAITING}</th>
                        <th scope="col">{text::LONGEST}</th>
                        <th scope="col">{text::AGENTS_READY}</th>
                        <th scope="col">{text::CALL_WAIT}</th>
                        <th scope="col">{text::CHAT_WAIT}</th>
                    </tr>
                </thead>
                <tbody>{queues.into_iter().map(row).collect_view()}</tbody>
            </table>
        }
        .into_any()
    }
}
