//! What is said to the visitor, and which way on goes with it.

use bellwire_proto::{
    interaction::{EndCause, Role},
    link,
    prompt::BadAnswerWhy,
    setup::Collected,
    visitor::{CentreView, VisitorRefusal, Wait},
    wire::ByeReason,
};

use super::text::{T, fill};
use crate::rtc::MediaProblem;

/// The centre's status before any contact; `None` until it is known. `opens` is when a closed
/// centre opens, as people read it.
pub(crate) fn status(centre: Option<&CentreView>, opens: &str) -> String {
    let Some(centre) = centre else {
        return T.connecting.to_owned();
    };
    let sentence = match (centre.call_agents, centre.chat_agents, centre.waiting) {
        _ if !centre.open && opens.is_empty() => T.closed.to_owned(),
        _ if !centre.open => fill(T.closed_until, opens),
        (0, 0, _) => T.nobody_here.to_owned(),
        (0, 1.., _) => T.only_chats.to_owned(),
        (1.., _, 0) => T.here_now.to_owned(),
        (1.., _, 1) => T.here_one_waits.to_owned(),
        (1.., _, waiting) => fill(T.here_many_wait, &waiting.to_string()),
    };
    if centre.topic.is_empty() {
        sentence
    } else {
        [&centre.topic, ": ", &sentence].concat()
    }
}

/// The place in line; `ringing` where a desk rings already.
pub(crate) fn place_in_line(position: u32, ringing: bool) -> String {
    match (ringing, position) {
        (true, _) => T.ringing.to_owned(),
        (false, 0) => T.asking.to_owned(),
        (false, 1) => T.next_in_line.to_owned(),
        (false, position) => fill(T.place_in_line, &position.to_string()),
    }
}

/// How long it is likely to be: "about 2 to 4 minutes"; nothing where nobody can tell.
pub(crate) fn span(wait: Option<Wait>) -> String {
    let Some(Wait { from_s, to_s }) = wait else {
        return String::new();
    };
    if to_s < MINUTE_S {
        return T.less_than_a_minute.to_owned();
    }
    let (unit, one, [up_to, about, range]) = if to_s > LONG_S {
        (60 * MINUTE_S, T.about_an_hour, T.hours)
    } else {
        (MINUTE_S, T.about_a_minute, T.minutes)
    };
    let (from, to) = (from_s / unit, to_s.div_ceil(unit));
    match from {
        _ if to == 1 => one.to_owned(),
        0 => fill(up_to, &to.to_string()),
        _ if from >= to => fill(about, &to.to_string()),
        _ => fill(&fill(range, &from.to_string()), &to.to_string()),
    }
}

const MINUTE_S: u32 = 60;

/// Longer waits are told in hours.
const LONG_S: u32 = 90 * MINUTE_S;

/// `template` about a wait; nothing where nobody can tell.
pub(crate) fn about_wait(template: &str, wait: Option<Wait>) -> String {
    match span(wait) {
        span if span.is_empty() => span,
        span => fill(template, &span),
    }
}

/// The next best thing to do about a problem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum WayOn {
    /// Ask for the devices again.
    TryAgain,
    /// Go on without a camera.
    Voice,
    /// Write instead.
    Chat,
}

/// What is wrong with the microphone or camera, and the ways on, the best one first.
pub(crate) fn media_problem(
    problem: &MediaProblem,
    video: bool,
) -> (&'static str, &'static [WayOn]) {
    use WayOn::{Chat, TryAgain, Voice};
    match problem {
        MediaProblem::Refused if video => (T.refused_video, &[TryAgain, Voice, Chat]),
        MediaProblem::Refused => (T.refused, &[TryAgain, Chat]),
        MediaProblem::RefusedByPage => (T.refused_by_page, &[Chat]),
        MediaProblem::NoMicrophone => (T.no_microphone, &[TryAgain, Chat]),
        MediaProblem::NoCamera => (T.no_camera, &[Voice, TryAgain, Chat]),
        MediaProblem::InUse if video => (T.in_use, &[TryAgain, Voice, Chat]),
        MediaProblem::InUse => (T.in_use, &[TryAgain, Chat]),
        MediaProblem::Insecure => (T.insecure, &[Chat]),
        MediaProblem::Failed(_) => (T.media_failed, &[TryAgain, Chat]),
    }
}

