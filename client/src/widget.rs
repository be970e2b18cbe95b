//! The widget: the panel in which a visitor calls and writes.
//!
//! ```text
//!   loader ──▶ frame ──▶ app ◀── told ◀── the centre
//!                       │  ▲
//!               screen  ▼  │ calling, writing, asking, changing, watching
//!                       view
//! ```
//!
//! What is decided without a browser, and tested there, is in `screen` (what is shown, who
//! carries the call), `prompting` (a form's fields) and `sentence` (what is said about it); every
//! word is in `text`.

mod app;
mod asking;
mod calling;
mod carrying;
mod changing;
mod dom;
mod frame;
mod keep;
mod meeting;
mod music;
mod preparing;
mod prompting;
mod screen;
mod sentence;
mod signals;
mod sound;
mod text;
mod told;
mod view;
mod watching;
mod wire;
mod writing;

use signals::Owner;
/// Shows the panel in this document.
pub fn run() {
    let document = dom::document();
    if let Some(loading) = document.get_element_by_id("loading") {
        loading.remove();
    }
    signals::start();
    let owner = Owner::new();
    owner.set();
    let app = app::App::new(frame::Address::read());
    app.start();
    if let Some(body) = document.body() {
        // Fails only for a node that is in two places.
        let _ = body.append_child(view::panel(app).node());
    }
    // It lives as long as the page.
    std::mem::forget(owner);
}
