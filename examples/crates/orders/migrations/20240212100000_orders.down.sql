DROP TABLE order_lines;
DROP TABLE orders;
DROP TABLE products;
DROP TABLE customers;
DROP DOMAIN email;
DROP TYPE address;
DROP TYPE order_status;
