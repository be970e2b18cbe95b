//! Writing descriptions: those that pages get, and the plain ones that str0m gets.
//!
//! Source: RFC 8829 §5.2 and §5.3, RFC 9143, RFC 8839.

use std::{
    fmt::{self, Write as _},
    net::SocketAddr,
};

use super::{
    description::{Kind, Section, Setup},
    formats::{FEEDBACK, Format, H264_PARAMETERS, KEYS, MID_URI, Name, TWCC_URI, has_feedback},
};
use crate::{anchor::Direction, codec::Codec};

/// How the far end is known to str0m.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Remote {
    pub(super) ufrag: String,
    pub(super) password: String,
    pub(super) fingerprint: String,
}

/// What we say of an m-line's source.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    pub(super) track: String,
    pub(super) ssrc: Option<u32>,
    pub(super) repair: Option<u32>,
}

/// The numbers of the header extensions on a line.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Extensions {
    pub(super) mid: Option<u8>,
    pub(super) twcc: Option<u8>,
}

/// An m-line for a page.
pub(super) enum Line<'a> {
    Live {
        mid: &'a str,
        kind: Kind,
        formats: Vec<Format>,
        direction: Direction,
        extensions: Extensions,
        own: &'a Own,
        /// What the far end said of feedback; `None`: we offer all we have.
        theirs: Option<&'a Section>,
    },
    Refused {
        mid: &'a str,
        media: &'a str,
        protocol: &'a str,
        format: &'a str,
    },
}

/// What we say of the connection.
pub(super) struct Local<'a> {
    pub(super) session: u64,
    pub(super) version: u64,
    pub(super) ufrag: &'a str,
    pub(super) password: &'a str,
    pub(super) fingerprint: &'a str,
    pub(super) setup: Setup,
    pub(super) candidates: &'a [SocketAddr],
}

/// A description for a page.
pub(super) fn page(local: &Local<'_>, lines: &[Line<'_>]) -> String {
    let mut out = String::with_capacity(2048);
    // Writing to a string cannot fail.
    let _ = write_page(&mut out, local, lines);
    out
}

fn write_page(out: &mut String, local: &Local<'_>, lines: &[Line<'_>]) -> fmt::Result {
    let (session, version) = (local.session, local.version);
    write!(out, "v=0\r\no=- {session} {version} IN IP4 127.0.0.1\r\n")?;
    out.write_str("s=-\r\nt=0 0\r\na=group:BUNDLE")?;
    for line in lines {
        if let Line::Live { mid, .. } = line {
            write!(out, " {mid}")?;
        }
    }
    out.write_str("\r\na=msid-semantic: WMS *\r\na=ice-lite\r\n")?;
    for line in lines {
        match line {
            Line::Live { .. } => write_live(out, local, line)?,
            Line::Refused {
                mid,
                media,
                protocol,
                format,
            } => {
                write!(out, "m={media} 0 {protocol} {format}\r\n")?;
                write!(out, "c=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na=inactive\r\n")?;
            }
        }
    }
    Ok(())
}

fn write_live(out: &mut String, local: &Local<'_>, line: &Line<'_>) -> fmt::Result {
    let Line::Live {
        mid,
        kind,
        formats,
        direction,
        extensions,
        own,
        theirs,
    } = line
    else {
        return Ok(());
    };
    write_head(out, *kind, formats)?;
    out.write_str("a=rtcp:9 IN IP4 0.0.0.0\r\n")?;
    for (index, candidate) in (0u32..).zip(local.candidates) {
        // RFC 8445 §5.1.2.1: host candidates, the first the best.
        let priority = (126 << 24) + (65_535u32.saturating_sub(index) << 8) + 255;
        let (ip, port) = (candidate.ip(), candidate.port());
        write!(
            out,
            "a=candidate:{} 1 udp {priority} {ip} {port} typ host\r\n",
            index + 1
        )?;
    }
    out.write_str("a=end-of-candidates\r\n")?;
    let (ufrag, password) = (local.ufrag, local.password);
    write!(out, "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n")?;
    write!(out, "a=fingerprint:{}\r\n", local.fingerprint)?;
    write!(out, "a=setup:{}\r\na=mid:{mid}\r\n", local.setup.name())?;
    write_extensions(out, *extensions)?;
    write!(out, "a={}\r\n", direction.name())?;
    if direction.sends() && !own.track.is_empty() {
        // One stream for sound and pictures, so that they are played in step.
        write!(out, "a=msid:bellwire {}\r\n", own.track)?;
    }
    out.write_str("a=rtcp-mux\r\n")?;
    write_formats(out, formats, *extensions, *theirs)?;
    if *kind == Kind::Sound {
        out.write_str("a=ptime:20\r\n")?;
    }
    if direction.sends()
        && let Some(ssrc) = own.ssrc
    {
        if let Some(repair) = own.repair {
            write!(out, "a=ssrc-group:FID {ssrc} {repair}\r\n")?;
        }
        for ssrc in [Some(ssrc), own.repair].into_iter().flatten() {
            write!(out, "a=ssrc:{ssrc} cname:bellwire\r\n")?;
        }
    }
    Ok(())
}

/// An m-line for str0m.
pub(super) struct Plain<'a> {
    pub(super) mid: &'a str,
    pub(super) kind: Kind,
    pub(super) state: PlainState<'a>,
}

pub(super) enum PlainState<'a> {
    /// In use: str0m always sends and receives, who may is decided by us.
    Live(&'a Section, Vec<Format>, Extensions),
    /// Not in use, but the far end may want it again.
    Idle(Vec<Format>),
    /// Stopped for good.
    Dead,
}

