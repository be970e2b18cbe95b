//! Random numbers of the browser, for new documents and passwords.

use leptos::prelude::window;

/// A random number.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

/// A password that is hard to guess and easy to type: four groups of four.
pub(crate) fn password() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    written(&bytes)
}

fn written(bytes: &[u8; 16]) -> String {
    // Without letters that look alike; 32 of them, so that every one is as likely.
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let group = |group: &[u8]| {
        let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
        group.iter().map(letter).collect::<String>()
    };
    bytes.chunks(4).map(group).collect::<Vec<_>>().join("-")
}

fn fill(bytes: &mut [u8]) {
    let crypto = window().crypto().ok();
    let filled = crypto.is_some_and(|it| it.get_random_values_with_u8_array(bytes).is_ok());
    // Every browser that runs WebAssembly has them.
    debug_assert!(filled, "no random numbers");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_four_groups_of_letters_that_do_not_look_alike() {
        let mut bytes = [0; 16];
        for (at, byte) in (0..).zip(&mut bytes) {
            *byte = at * 17;
        }

        let password = written(&bytes);

        assert_eq!(password.len(), 19);
        assert!(!password.contains(['l', 'o', '0', '1']));
    }
}
