//! The desk, where agents work, and beside it the pages of supervisors and administrators. One
//! program; what the desk shows follows from what the server tells.

mod admin;
mod clip;
mod desk;
mod drafts;
mod format;
mod keys;
mod media;
mod notices;
mod ring;
mod route;
mod router;
mod rules;
mod session;
mod supervise;
mod text;
mod theme;

fn main() {
    theme::Theme::kept().show();
    if let Some(loading) = leptos::prelude::document().get_element_by_id("loading") {
        loading.remove();
    }
    leptos::mount::mount_to_body(desk::App);
}
