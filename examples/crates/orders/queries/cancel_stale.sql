UPDATE orders
SET status = 'cancelled'
WHERE status = 'draft'
  AND customer_id = $1
RETURNING id
