//! The one connection that writes, and who has it.
//!
//! Calls write all the time. Between two of their batches the connection stays out of its pool, because coming back to it costs
//! another way to the database's thread. Everyone else takes it from the pool.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{Any, AnyConnection, AnyPool, pool::PoolConnection};
use tokio::sync::{Mutex, MutexGuard};

use super::Error;

/// The writing connection. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pool: AnyPool,
    kept: Arc<Mutex<Option<PoolConnection<Any>>>>,
}

impl Writer {
    /// Of a pool of one connection.
    pub(super) fn new(pool: AnyPool) -> Self {
        let kept = Arc::default();
        Self { pool, kept }
    }

    /// The pool, with the connection in it or on its way there.
    pub(super) async fn pool(&self) -> &AnyPool {
        self.kept.lock().await.take();
        &self.pool
    }

    /// The connection itself, for one batch. Dropped without [`Taken::keep`] it goes back to the pool, which looks whether it
    /// still works.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(super) async fn take(&self) -> Result<Taken<'_>, Error> {
        let mut place = self.kept.lock().await;
        let connection = match place.take() {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(Taken { place, connection })
    }

    /// Finishes what is being written.
    pub(super) async fn close(&self) {
        self.pool().await.close().await;
    }
}

/// The writing connection in use.
pub(super) struct Taken<'a> {
    place: MutexGuard<'a, Option<PoolConnection<Any>>>,
    connection: PoolConnection<Any>,
}

impl Taken<'_> {
    /// Leaves it at hand for the next batch. No transaction may be open.
    pub(super) fn keep(self) {
        let Self {
            mut place,
            connection,
        } = self;
        *place = Some(connection);
    }
}

impl Deref for Taken<'_> {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Taken<'_> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
