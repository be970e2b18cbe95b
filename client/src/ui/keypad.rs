//! The keys of a telephone, as the widget and the desk both show them.

/// The keys, row by row.
pub const KEYS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/// The most keys that are shown.
const MOST_SHOWN: usize = 16;

/// The telephone's key that a key of the keyboard stands for; `typed` is what the browser calls it.
#[must_use]
pub fn key(typed: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|key| *key == typed)
}

/// The keys to show after one more was pressed.
#[must_use]
pub fn with(shown: &str, key: &str) -> String {
    let before = shown.len().saturating_sub(MOST_SHOWN - 1);
    // Keys are one byte each.
    format!("{}{key}", shown.get(before..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyboard_presses_the_keys_that_a_telephone_has() {
        assert_eq!(key("5"), Some("5"));
        assert_eq!(key("#"), Some("#"));
        assert_eq!(["a", "Enter", "10", "٣", ""].map(key), [None; 5]);
    }

    #[test]
    fn the_keys_pressed_last_are_shown() {
        assert_eq!(with("", "1"), "1");
        assert_eq!(with("1234567890123456", "#"), "234567890123456#");
    }
}