/// A description for str0m.
pub(super) fn plain(remote: &Remote, setup: Setup, lines: &[Plain<'_>]) -> String {
    let mut out = String::with_capacity(2048);
    // Writing to a string cannot fail.
    let _ = write_plain(&mut out, remote, setup, lines);
    out
}

fn write_plain(
    out: &mut String,
    remote: &Remote,
    setup: Setup,
    lines: &[Plain<'_>],
) -> fmt::Result {
    out.write_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE")?;
    for line in lines {
        match line.state {
            PlainState::Live(..) | PlainState::Idle(_) => write!(out, " {}", line.mid)?,
            PlainState::Dead => {}
        }
    }
    out.write_str("\r\n")?;
    for line in lines {
        let formats = match &line.state {
            PlainState::Live(_, formats, _) | PlainState::Idle(formats) => formats,
            PlainState::Dead => {
                let media = media(line.kind);
                write!(
                    out,
                    "m={media} 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\n"
                )?;
                write!(out, "a=mid:{}\r\na=inactive\r\n", line.mid)?;
                continue;
            }
        };
        write_head(out, line.kind, formats)?;
        let (ufrag, password) = (&remote.ufrag, &remote.password);
        write!(out, "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n")?;
        write!(out, "a=fingerprint:{}\r\n", remote.fingerprint)?;
        write!(out, "a=setup:{}\r\na=mid:{}\r\n", setup.name(), line.mid)?;
        match &line.state {
            PlainState::Live(section, formats, extensions) => {
                write_extensions(out, *extensions)?;
                out.write_str("a=sendrecv\r\na=rtcp-mux\r\n")?;
                write_formats(out, formats, *extensions, Some(section))?;
                write_sources(out, section)?;
            }
            PlainState::Idle(formats) => {
                out.write_str("a=inactive\r\na=rtcp-mux\r\n")?;
                write_formats(out, formats, Extensions::default(), None)?;
            }
            PlainState::Dead => {}
        }
    }
    Ok(())
}

/// The far end's first source on a line; others are told by the name of their line in each packet.
fn write_sources(out: &mut String, section: &Section) -> fmt::Result {
    let repaired = |ssrc: u32| {
        let group = section.repairs.iter().find(|(source, _)| *source == ssrc);
        group
            .map(|&(_, repair)| repair)
            .filter(|&repair| repair != ssrc)
    };
    let Some(&ssrc) = section.ssrcs.first().filter(|&&ssrc| ssrc != 0) else {
        return Ok(());
    };
    write!(out, "a=ssrc:{ssrc} cname:page\r\n")?;
    if section.kind == Kind::Pictures
        && let Some(repair) = repaired(ssrc)
    {
        write!(out, "a=ssrc:{repair} cname:page\r\n")?;
        write!(out, "a=ssrc-group:FID {ssrc} {repair}\r\n")?;
    }
    Ok(())
}

pub(super) const fn media(kind: Kind) -> &'static str {
    match kind {
        Kind::Sound => "audio",
        Kind::Pictures => "video",
        Kind::Other => "application",
    }
}

fn write_head(out: &mut String, kind: Kind, formats: &[Format]) -> fmt::Result {
    write!(out, "m={} 9 UDP/TLS/RTP/SAVPF", media(kind))?;
    for pt in formats.iter().flat_map(|format| format.payload_types()) {
        write!(out, " {pt}")?;
    }
    out.write_str("\r\nc=IN IP4 0.0.0.0\r\n")
}

fn write_extensions(out: &mut String, extensions: Extensions) -> fmt::Result {
    if let Some(id) = extensions.mid {
        write!(out, "a=extmap:{id} {MID_URI}\r\n")?;
    }
    if let Some(id) = extensions.twcc {
        write!(out, "a=extmap:{id} {TWCC_URI}\r\n")?;
    }
    Ok(())
}

fn write_formats(
    out: &mut String,
    formats: &[Format],
    extensions: Extensions,
    theirs: Option<&Section>,
) -> fmt::Result {
    for format in formats {
        let pt = format.pt;
        match format.name {
            Name::Sound(codec) => {
                let channels = if codec == Codec::Opus { "/2" } else { "" };
                let (name, clock) = (codec.name(), codec.clock());
                write!(out, "a=rtpmap:{pt} {name}/{clock}{channels}\r\n")?;
                if codec == Codec::Opus {
                    write!(out, "a=fmtp:{pt} minptime=10;useinbandfec=1\r\n")?;
                }
            }
            Name::Events(clock) => {
                write!(out, "a=rtpmap:{pt} telephone-event/{clock}\r\n")?;
                write!(out, "a=fmtp:{pt} {KEYS}\r\n")?;
            }
            Name::Vp8 | Name::H264 => {
                let name = picture_name(format.name);
                write!(out, "a=rtpmap:{pt} {name}/90000\r\n")?;
                for sort in FEEDBACK {
                    let wanted = theirs.is_none_or(|theirs| has_feedback(theirs, pt, sort));
                    if wanted && (sort != "transport-cc" || extensions.twcc.is_some()) {
                        write!(out, "a=rtcp-fb:{pt} {sort}\r\n")?;
                    }
                }
                if format.name == Name::H264 {
                    write!(out, "a=fmtp:{pt} {H264_PARAMETERS}\r\n")?;
                }
                if let Some(repair) = format.repair {
                    write!(out, "a=rtpmap:{repair} rtx/90000\r\n")?;
                    write!(out, "a=fmtp:{repair} apt={pt}\r\n")?;
                }
            }
        }
    }
    Ok(())
}

/// The encoding name of pictures.
pub(super) const fn picture_name(name: Name) -> &'static str {
    match name {
        Name::H264 => "H264",
        Name::Vp8 | Name::Sound(_) | Name::Events(_) => "VP8",
    }
}
