CREATE TABLE notebooks (
    id         BLOB     NOT NULL PRIMARY KEY,
    title      TEXT     NOT NULL UNIQUE,
    created_at DATETIME NOT NULL
);

CREATE TABLE notes (
    id          INTEGER  PRIMARY KEY,
    notebook_id BLOB     REFERENCES notebooks (id) ON DELETE SET NULL,
    title       TEXT     NOT NULL,
    body        TEXT     NOT NULL DEFAULT '',
    state       TEXT     NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'archived')),
    due_on      DATE,
    created_at  DATETIME NOT NULL
);

CREATE INDEX notes_by_notebook ON notes (notebook_id, created_at);
