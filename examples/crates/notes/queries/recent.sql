-- The newest notes, each with its notebook and the number of its tags.
SELECT
    n.id            AS "id!",
    n.title,
    b.title         AS "notebook?",
    COUNT(t.tag_id) AS "tags: i64",
    n.created_at    AS "created_at: DateTime<Utc>"
FROM notes n
LEFT JOIN notebooks b ON b.id = n.notebook_id
LEFT JOIN note_tags t ON t.note_id = n.id
WHERE n.state <> 'archived'
GROUP BY n.id
ORDER BY n.created_at DESC
LIMIT ?
