//! str0m's DTLS with one configuration for all pages of the load generator.
//!
//! str0m tests the whole of its crypto again for every connection, which costs a millisecond each: too much for a
//! load generator that shares two cores with the server.

use std::{
    fmt,
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

/// The provider.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let mut crypto = from_feature_flags();
    crypto.dtls_provider = &Cached;
    Arc::new(crypto)
}

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
        _version: DtlsVersion,
        _mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        static CONFIG: OnceLock<Option<Arc<dimpl::Config>>> = OnceLock::new();
        let config = CONFIG.get_or_init(|| {
            // As browsers do: ICE has shown already where the far end is.
            let config = dimpl::Config::builder().use_server_cookie(false);
            config.build().ok().map(Arc::new)
        });
        let config = config.clone();
        let config =
            config.ok_or_else(|| CryptoError::Other("DTLS could not be set up".to_owned()))?;
        let certificate = dimpl::DtlsCertificate {
            certificate: certificate.certificate.clone(),
            private_key: certificate.private_key.clone(),
        };
        // The version that all peers speak.
        Ok(Box::new(Instance(dimpl::Dtls::new_12(
            config,
            certificate,
            now,
        ))))
    }
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
