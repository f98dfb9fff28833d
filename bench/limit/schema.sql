-- The limit: what a careful team writes by hand for the facts of one pushed order, and nothing else.
-- It has the indexes without which such a service cannot answer (an order by its number, a customer by phone,
-- a customer's orders, what changed since, an order's history): fewer than Orderdock's own tables.
-- Where two choices are common, the cheaper one stands here, so that the limit does not flatter Orderdock:
-- no foreign keys, history as plain text, one phone and one e-mail a customer, found by phone alone.

CREATE TABLE customer (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    phone text,
    email text,
    address text,
    zip_code text,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX customer_phone ON customer (account_id, phone);

CREATE TABLE enquiry (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    customer_id bigint NOT NULL,
    status text NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id)
);

CREATE TABLE orders (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    erp_order_id text NOT NULL,
    customer_id bigint NOT NULL,
    enquiry_id bigint NOT NULL,
    revision integer NOT NULL,
    status text NOT NULL,
    type text,
    create_date timestamptz NOT NULL,
    payment_mode text,
    contact_name text,
    contact_phone text,
    contact_email text,
    contact_address text,
    contact_zip text,
    grand_total numeric(19, 4) NOT NULL,
    product_value numeric(19, 4) NOT NULL,
    product_quantity numeric(19, 4) NOT NULL,
    creator_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    modified_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, erp_order_id)
);
CREATE INDEX orders_customer ON orders (account_id, customer_id);
CREATE INDEX orders_modified ON orders (account_id, modified_at, id);

CREATE TABLE order_line (
    account_id bigint NOT NULL,
    order_id bigint NOT NULL,
    line_no integer NOT NULL,
    sku text,
    name text,
    rate numeric(19, 4) NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    discount numeric(19, 4) NOT NULL,
    value numeric(19, 4) NOT NULL,
    PRIMARY KEY (account_id, order_id, line_no)
);

CREATE TABLE history (
    account_id bigint NOT NULL,
    id bigint GENERATED ALWAYS AS IDENTITY,
    order_id bigint NOT NULL,
    at timestamptz NOT NULL,
    action text NOT NULL,
    actor_id bigint NOT NULL,
    request_id text NOT NULL,
    changes text NOT NULL,
    PRIMARY KEY (account_id, id)
);
CREATE INDEX history_order ON history (account_id, order_id);

-- The customers that 70 % of the orders come from, as the benchmark's requests name them.
INSERT INTO customer (account_id, name, phone, email, address, zip_code, created_at, modified_at)
SELECT 1, 'Customer ' || n, (9800000000 + n)::text, 'c' || n || '@example.com', '12 Lake View Road, Bengaluru',
    '560001', now(), now()
FROM generate_series(1, 20000) AS n;
