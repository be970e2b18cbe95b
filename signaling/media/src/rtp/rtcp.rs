//! RTCP: reading compound packets, and writing the one compound packet that we send.
//!
//! Sender and receiver reports, the canonical name, and goodbye. Feedback (RFC 4585) is passed over
//! unread; what an encrypted packet looks like is in [`srtp`](crate::srtp).

use std::time::Duration;

use super::Malformed;

/// What a report says about one stream that its writer receives.
///
/// Source: RFC 3550 §6.4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream spoken of.
    pub ssrc: u32,
    /// Lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Lost since the beginning; below zero where more came twice than were lost. 24 bits.
    pub lost: i32,
    /// Highest sequence number received, with how often it wrapped in the upper half.
    pub highest: u32,
    /// Interarrival jitter in units of the stream's RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time in the last sender report received, or 0.
    pub last_sender_report: u32,
    /// Since then, in 1/65536 s, or 0.
    pub delay_since: u32,
}

/// What a sender report says about its writer's own stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderInfo {
    /// NTP time of the report, see [`ntp`].
    pub ntp: u64,
    /// The same instant in the stream's RTP clock.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Bytes of payload sent.
    pub octets: u32,
}

/// One packet of a received compound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// SR: the writer sends.
    SenderReport {
        /// Who writes.
        ssrc: u32,
        /// About the own stream.
        sender: SenderInfo,
        /// About the streams received.
        reports: Reports<'a>,
    },
    /// RR: the writer only receives.
    ReceiverReport {
        /// Who writes.
        ssrc: u32,
        /// About the streams received.
        reports: Reports<'a>,
    },
    /// SDES: the canonical name of the first source described.
    Description {
        /// Who is described.
        ssrc: u32,
        /// The canonical name, where it is given and is UTF-8.
        name: Option<&'a str>,
    },
    /// BYE of one or more sources.
    Bye {
        /// Four bytes each.
        sources: &'a [u8],
    },
    /// Application packets and feedback.
    Other {
        /// RTCP packet type.
        packet_type: u8,
        /// What kind of it: the subtype, or the feedback message type (RFC 4585 §6.1).
        format: u8,
    },
}

impl Part<'_> {
    /// Whether this is the goodbye of `ssrc`.
    #[must_use]
    pub fn is_bye_of(&self, ssrc: u32) -> bool {
        match self {
            Self::Bye { sources } => sources
                .chunks_exact(4)
                .any(|four| four == ssrc.to_be_bytes()),
            Self::SenderReport { .. }
            | Self::ReceiverReport { .. }
            | Self::Description { .. }
            | Self::Other { .. } => false,
        }
    }
}

/// The blocks of one report, read as they are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reports<'a>(&'a [u8]);

impl Iterator for Reports<'_> {
    type Item = ReportBlock;

    fn next(&mut self) -> Option<ReportBlock> {
        let (block, rest) = self.0.split_first_chunk::<BLOCK_BYTES>()?;
        self.0 = rest;
        // Sign-extends the 24 bits.
        let lost = (word(block, 4) << 8) as i32 >> 8;
        Some(ReportBlock {
            ssrc: word(block, 0),
            fraction_lost: block[4],
            lost,
            highest: word(block, 8),
            jitter: word(block, 12),
            last_sender_report: word(block, 16),
            delay_since: word(block, 20),
        })
    }
}

/// The packets of one compound, in order. Ends after the first malformed one.
///
/// ```
/// use bellwire_media::rtp::rtcp::{Compound, Part, Report};
///
/// let mut datagram = Vec::new();
/// Report { ssrc: 7, sender: None, blocks: &[], name: "a", bye: true }.write(&mut datagram);
/// assert!(Compound::new(&datagram).flatten().any(|part| part.is_bye_of(7)));
/// ```
#[derive(Debug, Clone)]
pub struct Compound<'a>(&'a [u8]);

impl<'a> Compound<'a> {
    /// Reads `datagram`, which may also be a single packet (RFC 5506).
    #[must_use]
    pub fn new(datagram: &'a [u8]) -> Self {
        Self(datagram)
    }
}

impl<'a> Iterator for Compound<'a> {
    type Item = Result<Part<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        match split_packet(self.0) {
            Ok((head, body, rest)) => {
                self.0 = rest;
                Some(read_part(head, body))
            }
            Err(malformed) => {
                self.0 = &[];
                Some(Err(malformed))
            }
        }
    }
}

/// The compound packet that we send: a report, our name, and at the end goodbye.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Our stream.
    pub ssrc: u32,
    /// What we sent, or `None` for a receiver report (nothing sent since the last report but one).
    pub sender: Option<SenderInfo>,
    /// What we received; blocks after the 31st are left out (five bits count them).
    pub blocks: &'a [ReportBlock],
    /// Canonical name: the same for all streams of one session. Cut after 255 bytes.
    pub name: &'a str,
    /// Whether our stream ends.
    pub bye: bool,
}

