//! A browser's far end.

use std::{net::SocketAddr, time::Instant};

use super::leg;
use crate::{browser::Browser, sdp::Picture};

/// A browser.
pub(super) struct Page {
    pub(super) browser: Browser,
    /// By what its packets are found before its address is known.
    pub(super) ufrag: String,
    /// When it wants to be looked at again.
    pub(super) due: Instant,
    /// Where its packets came from.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Page {
    pub(super) fn agreed(&self) -> Option<leg::Agreed> {
        let agreed = self.browser.agreed()?;
        Some(leg::Agreed {
            codec: agreed.codec,
            send_pt: agreed.send_pt,
            events: agreed.events,
            comfort: None,
            direction: agreed.direction,
            video: (agreed.video.as_ref()).and_then(|video| {
                Some((
                    Picture::named(video.codec)?,
                    video.pt,
                    video.direction.sends(),
                ))
            }),
        })
    }
}
