// Prints what the SQLite that sqlx bundles has of its own: functions with their
// numbers of arguments, modules of virtual tables, collations, and the options
// that it is compiled with. One a line, ordered.

use sqlx::{Connection, Row, SqliteConnection};

const LISTS: [(&str, &str); 4] = [
    (
        "collation",
        "SELECT name FROM pragma_collation_list ORDER BY 1",
    ),
    (
        "function",
        "SELECT DISTINCT name || ' ' || narg FROM pragma_function_list ORDER BY 1",
    ),
    (
        "module",
        "SELECT name FROM pragma_module_list WHERE name NOT LIKE 'pragma%' ORDER BY 1",
    ),
    (
        "option",
        "SELECT compile_options FROM pragma_compile_options
         WHERE compile_options NOT LIKE 'COMPILER=%' ORDER BY 1",
    ),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> sqlx::Result<()> {
    let mut conn = SqliteConnection::connect("sqlite::memory:").await?;
    for (kind, query) in LISTS {
        for row in sqlx::query(query).fetch_all(&mut conn).await? {
            println!("{kind} {}", row.get::<String, _>(0));
        }
    }
    Ok(())
}
