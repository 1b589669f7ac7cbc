-- Sent together with LockRooms.sql, after it: this statement's snapshot is taken with all locks held, so it sees every message and every membership
-- that an earlier holder of the locks committed, and nobody can add another before we commit.
-- Every step is linear in the number of items, each look-up one probe of an index; LIMIT 1 keeps the planner from turning look-ups into joins that
-- read whole tables, and CTEs are not joined with each other, as the planner takes each for ten rows.
WITH item AS (
    SELECT
        i.ord,
        i.tenant_id,
        i.room_id,
        i.message_id,
        i.sender_id,
        i.body,
        i.attachments,
        r.last_seq,
        greatest(statement_timestamp(), r.last_sent_at) AS sent_at,
        m.seq AS old_seq,
        m.sent_at AS old_sent_at,
        m.sender_id AS old_sender_id,
        m.body AS old_body,
        m.attachments AS old_attachments,
        (CASE
            -- A repeat of the sender's own message: the first result is returned, even when the sender has left since.
            WHEN m.sender_id = i.sender_id AND m.body = i.body AND m.attachments IS NOT DISTINCT FROM string_to_array(i.attachments, ',') THEN 1
            WHEN member.found IS NULL OR r.last_seq IS NULL THEN 3
            WHEN m.seq IS NOT NULL THEN 2
            WHEN i.only_if_stored THEN 4
            ELSE 0
        END)::smallint AS outcome
    FROM unnest(@tenants, @rooms, @ids, @senders, @bodies, @attachments, @only_if_stored) WITH ORDINALITY
        AS i (tenant_id, room_id, message_id, sender_id, body, attachments, only_if_stored, ord)
    LEFT JOIN LATERAL (
        SELECT rooms.last_seq, rooms.last_sent_at
        FROM rooms
        WHERE rooms.tenant_id = i.tenant_id AND rooms.id = i.room_id
        LIMIT 1
    ) r ON true
    LEFT JOIN LATERAL (
        SELECT true AS found
        FROM members
        WHERE members.tenant_id = i.tenant_id AND members.room_id = i.room_id AND members.user_id = i.sender_id
        LIMIT 1
    ) member ON true
    LEFT JOIN LATERAL (
        SELECT messages.seq, messages.sent_at, messages.sender_id, messages.body, messages.attachments
        FROM messages
        WHERE messages.tenant_id = i.tenant_id AND messages.room_id = i.room_id AND messages.message_id = i.message_id
        LIMIT 1
    ) m ON true
),
numbered AS MATERIALIZED (
    SELECT
        item.*,
        item.last_seq + count(*) FILTER (WHERE item.outcome = 0)
            OVER (PARTITION BY item.tenant_id, item.room_id ORDER BY item.ord ROWS UNBOUNDED PRECEDING) AS seq
    FROM item
),
stored AS (
    INSERT INTO messages (tenant_id, room_id, seq, sent_at, message_id, sender_id, body, attachments)
    SELECT n.tenant_id, n.room_id, n.seq, n.sent_at, n.message_id, n.sender_id, n.body, string_to_array(n.attachments, ',')
    FROM numbered n
    WHERE n.outcome = 0
),
advanced AS (
    UPDATE rooms r
    SET last_seq = head.seq, last_sent_at = head.sent_at, watched = true
    FROM (
        SELECT n.tenant_id, n.room_id, max(n.seq) AS seq, max(n.sent_at) AS sent_at
        FROM numbered n
        WHERE n.outcome = 0
        GROUP BY n.tenant_id, n.room_id
    ) head
    WHERE r.tenant_id = head.tenant_id AND r.id = head.room_id
),
-- A sender has seen everything before its message, and the message itself. No lock but the member's row is added: everybody else who wants one of
-- these rows holds the room's lock first, or takes no second one.
seen AS (
    UPDATE members m
    SET read_seq = own.seq
    FROM (
        SELECT n.tenant_id, n.room_id, n.sender_id, max(n.seq) AS seq
        FROM numbered n
        WHERE n.outcome = 0
        GROUP BY n.tenant_id, n.room_id, n.sender_id
    ) own
    WHERE m.tenant_id = own.tenant_id AND m.room_id = own.room_id AND m.user_id = own.sender_id AND m.read_seq < own.seq
)
SELECT
    n.ord::integer,
    n.outcome,
    CASE n.outcome WHEN 0 THEN n.seq ELSE n.old_seq END,
    CASE n.outcome WHEN 0 THEN n.sent_at ELSE n.old_sent_at END,
    CASE n.outcome WHEN 1 THEN n.old_body END,
    CASE n.outcome WHEN 1 THEN n.old_attachments END
FROM numbered n
