//! The settings of telephones: where SIP is heard, and where sound goes.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use bellwire_sip::settings as sip;
use serde::{Deserialize, Serialize};

use super::check;

/// How phones and trunks reach the server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    /// Whether telephones are served. `false`.
    pub on: bool,
    /// The host part of our addresses, and the realm of passwords. `localhost`.
    pub domain: String,
    /// Where SIP over UDP is heard; none switches it off. `127.0.0.1:5060`.
    #[serde(deserialize_with = "check::some_address")]
    pub udp: Option<SocketAddr>,
    /// Where SIP over TCP is heard; none switches it off. `127.0.0.1:5060`.
    #[serde(deserialize_with = "check::some_address")]
    pub tcp: Option<SocketAddr>,
    /// Where SIP over TLS is heard. None.
    #[serde(deserialize_with = "check::some_address")]
    pub tls: Option<SocketAddr>,
    /// The PEM file with the certificate for TLS. None.
    pub certificate: Option<PathBuf>,
    /// The PEM file with its private key. None.
    pub key: Option<PathBuf>,
    /// Where SIP over WebSocket is heard. None.
    #[serde(deserialize_with = "check::some_address")]
    pub ws: Option<SocketAddr>,
    /// The address that phones and carriers reach us by, where it is not the one listened on. None.
    pub public: Option<IpAddr>,
    /// A PEM file of the roots that TLS trunks are checked against. None: the system's.
    pub trust: Option<PathBuf>,
    /// Whether phones may log in with MD5, which older ones need. `true`.
    pub md5: bool,
    /// Whether phones may log in with SHA-256 (RFC 8760). `true`.
    pub sha256: bool,
    /// New calls a second from one address. 20.
    #[serde(deserialize_with = "check::positive")]
    pub invites_per_second: u32,
    /// Registrations a second from one address. 10.
    #[serde(deserialize_with = "check::positive")]
    pub registers_per_second: u32,
    /// Wrong passwords from one address before it is banned. 10.
    #[serde(deserialize_with = "check::positive")]
    pub failed_logins: u32,
    /// How long a first ban lasts, in seconds; each further one twice as long. 60.
    #[serde(deserialize_with = "check::positive")]
    pub ban_s: u32,
    /// Telephones in calls at once. 2000.
    #[serde(deserialize_with = "check::positive")]
    pub calls: usize,
    /// How long a call may go without a sign of life, in seconds (RFC 4028). 1800.
    #[serde(deserialize_with = "check::positive")]
    pub session_expires_s: u32,
    /// How often trunks are asked whether they are there, in seconds. 30.
    #[serde(deserialize_with = "check::positive")]
    pub options_every_s: u32,
    /// How long a trunk may take to say anything before the next one is tried, in seconds. 4.
    #[serde(deserialize_with = "check::positive")]
    pub failover_s: u64,
}

impl Default for Phone {
    fn default() -> Self {
        let limits = sip::Limits::default();
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 5060));
        Self {
            on: false,
            domain: "localhost".to_owned(),
            udp: Some(here),
            tcp: Some(here),
            tls: None,
            certificate: None,
            key: None,
            ws: None,
            public: None,
            trust: None,
            md5: true,
            sha256: true,
            invites_per_second: limits.invites_per_second,
            registers_per_second: limits.registers_per_second,
            failed_logins: limits.failed_logins,
            ban_s: limits.ban_s,
            calls: limits.calls,
            session_expires_s: 1800,
            options_every_s: 30,
            failover_s: 4,
        }
    }
}

impl Phone {
    /// These settings in the words of the SIP endpoint.
    ///
    /// # Errors
    ///
    /// What is missing, as a sentence.
    pub(crate) fn endpoint(&self) -> Result<sip::Settings, String> {
        use bellwire_sip::digest::Algorithm;
        let tls = match (self.tls, &self.certificate, &self.key) {
            (None, _, _) => None,
            (Some(address), Some(certificate), Some(key)) => Some(sip::TlsListen {
                address,
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            (Some(_), _, _) => {
                return Err(
                    "phone.tls needs phone.certificate and phone.key: two PEM files".to_owned(),
                );
            }
        };
        let digests = (Algorithm::OFFERED.into_iter())
            .filter(|algorithm| match algorithm {
                Algorithm::Md5 => self.md5,
                Algorithm::Sha256 => self.sha256,
            })
            .collect();
        Ok(sip::Settings {
            domain: self.domain.clone(),
            udp: self.udp,
            tcp: self.tcp,
            tls,
            ws: self.ws,
            public: self.public,
            trust: self.trust.clone(),
            digests,
            limits: sip::Limits {
                invites_per_second: self.invites_per_second,
                registers_per_second: self.registers_per_second,
                failed_logins: self.failed_logins,
                ban_s: self.ban_s,
                calls: self.calls,
                ..sip::Limits::default()
            },
            session_expires_s: self.session_expires_s,
            ..sip::Settings::default()
        })
    }
}

/// Where the sound and the pictures of telephone calls go.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// Where browsers' sound is received, all of it over one UDP port. `127.0.0.1:0`: any port.
    #[serde(deserialize_with = "check::address")]
    pub browsers: SocketAddr,
    /// The address that telephones send their sound to. `127.0.0.1`.
    pub telephones: IpAddr,
    /// The address by which both reach us, where it is not the one listened on. None.
    pub public: Option<IpAddr>,
    /// The first of the UDP ports for telephones. 20000.
    #[serde(deserialize_with = "check::positive")]
    pub first_port: u16,
    /// The last of them; a call takes two. 29999.
    #[serde(deserialize_with = "check::positive")]
    pub last_port: u16,
    /// After how many seconds without any sign a telephone counts as gone. 60.
    #[serde(deserialize_with = "check::positive")]
    pub silent_after_s: u64,
    /// The folder with music and announcements. None: what is built in.
    pub sounds: Option<PathBuf>,
    /// The control port of an rtpengine that carries the media in this server's place. None.
    #[serde(deserialize_with = "check::some_address")]
    pub rtpengine: Option<SocketAddr>,
    /// Where that rtpengine reports digits: its `dtmf-log-dest`. None: digits of telephones are not heard.
    #[serde(deserialize_with = "check::some_address")]
    pub rtpengine_digits: Option<SocketAddr>,
    /// Browsers are spoken to in Opus, whatever the telephone takes: better on bad networks, and costs the server transcoding. `false`.
    pub opus_to_browsers: bool,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            browsers: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            telephones: Ipv4Addr::LOCALHOST.into(),
            public: None,
            first_port: 20_000,
            last_port: 29_999,
            silent_after_s: 30,
            sounds: None,
            rtpengine: None,
            rtpengine_digits: None,
            opus_to_browsers: false,
        }
    }
}

impl Media {
    /// These settings in the words of the anchor.
    pub(crate) fn anchor(&self) -> bellwire_media::anchor::Settings {
        bellwire_media::anchor::Settings {
            browsers: self.browsers,
            telephones: self.telephones,
            public: self.public,
            ports: (self.first_port, self.last_port),
            silent_after: std::time::Duration::from_secs(self.silent_after_s),
            sounds: self.sounds.clone(),
        }
    }
}
