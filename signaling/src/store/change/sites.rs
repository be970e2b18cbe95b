//! Changes of sites that the command line makes.

use bellwire_proto::{admin::Kind, id::SiteKey, setup::Site};

use super::Change;
use crate::{
    origin::Origin,
    store::{Doc, Error, document},
};

impl Change {
    /// Makes a site.
    ///
    /// # Errors
    ///
    /// [`Error::Taken`] where there is one with that key.
    pub async fn add_site(&mut self, site: &Site) -> Result<(), Error> {
        let known = document::find(&mut self.tx, &self.centre.0, Kind::Site, &site.key.0).await?;
        if known.is_some() {
            return Err(Error::Taken {
                what: "site",
                name: site.key.0.clone(),
            });
        }
        self.put(&Doc::of(site)?).await
    }

    /// Lets pages of `origin` use the site's key.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such site.
    pub async fn allow(&mut self, key: &SiteKey, origin: &Origin) -> Result<(), Error> {
        let mut site = self.site(key).await?;
        if !site.origins.iter().any(|known| known == origin.as_str()) {
            site.origins.push(origin.to_string());
            site.origins.sort();
        }
        self.put(&Doc::of(&site)?).await
    }

    /// No longer lets pages of `origin` use the site's key.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] where there is no such site, or the site does not have that origin.
    pub async fn refuse(&mut self, key: &SiteKey, origin: &Origin) -> Result<(), Error> {
        let mut site = self.site(key).await?;
        let before = site.origins.len();
        site.origins
            .retain(|known| Origin::parse(known).ok().as_ref() != Some(origin));
        if site.origins.len() == before {
            return Err(Error::Unknown {
                what: "origin",
                name: origin.to_string(),
            });
        }
        self.put(&Doc::of(&site)?).await
    }

    async fn site(&mut self, key: &SiteKey) -> Result<Site, Error> {
        let setup = self.setup().await?;
        let site = setup.sites.into_iter().find(|site| site.key == *key);
        site.ok_or_else(|| Error::Unknown {
            what: "site",
            name: key.0.clone(),
        })
    }
}
