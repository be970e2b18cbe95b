//! What is counted of telephones: shown as it is when somebody asks.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

/// How telephones stand.
#[derive(Debug, Default)]
pub(crate) struct Telephony {
    calls: Gauge,
    registered: Gauge,
    banned: Gauge,
    refused: Gauge,
    failed_logins: Gauge,
    legs: Family<ByKind, Gauge>,
    transcoded: Gauge,
    trunks: Family<ByTrunk, Gauge>,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByKind {
    to: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ByTrunk {
    trunk: String,
}

/// What is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) sip: bellwire_sip::api::Counts,
    pub(crate) media: bellwire_media::anchor::Counts,
    /// Each trunk, and whether calls go over it.
    pub(crate) trunks: Vec<(String, bool)>,
}

impl Telephony {
    #[rustfmt::skip] // One line a metric reads as the table it is.
    pub(super) fn register(&self, all: &mut Registry) {
        all.register("sip_calls", "Telephones in calls or ringing now", self.calls.clone());
        all.register("sip_registered_phones", "Phones that are registered now", self.registered.clone());
        all.register("sip_banned_sources", "Addresses that are banned now", self.banned.clone());
        all.register("sip_refused_requests", "Requests refused since the start: too many, malformed, not allowed", self.refused.clone());
        all.register("sip_failed_logins", "Failed logins since the start", self.failed_logins.clone());
        all.register("sip_trunk_up", "Whether calls go over a trunk", self.trunks.clone());
        all.register("media_legs", "Media legs now", self.legs.clone());
        all.register("media_transcoded", "Directions of sound that are transcoded now", self.transcoded.clone());
    }

    /// Takes in how telephones stand.
    pub(crate) fn show(&self, seen: &Seen) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let total = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.calls.set(number(seen.sip.calls));
        self.registered.set(number(seen.sip.registered));
        self.banned.set(number(seen.sip.banned));
        self.refused.set(total(seen.sip.refused));
        self.failed_logins.set(total(seen.sip.failed_logins));
        self.transcoded.set(number(seen.media.transcoded));
        let legs = [
            ("browser", seen.media.browsers),
            ("telephone", seen.media.telephones),
        ];
        for (to, count) in legs {
            (self.legs.get_or_create(&ByKind { to })).set(number(count));
        }
        self.trunks.clear();
        for (trunk, up) in &seen.trunks {
            let trunk = trunk.clone();
            (self.trunks.get_or_create(&ByTrunk { trunk })).set(i64::from(*up));
        }
    }
}
