//! The desk: where agents work. One page; what it shows follows from what the server tells.

mod desk;
mod drafts;
mod format;
mod keys;
mod media;
mod notices;
mod ring;
mod rules;
mod session;
mod text;
mod theme;

fn main() {
    theme::Theme::kept().show();
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
    leptos::mount::mount_to_body(desk::App);
}
