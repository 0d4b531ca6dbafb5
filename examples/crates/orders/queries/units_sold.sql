SELECT sum(quantity) FROM order_lines WHERE product_id = $1
