CREATE TYPE order_status AS ENUM ('draft', 'placed', 'shipped', 'cancelled');

CREATE TYPE address AS (
    street  text,
    city    text,
    country text
);

CREATE DOMAIN email AS text CHECK (VALUE LIKE '%_@_%');

CREATE TABLE customers (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text        NOT NULL,
    email      email       NOT NULL UNIQUE,
    address    address,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE products (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku         text    NOT NULL UNIQUE,
    name        text    NOT NULL,
    price_cents integer NOT NULL CHECK (price_cents >= 0),
    labels      text[]  NOT NULL DEFAULT '{}',
    details     jsonb
);

CREATE TABLE orders (
    id          uuid         PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id uuid         NOT NULL REFERENCES customers (id),
    status      order_status NOT NULL DEFAULT 'draft',
    placed_at   timestamptz,
    deliver_on  date
);

CREATE TABLE order_lines (
    order_id   uuid     NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    product_id bigint   NOT NULL REFERENCES products (id),
    quantity   smallint NOT NULL DEFAULT 1 CHECK (quantity > 0),
    PRIMARY KEY (order_id, product_id)
);
