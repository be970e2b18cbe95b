//! The words Bellwire's programs say to each other.
//!
//! Every message on a Bellwire WebSocket is one JSON object, a [`wire::Up`] from a page or a
//! [`wire::Down`] from the server. A *command* asks, an *event* tells. Nothing here does IO,
//! reads a clock or draws a random number.
//!
//! - [`id`], [`time`]: names of things, and when.
//! - [`interaction`]: what one contact is made of, for every page that shows it.
//! - [`journey`], [`intent`], [`prompt`]: what a visitor did, seems to want, and is asked.
//! - [`setup`], [`admin`]: how a centre is set up, and the words of the pages that change it.
//! - [`visitor`], [`agent`]: the commands and events of either side.
//! - [`rtc`]: descriptions and candidates on their way from browser to browser.
//! - [`wire`], [`link`]: the frames of a connection, and the machine that keeps one alive.
//! - [`mirror`]: what a page knows, rebuilt from the events it was told.

pub mod admin;
pub mod agent;
pub mod id;
pub mod intent;
pub mod interaction;
pub mod journey;
pub mod link;
pub mod mirror;
pub mod prompt;
pub mod rtc;
pub mod setup;
pub mod time;
pub mod visitor;
pub mod wire;
