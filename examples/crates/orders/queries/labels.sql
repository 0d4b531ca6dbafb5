SELECT DISTINCT unnest(labels) AS label FROM products ORDER BY label
