//! What the server's database holds, read beside the running server.

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::centre::Centre;

/// Every place, as `table.column`, where something that holds `text` is stored.
///
/// # Errors
///
/// What the database says.
pub async fn holds(centre: &Centre, text: &str) -> Result<Vec<String>> {
    let mut database = open(centre).await?;
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut database)
        .await?;
    let mut found = vec![];
    for table in tables {
        let table: String = table.try_get("name")?;
        let columns = sqlx::query("SELECT name FROM pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&mut database)
            .await?;
        for column in columns {
            let column: String = column.try_get("name")?;
            // Names of the schema itself, not of anybody outside.
            let sql = format!(
                "SELECT COUNT(*) AS times FROM \"{table}\" \
                 WHERE INSTR(CAST(\"{column}\" AS TEXT), $1) > 0"
            );
            let row = sqlx::query(AssertSqlSafe(sql))
                .bind(text)
                .fetch_one(&mut database)
                .await?;
            if row.try_get::<i64, _>("times")? > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    Ok(found)
}

/// How many rows a table has.
///
/// # Errors
///
/// What the database says.
pub async fn rows(centre: &Centre, table: &'static str) -> Result<i64> {
    let mut database = open(centre).await?;
    let sql = format!("SELECT COUNT(*) AS times FROM \"{table}\"");
    let row = sqlx::query(AssertSqlSafe(sql))
        .fetch_one(&mut database)
        .await?;
    Ok(row.try_get("times")?)
}

async fn open(centre: &Centre) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(centre.data().join("bellwire.db"))
        .pragma("query_only", "ON");
    SqliteConnection::connect_with(&options)
        .await
        .context("opening the server's database")
}
