# literal
SELECT 1 AS one
# no column name
SELECT 1, 'x'
# text of many kinds of characters
SELECT 'a"b\c	d <&>   ü 😀' AS "ü 😀"
# only white space around
  
 SELECT 1 AS one  ;  
# carriage returns in a comment
SELECT 1 AS one -- one
/* two /* nested */ */
# empty
;
# only a comment
-- nothing
# all built-in types
SELECT * FROM everything
# arrays of built-in types
SELECT ARRAY[a_bool] AS a, ARRAY[a_bytea] AS b, ARRAY[a_char] AS c, ARRAY[a_name] AS d, ARRAY[a_int8] AS e, ARRAY[a_int2] AS f, ARRAY[a_int4] AS g, ARRAY[a_text] AS h, ARRAY[a_oid] AS i, ARRAY[a_json] AS j, ARRAY[a_point] AS k, ARRAY[a_lseg] AS l, ARRAY[a_path] AS m, ARRAY[a_box] AS n, ARRAY[a_polygon] AS o, ARRAY[a_line] AS p, ARRAY[a_cidr] AS q, ARRAY[a_float4] AS r, ARRAY[a_float8] AS s, ARRAY[a_circle] AS t, ARRAY[a_macaddr8] AS u, ARRAY[a_macaddr] AS v, ARRAY[a_inet] AS w, ARRAY[a_bpchar] AS x, ARRAY[a_varchar] AS y FROM everything
# more arrays of built-in types
SELECT ARRAY[a_date] AS a, ARRAY[a_time] AS b, ARRAY[a_timestamp] AS c, ARRAY[a_timestamptz] AS d, ARRAY[a_interval] AS e, ARRAY[a_timetz] AS f, ARRAY[a_bit] AS g, ARRAY[a_varbit] AS h, ARRAY[a_numeric] AS i, ARRAY[a_uuid] AS j, ARRAY[a_jsonb] AS k, ARRAY[a_int4range] AS l, ARRAY[a_numrange] AS m, ARRAY[a_tsrange] AS n, ARRAY[a_tstzrange] AS o, ARRAY[a_daterange] AS p, ARRAY[a_int8range] AS q, ARRAY[a_jsonpath] AS r, ARRAY[a_money] AS s, ARRAY[a_xml] AS t, ARRAY[a_tsvector] AS u, ARRAY[a_tsquery] AS v, ARRAY[a_lsn] AS w FROM everything
# parameters of built-in types
INSERT INTO everything (a_bool, a_bytea, a_char, a_name, a_int8, a_int2, a_json, a_point, a_cidr, a_bpchar, a_varchar, a_date, a_timestamptz, a_interval, a_bit, a_numeric, a_uuid, a_jsonb, a_int4range, a_jsonpath, a_money, a_xml, a_tsvector, a_lsn) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
# types of the catalogue
SELECT 'pg_class'::regclass AS a, 'int4'::regtype AS b, '1'::xid AS c, '1'::cid AS d, '(0,1)'::tid AS e, '1'::xid8 AS f, 'x'::refcursor AS g, '1 2'::int2vector AS h, '1 2'::oidvector AS i, 'now'::regproc AS j, 'public'::regnamespace AS k, '10:20:'::pg_snapshot AS l
# arrays of types of the catalogue
SELECT ARRAY['pg_class'::regclass] AS a, ARRAY['1 2'::int2vector] AS b, ARRAY['1 2'::oidvector] AS c
# an access privilege
SELECT relacl FROM pg_class
# an expression's tree
SELECT adbin FROM pg_attrdef
# the statistics' pseudo array
SELECT most_common_vals FROM pg_stats
# record
SELECT ROW(1, 'x') AS r
# record array
SELECT ARRAY[ROW(1, 2)] AS r
# unknown
SELECT 'x'::unknown AS u
# null
SELECT NULL AS n
# cstring
SELECT textout('x') AS c
# void
SELECT pg_sleep(0)
# void function of plpgsql
SELECT nothing_at_all()
# void beside another column
SELECT nothing_at_all() AS v, 1 AS one
# enum
SELECT mood FROM kinds
# enum with odd labels
SELECT odd FROM kinds
# enum without labels
SELECT none FROM kinds
# enum outside the search path
SELECT level FROM kinds
# enum of a quoted name
SELECT quoted FROM kinds
# enum that grew
SELECT NULL::grown AS g
# enum literal
SELECT 'ok'::mood AS feels
# array of enums
SELECT mood_list FROM kinds
# array of enums outside the search path
SELECT level_list FROM kinds
# enum parameter
SELECT id FROM kinds WHERE mood = $1
# enum array parameter
SELECT id FROM kinds WHERE mood = ANY ($1)
# quoted enum parameter
SELECT id FROM kinds WHERE quoted = $1
# domain column
SELECT positive FROM kinds
# domain of a domain column
SELECT small FROM kinds
# domain column that is not null by its type alone
SELECT required FROM kinds
# text domain columns
SELECT short, zip FROM kinds
# enum domain column
SELECT mood_domain FROM kinds
# array domain columns
SELECT numbers, moods FROM kinds
# composite domain column
SELECT address_domain FROM kinds
# array of domains
SELECT positive_list FROM kinds
# cast to a domain
SELECT 5::positive AS five
# domain parameter by cast
SELECT $1::positive AS five
# domain parameter by insert
INSERT INTO kinds (id, positive, small, zip, mood_domain, numbers, moods, address_domain, short) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
# domain parameter by comparison
SELECT id FROM kinds WHERE positive = $1
# domain outside the search path as parameter
UPDATE kinds SET zip = $1 WHERE id = $2
# not null domain parameter without columns
INSERT INTO kinds (id, required) VALUES ($1, $2)
# not null domain parameter with columns
SELECT $1::required AS r
# not null domain parameter of a function
SELECT takes_required($1) AS n
# not null domain parameter with returning
INSERT INTO kinds (id, required) VALUES ($1, $2) RETURNING id
# composite
SELECT address FROM kinds
# nested composite
SELECT person FROM kinds
# composite with dropped attributes
SELECT emptied FROM kinds
# composite without attributes
SELECT nothing FROM kinds
# composite whose parts share types
SELECT pair FROM kinds
# array of composites
SELECT address_list FROM kinds
# composite parameter
UPDATE kinds SET address = $1, person = $2
# composite array parameter
UPDATE kinds SET address_list = $1
# part of a composite
SELECT (address).street AS street, (person).home AS home, ((person).home).zip AS zip FROM kinds
# a composite's parts spread
SELECT (address).* FROM kinds
# a table's row
SELECT customers FROM customers
# a quoted table's row
SELECT t FROM "Odd Schema"."Odd Table" t
# the row of a table without columns
SELECT empty_table FROM empty_table
# a view's row
SELECT totals FROM totals
# range
SELECT span FROM kinds
# range of an enum, range outside the search path
SELECT mood_span, day_span FROM kinds
# array of ranges
SELECT span_list FROM kinds
# range parameter
SELECT id FROM kinds WHERE span @> $1::float8 AND day_span = $2
# composite of ranges
SELECT ranged FROM kinds
# built-in multirange
SELECT built_in FROM multiranges
# multirange of one's own
SELECT own FROM multiranges
# multirange parameter
INSERT INTO multiranges (built_in) VALUES ($1)
# beside a multirange
SELECT id FROM multiranges
# array of multiranges
SELECT ARRAY[built_in] AS list FROM multiranges
# citext, hstore
SELECT email, attributes FROM customers
# ltree outside the search path
SELECT path FROM kinds
# array of an extension's type
SELECT citext_list FROM kinds
# extension types as parameters
UPDATE customers SET email = $1, attributes = $2 WHERE email = ANY ($3)
# two composites that need the same types | uncertain 0.9.0: the first one's resolution is lost
SELECT ROW(NULL, NULL)::two_moods AS a, ROW(NULL, NULL)::also_two_moods AS b
# a composite and an array of what it needs | uncertain 0.9.0
SELECT ROW(NULL, NULL)::two_moods AS a, NULL::mood[] AS b
# a composite and an enum that it needs
SELECT ROW(NULL, NULL)::two_moods AS a, NULL::mood AS b
# two composites that need one type
SELECT ROW(NULL)::one_mood AS a, NULL::mood[] AS b
# all kinds of types at once | uncertain 0.9.0
SELECT * FROM kinds
# not null, nullable
SELECT id, name, email, feels, maybe FROM customers
# asterisk
SELECT * FROM customers
# asterisk of one of two tables
SELECT c.*, o.id AS order_id FROM customers c JOIN orders o ON o.customer_id = c.id
# quoted names
SELECT "camelCase", "select" AS "select!", "Odd Column" FROM customers, "Odd Schema"."Odd Table"
# odd column names
SELECT "quo""te" AS quote, "dot.ted" AS "dot" FROM "Odd Schema"."Odd Table"
# overrides in names
SELECT id AS "id!", name AS "name?", feels AS "feels: Mood", maybe AS "maybe!: Mood", email AS "email: _" FROM customers
# the same column twice
SELECT id AS a, id AS b FROM customers
# system columns
SELECT ctid, xmin, xmax, cmin, cmax, tableoid FROM customers
# system columns of a partitioned table
SELECT tableoid, kind FROM events
# generated column, identity
SELECT id, doubled FROM orders
# expression of a not null column
SELECT id + 1 AS next FROM customers
# cast of a not null column
SELECT id::int AS id, name::text AS name FROM customers
# count, sum
SELECT count(*) AS n, sum(total) AS total FROM orders
# group by
SELECT customer_id, max(total) AS most FROM orders GROUP BY customer_id HAVING count(*) > $1
# grouping sets
SELECT customer_id, placed, count(*) AS n FROM orders GROUP BY GROUPING SETS ((customer_id), (placed), ())
# window
SELECT id, row_number() OVER (PARTITION BY customer_id ORDER BY placed) AS n FROM orders
# distinct on
SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id, placed DESC
# order, limit, offset by parameters
SELECT id FROM orders ORDER BY placed LIMIT $1 OFFSET $2
# for update
SELECT id, name FROM customers FOR UPDATE SKIP LOCKED
# a view's columns
SELECT id, name FROM names
# a view with an outer join
SELECT id, name, total FROM joined
# an aggregating view
SELECT * FROM totals
# a materialised view
SELECT * FROM kept
# a table left joined to a view
SELECT o.id, n.name FROM orders o LEFT JOIN names n ON n.id = o.customer_id
# a table in another schema
SELECT * FROM other.things
# a partitioned table
SELECT * FROM events
# a partition
SELECT * FROM events_2023
# a left join to a partitioned table
SELECT c.id, e.kind FROM customers c LEFT JOIN events e ON e.kind = c.name
# a left join from a partitioned table
SELECT c.id, c.name, e.kind FROM events e LEFT JOIN customers c ON e.kind = c.name
# partitions that are pruned
SELECT c.id, e.kind FROM customers c LEFT JOIN events e ON e.kind = c.name AND e.at < '2020-01-01'
# inherited columns
SELECT * FROM dogs
# a parent with children
SELECT * FROM animals
# only the parent
SELECT a.id, d.barks FROM ONLY animals a LEFT JOIN dogs d USING (id)
# a table without columns
SELECT * FROM empty_table
# the catalogue
SELECT relname, relkind FROM pg_catalog.pg_class WHERE oid = $1
# the information schema
SELECT table_name, is_nullable FROM information_schema.columns
# inner join
SELECT c.name, o.total FROM customers c JOIN orders o ON o.customer_id = c.id
# left join
SELECT c.name, o.id, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
# right join
SELECT c.name, o.id, o.total FROM customers c RIGHT JOIN orders o ON o.customer_id = c.id
# full join
SELECT c.name, o.id, o.total FROM customers c FULL JOIN orders o ON o.customer_id = c.id
# cross join
SELECT c.name, o.id FROM customers c CROSS JOIN orders o
# natural join
SELECT * FROM animals NATURAL LEFT JOIN dogs
# using
SELECT id, a.name, d.barks FROM animals a FULL JOIN dogs d USING (id)
# self join
SELECT o.id, p.id AS parent, p.total FROM orders o LEFT JOIN orders p ON p.id = o.parent_id
# two left joins in a row
SELECT c.name, o.total, i.product FROM customers c LEFT JOIN orders o ON o.customer_id = c.id LEFT JOIN items i ON i.order_id = o.id
# left join to a joined pair
SELECT c.name, o.total, i.product FROM customers c LEFT JOIN (orders o JOIN items i ON i.order_id = o.id) ON o.customer_id = c.id
# inner join after a left join
SELECT c.name, o.total, i.product FROM customers c LEFT JOIN orders o ON o.customer_id = c.id JOIN items i ON i.number = c.id
# inner join that makes the left join strict
SELECT c.name, o.total, i.product FROM customers c LEFT JOIN orders o ON o.customer_id = c.id JOIN items i ON i.order_id = o.id
# condition that makes the left join strict
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total > 5
# condition that makes it an anti join
SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL
# left join below a right join
SELECT c.name, o.total, i.product FROM customers c LEFT JOIN orders o ON o.customer_id = c.id RIGHT JOIN items i ON i.order_id = o.id
# full join below a left join
SELECT c.name, o.total, i.product FROM customers c FULL JOIN orders o ON o.customer_id = c.id LEFT JOIN items i ON i.order_id = o.id
# full joins nested
SELECT c.name, o.total, i.product FROM customers c FULL JOIN orders o ON o.customer_id = c.id FULL JOIN items i ON i.order_id = o.id
# left join ordered
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id ORDER BY c.name
# left join limited
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id LIMIT 10
# left join grouped
SELECT c.id, c.name, count(o.id) AS n, max(o.placed) AS last FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id
# left join with an expression
SELECT c.name || '!' AS name, o.total + 1 AS total, coalesce(o.note, 'none') AS note FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
# left join with a constant on the inner side
SELECT c.name, s.one FROM customers c LEFT JOIN (SELECT 1 AS one, customer_id FROM orders) s ON s.customer_id = c.id
# left join with equal columns
SELECT o.total AS a, o.total AS b, c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
# left join to an aggregate
SELECT c.name, s.total FROM customers c LEFT JOIN (SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id) s ON s.customer_id = c.id
# left join to values
SELECT c.name, v.b FROM customers c LEFT JOIN (VALUES (1, 'x'), (2, 'y')) v (a, b) ON v.a = c.id
# left join to a function
SELECT c.name, p.a, p.b FROM customers c LEFT JOIN pairs(3) p ON p.a = c.id
# left join to a set of rows
SELECT c.name, d.id, d.name AS other FROM customers c LEFT JOIN customers_of(3) d ON d.id = c.id
# left join on false
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON false
# left join on true
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON true
# left join that is not needed
SELECT c.name FROM customers c LEFT JOIN orders o ON o.id = c.id
# lateral left join
SELECT c.name, l.total FROM customers c LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id ORDER BY placed DESC LIMIT 1) l ON true
# lateral cross join
SELECT c.name, l.total FROM customers c CROSS JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id LIMIT 1) l
# unnest with left join
SELECT c.name, t AS tag FROM customers c LEFT JOIN LATERAL unnest(c.tags) t ON true
# left join in a subquery
SELECT s.name, s.total FROM (SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id) s
# left join in a fenced subquery
SELECT s.name, s.total FROM (SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id OFFSET 0) s
# exists
SELECT c.name FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)
# not exists
SELECT c.name FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)
# in a subquery
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE total > $1)
# scalar subquery
SELECT name, (SELECT max(total) FROM orders o WHERE o.customer_id = c.id) AS most FROM customers c
# array subquery
SELECT name, ARRAY(SELECT id FROM orders o WHERE o.customer_id = c.id) AS orders FROM customers c
# subquery in a condition of a left join
SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > (SELECT avg(total) FROM orders)
# parameter against the key
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id = $1
# parameter against the joined table
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.id = $1
# optional parameter
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE $1::bigint IS NULL OR c.id = $1
# parameter in coalesce
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id = coalesce($1, c.id)
# parameter as limit of a left join
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id LIMIT $1
# parameter beside a right join
SELECT c.name, o.total FROM customers c RIGHT JOIN orders o ON o.customer_id = c.id WHERE o.id = $1
# parameter beside a full join
SELECT c.name, o.total FROM customers c FULL JOIN orders o ON o.customer_id = c.id WHERE o.id = $1 OR c.id = $2
# array parameter
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id = ANY ($1)
# pattern parameter
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.name LIKE $1 || '%'
# parameter as output
SELECT $1::int AS given, c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.id = $1
# parameter as case
SELECT CASE WHEN $1 THEN c.name ELSE o.note END AS which FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
# parameter in a lateral join
SELECT c.name, l.total FROM customers c LEFT JOIN LATERAL (SELECT total FROM orders o WHERE o.customer_id = c.id AND o.total > $1 LIMIT 1) l ON true
# parameter is false
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE $1
# parameter is distinct
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE c.id IS NOT DISTINCT FROM $1
# parameters of partitions
SELECT c.name, e.kind FROM customers c LEFT JOIN events e ON e.kind = c.name AND e.at = $1
# a parameter twice
SELECT id FROM orders WHERE total > $1 OR doubled > $1
# parameters out of order
SELECT id FROM orders WHERE note = $2 AND id = $1
# parameter without a type
SELECT $1 AS given
# interval arithmetic with a parameter
SELECT now() - $1::interval AS since
# make an array of parameters
SELECT ARRAY[$1, $2]::int[] AS list
# unnest parameters
SELECT * FROM unnest($1::int[], $2::text[]) AS t (a, b)
# json parameters
SELECT payload ->> $1 AS value, payload @> $2 AS has FROM events
# record from json
SELECT * FROM jsonb_to_recordset($1) AS t (a int, b text)
# set-returning functions
SELECT generate_series(1, $1) AS n, unnest(ARRAY['a', 'b']) AS letter
# ordinality
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS t (letter, n)
# function of SQL
SELECT add(1, $1) AS sum, feeling($2) AS feels
# rows of a function
SELECT * FROM customers_of($1)
# table sample
SELECT id FROM orders TABLESAMPLE bernoulli ($1)
# cte
WITH big AS (SELECT id, total FROM orders WHERE total > $1) SELECT id, total FROM big
# materialised cte with a left join
WITH big AS MATERIALIZED (SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id) SELECT name, total FROM big
# left join to a materialised cte
WITH big AS MATERIALIZED (SELECT customer_id, total FROM orders) SELECT c.name, b.total FROM customers c LEFT JOIN big b ON b.customer_id = c.id
# recursive cte
WITH RECURSIVE up AS (SELECT id, parent_id FROM orders WHERE id = $1 UNION ALL SELECT o.id, o.parent_id FROM orders o JOIN up ON up.parent_id = o.id) SELECT id, parent_id FROM up
# modifying cte
WITH gone AS (DELETE FROM items WHERE order_id = $1 RETURNING product, weight) SELECT product, weight FROM gone
# modifying cte with a left join
WITH made AS (INSERT INTO orders (customer_id, total) VALUES ($1, $2) RETURNING id, customer_id) SELECT m.id, c.name FROM made m LEFT JOIN customers c ON c.id = m.customer_id
# union
SELECT id, name FROM customers UNION SELECT id, note FROM orders
# union all with left joins
SELECT c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id UNION ALL SELECT 'x', 1
# intersect, except
SELECT id FROM customers INTERSECT SELECT customer_id FROM orders EXCEPT SELECT 1
# values
VALUES (1, 'x'), (2, NULL)
# table command
TABLE other.things
# insert
INSERT INTO orders (customer_id, total, note) VALUES ($1, $2, $3)
# insert returning
INSERT INTO orders (customer_id, total) VALUES ($1, $2) RETURNING id, note, placed, total * 2 AS double
# insert returning everything
INSERT INTO customers (name, "camelCase") VALUES ($1, $2) RETURNING *
# insert from a select with a left join
INSERT INTO orders (customer_id, total) SELECT c.id, coalesce(o.total, 0) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id RETURNING id, note
# insert default values
INSERT INTO tree DEFAULT VALUES
# upsert
INSERT INTO items (order_id, number, product, amount) VALUES ($1, $2, $3, $4) ON CONFLICT (order_id, number) DO UPDATE SET product = excluded.product, weight = $5 RETURNING product, weight, xmax = 0 AS "inserted!"
# upsert that does nothing
INSERT INTO other.things (id, level) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id
# insert from unnest
INSERT INTO items (order_id, number, product, amount) SELECT * FROM unnest($1::int[], $2::int2[], $3::text[], $4::int[])
# insert into a partitioned table
INSERT INTO events (at, kind) VALUES ($1, $2) RETURNING at, payload
# insert into a view
INSERT INTO names (name) VALUES ($1) RETURNING id
# insert that a rule silences
INSERT INTO silent VALUES (1)
# update
UPDATE orders SET total = $1, note = $2 WHERE id = $3
# update returning
UPDATE customers SET feels = $1 WHERE id = $2 RETURNING id, feels, maybe
# update from a left join
UPDATE orders SET note = s.name FROM (SELECT c.id, d.name FROM customers c LEFT JOIN customers d ON d.email = c.email) s WHERE s.id = orders.customer_id RETURNING orders.id, s.name
# update of an array's element
UPDATE customers SET tags[$1] = $2
# update of a composite's part
UPDATE kinds SET address.street = $1
# delete
DELETE FROM items WHERE order_id = $1
# delete using
DELETE FROM items i USING orders o WHERE o.id = i.order_id AND o.note = $1 RETURNING i.product, o.note
# merge
MERGE INTO other.things t USING (VALUES ($1::int, $2::text)) s (id, name) ON s.id = t.id WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name, level) VALUES (s.id, s.name, 'low')
# call with an output
CALL step($1, $2)
# show
SHOW server_version
# explain
EXPLAIN SELECT 1
# set
SET search_path TO other
# transaction
BEGIN
# listen, notify
LISTEN channel
# create a table
CREATE TABLE made (id int)
# create a table of a select
CREATE TABLE made AS SELECT 1 AS one
# truncate
TRUNCATE items
# copy
COPY items TO STDOUT
# do
DO $$ BEGIN END $$
# declare a cursor
DECLARE c CURSOR FOR SELECT 1
# advisory lock
SELECT pg_advisory_xact_lock($1)
# next value
SELECT nextval('counter') AS n
# a function that fails when it is folded
SELECT fails() AS f
# the user, the time
SELECT current_user AS u, now() AS t, current_date AS d, session_user AS s
# collation, time zone
SELECT name COLLATE "C" AS name, created AT TIME ZONE 'Europe/Berlin' AS created FROM customers
# full text
SELECT name, ts_rank(to_tsvector('english', name), query) AS rank FROM customers, plainto_tsquery($1) query WHERE to_tsvector('english', name) @@ query
# aggregates with filters and orders
SELECT string_agg(name, ',' ORDER BY id) FILTER (WHERE feels = 'ok') AS names, array_agg(feels) AS moods, jsonb_agg(customers) AS rows FROM customers
# ordered-set aggregate
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) AS median FROM orders
# case, nullif, greatest
SELECT CASE WHEN id > 5 THEN 'a' END AS c, nullif(name, 'x') AS n, greatest(id, 1) AS g FROM customers
# row comparison
SELECT id FROM orders WHERE (placed, id) > ($1, $2)
# is json, boolean tests
SELECT id IS NOT NULL AS there, email IS NULL AS gone FROM customers
# a long list
SELECT id FROM orders WHERE id IN (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30)
# a name longer than the server keeps
SELECT 1 AS a_name_that_is_very_much_longer_than_the_sixty_three_bytes_which_the_server_keeps
# syntax error
SELEC 1
# unfinished
SELECT 'x
# unknown column
SELECT no_such_column FROM customers
# unknown table
SELECT 1 FROM no_such_table
# unknown type
SELECT 'x'::no_such_type AS x
# unknown function
SELECT no_such_function(1) AS x
# ambiguous column
SELECT id FROM customers, orders
# two statements
SELECT 1 AS one; SELECT 2 AS two
# a parameter left out
SELECT $2::int AS two
# parameter zero
SELECT $0 AS zero
# parameter of two types
SELECT $1::int AS a, $1::text AS b
# parameter of conflicting types
SELECT id FROM orders WHERE id = $1 AND note = $1
# division by zero in a constant
SELECT 1 / 0 AS x
# literal that does not fit
SELECT 'x'::int AS n
# literal that is no label
SELECT 'none'::mood AS m
# question marks for parameters
SELECT id FROM orders WHERE id = ?
# insert of too many values
INSERT INTO other.things (id) VALUES (1, 2)
# aggregate in a condition
SELECT id FROM orders WHERE sum(total) > 1
# column not grouped
SELECT name, count(*) AS n FROM customers
# a type outside the search path, unqualified
SELECT 'low'::level AS l
