CREATE SCHEMA other;
CREATE SCHEMA "Odd Schema";
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree SCHEMA other;

-- Types of every kind.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE grown AS ENUM ('b', 'd');
ALTER TYPE grown ADD VALUE 'a' BEFORE 'b';
ALTER TYPE grown ADD VALUE 'c' AFTER 'b';
CREATE TYPE odd_labels AS ENUM ('it''s', '"quoted"', 'back\slash', E'tab\t', E'line\nbreak', 'ünï 😀', '<&>', '');
CREATE TYPE no_labels AS ENUM ();
CREATE TYPE other.level AS ENUM ('low', 'high');
CREATE TYPE "Odd Schema"."Odd ""Type""" AS ENUM ('a');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive CHECK (VALUE < 100);
CREATE DOMAIN required AS text NOT NULL;
CREATE DOMAIN short AS varchar(10) DEFAULT 'x';
CREATE DOMAIN mood_domain AS mood;
CREATE DOMAIN numbers AS int[];
CREATE DOMAIN moods AS mood[];
CREATE DOMAIN other.zip AS text CHECK (VALUE ~ '^[0-9]+$');
CREATE TYPE address AS (street text, zip other.zip, "Floor No" int);
CREATE TYPE person AS (name text, home address, moods mood[], work address[], age positive);
CREATE TYPE emptied AS (gone int, stays text, also_gone mood);
ALTER TYPE emptied DROP ATTRIBUTE gone, DROP ATTRIBUTE also_gone;
CREATE TYPE nothing AS ();
CREATE DOMAIN address_domain AS address;
CREATE TYPE other.inner_pair AS (a int, b other.level);
CREATE TYPE outer_pair AS (first other.inner_pair, second other.inner_pair, level other.level);
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = spans);
CREATE TYPE mood_span AS RANGE (subtype = mood);
CREATE TYPE other.day_span AS RANGE (subtype = date);
CREATE TYPE ranged AS (during tstzrange, spans span[], one span);
CREATE TYPE one_mood AS (feels mood);
CREATE TYPE two_moods AS (feels mood, level other.level);
CREATE TYPE also_two_moods AS (feels mood, level other.level);

-- Tables.
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  dropped int,
  email citext UNIQUE,
  feels mood NOT NULL DEFAULT 'ok',
  maybe mood,
  home address,
  "camelCase" text NOT NULL,
  "select" int,
  tags text[] NOT NULL DEFAULT '{}',
  attributes hstore,
  created timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE customers DROP COLUMN dropped;
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  parent_id int REFERENCES orders,
  total numeric(10, 2) NOT NULL,
  note text,
  placed date NOT NULL DEFAULT current_date,
  doubled numeric GENERATED ALWAYS AS (total * 2) STORED
);
CREATE INDEX ON orders (customer_id);
CREATE TABLE items (
  order_id int NOT NULL REFERENCES orders,
  number smallint NOT NULL,
  product text NOT NULL,
  amount positive NOT NULL,
  weight real,
  PRIMARY KEY (order_id, number)
);
CREATE TABLE everything (
  a_bool bool NOT NULL, a_bytea bytea, a_char "char", a_name name, a_int8 int8, a_int2 int2, a_int4 int4, a_text text,
  a_oid oid, a_json json, a_point point, a_lseg lseg, a_path path, a_box box, a_polygon polygon, a_line line, a_cidr cidr,
  a_float4 float4, a_float8 float8, a_circle circle, a_macaddr8 macaddr8, a_macaddr macaddr, a_inet inet, a_bpchar char(3),
  a_varchar varchar(5), a_date date, a_time time, a_timestamp timestamp, a_timestamptz timestamptz, a_interval interval,
  a_timetz timetz, a_bit bit(3), a_varbit varbit, a_numeric numeric, a_uuid uuid, a_jsonb jsonb, a_int4range int4range,
  a_numrange numrange, a_tsrange tsrange, a_tstzrange tstzrange, a_daterange daterange, a_int8range int8range,
  a_jsonpath jsonpath, a_money money, a_xml xml, a_tsvector tsvector, a_tsquery tsquery, a_lsn pg_lsn
);
CREATE TABLE kinds (
  id int PRIMARY KEY,
  mood mood NOT NULL, odd odd_labels, none no_labels, level other.level, quoted "Odd Schema"."Odd ""Type""",
  positive positive, small small_positive NOT NULL, required required, short short, mood_domain mood_domain, numbers numbers,
  moods moods, zip other.zip, address address, person person, emptied emptied, nothing nothing, address_domain address_domain,
  pair outer_pair, span span, mood_span mood_span, day_span other.day_span, ranged ranged,
  mood_list mood[] NOT NULL, positive_list positive[], address_list address[], span_list span[], level_list other.level[],
  citext_list citext[], path other.ltree
);
CREATE TABLE multiranges (id int, built_in int4multirange, own spans);
CREATE TABLE tree (id int NOT NULL, parent int);
CREATE TABLE other.things (id int PRIMARY KEY, name text, level other.level NOT NULL);
CREATE TABLE "Odd Schema"."Odd Table" ("Odd Column" int NOT NULL, "quo""te" text, "dot.ted" text);
CREATE TABLE events (at timestamptz NOT NULL, kind text NOT NULL, payload jsonb) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE animals (id int NOT NULL, name text NOT NULL);
CREATE TABLE dogs (barks bool NOT NULL) INHERITS (animals);
CREATE TABLE empty_table ();

-- Views, functions, rules.
CREATE VIEW names AS SELECT id, name FROM customers;
CREATE VIEW totals AS SELECT c.id, c.name, sum(o.total) AS total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id;
CREATE VIEW joined AS SELECT c.id, c.name, o.total FROM customers c LEFT JOIN orders o ON o.customer_id = c.id;
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM customers;
CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE RETURN a + b;
CREATE FUNCTION pairs(n int) RETURNS TABLE (a int, b text) LANGUAGE sql STABLE AS 'SELECT n, ''x''::text';
CREATE FUNCTION customers_of(n int) RETURNS SETOF customers LANGUAGE sql STABLE AS 'SELECT * FROM customers LIMIT n';
CREATE FUNCTION nothing_at_all() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION feeling(mood) RETURNS mood LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION takes_required(required) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fails() RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RAISE EXCEPTION ''never fold me''; END';
CREATE PROCEDURE step(n int, INOUT result int) LANGUAGE plpgsql AS 'BEGIN result := n; END';
CREATE VIEW silent AS SELECT 1 AS one;
CREATE RULE silence AS ON INSERT TO silent DO INSTEAD NOTHING;
CREATE SEQUENCE counter;
