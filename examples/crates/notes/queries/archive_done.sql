UPDATE notes
SET state = 'archived', pinned = FALSE
WHERE state = 'done' AND created_at < ?
