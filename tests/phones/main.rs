//! The telephones against each other, so that a test of Bellwire can trust them.

mod callers;
mod desk_phones;
mod houses;
mod telephones;
