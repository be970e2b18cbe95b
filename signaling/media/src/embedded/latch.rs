//! Whom a telephone's packets are taken from, and where its own go: symmetric RTP (RFC 4961), without following everybody.
//!
//! Telephones behind NAT are known only by what comes from them. So the first who speaks as was agreed is taken for the telephone, and
//! kept; who comes later has to show more.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

/// Silent for so long, a telephone may be somewhere else: its network changed.
const MOVES_AFTER: Duration = Duration::from_secs(3);
/// Who said fewer packets than this, and fell silent, may have been anybody.
const BRIEF: u32 = 50;

/// Where a telephone is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latch(Option<Locked>);

#[derive(Clone, Copy, Debug)]
struct Locked {
    from: SocketAddr,
    ssrc: u32,
    at: Instant,
    packets: u32,
}

/// A packet that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Came {
    pub(super) from: SocketAddr,
    pub(super) ssrc: u32,
    /// Its key proves whose it is (SRTP).
    pub(super) proven: bool,
    pub(super) at: Instant,
}

impl Latch {
    /// Whether a packet is the telephone's, which promised to be `promised`.
    pub(super) fn lets(&self, came: Came, promised: SocketAddr) -> bool {
        let Some(known) = self.0 else {
            return true;
        };
        if came.from == known.from || came.from == promised || came.proven {
            return true;
        }
        let silent = came.at.saturating_duration_since(known.at) >= MOVES_AFTER;
        let alike = came.ssrc == known.ssrc || came.from.ip() == known.from.ip();
        silent && (alike || known.packets < BRIEF)
    }

    /// A packet was the telephone's.
    pub(super) fn take(&mut self, came: Came) {
        let before = self.0.filter(|known| known.from == came.from);
        self.0 = Some(Locked {
            from: came.from,
            ssrc: came.ssrc,
            at: came.at,
            packets: before.map_or(1, |known| known.packets.saturating_add(1)),
        });
    }

    /// Where it is, once it was heard.
    pub(super) fn at(&self) -> Option<SocketAddr> {
        self.0.map(|known| known.from)
    }

    /// Whether it is at this address.
    pub(super) fn is_at(&self, ip: IpAddr, promised: SocketAddr) -> bool {
        self.at().unwrap_or(promised).ip() == ip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "192.0.2.7:4000";
    const PRIVATE: &str = "10.0.0.7:4000";
    const STRANGER: &str = "198.51.100.9:9999";

    struct Scene {
        latch: Latch,
        began: Instant,
    }

    impl Scene {
        fn new() -> Self {
            Self {
                latch: Latch::default(),
                began: Instant::now(),
            }
        }

        fn came(&self, from: &str, ssrc: u32, after_ms: u64) -> Came {
            Came {
                from: from.parse().unwrap(),
                ssrc,
                proven: false,
                at: self.began + Duration::from_millis(after_ms),
            }
        }

        fn offer(&mut self, came: Came) -> bool {
            let lets = self.latch.lets(came, PRIVATE.parse().unwrap());
            if lets {
                self.latch.take(came);
            }
            lets
        }

        /// The phone speaks for two seconds.
        fn talk(&mut self) {
            for packet in 0..100 {
                assert!(self.offer(self.came(PHONE, 1, packet * 20)));
            }
        }
    }

    #[test]
    fn who_speaks_first_is_kept() {
        let mut scene = Scene::new();
        scene.talk();

        assert!(!scene.offer(scene.came(STRANGER, 1, 2000)));
        assert_eq!(scene.latch.at(), Some(PHONE.parse().unwrap()));
    }

    #[test]
    fn after_silence_the_same_source_is_followed_and_no_other() {
        let mut scene = Scene::new();
        scene.talk();

        assert!(!scene.offer(scene.came(STRANGER, 2, 6000)));
        assert!(scene.offer(scene.came("203.0.113.5:1", 1, 6000)));
    }

    #[test]
    fn another_port_of_the_same_address_is_followed_after_silence() {
        let mut scene = Scene::new();
        scene.talk();

        assert!(!scene.offer(scene.came("192.0.2.7:5000", 2, 3000)));
        assert!(scene.offer(scene.came("192.0.2.7:5000", 2, 6000)));
    }

    #[test]
    fn a_stranger_who_was_quicker_does_not_keep_the_phone_out() {
        let mut scene = Scene::new();
        assert!(scene.offer(scene.came(STRANGER, 9, 0)));

        assert!(!scene.offer(scene.came(PHONE, 1, 100)));
        assert!(scene.offer(scene.came(PHONE, 1, 3100)));
        assert!(!scene.offer(scene.came(STRANGER, 9, 3200)));
    }

    #[test]
    fn the_promised_address_and_the_right_key_are_always_taken() {
        let mut scene = Scene::new();
        scene.talk();

        assert!(scene.offer(scene.came(PRIVATE, 3, 2000)));
        let proven = Came {
            proven: true,
            ..scene.came(STRANGER, 4, 2010)
        };
        assert!(scene.offer(proven));
    }
}
