//! Reads how the centre is set up.

use bellwire_core::setup::Setup;
use bellwire_proto::{admin::Current, id::SiteKey, setup::Site};

use super::{Error, Store, document, small};
use crate::origin::Origin;

/// A site as pages are checked against it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SiteRow {
    /// Its public key.
    pub key: SiteKey,
    /// Where its pages may come from.
    pub origins: Vec<Origin>,
    /// Everything that was set up of it.
    pub site: Site,
}

impl From<Site> for SiteRow {
    fn from(site: Site) -> Self {
        let mut origins: Vec<Origin> = Vec::with_capacity(site.origins.len());
        for text in &site.origins {
            match Origin::parse(text) {
                Ok(origin) => origins.push(origin),
                Err(error) => tracing::warn!(site = %site.key, %error, "passed over"),
            }
        }
        Self {
            key: site.key.clone(),
            origins,
            site,
        }
    }
}

impl Store {
    /// How the centre is set up now, as the core works by it.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn setup(&self) -> Result<Setup, Error> {
        let current = self.current().await?;
        Ok(self.for_core(current.setup))
    }

    /// The administrators' documents as the core works by them.
    pub(crate) fn for_core(&self, setup: bellwire_proto::setup::Setup) -> Setup {
        Setup::new(self.centre.clone(), setup, self.times)
    }

    /// How the centre is set up now, as administrators edit it, and which version that is.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn current(&self) -> Result<Current, Error> {
        // One transaction: all parts as they were at one moment.
        let mut tx = self.reader.begin().await?;
        let row = sqlx::query(
            "SELECT CAST(value AS BIGINT) AS version FROM meta WHERE name = 'setup_version'",
        )
        .fetch_one(&mut *tx)
        .await?;
        Ok(Current {
            version: small(&row, "version", "the set-up's version")?,
            setup: document::setup(&mut tx, &self.centre.0).await?,
            telephony: false,
        })
    }

    /// Every site, by name.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn sites(&self) -> Result<Vec<SiteRow>, Error> {
        let mut sites = self.current().await?.setup.sites;
        sites.sort_by(|a, b| (&a.name, &a.key).cmp(&(&b.name, &b.key)));
        Ok(sites.into_iter().map(SiteRow::from).collect())
    }

    /// The site with this key.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn site(&self, key: &SiteKey) -> Result<Option<SiteRow>, Error> {
        let sites = self.current().await?.setup.sites;
        let site = sites.into_iter().find(|site| site.key == *key);
        Ok(site.map(SiteRow::from))
    }
}
