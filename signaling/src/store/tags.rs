//! On which pages each site's tag was seen.

use std::collections::BTreeMap;

use bellwire_proto::{id::SiteKey, time::Timestamp};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::{Error, Store, json, to_json};

/// Where a site's tag was seen.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Seen {
    /// When last, and on which page's origin.
    pub last: Option<(Timestamp, String)>,
    /// Origins that tried and are not allowed, the newest first.
    pub refused: Vec<(Timestamp, String)>,
}

impl Store {
    /// Where each site's tag was seen.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn tags(&self) -> Result<BTreeMap<SiteKey, Seen>, Error> {
        let rows = sqlx::query("SELECT site, seen FROM tags")
            .fetch_all(&self.reader)
            .await?;
        let mut tags = BTreeMap::new();
        for row in &rows {
            let site = SiteKey(row.try_get("site")?);
            tags.insert(site, json(row, "seen", "where a tag was seen")?);
        }
        Ok(tags)
    }

    /// Keeps where tags were seen, in place of what was kept of these sites.
    ///
    /// # Errors
    ///
    /// What the database says.
    pub async fn keep_tags(&self, tags: &BTreeMap<SiteKey, Seen>) -> Result<(), Error> {
        let mut tx = self.begin().await?;
        for (site, seen) in tags {
            sqlx::query(
                "INSERT INTO tags (site, seen) VALUES ($1, $2) \
                 ON CONFLICT (site) DO UPDATE SET seen = excluded.seen",
            )
            .bind(&site.0)
            .bind(to_json(seen)?)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
