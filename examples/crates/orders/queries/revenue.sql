SELECT coalesce(sum(t.total_cents), 0)::bigint AS "revenue!"
FROM orders o
JOIN order_totals t ON t.order_id = o.id
WHERE o.placed_at >= $1 AND o.placed_at < $2
