UPDATE customers
SET name = 'forgotten', email = 'forgotten+' || id || '@example.com', address = NULL
WHERE id = $1
