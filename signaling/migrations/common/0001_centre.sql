-- A centre, its people and its contacts. Runs on SQLite and PostgreSQL alike: ids are TEXT, times
-- BIGINT milliseconds since 1970 UTC, documents JSON in TEXT.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE centres (
    id      TEXT PRIMARY KEY,
    created BIGINT NOT NULL
);

CREATE TABLE queues (
    id       TEXT PRIMARY KEY,
    centre   TEXT NOT NULL REFERENCES centres (id),
    position BIGINT NOT NULL,
    name     TEXT NOT NULL,
    media    TEXT NOT NULL,
    language TEXT,
    priority BIGINT NOT NULL CHECK (priority BETWEEN 0 AND 255),
    UNIQUE (centre, name)
);

CREATE TABLE queue_skills (
    queue TEXT NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
    skill TEXT NOT NULL,
    level BIGINT NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (queue, skill)
);

CREATE TABLE sites (
    key     TEXT PRIMARY KEY,
    centre  TEXT NOT NULL REFERENCES centres (id),
    name    TEXT NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE site_origins (
    site   TEXT NOT NULL REFERENCES sites (key) ON DELETE CASCADE,
    origin TEXT NOT NULL,
    PRIMARY KEY (site, origin)
);

CREATE TABLE entries (
    site     TEXT NOT NULL REFERENCES sites (key) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    language TEXT,
    queue    TEXT NOT NULL REFERENCES queues (id),
    PRIMARY KEY (site, position)
);

-- `login` is the user name in lower case: names that differ only by case are one.
CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    centre        TEXT NOT NULL REFERENCES centres (id),
    login         TEXT NOT NULL,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('agent', 'supervisor', 'administrator')),
    password_hash TEXT NOT NULL,
    calls         BIGINT NOT NULL CHECK (calls BETWEEN 0 AND 1),
    chats         BIGINT NOT NULL CHECK (chats BETWEEN 0 AND 255),
    created       BIGINT NOT NULL,
    UNIQUE (centre, login)
);

CREATE TABLE agent_skills (
    agent TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    skill TEXT NOT NULL,
    level BIGINT NOT NULL CHECK (level BETWEEN 1 AND 10),
    PRIMARY KEY (agent, skill)
);

CREATE TABLE agent_languages (
    agent    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    language TEXT NOT NULL,
    PRIMARY KEY (agent, language)
);

CREATE TABLE agent_queues (
    agent TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    queue TEXT NOT NULL REFERENCES queues (id) ON DELETE CASCADE,
    PRIMARY KEY (agent, queue)
);

CREATE TABLE reasons (
    centre   TEXT NOT NULL REFERENCES centres (id),
    position BIGINT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (centre, name)
);

CREATE TABLE dispositions (
    centre   TEXT NOT NULL REFERENCES centres (id),
    position BIGINT NOT NULL,
    name     TEXT NOT NULL,
    PRIMARY KEY (centre, name)
);

-- `doc` is the whole interaction; the other columns are what is looked for, and what the
-- constraints below guard. History outlives the set-up: no reference to queues, sites and users.
CREATE TABLE interactions (
    id      TEXT PRIMARY KEY,
    session TEXT NOT NULL,
    site    TEXT NOT NULL,
    queue   TEXT NOT NULL,
    agent   TEXT,
    medium  TEXT NOT NULL CHECK (medium IN ('call', 'chat')),
    stage   TEXT NOT NULL CHECK (stage IN ('waiting', 'talking', 'wrap_up', 'closed')),
    epoch   BIGINT NOT NULL,
    created BIGINT NOT NULL,
    closed  BIGINT,
    doc     TEXT NOT NULL,
    CHECK ((stage = 'closed') = (closed IS NOT NULL)),
    CHECK (stage NOT IN ('talking', 'wrap_up') OR agent IS NOT NULL)
);

CREATE INDEX interactions_live ON interactions (created) WHERE stage <> 'closed';
CREATE INDEX interactions_closed ON interactions (closed) WHERE stage = 'closed';
CREATE INDEX interactions_by_session ON interactions (session);

-- The net under the core's decisions: nobody is in two calls.
CREATE UNIQUE INDEX one_call_per_agent ON interactions (agent)
    WHERE medium = 'call' AND stage = 'talking';

CREATE TABLE messages (
    interaction TEXT NOT NULL REFERENCES interactions (id),
    seq         BIGINT NOT NULL CHECK (seq >= 1),
    id          TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('customer', 'agent')),
    name        TEXT,
    text        TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (interaction, seq),
    UNIQUE (interaction, id)
);

-- A page's event is named by its tab's number and its time, so that a repeat is stored once.
CREATE TABLE journey_events (
    session TEXT NOT NULL,
    at      BIGINT NOT NULL,
    n       BIGINT NOT NULL,
    kind    TEXT NOT NULL,
    PRIMARY KEY (session, at, n)
);

CREATE TABLE agent_states (
    agent  TEXT PRIMARY KEY,
    chosen TEXT NOT NULL,
    since  BIGINT NOT NULL
);

CREATE TABLE decisions (
    interaction TEXT NOT NULL,
    epoch       BIGINT NOT NULL,
    agent       TEXT NOT NULL,
    at          BIGINT NOT NULL,
    because     TEXT NOT NULL,
    PRIMARY KEY (interaction, epoch)
);

-- `token` is the SHA-256 of what the browser holds.
CREATE TABLE logins (
    token     TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created   BIGINT NOT NULL,
    last_seen BIGINT NOT NULL
);

CREATE INDEX logins_by_last_seen ON logins (last_seen);

-- Each row's hash covers the row and the hash before it.
CREATE TABLE audit (
    seq    BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    hash   TEXT NOT NULL
);
