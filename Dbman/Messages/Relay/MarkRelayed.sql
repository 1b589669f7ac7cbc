SELECT 1 AS locked
FROM (SELECT DISTINCT k.tenant_id, k.room_id FROM unnest(@tenants, @rooms) AS k (tenant_id, room_id)) k
JOIN room_relays p ON p.tenant_id = k.tenant_id AND p.room_id = k.room_id
ORDER BY p.tenant_id, p.room_id
FOR NO KEY UPDATE OF p;

WITH asked AS (
    SELECT k.tenant_id, k.room_id, range_agg(int8range(k.lo, k.hi, '[]')) AS ranges
    FROM unnest(@tenants, @rooms, @froms, @tos) AS k (tenant_id, room_id, lo, hi)
    GROUP BY k.tenant_id, k.room_id
),
-- What is known to be relayed now: everything up to the position, what was ahead of it, and what is reported. Beyond the last message there is nothing
-- to relay; a wrong report must not carry the position over messages that are still to come.
known AS (
    SELECT
        p.tenant_id,
        p.room_id,
        r.last_seq,
        (p.ahead + a.ranges) * int8multirange(int8range(1, r.last_seq + 1)) + int8multirange(int8range(0, p.relayed_seq + 1)) AS done
    FROM asked a
    JOIN room_relays p ON p.tenant_id = a.tenant_id AND p.room_id = a.room_id
    JOIN rooms r ON r.tenant_id = p.tenant_id AND r.id = p.room_id
),
-- The first of the disjoint ranges begins at 0: its end is the position.
moved AS (
    SELECT
        known.tenant_id,
        known.room_id,
        known.last_seq,
        upper(lowest.part) - 1 AS relayed_seq,
        known.done - int8multirange(lowest.part) AS ahead
    FROM known
    CROSS JOIN LATERAL (SELECT part FROM unnest(known.done) AS parts (part) ORDER BY part LIMIT 1) lowest
)
UPDATE room_relays p
SET relayed_seq = moved.relayed_seq,
    -- Many scattered ranges mean that the messages in front of them are lost: what is forgotten here is relayed twice, which is harmless.
    ahead = CASE WHEN (SELECT count(*) FROM unnest(moved.ahead)) <= 256 THEN moved.ahead ELSE '{}' END,
    claimed_until = CASE WHEN moved.relayed_seq = moved.last_seq THEN 'epoch' ELSE p.claimed_until END
FROM moved
WHERE p.tenant_id = moved.tenant_id AND p.room_id = moved.room_id
RETURNING p.tenant_id, p.room_id, p.relayed_seq, moved.last_seq
