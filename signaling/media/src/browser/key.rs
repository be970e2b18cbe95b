//! The key of a certificate, read once: a browser's leg signs once with it, and reading it takes longer than that.

use std::sync::{Arc, Mutex, PoisonError};

use dimpl::{
    CryptoError,
    crypto::{
        Buf, HashAlgorithm, KeyProvider, SignatureAlgorithm, SigningKey,
        aws_lc_rs::default_provider,
    },
};

/// Reads keys, and remembers the last one: an anchor has one certificate.
#[derive(Debug)]
pub(super) struct Keys;

impl KeyProvider for Keys {
    fn load_private_key(&self, der: &[u8]) -> Result<Box<dyn SigningKey>, CryptoError> {
        static LAST: Mutex<Option<(Vec<u8>, Key)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, key)) = &*last
            && known == der
        {
            return Ok(Box::new(key.clone()));
        }
        let key = Key::new(default_provider().key_provider.load_private_key(der)?);
        *last = Some((der.to_vec(), key.clone()));
        Ok(Box::new(key))
    }
}

/// A key that all legs share.
#[derive(Clone, Debug)]
struct Key {
    key: Arc<Mutex<Box<dyn SigningKey>>>,
    algorithm: SignatureAlgorithm,
    hash: HashAlgorithm,
    hashes: Arc<[HashAlgorithm]>,
}

impl Key {
    fn new(key: Box<dyn SigningKey>) -> Self {
        Self {
            algorithm: key.algorithm(),
            hash: key.hash_algorithm(),
            hashes: key.supported_hash_algorithms().into(),
            key: Arc::new(Mutex::new(key)),
        }
    }
}

impl SigningKey for Key {
    fn sign(&mut self, data: &[u8], hash: HashAlgorithm, out: &mut Buf) -> Result<(), CryptoError> {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        key.sign(data, hash, out)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash
    }

    fn supported_hash_algorithms(&self) -> &[HashAlgorithm] {
        &self.hashes
    }
}

#[cfg(test)]
mod tests {
    use str0m::crypto::from_feature_flags;

    use super::*;

    #[test]
    fn each_certificate_signs_with_its_own_key() {
        let verifier = default_provider().signature_verification;
        let two = [(); 2].map(|()| {
            let made = from_feature_flags().dtls_provider.generate_certificate();
            made.expect("a certificate")
        });

        for one in [&two[0], &two[1], &two[0], &two[0]] {
            let mut key = Keys.load_private_key(&one.private_key).expect("a key");
            let mut signed = Buf::new();
            let (hash, algorithm) = (key.hash_algorithm(), key.algorithm());
            key.sign(b"what was said", hash, &mut signed)
                .expect("a signature");

            for certificate in &two {
                let fits = verifier.verify_signature(
                    &certificate.certificate,
                    b"what was said",
                    &signed,
                    hash,
                    algorithm,
                );
                assert_eq!(
                    fits.is_ok(),
                    certificate.private_key == one.private_key,
                    "signed by its owner alone"
                );
            }
        }
    }
}
