-- Rooms without a backlog and without new messages are no longer watched. SKIP LOCKED: an append that is under way sets the mark again, or is seen by
-- the condition, which is checked on the newest version of the row once it is locked.
WITH quiet AS (
    SELECT r.tenant_id, r.id
    FROM rooms r
    JOIN room_relays p ON p.tenant_id = r.tenant_id AND p.room_id = r.id
    WHERE r.watched AND r.last_seq = p.relayed_seq AND r.last_sent_at < now() - @quiet * interval '1 millisecond'
    LIMIT @quiet_limit
    FOR NO KEY UPDATE OF r SKIP LOCKED
)
UPDATE rooms r SET watched = false
FROM quiet
WHERE r.tenant_id = quiet.tenant_id AND r.id = quiet.id;

-- Late is a room whose first message that was not relayed is older than the grace time.
WITH late AS (
    SELECT p.tenant_id, p.room_id, r.last_seq
    FROM rooms r
    JOIN room_relays p ON p.tenant_id = r.tenant_id AND p.room_id = r.id
    JOIN messages m ON m.tenant_id = p.tenant_id AND m.room_id = p.room_id AND m.seq = p.relayed_seq + 1
    WHERE r.watched
        AND p.relayed_seq < r.last_seq
        AND p.claimed_until <= now()
        AND m.sent_at <= now() - @grace * interval '1 millisecond'
    LIMIT @limit
    FOR NO KEY UPDATE OF p SKIP LOCKED
)
UPDATE room_relays p
SET claimed_by = @claimer, claimed_until = now() + @claim * interval '1 millisecond'
FROM late
WHERE p.tenant_id = late.tenant_id AND p.room_id = late.room_id
RETURNING p.tenant_id, p.room_id, p.relayed_seq, late.last_seq
