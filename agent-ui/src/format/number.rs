//! How a telephone number is written for reading: in groups, as nobody reads eleven digits at once.

/// Country codes of two digits, and of one (ITU-T E.164, list of assigned codes). All others have three.
const TWO: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65",
    "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];
const ONE: [char; 2] = ['1', '7'];

/// Up to so many digits a number is short enough to be read at once: an extension.
const SHORT: usize = 5;

/// A number in groups: `+34 910 000 001`. What is no plain number (a name, a number that is grouped
/// already) stays as it is.
pub(crate) fn number(number: &str) -> String {
    let number = number.trim();
    let (plus, digits) = match number.strip_prefix('+') {
        Some(digits) => ("+", digits),
        None => ("", number),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let (country, rest) = match plus {
        "" => ("", digits),
        _ => digits.split_at(country(digits).min(digits.len())),
    };
    let groups = [format!("{plus}{country}"), grouped(rest)];
    let groups: Vec<_> = groups.into_iter().filter(|it| !it.is_empty()).collect();
    groups.join(" ")
}

/// How many digits the country code has.
fn country(digits: &str) -> usize {
    let starts = |codes: &[&str]| codes.iter().any(|code| digits.starts_with(*code));
    if digits.starts_with(ONE) {
        1
    } else if starts(&TWO) {
        2
    } else {
        3
    }
}

/// Groups of three; a last one of four rather than one digit by itself.
fn grouped(digits: &str) -> String {
    if digits.len() <= SHORT {
        return digits.to_owned();
    }
    let mut groups = String::new();
    let mut rest = digits;
    while rest.len() > 4 {
        let (group, more) = rest.split_at(3);
        groups.push_str(group);
        groups.push(' ');
        rest = more;
    }
    groups + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_in_groups_after_its_country() {
        let read = [
            "+34910000001",
            "+12025550123",
            "+4930123456",
            "+351210000000",
            "0301234567",
        ]
        .map(number);

        assert_eq!(
            read,
            [
                "+34 910 000 001",
                "+1 202 555 0123",
                "+49 301 234 56",
                "+351 210 000 000",
                "030 123 4567"
            ]
        );
    }

    #[test]
    fn an_extension_and_what_is_no_number_stay_as_they_are() {
        let read = ["101", "+", "", "anna", "+34 910 000 001", "+3", "+4912"].map(number);

        assert_eq!(
            read,
            ["101", "+", "", "anna", "+34 910 000 001", "+3", "+49 12"]
        );
    }

    #[test]
    fn whatever_a_network_says_is_shown_and_never_breaks() {
        for odd in ["+١٢٣", "+34é", "0", "+0", "\u{0}", "+99999999999999999999"] {
            assert!(!number(odd).is_empty());
        }
    }
}
