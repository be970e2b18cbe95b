//! The list of keyboard shortcuts.

use leptos::prelude::*;

use crate::keys;

/// All shortcuts with what they do.
#[component]
pub(crate) fn Help() -> impl IntoView {
    let row = |(press, does): (&'static str, &'static str)| {
        view! {
            <dt><kbd>{press}</kbd></dt>
            <dd>{does}</dd>
        }
    };

    view! { <dl class="shortcuts">{keys::HELP.map(row).collect_view()}</dl> }
}
