//! What the media anchor is made of, without IO: packets, codecs, keys, keys pressed, and sounds.
//! Sockets and legs do not live here.

pub mod codec;
pub mod comfort;
pub mod event;
pub mod jitter;
pub mod resample;
pub mod rtp;
pub mod sounds;
pub mod srtp;
pub mod stream;
#[cfg(test)]
mod testing;
