//! Session descriptions with one stream of sound (RFC 8866, RFC 3264): written, and read as far as needed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};

use crate::phones::g711::Law;

/// The payload type we offer for digits.
pub const DIGITS: u8 = 101;

/// Which way sound flows, from the one who writes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// The writer talks, and does not listen: hold with music.
    SendOnly,
    /// The writer listens only: the answer to a hold.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    const ALL: [Self; 4] = [
        Self::SendRecv,
        Self::SendOnly,
        Self::RecvOnly,
        Self::Inactive,
    ];

    /// The attribute's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// Whether the writer sends.
    #[must_use]
    pub fn sends(self) -> bool {
        match self {
            Self::SendRecv | Self::SendOnly => true,
            Self::RecvOnly | Self::Inactive => false,
        }
    }

    /// Whether the writer listens.
    #[must_use]
    pub fn listens(self) -> bool {
        match self {
            Self::SendRecv | Self::RecvOnly => true,
            Self::SendOnly | Self::Inactive => false,
        }
    }

    /// What the answer to an offer of this direction says, by one who wants `own` (RFC 3264, section 6.1).
    #[must_use]
    pub fn answer(self, own: Self) -> Self {
        let sends = self.listens() && own.sends();
        let listens = self.sends() && own.listens();
        match (sends, listens) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }
}

/// What we say about a call's sound.
#[derive(Clone, Debug)]
pub struct Own {
    /// The session's number.
    pub session: u32,
    /// Counted on with each description.
    pub version: u32,
    /// Where, as it is told.
    pub address: SocketAddr,
    /// The codecs, best first.
    pub codecs: Vec<Law>,
    /// The payload type of digits, or none.
    pub digits: Option<u8>,
    /// Which way.
    pub direction: Direction,
}

impl Own {
    /// The description's text.
    #[must_use]
    pub fn write(&self) -> String {
        let Self {
            session,
            version,
            direction,
            ..
        } = self;
        let (host, port) = (self.address.ip(), self.address.port());
        let types = self.codecs.iter().map(|law| law.payload_type());
        let types = types.chain(self.digits).map(|one| format!(" {one}"));
        let types: String = types.collect();
        let mut text = format!(
            "v=0\r\no=- {session} {version} IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP{types}\r\n"
        );
        for law in &self.codecs {
            text += &format!("a=rtpmap:{} {}/8000\r\n", law.payload_type(), law.name());
        }
        if let Some(digits) = self.digits {
            text += &format!("a=rtpmap:{digits} telephone-event/8000\r\na=fmtp:{digits} 0-15\r\n");
        }
        text + &format!("a=ptime:20\r\na={}\r\n", direction.name())
    }
}

/// What the far end says about the call's sound.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Theirs {
    /// Where they want it.
    pub address: SocketAddr,
    /// `RTP/AVP` and its kin.
    pub profile: String,
    /// The codecs we know, in their order.
    pub codecs: Vec<Law>,
    /// The payload type of digits at 8000 hertz.
    pub digits: Option<u8>,
    /// Which way, from them.
    pub direction: Direction,
    /// The number in `o=` that each new description counts on.
    pub version: u64,
}

impl Theirs {
    /// Reads the first stream of sound.
    ///
    /// # Errors
    ///
    /// Where there is none, or no address.
    pub fn read(sdp: &str) -> Result<Self> {
        let lines: Vec<&str> = sdp.lines().map(str::trim_end).collect();
        let start = lines.iter().position(|line| line.starts_with("m=audio "));
        let start = start.with_context(|| format!("no sound in:\n{sdp}"))?;
        let end = lines[start + 1..]
            .iter()
            .position(|line| line.starts_with("m="));
        let end = end.map_or(lines.len(), |end| start + 1 + end);
        let first = lines.iter().position(|line| line.starts_with("m="));
        let (session, media) = (&lines[..first.unwrap_or(start)], &lines[start..end]);
        let words: Vec<&str> = media[0].split(' ').collect();
        let port = words.get(1).and_then(|port| port.parse().ok());
        let types: Vec<u8> = words
            .iter()
            .skip(3)
            .filter_map(|one| one.parse().ok())
            .collect();
        let named = |wanted: &str| {
            media.iter().find_map(|line| {
                let (one, name) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
                name.eq_ignore_ascii_case(wanted)
                    .then(|| one.parse().ok())?
            })
        };
        let direction = |lines: &[&str]| {
            let said = |one: &Direction| {
                lines
                    .iter()
                    .any(|line| line.strip_prefix("a=") == Some(one.name()))
            };
            Direction::ALL.into_iter().find(said)
        };
        let address: IpAddr = connection(media)
            .or_else(|| connection(session))
            .with_context(|| format!("no connection line in:\n{sdp}"))?;
        let said = direction(media).or_else(|| direction(session));
        let said = said.unwrap_or(Direction::SendRecv);
        Ok(Self {
            address: SocketAddr::new(
                address,
                port.with_context(|| format!("no port in:\n{sdp}"))?,
            ),
            profile: words.get(2).copied().unwrap_or_default().to_owned(),
            codecs: types.into_iter().filter_map(Law::of).collect(),
            digits: named("telephone-event/8000"),
            // The hold of RFC 2543 is an address of zeros.
            direction: if address == Ipv4Addr::UNSPECIFIED && said == Direction::SendRecv {
                Direction::SendOnly
            } else {
                said
            },
            version: version(session).unwrap_or_default(),
        })
    }
}

fn connection(lines: &[&str]) -> Option<IpAddr> {
    let line = lines.iter().find_map(|line| line.strip_prefix("c=IN "))?;
    line.split(' ').nth(1)?.parse().ok()
}

fn version(lines: &[&str]) -> Option<u64> {
    let line = lines.iter().find_map(|line| line.strip_prefix("o="))?;
    line.split(' ').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let own = Own {
            session: 1,
            version: 2,
            address: "127.0.0.1:4000".parse().unwrap(),
            codecs: vec![Law::A, Law::Mu],
            digits: Some(DIGITS),
            direction: Direction::SendOnly,
        };

        let read = Theirs::read(&own.write()).unwrap();

        assert_eq!(read.address, "127.0.0.1:4000".parse().unwrap());
        assert_eq!(read.codecs, [Law::A, Law::Mu]);
        assert_eq!((read.digits, read.version), (Some(DIGITS), 2));
        assert_eq!(read.direction, Direction::SendOnly);
    }

    #[test]
    fn a_hold_is_answered_in_kind() {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};

        assert_eq!(SendOnly.answer(SendRecv), RecvOnly);
        assert_eq!(Inactive.answer(SendRecv), Inactive);
        assert_eq!(SendRecv.answer(SendOnly), SendOnly);
        assert_eq!(SendOnly.answer(SendOnly), Inactive);
    }
}
