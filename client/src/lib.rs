//! What the visitor's widget and the agent's desk share in the browser.
//!
//! [`link`] keeps the connection to the server, [`rtc`] carries sound and pictures from page to
//! page, [`ui`] holds the components both apps show. Only [`ui`] and [`widget`] know Leptos.

pub mod clock;
pub mod dom;
pub mod ids;
pub mod json;
pub mod link;
pub mod rtc;
pub mod storage;
pub mod ui;
pub mod widget;
