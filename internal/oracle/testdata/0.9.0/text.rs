use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// A query text as this version of sqlx takes it.
pub fn text(sql: &str) -> SqlStr {
    AssertSqlSafe(sql.to_string()).into_sql_str()
}
