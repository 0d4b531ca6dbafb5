CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT UNIQUE COLLATE NOCASE,
    country VARCHAR(2) NOT NULL DEFAULT 'xx',
    active BOOLEAN NOT NULL DEFAULT TRUE,
    since DATE NOT NULL,
    seen DATETIME,
    wakes TIME,
    score REAL,
    rank INT4 NOT NULL DEFAULT 0,
    photo BLOB,
    referrer INTEGER REFERENCES customer (id)
);
CREATE INDEX customer_country ON customer (country, name);
CREATE INDEX customer_active ON customer (name) WHERE active;
CREATE INDEX customer_lower ON customer (lower(name));

CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sku TEXT NOT NULL UNIQUE,
    price NUMERIC NOT NULL,
    weight DOUBLE PRECISION,
    stock BIGINT NOT NULL CHECK (stock >= 0),
    attributes JSON NOT NULL DEFAULT '{}',
    tags TEXT
);

CREATE TABLE purchase (
    id INTEGER NOT NULL PRIMARY KEY,
    customer_id INTEGER NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    placed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    note TEXT,
    total INT8 NOT NULL DEFAULT 0
);
CREATE INDEX purchase_customer ON purchase (customer_id, placed DESC);

CREATE TABLE line (
    purchase_id INTEGER NOT NULL REFERENCES purchase (id),
    item_id INTEGER NOT NULL REFERENCES item (id),
    quantity INTEGER NOT NULL,
    discount FLOAT,
    cost REAL GENERATED ALWAYS AS (quantity * 1.5) VIRTUAL,
    cost_kept REAL NOT NULL GENERATED ALWAYS AS (quantity * 2.5) STORED,
    label TEXT AS (quantity || ' pieces'),
    PRIMARY KEY (purchase_id, item_id)
) WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value ANY,
    changed INTEGER NOT NULL,
    raw BLOB,
    amount REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE reading (
    place TEXT NOT NULL,
    at INTEGER NOT NULL,
    value ANY,
    PRIMARY KEY (place, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE loose (a, b, c NOT NULL, d DEFAULT 5);
CREATE INDEX loose_a ON loose (a);

CREATE TABLE odd (
    "select" TEXT,
    "with space" INTEGER NOT NULL,
    geo POINT,
    money DECIMAL(10, 2) NOT NULL,
    tiny TINYINT(1),
    unsigned_big UNSIGNED BIG INT NOT NULL,
    text_int "TEXT INT",
    clob CLOB NOT NULL,
    xint XINT,
    fl "FLOATING POINT",
    nchar "NATIVE CHARACTER(70)" NOT NULL,
    lower_bool bool NOT NULL,
    ts timestamp,
    uuid UUID NOT NULL,
    blobby "my blob" NOT NULL,
    doub "DOUBTFUL",
    strange "UNKNOWN"
);

CREATE TABLE alias (
    ident INTEGER PRIMARY KEY DESC,
    word TEXT
);

CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    parent INTEGER REFERENCES node (id),
    name TEXT NOT NULL
);

CREATE TABLE pair (l INTEGER NOT NULL, r INTEGER NOT NULL, UNIQUE (l, r));

CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT NOT NULL, at DATETIME DEFAULT CURRENT_TIMESTAMP);
CREATE TRIGGER customer_audit AFTER UPDATE ON customer BEGIN
    INSERT INTO audit (what) VALUES ('changed ' || new.name);
END;

CREATE VIEW regular AS SELECT id, name, email FROM customer WHERE active;
CREATE VIEW spending AS
    SELECT c.id AS customer_id, c.name, count(p.id) AS purchases, sum(p.total) AS spent, max(p.placed) AS last
    FROM customer c LEFT JOIN purchase p ON p.customer_id = c.id GROUP BY c.id;
CREATE VIEW renamed (one, two) AS SELECT sku, price * 2 FROM item;
CREATE VIEW both_names AS SELECT name FROM customer UNION ALL SELECT sku FROM item;
CREATE TRIGGER regular_insert INSTEAD OF INSERT ON regular BEGIN
    INSERT INTO customer (name, email, since) VALUES (new.name, new.email, '2020-01-01');
END;

CREATE VIRTUAL TABLE page USING fts5 (title, body);
CREATE VIRTUAL TABLE area USING rtree (id, x0, x1, y0, y1);

CREATE TABLE empty_type (x "");
