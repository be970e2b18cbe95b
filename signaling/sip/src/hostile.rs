//! Hostile texts for tests: good ones that are cut, doubled, spoilt and mixed, the same every run.

/// Calls `test` with `rounds` spoilt texts that begin as one of `seeds`.
pub(crate) fn texts(seeds: &[&str], rounds: usize, mut test: impl FnMut(&str)) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..rounds {
        let mut text: Vec<u8> = random.pick(seeds).as_bytes().to_vec();
        for _ in 0..=random.below(6) {
            random.spoil(&mut text, seeds);
        }
        test(&String::from_utf8_lossy(&text));
    }
}

/// Numbers that look random.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        // Marsaglia's xorshift64.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn spoil(&mut self, text: &mut Vec<u8>, seeds: &[&str]) {
        const EDGES: [&str; 20] = [
            "\"",
            "\\",
            "<",
            ">",
            ";",
            ",",
            "=",
            "@",
            "%",
            "%00",
            "%zz",
            "\r\n",
            "\0",
            "*",
            ":",
            "[::1]",
            "\u{202e}",
            "é",
            "99999999999999999999",
            " ",
        ];
        let at = self.below(text.len() + 1);
        match self.below(6) {
            0 => text.truncate(at),
            1 => {
                let edge = self.pick(&EDGES);
                text.splice(at..at, edge.bytes());
            }
            2 => {
                let byte = self.next().to_le_bytes()[0];
                text.insert(at, byte);
            }
            3 => {
                if at < text.len() {
                    text.remove(at);
                }
            }
            4 => {
                let other = self.pick(seeds);
                text.splice(at..at, other.bytes());
            }
            _ => {
                let tail = text[at..].to_vec();
                text.extend(tail);
            }
        }
        text.truncate(20_000);
    }
}
