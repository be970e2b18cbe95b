//! What all browsers' legs of one anchor share: the certificate, the crypto, and where we listen.
//!
//! str0m's own DTLS provider tests the whole of its crypto again for every leg, which costs a
//! millisecond each; the one here does it once, and reads the certificate's key once.

use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Instant,
};

use str0m::crypto::{
    CryptoError, CryptoProvider,
    dtls::{
        DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion,
        ProtocolVersion,
    },
    from_feature_flags,
};

use super::key::Keys;
use crate::anchor::MediaError;

/// One per anchor: its certificate and its candidates.
pub struct Shared {
    pub(super) crypto: Arc<CryptoProvider>,
    pub(super) certificate: DtlsCert,
    pub(super) candidates: Vec<SocketAddr>,
}

impl Shared {
    /// Makes a certificate. `candidates` are the addresses at which browsers reach our one socket,
    /// the best first.
    ///
    /// # Errors
    ///
    /// [`MediaError::Settings`] where there is no candidate, or no certificate could be made.
    pub fn new(candidates: Vec<SocketAddr>) -> Result<Self, MediaError> {
        if candidates.is_empty() {
            return Err(MediaError::Settings(
                "no address is known at which browsers could send media".to_owned(),
            ));
        }
        let certificate = Cached.generate_certificate().ok_or_else(|| {
            MediaError::Settings("no certificate for DTLS could be made".to_owned())
        })?;
        Ok(Self {
            crypto: crypto(),
            certificate,
            candidates,
        })
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("candidates", &self.candidates)
            .finish_non_exhaustive()
    }
}

/// str0m's crypto, with one configuration of DTLS for all connections.
#[must_use]
pub fn crypto() -> Arc<CryptoProvider> {
    let mut crypto = from_feature_flags();
    crypto.dtls_provider = &Cached;
    Arc::new(crypto)
}

/// str0m's provider with one configuration for all.
#[derive(Debug)]
struct Cached;

impl DtlsProvider for Cached {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        certificate: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        _mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let certificate = dimpl::DtlsCertificate {
            certificate: certificate.certificate.clone(),
            private_key: certificate.private_key.clone(),
        };
        let config = config()?;
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "foreign, and there may be more"
        )]
        let dtls = match version {
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, certificate, now),
            DtlsVersion::Auto => dimpl::Dtls::new_auto(config, certificate, now),
            _ => dimpl::Dtls::new_12(config, certificate, now),
        };
        Ok(Box::new(Instance(dtls)))
    }
}

fn config() -> Result<Arc<dimpl::Config>, CryptoError> {
    static CONFIG: OnceLock<Arc<dimpl::Config>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let provider = dimpl::crypto::CryptoProvider {
        key_provider: &Keys,
        ..dimpl::crypto::aws_lc_rs::default_provider()
    };
    // ICE has shown that the far end is where it says: a cookie would prove no more.
    let made = dimpl::Config::builder()
        .with_crypto_provider(provider)
        .use_server_cookie(false)
        .build()
        .map_err(|error| CryptoError::Other(format!("DTLS could not be set up: {error}")))?;
    Ok(CONFIG.get_or_init(|| Arc::new(made)).clone())
}

struct Instance(dimpl::Dtls);

impl fmt::Debug for Instance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Instance")
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buffer: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buffer)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}
