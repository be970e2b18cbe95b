//! Finds the web addresses in what people write.

/// A piece of a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Piece {
    /// Words.
    Words(String),
    /// A web address.
    Link(String),
}

/// Cuts a line into words and web addresses. Only `http` and `https` become links, so that no
/// address can run a program, and the full stop after one stays outside.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = link(rest) {
        if start > 0 {
            pieces.push(Piece::Words(rest[..start].to_owned()));
        }
        pieces.push(Piece::Link(rest[start..end].to_owned()));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// Where the first web address of `text` starts and ends.
fn link(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("http")?;
        let address = &text[start..];
        let scheme = ["https://", "http://"]
            .into_iter()
            .find(|scheme| address.starts_with(scheme));
        if let Some(scheme) = scheme {
            let end = address.find(char::is_whitespace).unwrap_or(address.len());
            let trimmed = address[..end].trim_end_matches(is_after).len();
            if trimmed > scheme.len() {
                return Some((start, start + trimmed));
            }
        }
        from = start + "http".len();
    }
}

/// Punctuation that belongs to the sentence, not to the address before it.
fn is_after(letter: char) -> bool {
    matches!(
        letter,
        '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '>' | '"' | '\'' | '”' | '’' | '»'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Piece {
        Piece::Words(text.into())
    }

    fn link(text: &str) -> Piece {
        Piece::Link(text.into())
    }

    #[test]
    fn an_address_in_a_sentence_becomes_a_link_without_the_full_stop() {
        let cut = pieces("See https://shop.example/a?b=1, or call.");

        assert_eq!(
            cut,
            [
                words("See "),
                link("https://shop.example/a?b=1"),
                words(", or call.")
            ]
        );
    }

    #[test]
    fn two_addresses_and_other_scripts_are_kept_whole() {
        let cut = pieces("¿http://a.es/ñ? y http://b.es");

        assert_eq!(
            cut,
            [
                words("¿"),
                link("http://a.es/ñ"),
                words("? y "),
                link("http://b.es")
            ]
        );
    }

    #[test]
    fn what_could_run_and_what_is_no_address_stay_words() {
        for text in [
            "javascript:alert(1)",
            "http is old, https:// alone too",
            "httpx://no",
            "",
        ] {
            let expected: Vec<Piece> = Some(text)
                .filter(|t| !t.is_empty())
                .map(words)
                .into_iter()
                .collect();

            assert_eq!(pieces(text), expected);
        }
    }
}