/// What the visitor is told about the connection to the centre.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct LinkNotice {
    /// The sentence.
    pub(crate) sentence: &'static str,
    /// What a button offers, where there is something to do: it loads the panel anew.
    pub(crate) anew: Option<&'static str>,
}

/// The sentence about the connection, where there is something to say. `lost` is true from the
/// first failed try or a lost socket until the connection stands.
pub(crate) fn link_notice(state: link::State, lost: bool, talking: bool) -> Option<LinkNotice> {
    let reason = match state {
        link::State::Over(reason) => reason,
        link::State::Up { .. } => return None,
        link::State::Idle
        | link::State::Opening { .. }
        | link::State::Greeting { .. }
        | link::State::Resting { .. } => {
            let sentence = if talking { T.lost_in_call } else { T.lost };
            return lost.then_some(LinkNotice {
                sentence,
                anew: None,
            });
        }
    };
    let (sentence, anew) = match reason {
        ByeReason::Replaced => (T.over_replaced, Some(T.use_it_here)),
        ByeReason::NotWelcome => (T.over_not_welcome, Some(T.load_anew)),
        ByeReason::UnknownSite => (T.over_unknown_site, None),
        ByeReason::OtherVersion => (T.over_version, Some(T.load_anew)),
        ByeReason::TooFast => (T.over_too_fast, Some(T.try_again)),
        ByeReason::Restart | ByeReason::TooSlow | ByeReason::Unreadable => {
            (T.over_other, Some(T.load_anew))
        }
    };
    Some(LinkNotice { sentence, anew })
}

/// Why a call is over. `cause` is unknown where it ended while this page was away.
pub(crate) fn call_end(cause: Option<(EndCause, Option<Role>)>, agent: &str) -> String {
    let sentence = match cause {
        None | Some((EndCause::HungUp, None)) => T.call_ended,
        Some((EndCause::HungUp, Some(Role::Customer))) => T.you_hung_up,
        Some((EndCause::HungUp, Some(Role::Agent))) => return fill(T.agent_hung_up, agent),
        Some((EndCause::Abandoned, _)) => T.you_gave_up,
        Some((EndCause::Directed, _)) => T.directed,
        Some((EndCause::NoAnswer | EndCause::Declined, _)) => T.nobody_reached,
        Some((EndCause::Vanished, Some(Role::Customer))) => T.you_were_lost,
        Some((EndCause::Vanished, Some(Role::Agent) | None)) => T.agent_lost,
    };
    sentence.to_owned()
}

/// Why a chat is over.
pub(crate) fn chat_end(cause: (EndCause, Option<Role>), agent: &str) -> String {
    match cause {
        (EndCause::HungUp | EndCause::Abandoned, Some(Role::Customer))
        | (EndCause::Abandoned, None) => T.you_ended_chat.to_owned(),
        (EndCause::HungUp, Some(Role::Agent)) => fill(T.agent_ended_chat, agent),
        (EndCause::Directed, _) => T.directed.to_owned(),
        (EndCause::HungUp, None)
        | (EndCause::Abandoned, Some(Role::Agent))
        | (EndCause::NoAnswer | EndCause::Declined | EndCause::Vanished, _) => {
            T.chat_ended.to_owned()
        }
    }
}

