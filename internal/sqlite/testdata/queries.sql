# a literal integer
SELECT 1 AS x
# a literal of each kind
SELECT 1 AS i, 1.5 AS f, 'text' AS t, x'00' AS b, NULL AS n, TRUE AS yes, FALSE AS no
# literals beyond 64 bits
SELECT 9223372036854775807 AS most, 9223372036854775808 AS more, -9223372036854775808 AS least, 0x7fffffffffffffff AS hex
# negative literals
SELECT -1 AS a, -1.5 AS b, - -1 AS c, +1 AS d
# dates and times of now
SELECT CURRENT_DATE AS d, CURRENT_TIME AS t, CURRENT_TIMESTAMP AS ts
# no name for an expression
SELECT 1
# no name for a count
SELECT count(*) FROM customer
# no name for a function of a column
SELECT upper(name) FROM customer
# a name in double quotes
SELECT id AS "an id" FROM customer
# a name in brackets
SELECT id AS [ident] FROM customer
# a name in backticks
SELECT id AS `ident` FROM customer
# a name in single quotes
SELECT id AS 'ident' FROM customer
# a keyword of Rust as a name
SELECT id AS type, name AS "fn" FROM customer
# the same name twice | compiler: two fields with one name
SELECT c.id, p.id FROM customer c JOIN purchase p ON p.customer_id = c.id
# an override of nullability
SELECT id AS "id!", email AS "email!", name AS "name?" FROM customer
# an override of a type
SELECT id AS "id: i32", email AS "email!: String", name AS "name?: _" FROM customer
# an override that does not parse
SELECT id AS "id: " FROM customer
# a name that is no identifier
SELECT id AS "1st" FROM customer
# an empty name
SELECT id AS "" FROM customer
# a name beyond ASCII
SELECT id AS größe FROM customer
# all columns
SELECT * FROM customer
# all columns of each table
SELECT p.*, l.quantity FROM purchase p JOIN line l ON l.purchase_id = p.id
# some columns
SELECT id, name, email, score FROM customer
# a column by its table's full name
SELECT main.customer.name FROM main.customer
# each declared type of customer
SELECT active, since, seen, wakes, score, rank, photo FROM customer
# odd declared types
SELECT * FROM odd
# odd names
SELECT "select", "with space" AS spaced FROM odd
# a numeric column
SELECT price FROM item
# a json column
SELECT attributes FROM item
# numeric columns with rows of values
SELECT price, attributes, weight FROM item WHERE stock > 0
# untyped columns
SELECT a, b, c, d FROM loose
# an untyped column in an index
SELECT a FROM loose WHERE a = 1
# a strict table
SELECT * FROM setting
# a strict table without rowid
SELECT * FROM reading
# a column ANY
SELECT value FROM setting
# a table without rowid
SELECT * FROM line
# generated columns
SELECT cost, cost_kept, label FROM line
# a generated column by the primary key | 2
SELECT cost, label FROM line WHERE purchase_id = ? AND item_id = ?
# rowid
SELECT rowid FROM customer
# oid and _rowid_
SELECT oid, _rowid_ AS r FROM item
# rowid of a table without its alias
SELECT rowid, a FROM loose
# rowid beside the primary key
SELECT rowid AS r, id, name FROM node WHERE rowid = 5
# an alias of rowid that is none
SELECT ident, word, rowid AS r FROM alias
# rowid of a view
SELECT rowid FROM regular
# rowid of a table without rowid
SELECT rowid FROM line
# fts5 | 1
SELECT title, body FROM page WHERE page MATCH ?
# fts5 with its rank
SELECT rowid, rank, title FROM page WHERE page MATCH 'x' ORDER BY rank
# fts5 with its functions
SELECT highlight(page, 0, '<b>', '</b>') AS h, snippet(page, 1, '', '', '', 5) AS s, bm25(page) AS score FROM page WHERE page MATCH 'x'
# an rtree | 2
SELECT id, x0, x1 FROM area WHERE x0 >= ? AND x1 <= ?
# sqlite_schema
SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema
# sqlite_master
SELECT name FROM sqlite_master WHERE type = 'table'
# sqlite_sequence
SELECT name, seq FROM sqlite_sequence
# where on the primary key | 1
SELECT name, email FROM customer WHERE id = ?
# where on a unique column | 1
SELECT id, name FROM customer WHERE email = ?
# where not null makes no difference
SELECT email FROM customer WHERE email IS NOT NULL
# where a column equals
SELECT email, score FROM customer WHERE score > 1.5 AND email LIKE '%x'
# where null
SELECT email FROM customer WHERE email IS NULL
# where false
SELECT id, name FROM customer WHERE 0
# where true
SELECT id, name FROM customer WHERE 1
# a covering index
SELECT country, name FROM customer WHERE country = 'de'
# an index and the table
SELECT country, name, email FROM customer WHERE country = 'de' ORDER BY name
# an index on an expression
SELECT name FROM customer WHERE lower(name) = 'x'
# an index on an expression as a column
SELECT lower(name) AS l FROM customer WHERE lower(name) > 'x'
# a partial index
SELECT name FROM customer WHERE active AND name > 'm'
# an index told to be used
SELECT id, name FROM customer INDEXED BY customer_country WHERE country = 'x'
# an index told not to be used
SELECT id, name FROM customer NOT INDEXED WHERE country = 'x'
# in a list
SELECT id, name FROM customer WHERE id IN (1, 2, 3)
# in a list of parameters | 3
SELECT id, name FROM customer WHERE id IN (?, ?, ?)
# in an empty list
SELECT id, name FROM customer WHERE id IN ()
# in a subquery
SELECT id, name FROM customer WHERE id IN (SELECT customer_id FROM purchase)
# in a table
SELECT id FROM customer WHERE (id, rank) IN pair
# a row value in a subquery
SELECT id FROM customer WHERE (id, name) IN (SELECT parent, name FROM node)
# row values compared
SELECT id FROM customer WHERE (country, name) > ('de', 'x')
# between | 2
SELECT id, name FROM customer WHERE score BETWEEN ? AND ?
# or of two indexes
SELECT id, name FROM customer WHERE email = 'a' OR country = 'b'
# or on the primary key
SELECT id, email FROM customer WHERE id = 1 OR id = 2 OR email = 'x'
# like and glob
SELECT name FROM customer WHERE name LIKE 'a%' OR name GLOB 'b*'
# like with escape | 1
SELECT name FROM customer WHERE name LIKE ? ESCAPE '\'
# match without a function
SELECT name FROM customer WHERE name MATCH 'x'
# regexp without a function
SELECT name FROM customer WHERE name REGEXP 'x'
# is and is not | 2
SELECT id FROM customer WHERE email IS ? AND score IS NOT ?
# is distinct from
SELECT id FROM customer WHERE email IS DISTINCT FROM 'x' AND score IS NOT DISTINCT FROM 1.0
# like on an untyped column
SELECT a, b FROM loose WHERE a LIKE 'x%'
# an ordered table
SELECT id, name FROM customer ORDER BY name, email DESC
# order by an expression
SELECT id, name, score FROM customer ORDER BY score * 2 DESC NULLS LAST
# order by with a limit
SELECT id, email FROM customer ORDER BY score LIMIT 10
# order by a column's number
SELECT name, email FROM customer ORDER BY 2
# order by what is not selected
SELECT email FROM customer ORDER BY since DESC
# order by rowid | 2
SELECT id, email FROM customer ORDER BY id DESC LIMIT ? OFFSET ?
# order by what is indexed
SELECT country, name, email FROM customer ORDER BY country, name
# limit 0
SELECT id, email FROM customer LIMIT 0
# limit by an expression
SELECT id FROM customer LIMIT (SELECT count(*) FROM item)
# order by with a collation
SELECT name FROM customer ORDER BY name COLLATE NOCASE
# a collation in a comparison
SELECT id, name COLLATE NOCASE AS n FROM customer WHERE name = 'x' COLLATE RTRIM
# a collation that does not exist
SELECT name FROM customer ORDER BY name COLLATE missing
# distinct
SELECT DISTINCT country FROM customer
# distinct of nullable columns
SELECT DISTINCT email, score FROM customer
# distinct with order
SELECT DISTINCT name, score FROM customer ORDER BY score
# distinct of an expression
SELECT DISTINCT upper(name) AS n FROM customer
# inner join
SELECT c.name, p.total FROM customer c JOIN purchase p ON p.customer_id = c.id
# inner join by comma
SELECT c.name, p.note FROM customer c, purchase p WHERE p.customer_id = c.id
# inner join using
SELECT id, item.sku FROM item JOIN audit USING (id)
# cross join
SELECT c.name, i.sku FROM customer c CROSS JOIN item i
# natural join
SELECT id, sku, what FROM item NATURAL JOIN audit
# left join
SELECT c.id, c.name, p.id AS purchase_id, p.total FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id
# left join by the primary key
SELECT p.id, c.name FROM purchase p LEFT JOIN customer c ON c.id = p.customer_id
# left join by a unique index
SELECT n.name, i.id AS item_id, i.sku FROM node n LEFT JOIN item i ON i.sku = n.name
# left join made inner by where
SELECT c.id, p.total FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id WHERE p.total > 0
# left join with is null
SELECT c.id, p.id AS pid FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id WHERE p.id IS NULL
# left join of two
SELECT c.name, p.placed, l.quantity FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id LEFT JOIN line l ON l.purchase_id = p.id
# left join then inner join
SELECT c.name, p.placed, l.quantity FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id JOIN line l ON l.purchase_id = p.id
# left join of a join in parentheses
SELECT c.name, p.placed, l.quantity FROM customer c LEFT JOIN (purchase p JOIN line l ON l.purchase_id = p.id) ON p.customer_id = c.id
# left join of a subquery
SELECT c.name, t.n FROM customer c LEFT JOIN (SELECT customer_id, count(*) AS n FROM purchase GROUP BY customer_id) t ON t.customer_id = c.id
# left join of a subquery with a constant
SELECT c.name, t.one, t.note FROM customer c LEFT JOIN (SELECT customer_id, 1 AS one, note FROM purchase) t ON t.customer_id = c.id
# left join of a view
SELECT c.name, s.purchases, s.spent FROM customer c LEFT JOIN spending s ON s.customer_id = c.id
# left join without rows
SELECT c.name, p.total FROM customer c LEFT JOIN purchase p ON 0
# left join on true
SELECT c.name, p.total FROM customer c LEFT JOIN purchase p ON 1
# left join unused
SELECT c.name FROM customer c LEFT JOIN item i ON i.id = c.id
# left join with an automatic index
SELECT l.l, r.r FROM pair l LEFT JOIN loose x ON x.b = l.r LEFT JOIN pair r ON r.r = x.c
# right join
SELECT c.id, c.name, p.id AS pid, p.total FROM customer c RIGHT JOIN purchase p ON p.customer_id = c.id
# right join with left join
SELECT c.name, p.total, l.quantity FROM customer c RIGHT JOIN purchase p ON p.customer_id = c.id LEFT JOIN line l ON l.purchase_id = p.id
# full join
SELECT c.id, c.name, p.id AS pid, p.total FROM customer c FULL OUTER JOIN purchase p ON p.customer_id = c.id
# full join using
SELECT id, sku, what FROM item FULL JOIN audit USING (id)
# self join
SELECT a.name AS one, b.name AS other FROM customer a JOIN customer b ON b.id = a.referrer
# self left join
SELECT a.name AS one, b.name AS other FROM customer a LEFT JOIN customer b ON b.id = a.referrer
# five tables
SELECT c.name, p.placed, l.quantity, i.sku, n.name AS node FROM customer c JOIN purchase p ON p.customer_id = c.id JOIN line l ON l.purchase_id = p.id JOIN item i ON i.id = l.item_id LEFT JOIN node n ON n.id = i.stock
# a join of strict and loose
SELECT s.key, s.value, l.a FROM setting s JOIN loose l ON l.a = s.key
# a join with in
SELECT c.name, p.note FROM customer c JOIN purchase p ON p.customer_id IN (c.id, c.referrer)
# count
SELECT count(*) AS n FROM customer
# count of a column
SELECT count(email) AS n, count(DISTINCT country) AS d FROM customer
# the aggregates
SELECT sum(total) AS s, avg(total) AS a, min(total) AS lo, max(total) AS hi, total(total) AS t, group_concat(note) AS g FROM purchase
# the aggregates of a real column
SELECT sum(score) AS s, avg(score) AS a, min(score) AS lo, max(score) AS hi, total(score) AS t FROM customer
# the aggregates of text
SELECT min(name) AS lo, max(name) AS hi, sum(name) AS s FROM customer
# max alone
SELECT max(id) AS newest FROM purchase
# min with another column
SELECT min(placed) AS first, note FROM purchase
# string_agg and group_concat
SELECT group_concat(name, ', ') AS a, string_agg(name, ', ') AS b FROM customer
# an aggregate with order
SELECT group_concat(name, ', ' ORDER BY id) AS names FROM customer
# an aggregate with a filter
SELECT count(*) FILTER (WHERE active) AS n, sum(rank) FILTER (WHERE score > 1) AS s FROM customer
# aggregates with coalesce
SELECT coalesce(sum(total), 0) AS s, ifnull(max(note), '') AS n FROM purchase
# group by
SELECT country, count(*) AS n FROM customer GROUP BY country
# group by the primary key
SELECT c.id, c.name, count(p.id) AS n, sum(p.total) AS s FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id GROUP BY c.id
# group by a nullable column
SELECT score, max(name) AS m FROM customer GROUP BY score
# group by an expression
SELECT date(placed) AS day, sum(total) AS s FROM purchase GROUP BY date(placed)
# group by two
SELECT country, active, avg(score) AS a FROM customer GROUP BY country, active
# group by with having | 1
SELECT country, count(*) AS n FROM customer GROUP BY country HAVING count(*) > ?
# group by with having and order
SELECT country, max(email) AS e FROM customer GROUP BY 1 HAVING max(score) IS NOT NULL ORDER BY e
# having without group by
SELECT count(*) AS n FROM customer HAVING n > 1
# group by of columns outside
SELECT country, name, email FROM customer GROUP BY country
# an aggregate without rows
SELECT max(name) AS m, count(*) AS n FROM customer WHERE 0
# an aggregate in a subquery
SELECT name, (SELECT count(*) FROM purchase p WHERE p.customer_id = c.id) AS n FROM customer c
# json aggregates
SELECT json_group_array(name) AS a, json_group_object(name, score) AS o FROM customer
# row_number
SELECT id, row_number() OVER (ORDER BY name) AS n FROM customer
# rank and its kin
SELECT rank() OVER w AS r, dense_rank() OVER w AS d, percent_rank() OVER w AS p, cume_dist() OVER w AS c, ntile(4) OVER w AS t FROM customer WINDOW w AS (ORDER BY score)
# lag and lead
SELECT id, lag(name) OVER (ORDER BY id) AS before, lead(name, 2, 'none') OVER (ORDER BY id) AS after FROM customer
# first, last and nth value
SELECT first_value(name) OVER w AS f, last_value(name) OVER w AS l, nth_value(name, 2) OVER w AS n FROM customer WINDOW w AS (PARTITION BY country ORDER BY id)
# a running sum
SELECT id, sum(total) OVER (PARTITION BY customer_id ORDER BY placed) AS running, email FROM purchase JOIN customer USING (id)
# a frame of rows
SELECT avg(total) OVER (ORDER BY placed ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS moving FROM purchase
# a frame of groups
SELECT count(*) OVER (ORDER BY total GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES) AS n FROM purchase
# an aggregate over all
SELECT name, count(*) OVER () AS n FROM customer
# a window over groups
SELECT country, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS r FROM customer GROUP BY country
# a window with a filter
SELECT sum(rank) FILTER (WHERE active) OVER (ORDER BY id) AS s FROM customer
# a window in a subquery
SELECT id, n FROM (SELECT id, row_number() OVER (PARTITION BY country ORDER BY id) AS n FROM customer) WHERE n = 1
# a common table expression
WITH big AS (SELECT * FROM purchase WHERE total > 100) SELECT id, note FROM big
# a common table expression with names
WITH t (a, b) AS (SELECT id, email FROM customer) SELECT a, b FROM t
# a common table expression used twice
WITH t AS (SELECT id, name, referrer FROM customer) SELECT a.name, b.name AS other FROM t a JOIN t b ON a.id = b.referrer
# a materialized common table expression
WITH t AS MATERIALIZED (SELECT id, email FROM customer) SELECT id, email FROM t
# a common table expression not materialized
WITH t AS NOT MATERIALIZED (SELECT id, email FROM customer) SELECT a.id, b.email FROM t a, t b
# a common table expression of aggregates
WITH t AS (SELECT customer_id, max(total) AS m FROM purchase GROUP BY customer_id) SELECT name, m FROM customer LEFT JOIN t ON t.customer_id = customer.id
# a chain of common table expressions
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT x, y FROM a, b
# a counter
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n
# a counter with a limit
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT i FROM n
# a tree
WITH RECURSIVE t AS (SELECT id, parent, name, 0 AS depth FROM node WHERE parent IS NULL UNION ALL SELECT n.id, n.parent, n.name, t.depth + 1 FROM node n JOIN t ON n.parent = t.id) SELECT id, parent, name, depth FROM t
# a tree from a parameter | 1
WITH RECURSIVE up (id) AS (SELECT parent FROM node WHERE id = ? UNION SELECT parent FROM node, up WHERE node.id = up.id) SELECT n.id, n.name FROM node n WHERE n.id IN up
# a tree in order of depth
WITH RECURSIVE t (id, path) AS (SELECT id, name FROM node WHERE parent IS NULL UNION ALL SELECT n.id, t.path || '/' || n.name FROM node n, t WHERE n.parent = t.id ORDER BY 2 DESC) SELECT id, path FROM t
# a recursion that ends nowhere, limited outside
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 3
# a common table expression that hides a table
WITH customer AS (SELECT 1 AS id) SELECT id FROM customer
# a scalar subquery
SELECT (SELECT name FROM customer WHERE id = 1) AS n
# a scalar subquery that always has a row
SELECT (SELECT max(id) FROM customer) AS m, (SELECT 1) AS one
# a correlated subquery
SELECT id, (SELECT name FROM customer c WHERE c.id = p.customer_id) AS name FROM purchase p
# exists | 1
SELECT EXISTS (SELECT 1 FROM customer WHERE id = ?) AS found
# not exists
SELECT id FROM customer c WHERE NOT EXISTS (SELECT 1 FROM purchase p WHERE p.customer_id = c.id)
# exists as a column
SELECT id, EXISTS (SELECT 1 FROM purchase p WHERE p.customer_id = c.id) AS buys FROM customer c
# in as a column
SELECT id, id IN (SELECT customer_id FROM purchase) AS buys, email IN ('a', 'b') AS known FROM customer
# a subquery in from
SELECT a, b FROM (SELECT id AS a, email AS b FROM customer)
# a subquery in from with order and limit
SELECT id, name FROM (SELECT * FROM customer ORDER BY score LIMIT 5) ORDER BY name
# a subquery in from joined
SELECT x.name, y.m FROM (SELECT id, name FROM customer) x, (SELECT max(total) AS m FROM purchase) y
# a distinct subquery
SELECT country FROM (SELECT DISTINCT country FROM customer) WHERE country > 'a'
# three levels
SELECT v FROM (SELECT v FROM (SELECT email AS v FROM customer))
# union
SELECT name FROM customer UNION SELECT sku FROM item
# union all
SELECT id, name FROM customer UNION ALL SELECT id, sku FROM item
# union all of null and not null
SELECT id, email FROM customer UNION ALL SELECT id, sku FROM item
# union all with null first
SELECT NULL AS v UNION ALL SELECT 1
# union all with null last
SELECT 1 AS v UNION ALL SELECT NULL
# union of types
SELECT id AS v FROM customer UNION SELECT name FROM customer
# intersect
SELECT name FROM customer INTERSECT SELECT sku FROM item
# except
SELECT email FROM customer EXCEPT SELECT tags FROM item
# union with order
SELECT id, name FROM customer UNION SELECT id, sku FROM item ORDER BY 2
# union all with order and limit
SELECT id, name FROM customer UNION ALL SELECT id, sku FROM item ORDER BY name LIMIT 5
# three parts
SELECT 1 AS v UNION SELECT 2 UNION ALL SELECT 3
# a union in a subquery
SELECT v FROM (SELECT name AS v FROM customer UNION ALL SELECT tags FROM item) WHERE v > 'a'
# values
VALUES (1, 'a'), (2, NULL)
# values with names
SELECT column1 AS a, column2 AS b FROM (VALUES (1, 'a'), (2, 'b'))
# values of one row
SELECT column1 AS a FROM (VALUES (NULL))
# a compound with different numbers of columns
SELECT 1, 2 UNION SELECT 3
# arithmetic
SELECT rank + 1 AS a, rank * 1.5 AS b, rank / 2 AS c, rank % 3 AS d, -score AS e, rank - score AS f FROM customer
# arithmetic of literals
SELECT 1 + 1 AS a, 1 + 1.0 AS b, 7 / 2 AS c, 7 % 2 AS d, 1 / 0 AS e, '1' + 1 AS f
# bits
SELECT rank & 1 AS a, rank | 1 AS b, rank << 1 AS c, rank >> 1 AS d, ~rank AS e FROM customer
# concatenation
SELECT name || country AS a, name || email AS b, 1 || 2 AS c FROM customer
# concat
SELECT concat(name, email) AS a, concat_ws('-', name, email) AS b FROM customer
# comparisons
SELECT rank > 1 AS a, score = 1.5 AS b, name <> 'x' AS c, email IS NULL AS d, email IS NOT NULL AS e, email ISNULL AS f FROM customer
# and, or, not
SELECT active AND rank > 1 AS a, active OR score > 1 AS b, NOT active AS c FROM customer
# between and like as columns
SELECT rank BETWEEN 1 AND 5 AS a, name LIKE 'a%' AS b, email GLOB 'x*' AS c FROM customer
# case
SELECT CASE WHEN active THEN 'yes' ELSE 'no' END AS a, CASE rank WHEN 1 THEN 'one' END AS b FROM customer
# case of columns
SELECT CASE WHEN active THEN name ELSE email END AS a, CASE WHEN rank > 1 THEN score WHEN rank > 2 THEN 0.5 ELSE NULL END AS b FROM customer
# case of types
SELECT CASE WHEN rank > 1 THEN 1 WHEN rank > 2 THEN 'two' ELSE 3.0 END AS v FROM customer
# casts
SELECT CAST(rank AS TEXT) AS a, CAST(name AS INTEGER) AS b, CAST(rank AS REAL) AS c, CAST(name AS BLOB) AS d, CAST(rank AS NUMERIC) AS e, CAST(email AS TEXT) AS f FROM customer
# casts of literals
SELECT CAST('1' AS INTEGER) AS a, CAST(1 AS TEXT) AS b, CAST(NULL AS INTEGER) AS c, CAST('2020-01-01' AS DATE) AS d, CAST(1 AS BOOLEAN) AS e
# a cast of a parameter | 2
SELECT CAST(? AS INTEGER) AS a, CAST(? AS TEXT) AS b
# coalesce
SELECT coalesce(email, name) AS a, coalesce(email, tags) AS b FROM customer, item
# ifnull, nullif, iif
SELECT ifnull(email, 'none') AS a, nullif(name, '') AS b, iif(active, rank, score) AS c FROM customer
# iif with two arguments
SELECT iif(active, 'yes') AS v FROM customer
# string functions
SELECT length(name) AS a, upper(email) AS b, substr(name, 1, 2) AS c, trim(name) AS d, replace(name, 'a', 'b') AS e, instr(name, 'x') AS f, hex(photo) AS g, quote(name) AS h, printf('%d', rank) AS i, format('%s', name) AS j, char(65) AS k, unicode(name) AS l FROM customer
# number functions
SELECT abs(rank) AS a, round(score) AS b, round(score, 2) AS c, random() AS d, sign(rank) AS e, max(rank, 1) AS f, min(score, rank) AS g FROM customer
# math functions
SELECT sqrt(score) AS v FROM customer
# date functions
SELECT date('now') AS a, time(seen) AS b, datetime(seen, '+1 day') AS c, julianday(since) AS d, strftime('%Y', since) AS e, unixepoch() AS f FROM customer
# timediff
SELECT timediff(seen, since) AS d FROM customer
# functions of the library
SELECT sqlite_version() AS a, changes() AS b, last_insert_rowid() AS c, total_changes() AS d, typeof(score) AS e, zeroblob(5) AS f, randomblob(4) AS g FROM customer
# a function that does not exist
SELECT missing(name) AS n FROM customer
# a function with too many arguments
SELECT upper(name, email) AS n FROM customer
# likelihood and its kin
SELECT likely(rank) AS a, unlikely(email) AS b, likelihood(name, 0.5) AS c FROM customer
# raise outside a trigger
SELECT raise(abort, 'x') AS v
# unary plus keeps the column
SELECT +id AS a, +email AS b FROM customer
# parentheses keep the column
SELECT (id) AS a, (email) AS b FROM customer
# a text in double quotes
SELECT "no such column" AS v
# a blob function
SELECT unhex('00') AS a, octet_length(photo) AS b FROM customer
# json_extract
SELECT json_extract(attributes, '$.a') AS v FROM item
# json arrows
SELECT attributes -> 'a' AS a, attributes ->> 'b' AS b FROM item
# json functions
SELECT json('{}') AS a, json_array(1, 2) AS b, json_object('a', sku) AS c, json_type(attributes) AS d, json_valid(attributes) AS e, json_array_length('[]') AS f, json_set(attributes, '$.x', 1) AS g, json_quote(sku) AS h FROM item
# jsonb
SELECT jsonb(attributes) AS a, jsonb_array(1) AS b FROM item
# json_each
SELECT key, value, type, atom FROM json_each('[1, 2]')
# json_each with a join
SELECT i.sku, j.value AS tag FROM item i, json_each(i.tags) j
# json_each of a left join
SELECT i.sku, j.value AS tag FROM item i LEFT JOIN json_each(i.tags) j
# json_tree | 1
SELECT fullkey, path, id AS ident FROM json_tree(?)
# in json_each of a parameter | 1
SELECT id, name FROM customer WHERE id IN (SELECT value FROM json_each(?))
# generate_series
SELECT value FROM generate_series(1, 5)
# pragma_table_info
SELECT cid, name, type, "notnull" AS nn, pk FROM pragma_table_info('customer')
# dbstat
SELECT name, pgsize FROM dbstat
# a view
SELECT * FROM regular
# a view of aggregates
SELECT * FROM spending
# a view with other names
SELECT one, two FROM renamed
# a view of a union
SELECT name FROM both_names
# a view with where | 1
SELECT name, spent FROM spending WHERE purchases > ?
# a view joined
SELECT r.name, s.spent FROM regular r JOIN spending s ON s.customer_id = r.id
# a parameter | 1
SELECT ? AS v
# a numbered parameter | 2
SELECT ?1 AS a, ?2 AS b
# a numbered parameter twice | 1
SELECT id FROM customer WHERE name = ?1 OR email = ?1
# a numbered parameter with a gap | 3
SELECT id FROM customer WHERE id = ?3
# a parameter with a dollar | 2
SELECT id FROM customer WHERE name = $1 AND email = $2
# a parameter with a colon | 2
SELECT id FROM customer WHERE name = :name OR email = :name AND score = :score
# a parameter with an at | 1
SELECT id FROM customer WHERE name = @name
# a mixture of parameters | 4
SELECT id FROM customer WHERE id = ?2 AND name = ? AND email = :e
# a parameter with a type | 3
SELECT ? + 1 AS a, ? || 'x' AS b, coalesce(?, 1) AS c
# too few arguments | 1
SELECT id FROM customer WHERE id = ? AND name = ?
# too many arguments | 2
SELECT id FROM customer WHERE id = ?
# parameters of limit | 2
SELECT id FROM customer LIMIT ?1 OFFSET ?1 * ?2
# a parameter out of bounds
SELECT ?99999999 AS v
# insert | 2
INSERT INTO node (parent, name) VALUES (?, ?)
# insert default values
INSERT INTO audit DEFAULT VALUES
# insert of a selection
INSERT INTO node (name) SELECT name FROM customer WHERE active
# insert of rows
INSERT INTO pair VALUES (1, 2), (3, 4)
# insert with returning | 2
INSERT INTO customer (name, since) VALUES (?, ?) RETURNING id
# insert with returning all
INSERT INTO customer (name, since) VALUES ('a', '2020-01-01') RETURNING *
# insert with returning rowid
INSERT INTO node (name) VALUES ('x') RETURNING rowid AS r, name, parent
# insert with returning an expression
INSERT INTO node (name) VALUES ('x') RETURNING upper(name) AS u, id + 1 AS next, parent IS NULL AS top
# insert with returning without rowid
INSERT INTO line (purchase_id, item_id, quantity) VALUES (1, 2, 3) RETURNING purchase_id, quantity, discount, cost, cost_kept, label
# insert with returning of a selection
INSERT INTO node (parent, name) SELECT id, name FROM customer RETURNING id, parent, name
# insert with a subquery in returning
INSERT INTO node (name) VALUES ('x') RETURNING (SELECT count(*) FROM node) AS n
# insert into strict with returning | 1
INSERT INTO setting (key, changed) VALUES (?, 0) RETURNING *
# insert into an untyped table with returning
INSERT INTO loose (a, c) VALUES (1, 2) RETURNING *
# insert or ignore | 2
INSERT OR IGNORE INTO item (sku, price, stock) VALUES (?, ?, 0) RETURNING id
# insert or replace
INSERT OR REPLACE INTO item (id, sku, price, stock) VALUES (1, 'a', 2, 3) RETURNING id, sku, weight
# replace | 3
REPLACE INTO setting (key, value, changed) VALUES (?, ?, ?)
# upsert | 3
INSERT INTO setting (key, value, changed) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed = changed + 1
# upsert with returning | 1
INSERT INTO item (sku, price, stock) VALUES (?, 1, 1) ON CONFLICT (sku) DO UPDATE SET stock = stock + 1 RETURNING id, stock, tags
# upsert that does nothing
INSERT INTO item (sku, price, stock) VALUES ('a', 1, 1) ON CONFLICT DO NOTHING RETURNING id
# upsert with where
INSERT INTO item (sku, price, stock) VALUES ('a', 1, 1) ON CONFLICT (sku) DO UPDATE SET price = excluded.price WHERE price < excluded.price RETURNING price
# insert into a view
INSERT INTO regular (name, email) VALUES ('a', 'b') RETURNING id, name
# insert into fts5 | 2
INSERT INTO page (title, body) VALUES (?, ?)
# insert with a common table expression
WITH t AS (SELECT 1 AS l, 2 AS r) INSERT INTO pair SELECT l, r FROM t RETURNING l, r
# update | 2
UPDATE customer SET name = ? WHERE id = ?
# update with returning | 1
UPDATE customer SET score = score + 1 WHERE id = ? RETURNING id, score, name
# update with returning all
UPDATE node SET name = 'x' RETURNING *
# update with a trigger and returning
UPDATE customer SET name = upper(name) RETURNING name, email
# update from
UPDATE item SET stock = stock - l.quantity FROM line l WHERE l.item_id = item.id RETURNING item.id, stock
# update of rows by a subquery
UPDATE purchase SET total = (SELECT sum(quantity) FROM line WHERE purchase_id = purchase.id) WHERE note IS NULL RETURNING total
# update of the primary key
UPDATE node SET id = id + 1 RETURNING id, parent
# update without rowid
UPDATE line SET quantity = 2 WHERE purchase_id = 1 RETURNING *
# update of strict | 2
UPDATE setting SET value = ? WHERE key = ? RETURNING value, changed
# update of two columns at once
UPDATE pair SET (l, r) = (SELECT r, l) RETURNING l, r
# update or ignore
UPDATE OR IGNORE item SET sku = 'x' RETURNING sku
# delete | 1
DELETE FROM customer WHERE id = ?
# delete all
DELETE FROM audit
# delete with returning | 1
DELETE FROM node WHERE name = ? RETURNING id
# delete with returning all
DELETE FROM customer RETURNING *
# delete with returning by the primary key | 1
DELETE FROM customer WHERE id = ? RETURNING id, name, email
# delete without rowid
DELETE FROM line WHERE purchase_id = 1 RETURNING *
# delete of an untyped table
DELETE FROM loose WHERE a = 1 RETURNING a, b, rowid
# delete with a subquery
DELETE FROM purchase WHERE customer_id IN (SELECT id FROM customer WHERE NOT active) RETURNING id, note
# delete with an expression
DELETE FROM node RETURNING id + 1 AS a, name || 'x' AS b, parent
# two statements
SELECT 1 AS a; SELECT 'x' AS b
# two statements with parameters | 3
UPDATE node SET name = ? WHERE id = ?; SELECT id, name FROM node WHERE id = ?
# a statement and a semicolon
SELECT 1 AS a;
# a statement and a comment
SELECT 1 AS a -- the end
# a comment and a statement
/* first */ SELECT id FROM customer
# a statement, a semicolon and a comment
SELECT 1 AS a; -- the end
# white space around
   SELECT 1 AS a   
# statements of changes
INSERT INTO node (name) VALUES ('a'); INSERT INTO node (name) VALUES ('b')
# insert and select | 1
INSERT INTO node (name) VALUES (?); SELECT last_insert_rowid() AS id
# a table created and used
CREATE TABLE fresh (id INTEGER); SELECT id FROM fresh
# only a comment
-- nothing
# only semicolons
;;
# an empty statement between
SELECT 1 AS a;; SELECT 2 AS b
# a second statement that is wrong
SELECT 1 AS a; SELECT missing FROM customer
# a transaction
BEGIN; UPDATE node SET name = 'x'; COMMIT
# create table
CREATE TABLE fresh (id INTEGER PRIMARY KEY)
# create table as
CREATE TABLE fresh AS SELECT id FROM customer
# create a temporary table
CREATE TEMP TABLE fresh (id INTEGER)
# drop table
DROP TABLE audit
# alter table
ALTER TABLE audit ADD COLUMN more TEXT
# create index
CREATE INDEX fresh ON audit (at)
# begin
BEGIN
# savepoint
SAVEPOINT s
# vacuum
VACUUM
# analyze
ANALYZE
# reindex
REINDEX
# pragma that tells
PRAGMA user_version
# pragma that sets
PRAGMA user_version = 5
# pragma of the journal
PRAGMA journal_mode
# pragma of foreign keys
PRAGMA foreign_keys
# pragma of a table
PRAGMA table_info(customer)
# pragma of indexes
PRAGMA index_list(customer)
# pragma of integrity | unproven: its first row is what it found in tables
PRAGMA quick_check
# pragma that does not exist
PRAGMA missing
# explain
EXPLAIN SELECT 1
# explain query plan
EXPLAIN QUERY PLAN SELECT * FROM customer
# attach
ATTACH ':memory:' AS other
# no such table
SELECT id FROM missing
# no such column
SELECT missing FROM customer
# an ambiguous column
SELECT id FROM customer, item
# a syntax error
SELECT FROM customer
# an incomplete statement
SELECT id FROM
# an unfinished text
SELECT 'abc
# an unrecognized token
SELECT ^ FROM customer
# too many columns in values
INSERT INTO pair VALUES (1, 2, 3)
# a generated column inserted
INSERT INTO line (purchase_id, item_id, quantity, cost) VALUES (1, 1, 1, 1)
# a misused aggregate
SELECT id FROM customer WHERE count(*) > 1
# a misused window function
SELECT id FROM customer WHERE row_number() OVER () = 1
# insert into a view that refuses
INSERT INTO spending (name) VALUES ('a')
# update of a view that refuses
UPDATE renamed SET one = 'x'
# a table that is in the way
CREATE TABLE customer (id)
# a subquery of two columns
SELECT (SELECT 1, 2) AS v
# an upsert without its index
INSERT INTO node (name) VALUES ('a') ON CONFLICT (name) DO NOTHING
# an index that does not exist
SELECT id FROM customer INDEXED BY missing
# a common table expression with too many names
WITH t (a, b) AS (SELECT 1) SELECT a FROM t
# a circular common table expression
WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT * FROM a
# a full stop too many
SELECT other.main.customer.id FROM customer
# a text with a quote mark inside
SELECT 'it''s' AS v
# unicode text
SELECT 'größe – 日本' AS v, name FROM customer WHERE name = 'é'
# an untyped column in an expression
SELECT +a AS a, b || '' AS b FROM loose
# a declared type of no letters
SELECT x FROM empty_type
# columns of a common table expression of untyped columns
WITH t AS (SELECT a FROM loose) SELECT a FROM t
