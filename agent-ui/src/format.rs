//! How times, addresses and journeys are written on the desk.

use std::time::Duration;

use bellwire_proto::{interaction::Context, journey::JourneyKind};

use crate::text;

/// A timer: `0:05`, `12:40`, `1:02:03`.
pub(crate) fn timer(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}

/// Whole seconds left, rounded up, so that a countdown ends at zero and not before.
pub(crate) fn seconds_left(left: Duration) -> u64 {
    left.as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

/// How long ago: `just now`, `40 s ago`, `5 min ago`, `2 h ago`, `3 days ago`.
pub(crate) fn ago(span: Duration) -> String {
    match span.as_secs() {
        0..10 => "just now".to_owned(),
        seconds @ 10..60 => format!("{seconds} s ago"),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds @ 3_600..86_400 => format!("{} h ago", seconds / 3_600),
        seconds @ 86_400..172_800 => format!("{} day ago", seconds / 86_400),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

/// How long something took: `3 s`, `2 min`, `1 h`.
pub(crate) fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

/// An address for reading: without scheme, query and closing slash.
pub(crate) fn address(url: &str) -> String {
    let without_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = without_scheme
        .split(['?', '#'])
        .next()
        .unwrap_or(without_scheme);
    path.trim_end_matches('/').to_owned()
}

/// An address that is safe to open by a click: web pages only, never `javascript:`.
pub(crate) fn link(url: &str) -> Option<String> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web.then(|| url.to_owned())
}

/// A page's title, or its address where it has none.
pub(crate) fn title(title: &str, url: &str) -> String {
    match (title.trim(), url.trim()) {
        ("", "") => text::PAGE_UNKNOWN.to_owned(),
        ("", url) => address(url),
        (title, _) => title.to_owned(),
    }
}

/// Who it is, as far as known.
pub(crate) fn who(context: &Context) -> String {
    (context.name.as_deref().map(str::trim))
        .filter(|name| !name.is_empty())
        .unwrap_or(text::SOMEONE)
        .to_owned()
}

/// One or two letters that stand for a person without a picture.
pub(crate) fn initials(name: &str) -> String {
    let letters = |word: &str| word.chars().find(|letter| letter.is_alphanumeric());
    let mut words = name.split_whitespace().filter_map(letters);
    let first = words.next();
    let last = words.next_back();
    (first.into_iter().chain(last))
        .flat_map(char::to_uppercase)
        .collect()
}

/// A step of a journey: what kind it is, and what it was about.
pub(crate) fn step(kind: &JourneyKind) -> (&'static str, String) {
    match kind {
        JourneyKind::Viewed {
            url, title: named, ..
        } => ("Viewed", title(named, url)),
        JourneyKind::Left { url, dwell_ms } => {
            let dwell = span(Duration::from_millis(*dwell_ms));
            ("Left", format!("{} after {dwell}", address(url)))
        }
        JourneyKind::Clicked { mark } => ("Clicked", mark.clone()),
        JourneyKind::Custom { name, data } if data.is_empty() || data == "null" => {
            ("Event", name.clone())
        }
        JourneyKind::Custom { name, data } => ("Event", format!("{name} {data}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_timer_shows_hours_only_where_there_are_some() {
        assert_eq!(timer(seconds(5)), "0:05");
        assert_eq!(timer(seconds(760)), "12:40");
        assert_eq!(timer(seconds(3_723)), "1:02:03");
    }

    #[test]
    fn a_countdown_ends_at_zero_and_not_before() {
        assert_eq!(seconds_left(Duration::from_millis(1)), 1);
        assert_eq!(seconds_left(Duration::ZERO), 0);
    }

    #[test]
    fn times_past_are_told_in_the_largest_fitting_unit() {
        let told = [3, 40, 300, 7_200, 90_000, 200_000].map(|count| ago(seconds(count)));

        assert_eq!(
            told,
            [
                "just now",
                "40 s ago",
                "5 min ago",
                "2 h ago",
                "1 day ago",
                "2 days ago"
            ]
        );
    }

    #[test]
    fn an_address_is_shown_without_what_nobody_reads() {
        assert_eq!(
            address("https://shop.test/lamps/?q=1#top"),
            "shop.test/lamps"
        );
        assert_eq!(address("shop.test"), "shop.test");
    }

    #[test]
    fn only_web_addresses_can_be_clicked() {
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(
            link("https://shop.test/"),
            Some("https://shop.test/".to_owned())
        );
    }

    #[test]
    fn a_person_without_a_name_is_a_visitor() {
        let mut context = Context::default();
        assert_eq!(who(&context), "Visitor");

        context.name = Some("  ".to_owned());
        assert_eq!(who(&context), "Visitor");

        context.name = Some("Ana María Ruiz".to_owned());
        assert_eq!(who(&context), "Ana María Ruiz");
    }

    #[test]
    fn initials_are_those_of_the_first_and_last_name() {
        assert_eq!(initials("Ana María Ruiz"), "AR");
        assert_eq!(initials("zoë"), "Z");
        assert_eq!(initials("  "), "");
    }

    #[test]
    fn a_journey_step_says_what_it_was_about() {
        let left = JourneyKind::Left {
            url: "https://shop.test/lamps".to_owned(),
            dwell_ms: 125_000,
        };
        let event = JourneyKind::Custom {
            name: "cart".to_owned(),
            data: "null".to_owned(),
        };

        assert_eq!(
            step(&left),
            ("Left", "shop.test/lamps after 2 min".to_owned())
        );
        assert_eq!(step(&event), ("Event", "cart".to_owned()));
    }
}