/// Why a request was not done.
pub(crate) fn refusal(reason: VisitorRefusal) -> &'static str {
    match reason {
        VisitorRefusal::AlreadyInOne => T.refusal_already,
        VisitorRefusal::NoSuchInteraction => T.refusal_gone,
        VisitorRefusal::BadText => T.refusal_text,
        VisitorRefusal::NotOffered => T.refusal_not_offered,
        VisitorRefusal::TooFast => T.refusal_too_fast,
        VisitorRefusal::Closed => T.refusal_closed,
        VisitorRefusal::Full => T.refusal_full,
        VisitorRefusal::NotAsked => T.refusal_not_asked,
    }
}

/// What is wrong with an answer.
pub(crate) fn bad_answer(why: BadAnswerWhy) -> &'static str {
    match why {
        BadAnswerWhy::Missing => T.bad_missing,
        BadAnswerWhy::TooLong => T.bad_too_long,
        BadAnswerWhy::NotEmail => T.bad_email,
        BadAnswerWhy::NotPhone => T.bad_phone,
        BadAnswerWhy::NotDate => T.bad_date,
        BadAnswerWhy::NotOffered => T.bad_choice,
    }
}

/// What is collected, as a visitor understands it.
pub(crate) fn collected(what: Collected) -> &'static str {
    match what {
        Collected::Referrer => T.collects_referrer,
        Collected::Dwell => T.collects_dwell,
        Collected::Scroll => T.collects_scroll,
        Collected::Clicks => T.collects_clicks,
        Collected::Searches => T.collects_searches,
        Collected::Forms => T.collects_forms,
        Collected::Cart => T.collects_cart,
        Collected::Custom => T.collects_custom,
        Collected::Visits => T.collects_visits,
    }
}

/// Where the answer to a message will be; `to` is the address given with it.
pub(crate) fn answered_where(to: &str) -> String {
    if to.is_empty() {
        T.answer_here.to_owned()
    } else {
        fill(T.answer_there, to)
    }
}

/// The address that a link may lead to: one of the web, or of `site` where it starts with a slash.
pub(crate) fn web_address(url: &str, site: &str) -> Option<String> {
    let of_the_web =
        |address: &str| address.starts_with("https://") || address.starts_with("http://");
    if of_the_web(url) {
        return Some(url.to_owned());
    }
    let on_site = url.starts_with('/') && !url.starts_with("//") && of_the_web(site);
    on_site.then(|| [site, url].concat())
}

