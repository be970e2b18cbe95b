//! What invitations brought about, and how well waits are foretold.

use bellwire_proto::admin::{InvitationCounts, WaitAccuracy};
use leptos::prelude::*;

use super::Read;
use crate::{
    admin::api,
    route::Route,
    text::{self as desk_text, admin, supervise as text},
};

/// The page.
pub(super) fn page() -> AnyView {
    let invitations = Read::new();
    let waits = Read::new();
    let read = move || {
        invitations.read(api::invitations());
        waits.read(api::waits());
    };
    read();
    view! {
        <h2 class="page-title">{admin::page_name(&Route::Results)}</h2>
        <p>
            <button type="button" class="bw-button" on:click=move |_| read()>
                {text::REFRESH}
            </button>
        </p>
        <section class="part">
            <h3>{text::INVITATIONS}</h3>
            <p class="hint">{text::INVITATIONS_HINT}</p>
            {invitations.shown(counted)}
        </section>
        <section class="part">
            <h3>{text::WAITS}</h3>
            <p class="hint">{text::WAITS_HINT}</p>
            {waits.shown(foretold)}
        </section>
    }
    .into_any()
}

fn counted(counts: Vec<InvitationCounts>) -> AnyView {
    if counts.is_empty() {
        return view! { <p class="hint">{text::NO_INVITATIONS}</p> }.into_any();
    }
    let row = |it: InvitationCounts| {
        let difference = text::difference((it.contacted, it.shown), (it.held_contacted, it.held));
        view! {
            <tr>
                <th scope="row">{it.name}</th>
                <td>{it.shown}</td>
                <td>{text::share(it.accepted, it.shown)}</td>
                <td>{text::share(it.dismissed, it.shown)}</td>
                <td>{text::share(it.ignored, it.shown)}</td>
                <td>{text::share(it.contacted, it.shown)}</td>
                <td>{it.held}</td>
                <td>{text::share(it.held_contacted, it.held)}</td>
                <td>
                    <strong>{difference}</strong>
                </td>
            </tr>
        }
    };
    let heads = [
        text::INVITATION,
        text::SHOWN,
        text::ACCEPTED,
        text::DISMISSED,
        text::IGNORED,
        text::CONTACTED,
        text::HELD,
        text::HELD_CONTACTED,
        text::DIFFERENCE,
    ];
    let rows: Vec<_> = counts.into_iter().map(row).collect();
    table(text::INVITATIONS, &heads, rows.into_any())
}

fn foretold(waits: Vec<WaitAccuracy>) -> AnyView {
    if waits.is_empty() {
        return view! { <p class="hint">{text::NO_WAITS}</p> }.into_any();
    }
    let row = |it: WaitAccuracy| {
        view! {
            <tr>
                <th scope="row">{it.queue}</th>
                <td>{desk_text::medium(it.medium, false)}</td>
                <td>{it.waits}</td>
                <td>{format!("{:.0} %", it.error_percent)}</td>
                <td>{text::bias(it.bias_s)}</td>
                <td>{format!("{:.0} %", it.within_percent)}</td>
                <td>{it.estimator}</td>
            </tr>
        }
    };
    let heads = [
        text::QUEUE,
        text::MEDIUM,
        text::COUNTED,
        text::ERROR,
        text::BIAS,
        text::WITHIN,
        text::ESTIMATOR,
    ];
    let rows: Vec<_> = waits.into_iter().map(row).collect();
    table(text::WAITS, &heads, rows.into_any())
}

fn table(name: &'static str, heads: &[&'static str], rows: AnyView) -> AnyView {
    let head = |name: &&'static str| view! { <th scope="col">{*name}</th> };
    let heads: Vec<_> = heads.iter().map(head).collect();
    view! {
        <div class="scroll" tabindex="0" role="group" aria-label=name>
            <table class="table figures">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
