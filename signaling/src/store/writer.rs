//! The one connection that writes, and who has it.
//!
//! Calls write all the time. Between two of their batches the connection stays out of its pool, because coming back to it costs
//! another way to the database's thread. Everyone else takes it from the pool.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use sqlx::{Any, AnyConnection, AnyPool, any::AnyArguments, pool::PoolConnection, query::Query};
use tokio::sync::{Mutex, MutexGuard};

use super::{Error, Transaction, dialect};

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

    /// A transaction that has the write lock from its start.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        let kept = self.back_in_pool().await;
        let transaction = self.pool.begin_with(dialect::BEGIN).await;
        drop(kept);
        Ok(transaction?)
    }

    /// Runs one statement; how many rows it changed.
    ///
    /// # Errors
    ///
    /// Why it was not run.
    pub(super) async fn execute(&self, query: Query<'_, Any, AnyArguments>) -> Result<u64, Error> {
        let kept = self.back_in_pool().await;
        let done = query.execute(&self.pool).await;
        drop(kept);
        Ok(done?.rows_affected())
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
        let kept = self.back_in_pool().await;
        self.pool.close().await;
        drop(kept);
    }

    /// Gives the connection back to its pool. Nobody keeps it out of there while the result lives, so that who stands in the
    /// pool's line gets it.
    async fn back_in_pool(&self) -> MutexGuard<'_, Option<PoolConnection<Any>>> {
        let mut kept = self.kept.lock().await;
        drop(kept.take());
        kept
    }
}

/// The writing connection in use.
pub(super) struct Taken<'a> {
    place: MutexGuard<'a, Option<PoolConnection<Any>>>,
    connection: PoolConnection<Any>,
}

impl Taken<'_> {
    /// Leaves it at hand for the next batch. No transaction may be open: what is written alone would become part of it.
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
