//! What a desk phone is told to be, and the line of its set-up that says so.

use std::{net::SocketAddr, path::PathBuf};

/// What a desk phone is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The registrar.
    pub server: SocketAddr,
    /// The host part of its address.
    pub domain: String,
    /// The user name, and the user part of its address.
    pub user: String,
    /// The password.
    pub password: String,
    /// What carries its messages.
    pub transport: Transport,
    /// Its codecs, best first: `opus`, `G722`, `PCMU`, `PCMA`.
    pub codecs: Vec<&'static str>,
    /// It answers by itself.
    pub answers: bool,
    /// What it says.
    pub voice: Voice,
    /// Whether its sound is encrypted.
    pub srtp: Srtp,
    /// It registers when it starts.
    pub registers: bool,
    /// It has a camera and a screen (VP8).
    pub video: bool,
}

/// What carries a desk phone's messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS. The server's certificate is not checked.
    Tls,
}

impl Transport {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}

/// What a desk phone says.
#[derive(Clone, Debug)]
pub enum Voice {
    /// A steady pitch in hertz.
    Sine(u32),
    /// A WAV file of 16-bit samples, 48000 a second, stereo. At its end comes silence.
    File(PathBuf),
}

/// Whether a desk phone's sound is encrypted, with keys in its descriptions (RFC 4568).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Srtp {
    /// It is not.
    Plain,
    /// Keys are offered beside plain `RTP/AVP`.
    Offered,
    /// `RTP/SAVP`, or no call.
    Required,
}

impl Config {
    /// A phone over UDP with G.711, which says 1000 hertz and is picked up by hand.
    #[must_use]
    pub fn account(server: SocketAddr, user: &str, password: &str) -> Self {
        Self {
            server,
            domain: server.to_string(),
            user: user.into(),
            password: password.into(),
            transport: Transport::Udp,
            codecs: vec!["PCMU", "PCMA"],
            answers: false,
            voice: Voice::Sine(1000),
            srtp: Srtp::Plain,
            registers: true,
            video: false,
        }
    }

    pub(super) fn address(&self) -> String {
        format!("sip:{}@{}", self.user, self.domain)
    }

    /// The modules of a camera, a screen and a codec.
    pub(super) fn video_lines(&self) -> &'static str {
        if self.video {
            "module vp8.so\nmodule fakevideo.so\nvideo_source fakevideo,nil\nvideo_display fakevideo,nil\n\
             video_size 320x240\nvideo_fps 15\nvideo_bitrate 200000"
        } else {
            ""
        }
    }

    /// baresip finds a codec by its rate and channels too, and takes all that it has where it finds none.
    fn codec_list(&self) -> String {
        let whole = |codec: &&str| match *codec {
            "opus" => "opus/48000/2".to_owned(),
            "G722" => "G722/16000/1".to_owned(),
            other => format!("{other}/8000/1"),
        };
        let all: Vec<_> = self.codecs.iter().map(whole).collect();
        all.join(",")
    }

    pub(super) fn account_line(&self) -> String {
        let transport = self.transport.name();
        let voice = match &self.voice {
            Voice::Sine(hz) => format!("ausine,{hz}"),
            Voice::File(path) => format!("aufile,{}", path.display()),
        };
        let srtp = match self.srtp {
            Srtp::Plain => "",
            Srtp::Offered => ";mediaenc=srtp",
            Srtp::Required => ";mediaenc=srtp-mand",
        };
        // Without a name for the server in the domain, the address alone leads there.
        let outbound = match self.domain != self.server.to_string() {
            true => format!(";outbound=\"sip:{};transport={transport}\"", self.server),
            false => String::new(),
        };
        let answers = if self.answers { "auto" } else { "manual" };
        format!(
            "<{};transport={transport}>;auth_user={};auth_pass={}{outbound};regint={};answermode={answers};audio_codecs={};audio_source={voice};\
             audio_player=aubridge,heard;dtmfmode=rtpevent{srtp}",
            self.address(),
            self.user,
            self.password,
            if self.registers { 60 } else { 0 },
            self.codec_list(),
        )
    }
}
