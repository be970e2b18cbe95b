//! Times as people read them.

use bellwire_proto::time::Timestamp;
use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

/// A duration as a timer shows it: `1:05`, from an hour on `1:02:05`.
#[must_use]
pub fn duration_ms(ms: u64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    let mut text = String::new();
    if hours > 0 {
        text.push_str(&hours.to_string());
        text.push(':');
        push_two(&mut text, minutes);
    } else {
        text.push_str(&minutes.to_string());
    }
    text.push(':');
    push_two(&mut text, seconds);
    text
}

/// The time of day at this computer: `14:05`.
#[must_use]
pub fn clock_time(at: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a browser's dates are f64")]
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    let mut text = String::new();
    push_two(&mut text, u64::from(date.get_hours()));
    text.push(':');
    push_two(&mut text, u64::from(date.get_minutes()));
    text
}

/// A day and its time at this computer: `Monday 23 November at 09:00`.
#[must_use]
pub fn day_and_time(at: Timestamp) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a browser's dates are f64")]
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    let form = Object::new();
    for (part, how) in [("weekday", "long"), ("day", "numeric"), ("month", "long")] {
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(&form, &part.into(), &how.into());
    }
    let day: String = date.to_locale_date_string("en-GB", &form).into();
    [&day, " at ", &clock_time(at)].concat()
}

fn push_two(text: &mut String, number: u64) {
    if number < 10 {
        text.push('0');
    }
    text.push_str(&number.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_counts_minutes_then_hours() {
        assert_eq!(duration_ms(0), "0:00");
        assert_eq!(duration_ms(65_999), "1:05");
        assert_eq!(duration_ms(3_725_000), "1:02:05");
    }
}
