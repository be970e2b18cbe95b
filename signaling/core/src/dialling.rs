//! Whether a number may be dialled into the telephone network: nothing may until it is allowed.
//!
//! Pure: what was dialled lately comes in, and a reason or a time limit goes out.

use std::time::Duration;

use bellwire_proto::{setup::DialLimits, time::Timestamp};

/// What counts as lately.
pub const LATELY: Duration = Duration::from_hours(24);

/// A call into the network that was made lately, or is made now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Made {
    /// When it began.
    pub at: Timestamp,
    /// Where to.
    pub number: String,
    /// For which visitor, if for one.
    pub visitor: Option<String>,
    /// How long it took, where it is over.
    pub took: Option<Duration>,
}

/// Why a number is not dialled.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotDialled {
    /// It is no number of the telephone network.
    #[error("This is no telephone number: it begins with + and the country's digits.")]
    NotANumber,
    /// No allowed beginning fits.
    #[error("Numbers that begin like this are not allowed in the dialling limits.")]
    NotAllowed,
    /// A barred beginning fits.
    #[error("Numbers that begin like this are barred in the dialling limits.")]
    Barred,
    /// As many calls as may run already.
    #[error("As many calls run into the telephone network as the dialling limits allow.")]
    TooManyCalls,
    /// The day's minutes are used up.
    #[error("The minutes that the dialling limits allow in 24 hours are used up.")]
    MinutesUsedUp,
    /// This number was called too often.
    #[error("This number was called as often in 24 hours as the dialling limits allow.")]
    NumberTooOften,
    /// Too many calls for this visitor.
    #[error("As many calls were made for this visitor in 24 hours as the dialling limits allow.")]
    VisitorTooOften,
}

/// Whether this number may be called now. A call that runs is looked after by [`is_used_up`].
///
/// # Errors
///
/// Why it may not be dialled.
pub fn judge<'a>(
    limits: &DialLimits,
    made: impl IntoIterator<Item = &'a Made> + Clone,
    number: &str,
    visitor: Option<&str>,
    now: Timestamp,
) -> Result<(), NotDialled> {
    let digits = number.strip_prefix('+').unwrap_or_default();
    // The longest number there is, by ITU-T E.164 §6.2.1.
    if !(3..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotDialled::NotANumber);
    }
    let fits = |beginning: &String| beginning.len() > 1 && number.starts_with(beginning.as_str());
    if limits.barred.iter().any(fits) {
        return Err(NotDialled::Barred);
    }
    if !limits.allowed.iter().any(fits) {
        return Err(NotDialled::NotAllowed);
    }
    let lately: Vec<_> = (made.clone().into_iter())
        .filter(|call| now.since(call.at) < LATELY)
        .collect();
    let running = (made.clone().into_iter())
        .filter(|call| call.took.is_none())
        .count();
    if running >= limits.most_calls as usize {
        return Err(NotDialled::TooManyCalls);
    }
    let to_it = lately.iter().filter(|call| call.number == number).count();
    if to_it >= limits.calls_a_number as usize {
        return Err(NotDialled::NumberTooOften);
    }
    let for_them = (lately.iter())
        .filter(|call| visitor.is_some() && call.visitor.as_deref() == visitor)
        .count();
    if visitor.is_some() && for_them >= limits.calls_a_visitor as usize {
        return Err(NotDialled::VisitorTooOften);
    }
    if is_used_up(limits, made, now) {
        return Err(NotDialled::MinutesUsedUp);
    }
    Ok(())
}

/// Whether the day's minutes are used up, those of the calls that run among them: these end then.
#[must_use]
pub fn is_used_up<'a>(
    limits: &DialLimits,
    made: impl IntoIterator<Item = &'a Made>,
    now: Timestamp,
) -> bool {
    let spent = |call: &Made| call.took.unwrap_or_else(|| now.since(call.at));
    // A call that still runs counts whenever it began.
    let counts = |call: &&Made| call.took.is_none() || now.since(call.at) < LATELY;
    let used: Duration = made.into_iter().filter(counts).map(spent).sum();
    used >= Duration::from_secs(u64::from(limits.minutes_a_day) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);
    const NUMBER: &str = "+34910000001";

    fn limits() -> DialLimits {
        DialLimits {
            allowed: vec!["+34".to_owned()],
            barred: vec!["+34803".to_owned()],
            most_calls: 2,
            minutes_a_day: 10,
            calls_a_number: 3,
            calls_a_visitor: 1,
        }
    }

    fn made(ago_s: u64, took_s: Option<u64>) -> Made {
        Made {
            at: NOW - Duration::from_secs(ago_s),
            number: NUMBER.to_owned(),
            visitor: None,
            took: took_s.map(Duration::from_secs),
        }
    }

    #[test]
    fn nothing_is_dialled_until_it_is_allowed() {
        let nothing = DialLimits::default();

        assert_eq!(
            judge(&nothing, &[], NUMBER, None, NOW),
            Err(NotDialled::NotAllowed)
        );
        assert_eq!(judge(&limits(), &[], NUMBER, None, NOW), Ok(()));
    }

    #[test]
    fn only_whole_numbers_that_begin_as_allowed_are_dialled() {
        let judged = |number| judge(&limits(), &[], number, None, NOW).err();

        assert_eq!(judged("+44200000000"), Some(NotDialled::NotAllowed));
        assert_eq!(judged("+34803000000"), Some(NotDialled::Barred));
        for no_number in [
            "",
            "+",
            "34910000001",
            "+34 91",
            "+34;evil",
            "+3491000000000000",
        ] {
            assert_eq!(
                judged(no_number),
                Some(NotDialled::NotANumber),
                "{no_number}"
            );
        }
        let world = DialLimits {
            allowed: vec!["+".to_owned(), String::new()],
            ..limits()
        };
        let judged = judge(&world, &[], NUMBER, None, NOW);
        assert_eq!(judged, Err(NotDialled::NotAllowed));
    }

    #[test]
    fn each_limit_is_kept_and_yesterdays_calls_do_not_count() {
        let judged = |made: &[Made]| judge(&limits(), made, NUMBER, Some("ses_1"), NOW);
        let other = |made: Made| Made {
            number: "+34910000002".to_owned(),
            ..made
        };

        let running = [other(made(10, None)), other(made(10, None))];
        assert_eq!(judged(&running), Err(NotDialled::TooManyCalls));
        let often = [made(300, Some(1)), made(200, Some(1)), made(100, Some(1))];
        assert_eq!(judged(&often), Err(NotDialled::NumberTooOften));
        let long = [other(made(700, Some(600)))];
        assert_eq!(judged(&long), Err(NotDialled::MinutesUsedUp));
        let goes_on = [other(made(599, None))];
        assert_eq!(judged(&goes_on), Ok(()));
        // Together they use up what each alone would not.
        let together = [other(made(299, None)), other(made(302, None))];
        assert!(is_used_up(&limits(), &together, NOW));
        assert!(!is_used_up(&limits(), &goes_on, NOW));
        let theirs = Made {
            visitor: Some("ses_1".to_owned()),
            ..other(made(50, Some(1)))
        };
        assert_eq!(judged(&[theirs]), Err(NotDialled::VisitorTooOften));
        let day = 24 * 3600;
        let yesterday = [
            made(day, Some(600)),
            made(day + 5, Some(1)),
            made(day, Some(1)),
        ];
        assert_eq!(judged(&yesterday), Ok(()));
    }
}
