//! How times, addresses and journeys are written on the desk.

mod number;
mod steps;

use std::time::Duration;

use bellwire_proto::{
    interaction::{Caller, Context, Medium},
    time::Timestamp,
    visitor::Wait,
};

pub(crate) use self::{number::number, steps::step};

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
    let given = |name: &Option<String>| {
        (name.as_deref().map(str::trim))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    let called = |caller: &Caller| given(&caller.name).unwrap_or_else(|| callers_number(caller));
    given(&context.name)
        .or_else(|| context.caller.as_ref().map(called))
        .unwrap_or_else(|| text::SOMEONE.to_owned())
}

/// A caller's number, or that it is withheld.
pub(crate) fn callers_number(caller: &Caller) -> String {
    let told = caller.number.as_deref().map(number);
    told.filter(|number| !number.is_empty())
        .unwrap_or_else(|| text::phone::WITHHELD.to_owned())
}

/// What was dialled: the line's name and its number.
pub(crate) fn line(context: &Context) -> String {
    let dialled = (context.caller.as_ref()).map(|caller| number(&caller.dialled));
    let parts = [context.site.clone(), dialled.unwrap_or_default()];
    let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    parts.join(", ")
}

/// How the contact is carried on, in a word.
pub(crate) fn medium(context: &Context, medium: Medium, video: bool) -> &'static str {
    match context.caller {
        Some(_) => text::phone::CALL,
        None => text::medium(medium, video),
    }
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

/// How long a wait is likely to be: `up to 40 s`, `1–3 min`; a dash where nobody can tell.
pub(crate) fn wait(wait: Option<Wait>) -> String {
    let Some(Wait { from_s, to_s }) = wait else {
        return "–".to_owned();
    };
    let to_s = to_s.max(from_s);
    if to_s < 60 {
        return match from_s / 10 * 10 {
            0 => format!("up to {} s", to_s.max(1).next_multiple_of(10)),
            from => format!("{from}–{} s", to_s.next_multiple_of(10)),
        };
    }
    match (from_s / 60, to_s.div_ceil(60)) {
        (0, to) => format!("up to {to} min"),
        (from, to) if from == to => format!("{to} min"),
        (from, to) => format!("{from}–{to} min"),
    }
}

/// A day and time by this computer's clock: `20 Nov 2026, 19:16`.
pub(crate) fn moment(at: Timestamp) -> String {
    use js_sys::{Date, Object, Reflect};

    // A number of milliseconds after 1970 is exact as a float for many thousand years.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let date = Date::new(&(at.0 as f64).into());
    let options = Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes any property.
        _ = Reflect::set(&options, &name.into(), &value.into());
    }
    date.to_locale_string("en-GB", &options).into()
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
    fn a_caller_is_their_name_or_else_their_number() {
        let mut caller = Caller {
            number: Some("+34910000001".to_owned()),
            name: Some("Ana".to_owned()),
            dialled: "+34910000099".to_owned(),
        };
        let context = |caller: &Caller| Context {
            site: "Sales line".to_owned(),
            caller: Some(caller.clone()),
            ..Context::default()
        };
        assert_eq!(who(&context(&caller)), "Ana");
        assert_eq!(line(&context(&caller)), "Sales line, +34 910 000 099");
        assert_eq!(
            medium(&context(&caller), Medium::Call, false),
            "Telephone call"
        );

        caller.name = None;
        assert_eq!(who(&context(&caller)), "+34 910 000 001");

        caller.number = None;
        assert_eq!(who(&context(&caller)), "Number withheld");
    }

    #[test]
    fn initials_are_those_of_the_first_and_last_name() {
        assert_eq!(initials("Ana María Ruiz"), "AR");
        assert_eq!(initials("zoë"), "Z");
        assert_eq!(initials("  "), "");
    }

    #[test]
    fn a_wait_is_told_as_a_range_in_the_fitting_unit() {
        let told = [(0, 4), (20, 45), (10, 170), (60, 170), (125, 170)]
            .map(|(from_s, to_s)| wait(Some(Wait { from_s, to_s })));

        assert_eq!(
            told,
            ["up to 10 s", "20–50 s", "up to 3 min", "1–3 min", "2–3 min"]
        );
        assert_eq!(wait(None), "–");
    }
}
