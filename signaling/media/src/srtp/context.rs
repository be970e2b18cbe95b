//! Protecting what we send, and accepting what we receive, packet by packet in place.

use super::keys::{Purpose, RTCP_TAG_BYTES, SessionKeys};
use super::window::Window;
use super::{CryptoLine, SrtpError};
use crate::rtp::Packet;

/// Protects the packets of one leg, with the key that we wrote into our description.
#[derive(Debug)]
pub struct Sender {
    keys: Keys,
    sources: Vec<(u32, Window)>,
    rtcp_index: u32,
}

/// Accepts the packets of one leg, with the key that the far end wrote into its description.
#[derive(Debug)]
pub struct Receiver {
    keys: Keys,
    sources: Vec<(u32, Window)>,
    rtcp: Window,
}

#[derive(Debug)]
struct Keys {
    rtp: SessionKeys,
    rtcp: SessionKeys,
    mki: Vec<u8>,
    /// Packets for which the master key is still good.
    left: u64,
}

impl Sender {
    /// Sends with the key of `line`. `None` where key and suite do not fit, which no line made or
    /// read by [`CryptoLine`] has.
    #[must_use]
    pub fn new(line: &CryptoLine) -> Option<Self> {
        Some(Self {
            keys: Keys::new(line)?,
            sources: Vec::new(),
            rtcp_index: 0,
        })
    }

    /// Encrypts the RTP packet in place and appends its tag.
    ///
    /// No two packets may have one SSRC and sequence number within a roll-over.
    ///
    /// # Errors
    ///
    /// [`SrtpError::Malformed`], [`SrtpError::Exhausted`], [`SrtpError::TooManySources`].
    pub fn protect_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let parsed = Packet::parse(packet).map_err(|_| SrtpError::Malformed)?;
        let (header, begin) = (parsed.header, parsed.header_bytes);
        self.keys.use_once()?;
        let at = match self
            .sources
            .iter()
            .position(|(ssrc, _)| *ssrc == header.ssrc)
        {
            Some(at) => at,
            None if self.sources.len() < MOST_SOURCES => {
                self.sources.push((header.ssrc, Window::default()));
                self.sources.len() - 1
            }
            // Forgetting one would begin its keystream anew when it comes back.
            None => return Err(SrtpError::TooManySources),
        };
        let window = &mut self.sources[at].1;
        let index = window.guess(header.sequence);
        window.note(index);
        let keys = &self.keys.rtp;
        keys.crypt(header.ssrc, index, &mut packet[begin..])
            .ok_or(SrtpError::Malformed)?;
        let end = packet.len();
        packet.extend_from_slice(&roll_over(index));
        let tag = keys.tag(packet);
        packet.truncate(end);
        packet.extend_from_slice(&self.keys.mki);
        packet.extend_from_slice(&tag[..keys.tag_bytes]);
        Ok(())
    }

    /// Encrypts the RTCP compound in place and appends its index and tag.
    ///
    /// Source: RFC 3711 §3.4.
    ///
    /// # Errors
    ///
    /// [`SrtpError::Malformed`], [`SrtpError::Exhausted`].
    pub fn protect_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let ssrc = rtcp_ssrc(packet)?;
        if self.rtcp_index >= ENCRYPTED {
            return Err(SrtpError::Exhausted);
        }
        let index = self.rtcp_index;
        self.rtcp_index += 1;
        let keys = &self.keys.rtcp;
        keys.crypt(ssrc, u64::from(index), &mut packet[RTCP_HEADER_BYTES..])
            .ok_or(SrtpError::Malformed)?;
        packet.extend_from_slice(&(ENCRYPTED | index).to_be_bytes());
        let tag = keys.tag(packet);
        packet.extend_from_slice(&self.keys.mki);
        packet.extend_from_slice(&tag[..keys.tag_bytes]);
        Ok(())
    }
}

impl Receiver {
    /// Receives with the key of `line`; `None` as for [`Sender::new`].
    #[must_use]
    pub fn new(line: &CryptoLine) -> Option<Self> {
        Some(Self {
            keys: Keys::new(line)?,
            sources: Vec::new(),
            rtcp: Window::default(),
        })
    }

