-- From here to the commit no heartbeat is answered and no other record is added.
SELECT 1 AS locked FROM layout_counter c FOR UPDATE;

-- The clock is read now, and not when the transaction began: it may have waited for the row.
WITH laggards AS MATERIALIZED (
    SELECT n.node_id, n.applied, n.note
    FROM layout_nodes n
    CROSS JOIN layout_counter c
    WHERE n.lease_until > clock_timestamp() AND n.applied < c.revision
),
verdict AS (
    SELECT
        c.revision + 1 AS epoch,
        (SELECT count(*) FROM laggards) AS laggards,
        CASE
            -- The rules were asked about another state of affairs.
            WHEN c.revision <> @revision THEN 'moved'
            WHEN @opens AND (SELECT count(*) FROM layout_scopes s WHERE s.is_own) >= @max_scopes THEN 'full'
            WHEN EXISTS (SELECT FROM laggards) THEN 'barrier'
            ELSE 'ok'
        END AS word
    FROM layout_counter c
),
added AS (
    INSERT INTO layout_records (epoch, changed_at, tenant_id, room_id, changed_by, reason, state)
    SELECT v.epoch, clock_timestamp(), @tenant, @room, @by, @reason, @state
    FROM verdict v
    WHERE v.word = 'ok'
    RETURNING epoch, changed_at
),
newest AS (
    INSERT INTO layout_scopes (tenant_id, room_id, epoch, is_own)
    SELECT @tenant, @room, added.epoch, @state IS NOT NULL
    FROM added
    ON CONFLICT (tenant_id, room_id) DO UPDATE SET epoch = excluded.epoch, is_own = excluded.is_own
),
counted AS (
    UPDATE layout_counter c SET revision = added.epoch FROM added
)
SELECT v.word, added.epoch, added.changed_at, v.laggards, laggard.node_id, laggard.applied, laggard.note
FROM verdict v
LEFT JOIN added ON true
LEFT JOIN (SELECT l.* FROM laggards l ORDER BY l.applied, l.node_id LIMIT @named) laggard ON v.word = 'barrier'
ORDER BY laggard.applied, laggard.node_id
