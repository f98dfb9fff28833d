-- Fills the tables of models.py: {customers} customers, named as load/orders.lua names them, and {orders} orders with two
-- lines each, one every {spacing} ms from {start} on, as bench/loader.py makes them for Orderdock.
INSERT INTO customer (account_id, name, phone, email, address, zip_code, created_at, modified_at)
SELECT 1, 'Customer ' || n, (9800000000 + n)::text, 'c' || n || '@example.com', '12 Lake View Road, Bengaluru',
    '560001', now(), now()
FROM generate_series(1, {customers}) AS n;

INSERT INTO enquiry (account_id, customer_id, status, created_at)
SELECT 1, 1 + n::bigint * 7919 % {customers}, 'N', now() FROM generate_series(0, {orders} - 1) AS n;

INSERT INTO orders (account_id, erp_order_id, customer_id, enquiry_id, status, type, create_date, payment_mode,
    name, phone, email, address, zip_code, grand_total, product_value, product_quantity, created_at, modified_at)
SELECT 1, 'LOADED-' || n, c, n + 1, 'AP', 'web', to_timestamp(({start} + n::bigint * {spacing}) / 1000.0), 'cash',
    'Customer ' || c, (9800000000 + c)::text, 'c' || c || '@example.com', '12 Lake View Road, Bengaluru', '560001',
    600, 600, 2, now(), now()
FROM generate_series(0, {orders} - 1) AS n, LATERAL (SELECT 1 + n::bigint * 7919 % {customers} AS c) AS of_customer;

INSERT INTO order_line (order_id, line_no, sku, name, rate, quantity, discount, value)
SELECT id, 1, 'LAMP-100', 'Desk lamp, brushed steel', 500, 1, 0, 500 FROM orders
UNION ALL
SELECT id, 2, 'BULB-7W', 'LED bulb 7 W, warm white', 100, 1, 0, 100 FROM orders;

INSERT INTO history (order_id, at, action, actor, changes)
SELECT id, created_at, 'created', 'key:bench', jsonb_build_object('erp_order_id', erp_order_id, 'customer_name', name,
    'phone', phone, 'order_status', status, 'order_type', type, 'payment_mode', payment_mode, 'grand_total', '600')
FROM orders;
