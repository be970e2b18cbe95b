//! What the tests drive Bellwire with: the real server, scripted peers, and real browsers.
//!
//! - [`centre`]: the server as a process, killed and started again on the same port and data.
//! - [`peer`]: visitors and agents without a browser, on `proto`'s own link and mirrors.
//! - [`administrator`], [`stored`], [`journey`]: the set-up changed by HTTP, what the database holds, and what
//!   visitors do on their pages.
//! - [`office`]: the administrator's part of a scene, over HTTP.
//! - [`shop`], [`proxy`]: a site on another origin, and a network that can be cut.
//! - [`stage`], [`browsers`], [`guests`], [`view`]: two browsers with different voices, the people at them, and
//!   what they see and hear; [`looks`]: pictures of it.
//! - [`house`]: a centre that serves telephones.
//! - [`phones`]: telephones, desk phones, callers by the hundred, a carrier and a media proxy.
//!
//! Every wait is for a condition and has an end ([`wait::until`]).

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's findings and the logs of a failed one go to the console"
)]

pub mod administrator;
pub mod browsers;
pub mod centre;
pub mod chance;
pub mod firefox;
pub mod guests;
pub mod house;
pub mod http;
pub mod journey;
pub mod looks;
pub mod namespace;
pub mod office;
pub mod peer;
pub mod people;
pub mod phones;
pub mod proxy;
pub mod shop;
pub mod sound;
pub mod stage;
pub mod stored;
pub mod view;
pub mod wait;
