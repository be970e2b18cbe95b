-- What was set up in tables of its own becomes documents.

INSERT INTO documents (centre, kind, id, position, doc)
SELECT q.centre, 'queue', q.id, q.position, json_object(
    'id', q.id,
    'name', q.name,
    'media', json(q.media),
    'skills', (SELECT json_group_object(k.skill, k.level) FROM queue_skills k WHERE k.queue = q.id),
    'language', q.language,
    'priority', q.priority)
FROM queues q;

INSERT INTO documents (centre, kind, id, position, doc)
SELECT s.centre, 'site', s.key,
    ROW_NUMBER() OVER (PARTITION BY s.centre ORDER BY s.created, s.key) - 1,
    json_object(
        'key', s.key,
        'name', s.name,
        'origins', (
            SELECT json_group_array(o.origin)
            FROM (SELECT origin FROM site_origins WHERE site = s.key ORDER BY origin) o),
        'entries', (
            SELECT json_group_array(json(e.entry))
            FROM (
                SELECT json_object('language', language, 'to', json_object('queue', queue)) AS entry
                FROM entries WHERE site = s.key ORDER BY position) e))
FROM sites s;

INSERT INTO documents (centre, kind, id, position, doc)
SELECT u.centre, 'user', u.id,
    ROW_NUMBER() OVER (PARTITION BY u.centre ORDER BY u.created, u.id) - 1,
    json_object(
        'id', u.id,
        'user', u.login,
        'name', u.name,
        'role', u.role,
        'skills', (SELECT json_group_object(k.skill, k.level) FROM agent_skills k WHERE k.agent = u.id),
        'languages', (
            SELECT json_group_array(l.language)
            FROM (SELECT language FROM agent_languages WHERE agent = u.id ORDER BY position) l),
        'queues', (
            SELECT json_group_array(a.queue)
            FROM (
                SELECT aq.queue FROM agent_queues aq JOIN queues q ON q.id = aq.queue
                WHERE aq.agent = u.id ORDER BY q.position) a),
        'capacity', json_object('calls', u.calls, 'chats', u.chats))
FROM users u;

INSERT INTO documents (centre, kind, id, position, doc)
SELECT c.id, 'skills', 'all', 0, (
    SELECT json_group_array(n.skill)
    FROM (
        SELECT k.skill FROM queue_skills k JOIN queues q ON q.id = k.queue WHERE q.centre = c.id
        UNION
        SELECT k.skill FROM agent_skills k JOIN users u ON u.id = k.agent WHERE u.centre = c.id
        ORDER BY 1) n)
FROM centres c;

INSERT INTO documents (centre, kind, id, position, doc)
SELECT c.id, 'reasons', 'all', 0, (
    SELECT json_group_array(n.name)
    FROM (SELECT name FROM reasons WHERE centre = c.id ORDER BY position) n)
FROM centres c;

INSERT INTO documents (centre, kind, id, position, doc)
SELECT c.id, 'dispositions', 'all', 0, (
    SELECT json_group_array(n.name)
    FROM (SELECT name FROM dispositions WHERE centre = c.id ORDER BY position) n)
FROM centres c;
