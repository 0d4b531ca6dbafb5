SELECT MAX(LENGTH(body)) AS "length: i64" FROM notes WHERE state = 'open'
