//! The same calls with the media carried by rtpengine in the server's place: [`bellwire_tests::house`] sees to that
//! by this program's name.

mod callers;
mod desks;