    /// Checks the RTP packet, decrypts it in place and takes its tag off.
    ///
    /// After an error the bytes are of no use.
    ///
    /// # Errors
    ///
    /// Any [`SrtpError`].
    pub fn unprotect_rtp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let keys = &self.keys.rtp;
        let trailer = self.keys.mki.len() + keys.tag_bytes;
        let end = packet
            .len()
            .checked_sub(trailer)
            .ok_or(SrtpError::Malformed)?;
        let (header, begin) = header_of(&packet[..end])?;
        let known = self
            .sources
            .iter()
            .position(|(ssrc, _)| *ssrc == header.ssrc);
        let window = known.map_or_else(Window::default, |at| self.sources[at].1);
        let index = window.guess(header.sequence);
        if !window.is_new(index) {
            return Err(SrtpError::Replayed);
        }
        let mut tag = [0; RTCP_TAG_BYTES];
        let sent = self
            .keys
            .split_trailer(packet, end, keys.tag_bytes, &mut tag)?;
        packet.extend_from_slice(&roll_over(index));
        let right = is_equal(&keys.tag(packet)[..sent], &tag[..sent]);
        packet.truncate(end);
        if !right {
            return Err(SrtpError::Forged);
        }
        self.keys.use_once()?;
        let keys = &self.keys.rtp;
        // Only who has the key gets here, so a flood cannot push sources out.
        let at = match known {
            Some(at) => at,
            None => {
                if self.sources.len() >= MOST_SOURCES {
                    self.sources.remove(0);
                }
                self.sources.push((header.ssrc, Window::default()));
                self.sources.len() - 1
            }
        };
        self.sources[at].1.note(index);
        keys.crypt(header.ssrc, index, &mut packet[begin..])
            .ok_or(SrtpError::Malformed)
    }

    /// Checks the RTCP compound, decrypts it in place and takes index and tag off.
    ///
    /// # Errors
    ///
    /// [`SrtpError::Malformed`], [`SrtpError::Forged`], [`SrtpError::Replayed`].
    pub fn unprotect_rtcp(&mut self, packet: &mut Vec<u8>) -> Result<(), SrtpError> {
        let keys = &self.keys.rtcp;
        let ssrc = rtcp_ssrc(packet)?;
        let trailer = 4 + self.keys.mki.len() + keys.tag_bytes;
        let end = packet
            .len()
            .checked_sub(trailer)
            .ok_or(SrtpError::Malformed)?;
        if end < RTCP_HEADER_BYTES {
            return Err(SrtpError::Malformed);
        }
        let mut tag = [0; RTCP_TAG_BYTES];
        let sent = self
            .keys
            .split_trailer(packet, end + 4, keys.tag_bytes, &mut tag)?;
        if !is_equal(&keys.tag(packet)[..sent], &tag[..sent]) {
            return Err(SrtpError::Forged);
        }
        let word = packet[end..]
            .first_chunk()
            .map_or(0, |word| u32::from_be_bytes(*word));
        packet.truncate(end);
        let index = u64::from(word & !ENCRYPTED);
        if !self.rtcp.is_new(index) {
            return Err(SrtpError::Replayed);
        }
        self.rtcp.note(index);
        if word & ENCRYPTED != 0 {
            let bytes = &mut packet[RTCP_HEADER_BYTES..];
            keys.crypt(ssrc, index, bytes).ok_or(SrtpError::Malformed)?;
        }
        Ok(())
    }
}

impl Keys {
    fn new(line: &CryptoLine) -> Option<Self> {
        Some(Self {
            rtp: SessionKeys::derive(line.suite, &line.key, Purpose::Rtp)?,
            rtcp: SessionKeys::derive(line.suite, &line.key, Purpose::Rtcp)?,
            mki: line.mki.clone(),
            left: line.lifetime.unwrap_or(MOST_PACKETS).min(MOST_PACKETS),
        })
    }

    fn use_once(&mut self) -> Result<(), SrtpError> {
        self.left = self.left.checked_sub(1).ok_or(SrtpError::Exhausted)?;
        Ok(())
    }

    /// Cuts `packet` at `end`, checks the identifier there and copies the tag out.
    fn split_trailer(
        &self,
        packet: &mut Vec<u8>,
        end: usize,
        tag_bytes: usize,
        tag: &mut [u8; RTCP_TAG_BYTES],
    ) -> Result<usize, SrtpError> {
        let trailer = packet.get(end..).ok_or(SrtpError::Malformed)?;
        let (mki, sent) = trailer
            .split_at_checked(self.mki.len())
            .ok_or(SrtpError::Malformed)?;
        if sent.len() != tag_bytes {
            return Err(SrtpError::Malformed);
        }
        if mki != self.mki {
            return Err(SrtpError::Forged);
        }
        tag[..tag_bytes].copy_from_slice(sent);
        packet.truncate(end);
        Ok(tag_bytes)
    }
}

/// Sources that one leg has at most: sound, pictures, and a few changes of each.
const MOST_SOURCES: usize = 16;
/// RFC 3711 §9.2.
const MOST_PACKETS: u64 = 1 << 48;
const RTCP_HEADER_BYTES: usize = 8;
/// The E bit in front of the SRTCP index.
const ENCRYPTED: u32 = 1 << 31;

fn roll_over(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn rtcp_ssrc(packet: &[u8]) -> Result<u32, SrtpError> {
    let head: &[u8; RTCP_HEADER_BYTES] = packet.first_chunk().ok_or(SrtpError::Malformed)?;
    if head[0] >> 6 != 2 {
        return Err(SrtpError::Malformed);
    }
    Ok(u32::from_be_bytes([head[4], head[5], head[6], head[7]]))
}

/// Header and its length. The padding is encrypted, so its count cannot be looked at yet.
fn header_of(bytes: &[u8]) -> Result<(crate::rtp::Header, usize), SrtpError> {
    let mut head = [0; MOST_HEADER_BYTES];
    let length = bytes.len().min(MOST_HEADER_BYTES);
    head[..length].copy_from_slice(&bytes[..length]);
    head[0] &= !PADDING;
    let parsed = Packet::parse(&head[..length]).map_err(|_| SrtpError::Malformed)?;
    Ok((parsed.header, parsed.header_bytes))
}

const PADDING: u8 = 0x20;
/// Fixed header, 15 contributors, and an extension as long as anybody sends.
const MOST_HEADER_BYTES: usize = 12 + 60 + 4 + 256;

/// Compares without telling by its time where two tags differ.
fn is_equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
pub(super) mod tests;
