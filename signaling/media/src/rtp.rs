//! RTP and RTCP as bytes: reading packets in place and writing them into the caller's buffers.
//!
//! Nothing here keeps a socket or a clock, and reading allocates nothing. What a stream looks like
//! over time is in [`reception`] and [`stream`](crate::stream).

pub mod reception;
pub mod rtcp;

/// Bytes of an RTP header without CSRC list or extension.
pub const HEADER_BYTES: usize = 12;

/// Why bytes are not an RTP or RTCP packet. Drop and count such bytes; asking again does not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Fewer bytes than a header, or than a length inside promises.
    #[error("the packet ends before its own lengths say so")]
    Short,
    /// Another version than 2.
    #[error("the packet is not of RTP version 2")]
    Version,
    /// Padding longer than the packet, or of no bytes.
    #[error("the packet's padding is longer than the packet")]
    Padding,
}

/// What a datagram on a media port is, told by its first bytes.
///
/// Source: RFC 7983 §7 for the ranges, RFC 5761 §4 for RTP and RTCP on one port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ICE connectivity check.
    Stun,
    /// DTLS handshake or alert.
    Dtls,
    /// Sound or pictures.
    Rtp,
    /// Reports about them.
    Rtcp,
    /// Nothing we know.
    Other,
}

/// Tells what `datagram` is without reading further than two bytes.
#[must_use]
pub fn kind(datagram: &[u8]) -> Kind {
    match *datagram {
        [0..=3, ..] => Kind::Stun,
        [20..=63, ..] => Kind::Dtls,
        [128..=191, 192..=223, ..] => Kind::Rtcp,
        [128..=191, _, ..] => Kind::Rtp,
        _ => Kind::Other,
    }
}

/// The part of an RTP header that we choose when we write one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// 0 to 127.
    pub payload_type: u8,
    /// Begin of a talk-spurt (RFC 3551 §4.1), or last packet of a picture.
    pub marker: bool,
    /// Sequence number; wraps.
    pub sequence: u16,
    /// Media time in the clock of the payload type; wraps.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl Header {
    /// The twelve bytes of this header: no padding, extension or CSRC list.
    ///
    /// Source: RFC 3550 §5.1.
    #[must_use]
    pub fn bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0] = VERSION << 6;
        bytes[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }

    /// Clears `out` and fills it with this header and `payload`.
    pub fn write(&self, payload: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&self.bytes());
        out.extend_from_slice(payload);
    }
}

/// Writes `header` into the first twelve bytes of `out`; returns how many bytes that were.
///
/// # Errors
///
/// [`Malformed::Short`] where `out` has no room.
pub fn write_header(header: &Header, out: &mut [u8]) -> Result<usize, Malformed> {
    let room = out.get_mut(..HEADER_BYTES).ok_or(Malformed::Short)?;
    room.copy_from_slice(&header.bytes());
    Ok(HEADER_BYTES)
}

/// A received RTP packet, borrowed from its datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The fixed header.
    pub header: Header,
    /// The contributing sources: four bytes each, at most 15.
    pub contributors: &'a [u8],
    /// Profile and content of the header extension, where there is one (RFC 3550 §5.3.1).
    pub extension: Option<(u16, &'a [u8])>,
    /// The media itself, without padding.
    pub payload: &'a [u8],
    /// Bytes in front of the payload: all that SRTP leaves readable.
    pub header_bytes: usize,
}

impl<'a> Packet<'a> {
    /// Reads one datagram. Checks every length before it looks.
    ///
    /// Source: RFC 3550 §5.1 and appendix A.1.
    ///
    /// # Errors
    ///
    /// [`Malformed`] where the bytes cannot be RTP.
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let fixed: &[u8; HEADER_BYTES] = datagram.first_chunk().ok_or(Malformed::Short)?;
        if fixed[0] >> 6 != VERSION {
            return Err(Malformed::Version);
        }
        let header = Header {
            payload_type: fixed[1] & 0x7f,
            marker: fixed[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        let rest = &datagram[HEADER_BYTES..];
        let (contributors, rest) = rest
            .split_at_checked(usize::from(fixed[0] & 0x0f) * 4)
            .ok_or(Malformed::Short)?;
        let (extension, rest) = if fixed[0] & 0x10 != 0 {
            let (extension, rest) = split_extension(rest)?;
            (Some(extension), rest)
        } else {
            (None, rest)
        };
        let header_bytes = datagram.len() - rest.len();
        let payload = if fixed[0] & 0x20 != 0 {
            without_padding(rest)?
        } else {
            rest
        };
        Ok(Self {
            header,
            contributors,
            extension,
            payload,
            header_bytes,
        })
    }
}

const VERSION: u8 = 2;

type Extension<'a> = (u16, &'a [u8]);