impl Report<'_> {
    /// Clears `out` and fills it with the compound.
    ///
    /// Source: RFC 3550 §6.1 (what a compound begins with and must have), §6.4 to §6.6.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        let blocks = &self.blocks[..self.blocks.len().min(31)];
        let count = u8::try_from(blocks.len()).unwrap_or(31);
        let packet_type = if self.sender.is_some() {
            SENDER_REPORT
        } else {
            RECEIVER_REPORT
        };
        let mut at = begin(count, packet_type, out);
        put(self.ssrc, out);
        if let Some(sender) = &self.sender {
            out.extend_from_slice(&sender.ntp.to_be_bytes());
            put(sender.timestamp, out);
            put(sender.packets, out);
            put(sender.octets, out);
        }
        for block in blocks {
            put(block.ssrc, out);
            let lost = block.lost.clamp(-0x80_0000, 0x7f_ffff) as u32 & 0xff_ffff;
            put((u32::from(block.fraction_lost) << 24) | lost, out);
            put(block.highest, out);
            put(block.jitter, out);
            put(block.last_sender_report, out);
            put(block.delay_since, out);
        }
        end(at, out);

        at = begin(1, DESCRIPTION, out);
        put(self.ssrc, out);
        let name = &self.name.as_bytes()[..self.name.len().min(255)];
        out.push(CANONICAL_NAME);
        out.push(u8::try_from(name.len()).unwrap_or(255));
        out.extend_from_slice(name);
        // The list ends with at least one zero, and fills up its word.
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
        end(at, out);

        if self.bye {
            at = begin(1, BYE, out);
            put(self.ssrc, out);
            end(at, out);
        }
    }
}

/// `since_1970` as an NTP timestamp: seconds since 1900, and 2⁻³² s.
///
/// Source: RFC 3550 §4, RFC 5905 §6.
#[must_use]
pub fn ntp(since_1970: Duration) -> u64 {
    let seconds = since_1970.as_secs().wrapping_add(SECONDS_1900_TO_1970);
    let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
    (seconds << 32) | fraction
}

/// The middle 32 bits of `ntp`, as report blocks carry it: 1/65536 s.
#[must_use]
pub fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// Round trip to whoever wrote `block`, which came in at `now` (NTP).
///
/// `None` where they had no sender report of ours yet, or the numbers cannot be (a far end with
/// a wrong delay would give a time below zero, or of minutes).
///
/// Source: RFC 3550 §6.4.1, figure 2.
#[must_use]
pub fn round_trip(block: &ReportBlock, now: u64) -> Option<Duration> {
    if block.last_sender_report == 0 {
        return None;
    }
    let units = middle(now)
        .wrapping_sub(block.last_sender_report)
        .wrapping_sub(block.delay_since);
    // Half a minute and more is a wrapped negative or a wrong clock.
    (units < 30 << 16).then(|| Duration::from_micros((u64::from(units) * 1_000_000) >> 16))
}

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const CANONICAL_NAME: u8 = 1;
const BLOCK_BYTES: usize = 24;
const SECONDS_1900_TO_1970: u64 = 2_208_988_800;

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

fn put(word: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&word.to_be_bytes());
}

fn begin(count: u8, packet_type: u8, out: &mut Vec<u8>) -> usize {
    let at = out.len();
    out.extend_from_slice(&[0x80 | count, packet_type, 0, 0]);
    at
}

/// Fills in the length of the packet that began at `at`: words after its first.
fn end(at: usize, out: &mut [u8]) {
    let words = u16::try_from((out.len() - at) / 4 - 1).unwrap_or(u16::MAX);
    out[at + 2..at + 4].copy_from_slice(&words.to_be_bytes());
}

type Split<'a> = ([u8; 2], &'a [u8], &'a [u8]);

/// First two bytes, body without header and padding, and what follows the packet.
fn split_packet(bytes: &[u8]) -> Result<Split<'_>, Malformed> {
    let (head, rest) = bytes.split_first_chunk::<4>().ok_or(Malformed::Short)?;
    if head[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let (mut body, rest) = rest.split_at_checked(words * 4).ok_or(Malformed::Short)?;
    if head[0] & 0x20 != 0 {
        body = super::without_padding(body)?;
    }
    Ok(([head[0], head[1]], body, rest))
}

fn read_part(head: [u8; 2], body: &[u8]) -> Result<Part<'_>, Malformed> {
    let count = usize::from(head[0] & 0x1f);
    let words = |from: usize, bytes: usize| body.get(from..from + bytes).ok_or(Malformed::Short);
    Ok(match head[1] {
        SENDER_REPORT => {
            let fixed = words(0, 24)?;
            Part::SenderReport {
                ssrc: word(fixed, 0),
                sender: SenderInfo {
                    ntp: (u64::from(word(fixed, 4)) << 32) | u64::from(word(fixed, 8)),
                    timestamp: word(fixed, 12),
                    packets: word(fixed, 16),
                    octets: word(fixed, 20),
                },
                reports: Reports(words(24, count * BLOCK_BYTES)?),
            }
        }
        RECEIVER_REPORT => Part::ReceiverReport {
            ssrc: word(words(0, 4)?, 0),
            reports: Reports(words(4, count * BLOCK_BYTES)?),
        },
        DESCRIPTION => Part::Description {
            ssrc: word(words(0, 4)?, 0),
            name: canonical_name(&body[4..]),
        },
        BYE => Part::Bye {
            sources: words(0, count * 4)?,
        },
        packet_type => Part::Other {
            packet_type,
            format: head[0] & 0x1f,
        },
    })
}

fn canonical_name(mut items: &[u8]) -> Option<&str> {
    while let [kind, length, rest @ ..] = items {
        if *kind == 0 {
            return None;
        }
        let (text, rest) = rest.split_at_checked(usize::from(*length))?;
        if *kind == CANONICAL_NAME {
            return std::str::from_utf8(text).ok();
        }
        items = rest;
    }
    None
}

#[cfg(test)]
mod tests;
