-- What the documents replace goes; what is known of visitors gets its tables.

-- `login`, `name` and `role` repeat the user's document, for signing in. A user who was deleted
-- keeps the password, so that undoing brings it back.
CREATE TABLE users_with_documents (
    id            TEXT PRIMARY KEY,
    centre        TEXT NOT NULL REFERENCES centres (id),
    login         TEXT NOT NULL,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
    password_hash TEXT NOT NULL,
    created       BIGINT NOT NULL,
    deleted       BIGINT
);

INSERT INTO users_with_documents (id, centre, login, name, role, password_hash, created)
SELECT id, centre, login, name, role, password_hash, created FROM users;

CREATE TABLE logins_with_documents (
    token     TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users_with_documents (id) ON DELETE CASCADE,
    created   BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);

INSERT INTO logins_with_documents (token, user_id, created, last_seen)
SELECT token, user_id, created, last_seen FROM logins;

DROP TABLE logins;
DROP TABLE agent_queues;
DROP TABLE agent_languages;
DROP TABLE agent_skills;
DROP TABLE users;
DROP TABLE entries;
DROP TABLE site_origins;
DROP TABLE sites;
DROP TABLE queue_skills;
DROP TABLE queues;
DROP TABLE reasons;
DROP TABLE dispositions;

ALTER TABLE users_with_documents RENAME TO users;
ALTER TABLE logins_with_documents RENAME TO logins;

CREATE UNIQUE INDEX users_by_login ON users (centre, login) WHERE deleted IS NULL;
CREATE INDEX logins_by_last_seen ON logins (last_seen);

-- Several decisions may belong to one offer, and some to no agent.
CREATE TABLE decisions_numbered (
    interaction TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    epoch       BIGINT NOT NULL,
    agent       TEXT,
    at          BIGINT NOT NULL,
    because     TEXT NOT NULL,
    PRIMARY KEY (interaction, seq)
);

INSERT INTO decisions_numbered (interaction, seq, epoch, agent, at, because)
SELECT interaction, epoch, epoch, agent, at, because FROM decisions;

DROP TABLE decisions;
ALTER TABLE decisions_numbered RENAME TO decisions;

-- `last_seen` is the time of the newest event of the journey.
CREATE TABLE sessions (
    session   TEXT PRIMARY KEY,
    site      TEXT NOT NULL,
    opted_out BIGINT NOT NULL CHECK (opted_out IN (0, 1)),
    last_seen BIGINT NOT NULL
);

INSERT INTO sessions (session, site, opted_out, last_seen)
SELECT j.session,
    COALESCE((SELECT MIN(i.site) FROM interactions i WHERE i.session = j.session), ''),
    0, MAX(j.at)
FROM journey_events j GROUP BY j.session;

CREATE INDEX sessions_by_last_seen ON sessions (last_seen);
CREATE INDEX journey_events_by_time ON journey_events (at);

CREATE TABLE invitation_acts (
    session    TEXT NOT NULL,
    invitation TEXT NOT NULL,
    act        TEXT NOT NULL
        CHECK (act IN ('shown', 'accepted', 'dismissed', 'ignored', 'held', 'contacted')),
    at         BIGINT NOT NULL,
    PRIMARY KEY (session, invitation, act, at)
);

CREATE INDEX invitation_acts_by_time ON invitation_acts (at);

-- On which pages each site's tag was seen: JSON, as the administration page shows it.
CREATE TABLE tags (
    site TEXT PRIMARY KEY,
    seen TEXT NOT NULL
);

-- `journey` is 1 while the document holds what the visitor looked at.
ALTER TABLE interactions ADD COLUMN journey BIGINT NOT NULL DEFAULT 1;

CREATE INDEX interactions_by_created ON interactions (created);
CREATE INDEX interactions_with_journey ON interactions (created)
    WHERE stage = 'closed' AND journey = 1;