fn split_extension(bytes: &[u8]) -> Result<(Extension<'_>, &[u8]), Malformed> {
    let (head, rest) = bytes.split_first_chunk::<4>().ok_or(Malformed::Short)?;
    let profile = u16::from_be_bytes([head[0], head[1]]);
    let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (content, rest) = rest.split_at_checked(words * 4).ok_or(Malformed::Short)?;
    Ok(((profile, content), rest))
}

fn without_padding(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let count = usize::from(*bytes.last().ok_or(Malformed::Padding)?);
    if count == 0 {
        return Err(Malformed::Padding);
    }
    let kept = bytes.len().checked_sub(count).ok_or(Malformed::Padding)?;
    Ok(&bytes[..kept])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dice;

    #[test]
    fn a_written_header_reads_back() {
        let header = Header {
            payload_type: 111,
            marker: true,
            sequence: 0xfffe,
            timestamp: 0xdead_beef,
            ssrc: 0x1234_5678,
        };
        let mut datagram = Vec::new();

        header.write(b"sound", &mut datagram);

        let packet = Packet::parse(&datagram).unwrap();
        assert_eq!(packet.header, header);
        assert_eq!(packet.payload, b"sound");
        assert_eq!(packet.header_bytes, HEADER_BYTES);
    }

    #[test]
    fn contributors_extension_and_padding_are_told_from_the_payload() {
        let mut datagram = vec![0b1011_0010, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7];
        datagram.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        datagram.extend([0xbe, 0xde, 0, 1, 0x10, 0x7f, 0, 0]);
        datagram.extend(b"abc");
        datagram.extend([0, 0, 3]);

        let packet = Packet::parse(&datagram).unwrap();

        assert_eq!(packet.contributors, [0, 0, 0, 1, 0, 0, 0, 2]);
        assert_eq!(packet.extension, Some((0xbede, &[0x10, 0x7f, 0, 0][..])));
        assert_eq!(packet.payload, b"abc");
        assert_eq!(packet.header_bytes, 28);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let whole = Header {
            payload_type: 0,
            marker: false,
            sequence: 1,
            timestamp: 1,
            ssrc: 1,
        }
        .bytes();
        let with_first = |first: u8, tail: &[u8]| [&[first], &whole[1..], tail].concat();

        assert_eq!(Packet::parse(&whole[..11]), Err(Malformed::Short));
        assert_eq!(
            Packet::parse(&with_first(0x40, &[])),
            Err(Malformed::Version)
        );
        assert_eq!(
            Packet::parse(&with_first(0x81, &[0, 0, 0])),
            Err(Malformed::Short)
        );
        assert_eq!(
            Packet::parse(&with_first(0x90, &[0, 0, 0, 2, 1, 2, 3, 4])),
            Err(Malformed::Short)
        );
        assert_eq!(
            Packet::parse(&with_first(0xa0, &[])),
            Err(Malformed::Padding)
        );
        assert_eq!(
            Packet::parse(&with_first(0xa0, &[1, 0])),
            Err(Malformed::Padding)
        );
        assert_eq!(
            Packet::parse(&with_first(0xa0, &[1, 3])),
            Err(Malformed::Padding)
        );
    }

    #[test]
    fn the_first_bytes_tell_what_a_datagram_is() {
        assert_eq!(kind(&[0, 1]), Kind::Stun);
        assert_eq!(kind(&[22, 254]), Kind::Dtls);
        assert_eq!(kind(&[0x80, 0]), Kind::Rtp);
        assert_eq!(kind(&[0x80, 0x80 | 111]), Kind::Rtp);
        assert_eq!(kind(&[0x81, 200]), Kind::Rtcp);
        assert_eq!(kind(&[255]), Kind::Other);
        assert_eq!(kind(&[]), Kind::Other);
    }

    #[test]
    fn mutated_packets_never_panic() {
        let mut dice = Dice::new(1);
        let mut seed = vec![0b1011_0010, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7];
        seed.extend([0; 24]);
        for _ in 0..20_000 {
            let bytes = dice.mutated(&seed);
            if let Ok(packet) = Packet::parse(&bytes) {
                assert!(packet.header_bytes + packet.payload.len() <= bytes.len());
            }
            let _ = kind(&bytes);
        }
    }
}
