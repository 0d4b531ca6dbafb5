-- Orders that are on their way, with what they cost.
SELECT
    o.id,
    o.status             AS "status: Status",
    c.name               AS customer,
    t.total_cents        AS "total_cents?",
    o.placed_at          AS "placed_at!",
    o.deliver_on
FROM orders o
JOIN customers c ON c.id = o.customer_id
LEFT JOIN order_totals t ON t.order_id = o.id
WHERE o.status IN ('placed', 'shipped')
ORDER BY o.placed_at