/// The longest start of `text` that is at most `most` bytes long.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use bellwire_proto::time::Timestamp;

    use super::*;

    fn told(call_agents: u32, chat_agents: u32, waiting: u32) -> String {
        let centre = CentreView {
            open: true,
            call_agents,
            chat_agents,
            waiting,
            ..CentreView::default()
        };
        status(Some(&centre), "")
    }

    #[test]
    fn the_status_says_who_is_there_and_who_waits() {
        assert_eq!(status(None, ""), T.connecting);
        assert_eq!(told(2, 2, 0), T.here_now);
        assert_eq!(told(2, 2, 1), T.here_one_waits);
        assert_eq!(told(2, 0, 4), "Agents are here now; 4 people are waiting.");
        assert_eq!(told(0, 1, 3), T.only_chats);
        assert_eq!(told(0, 0, 3), T.nobody_here);
    }

    #[test]
    fn the_status_is_about_the_visitors_topic_and_says_when_it_opens() {
        let mut centre = CentreView {
            topic: "Laptops".into(),
            call_agents: 2,
            ..CentreView::default()
        };
        let told = status(Some(&centre), "Monday at 09:00");
        assert_eq!(
            told,
            "Laptops: We are closed now. We open again Monday at 09:00."
        );
        assert_eq!(status(Some(&centre), ""), "Laptops: We are closed now.");
        centre.open = true;
        assert_eq!(status(Some(&centre), ""), "Laptops: Agents are here now.");
    }

    #[test]
    fn a_wait_is_told_in_words_that_do_not_promise_more_than_is_known() {
        for (from_s, to_s, expected) in [
            (0, 0, "less than a minute"),
            (20, 59, "less than a minute"),
            (0, 60, "about a minute"),
            (60, 60, "about a minute"),
            (30, 150, "up to 3 minutes"),
            (130, 200, "about 2 to 4 minutes"),
            (120, 120, "about 2 minutes"),
            (400, 30, "less than a minute"),
            (600, 300, "about 5 minutes"),
            (1_800, 5_400, "about 30 to 90 minutes"),
            (1_800, 7_200, "up to 2 hours"),
            (3_600, 5_401, "about 1 to 2 hours"),
            (7_200, 7_200, "about 2 hours"),
            (0, u32::MAX, "up to 1193047 hours"),
        ] {
            assert_eq!(span(Some(Wait { from_s, to_s })), expected);
        }
        assert_eq!(span(None), "");
    }

    #[test]
    fn a_wait_that_nobody_can_tell_is_not_told() {
        let soon = Some(Wait { from_s: 0, to_s: 9 });

        assert_eq!(
            about_wait("It takes {}.", soon),
            "It takes less than a minute."
        );
        assert_eq!(about_wait("It takes {}.", None), "");
    }

    #[test]
    fn a_visitor_is_led_to_pages_of_the_web_only() {
        let site = "https://shop.example";
        let led = |url| web_address(url, site);

        assert_eq!(led("/help").as_deref(), Some("https://shop.example/help"));
        for good in ["https://a.example/x", "http://a.example"] {
            assert_eq!(led(good).as_deref(), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "//evil.example",
            "data:text/html,x",
            "help",
            "",
        ] {
            assert_eq!(led(bad), None, "{bad}");
        }
        assert_eq!(web_address("/help", ""), None);
    }

    #[test]
    fn every_refusal_is_a_sentence_with_a_way_on() {
        for reason in [
            VisitorRefusal::Closed,
            VisitorRefusal::Full,
            VisitorRefusal::NotOffered,
        ] {
            let sentence = refusal(reason);
            assert!(sentence.contains("message") || sentence.contains("another way"));
        }
    }

    #[test]
    fn every_media_problem_leaves_a_way_on() {
        let problems = [
            MediaProblem::Refused,
            MediaProblem::RefusedByPage,
            MediaProblem::NoMicrophone,
            MediaProblem::NoCamera,
            MediaProblem::InUse,
            MediaProblem::Insecure,
            MediaProblem::Failed("NotReadableError".into()),
        ];
        for problem in problems {
            for video in [false, true] {
                let (sentence, ways) = media_problem(&problem, video);
                assert!(sentence.ends_with('.'));
                assert_eq!(ways.last(), Some(&WayOn::Chat));
            }
        }
    }

    #[test]
    fn a_lost_connection_is_told_only_once_it_is_lost() {
        let opening = link::State::Opening {
            until: Timestamp(9),
        };

        assert_eq!(link_notice(opening, false, false), None);
        let told = |talking| link_notice(opening, true, talking).map(|notice| notice.sentence);
        assert_eq!(told(false), Some(T.lost));
        assert_eq!(told(true), Some(T.lost_in_call));
    }

    #[test]
    fn an_unknown_site_offers_nothing_that_cannot_work() {
        let over = link::State::Over(ByeReason::UnknownSite);

        let notice = link_notice(over, true, false);

        assert_eq!(notice.map(|notice| notice.anew), Some(None));
    }

    #[test]
    fn the_end_of_a_call_names_who_ended_it() {
        let by = |role| call_end(Some((EndCause::HungUp, role)), "Anna");

        assert_eq!(by(Some(Role::Agent)), "Anna ended the call.");
        assert_eq!(by(Some(Role::Customer)), T.you_hung_up);
        assert_eq!(
            call_end(Some((EndCause::Vanished, Some(Role::Agent))), "Anna"),
            T.agent_lost
        );
        assert_eq!(call_end(None, "Anna"), T.call_ended);
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(cut("Åsa", 1), "");
        assert_eq!(cut("Åsa", 3), "Ås");
        assert_eq!(cut("Åsa", 80), "Åsa");
    }
}
