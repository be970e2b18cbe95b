-- The set-up as documents, each the JSON of what an administrator edits, and every change of them.
-- A list of names (skills, reasons, dispositions) is one document, named `all`.

CREATE TABLE documents (
    centre   TEXT NOT NULL REFERENCES centres (id),
    kind     TEXT NOT NULL,
    id       TEXT NOT NULL,
    position BIGINT NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (centre, kind, id)
);

-- `edits` holds each document before and after: what undoing needs. `version` is the one it made.
CREATE TABLE changes (
    centre  TEXT NOT NULL REFERENCES centres (id),
    version BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    what    TEXT NOT NULL,
    edits   TEXT NOT NULL,
    PRIMARY KEY (centre, version)
);
