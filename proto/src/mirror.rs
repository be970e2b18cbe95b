//! What a page knows, rebuilt from the events it was told.
//!
//! Plain data and one function each: no signal, no socket, no DOM. The widget, the desk and the
//! scripted peers of the tests share them, so that tests and screens cannot disagree.

mod chat;
mod desk;
mod widget;

pub use chat::Chat;
pub use desk::{Desk, DeskItem, OfferCard};
pub use widget::{Contact, Directed, Widget};
