//! The media anchor: who carries sound and pictures between browsers and telephones.
//!
//! [`anchor`] has its words. What it is made of is without IO (packets, codecs, keys, descriptions, sounds, one browser's leg);
//! [`embedded`] has the sockets; [`rtpengine`] leaves them to a daemon.

pub mod anchor;
pub mod browser;
pub mod codec;
pub mod comfort;
pub mod embedded;
pub mod event;
pub mod jitter;
pub mod resample;
pub mod rtp;
pub mod rtpengine;
pub mod sdp;
pub mod sounds;
pub mod srtp;
pub mod stream;
#[cfg(test)]
mod testing;
