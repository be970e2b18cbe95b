-- What telephones need beside their documents.

-- Passwords of phones and trunks as they are: a digest (RFC 8760) is made of the clear text. Kept
-- for a while after the document went, so that undoing brings it back.
CREATE TABLE secrets (
    centre TEXT NOT NULL REFERENCES centres (id),
    kind   TEXT NOT NULL CHECK (kind IN ('phone', 'trunk')),
    id     TEXT NOT NULL,
    value  TEXT NOT NULL,
    PRIMARY KEY (centre, kind, id)
);

-- Where phones are reached, over restarts. `phone` is the name it registers with, `agent` what it
-- says it is.
CREATE TABLE registrations (
    centre     TEXT NOT NULL REFERENCES centres (id),
    phone      TEXT NOT NULL,
    contact    TEXT NOT NULL,
    source     TEXT NOT NULL,
    transport  TEXT NOT NULL,
    agent      TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (centre, phone, contact)
);

-- Where an agent takes calls, as JSON.
CREATE TABLE devices (
    agent  TEXT PRIMARY KEY,
    device TEXT NOT NULL
);

-- Calls into the telephone network, for the dialling limits.
CREATE TABLE dialled (
    centre  TEXT NOT NULL REFERENCES centres (id),
    at      BIGINT NOT NULL,
    number  TEXT NOT NULL,
    visitor TEXT,
    trunk   TEXT,
    seconds BIGINT NOT NULL,
    outcome TEXT NOT NULL
);

CREATE INDEX dialled_by_time ON dialled (centre, at);
