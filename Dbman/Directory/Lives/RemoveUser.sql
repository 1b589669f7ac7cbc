-- One transaction: see Directory/Lives/UserLifeStore.cs. Locks in this order: tenant, user, rooms by id, sessions, throttles. What adds a membership or a session locks the user's row before
-- all else, so that this finds it, or it finds the tombstone.
SELECT 1 AS locked FROM tenants t WHERE t.id = @tenant FOR NO KEY UPDATE;

-- The whole row: a transaction that adds a reference to the user takes a shared lock on its key, and waits.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR UPDATE;

SELECT 1 AS locked
FROM members m
JOIN rooms r ON r.tenant_id = m.tenant_id AND r.id = m.room_id
WHERE m.tenant_id = @tenant AND m.user_id = @user
ORDER BY r.tenant_id, r.id
LIMIT @max_rooms
FOR NO KEY UPDATE OF r;

SELECT 1 AS locked FROM sessions s WHERE s.tenant_id = @tenant AND s.user_id = @user ORDER BY s.id FOR NO KEY UPDATE;

SELECT 1 AS locked
FROM users u
JOIN login_throttles a ON a.tenant_id = u.tenant_id AND a.username_key = u.username_key
WHERE u.tenant_id = @tenant AND u.id = @user
ORDER BY a.source
FOR UPDATE OF a;

WITH facts AS MATERIALIZED (
    SELECT
        u.id,
        u.username_key,
        CASE
            WHEN u.removed_at IS NOT NULL THEN 'removed'
            WHEN u.role = 'admin' AND admin.id IS NULL THEN 'last-admin'
            WHEN @generation IS NOT NULL AND c.generation IS DISTINCT FROM @generation THEN 'changed'
            WHEN EXISTS (SELECT FROM members m WHERE m.tenant_id = @tenant AND m.user_id = @user OFFSET @max_rooms) THEN 'more'
            ELSE 'ok'
        END AS word,
        admin.id AS admin
    FROM users u
    LEFT JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
    LEFT JOIN LATERAL (
        SELECT o.id
        FROM users o
        WHERE o.tenant_id = @tenant AND o.role = 'admin' AND o.deactivated_at IS NULL AND o.removed_at IS NULL AND o.id <> @user
        ORDER BY o.created_at, o.id
        LIMIT 1
    ) admin ON true
    WHERE u.tenant_id = @tenant AND u.id = @user
),
leaving AS MATERIALIZED (
    SELECT
        m.room_id,
        m.role = 'owner' AND NOT EXISTS (
            SELECT FROM members o
            JOIN users ou ON ou.tenant_id = o.tenant_id AND ou.id = o.user_id
            WHERE o.tenant_id = @tenant AND o.room_id = m.room_id AND o.role = 'owner' AND o.user_id <> @user AND ou.deactivated_at IS NULL
        ) AS needs_owner
    FROM facts
    JOIN members m ON m.tenant_id = @tenant AND m.user_id = facts.id
    WHERE facts.word IN ('ok', 'more')
    ORDER BY m.room_id
    LIMIT @max_rooms
),
-- The next owner: the moderator, else the member, who has been in the room for longest and may sign in; if there is none, the tenant's first admin,
-- who becomes a member by it.
left_behind AS MATERIALIZED (
    SELECT
        leaving.room_id,
        CASE WHEN leaving.needs_owner THEN coalesce(member.user_id, facts.admin) END AS heir,
        leaving.needs_owner AND member.user_id IS NULL AND facts.admin IS NOT NULL AS heir_is_new
    FROM leaving
    CROSS JOIN facts
    LEFT JOIN LATERAL (
        SELECT m.user_id
        FROM members m
        JOIN users mu ON mu.tenant_id = m.tenant_id AND mu.id = m.user_id
        WHERE leaving.needs_owner AND m.tenant_id = @tenant AND m.room_id = leaving.room_id AND m.user_id <> @user AND mu.deactivated_at IS NULL
        ORDER BY m.role = 'moderator' DESC, m.joined_at, m.user_id
        LIMIT 1
    ) member ON true
),
promoted AS (
    UPDATE members m
    SET role = 'owner'
    FROM left_behind l
    WHERE l.heir IS NOT NULL AND NOT l.heir_is_new AND m.tenant_id = @tenant AND m.room_id = l.room_id AND m.user_id = l.heir
),
added AS (
    INSERT INTO members (tenant_id, room_id, user_id, role, read_seq)
    SELECT @tenant, l.room_id, l.heir, 'owner', r.last_seq
    FROM left_behind l
    JOIN rooms r ON r.tenant_id = @tenant AND r.id = l.room_id
    WHERE l.heir_is_new
),
left_rooms AS (
    DELETE FROM members m
    USING left_behind l
    WHERE m.tenant_id = @tenant AND m.room_id = l.room_id AND m.user_id = @user
),
counted AS (
    UPDATE rooms r
    SET member_count = r.member_count - 1
    FROM left_behind l
    WHERE NOT l.heir_is_new AND r.tenant_id = @tenant AND r.id = l.room_id
),
forgotten AS (
    DELETE FROM credentials c USING facts WHERE facts.word = 'ok' AND c.tenant_id = @tenant AND c.user_id = facts.id
),
forgiven AS (
    DELETE FROM login_throttles a USING facts WHERE facts.word = 'ok' AND a.tenant_id = @tenant AND a.username_key = facts.username_key
),
-- Of the version before login_throttles.
forgiven_before AS (
    DELETE FROM login_attempts a USING facts WHERE facts.word = 'ok' AND a.tenant_id = @tenant AND a.username_key = facts.username_key
),
-- What services have to learn of the end of a session stays, for a day longer than any token lives; where it was used from does not. Housekeeping removes the rows, with all their tokens.
revoked AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = @reason, user_agent = NULL, address = NULL,
        expires_at = least(s.expires_at, statement_timestamp() + interval '1 day')
    FROM facts
    WHERE facts.word = 'ok' AND s.tenant_id = @tenant AND s.user_id = facts.id AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
    RETURNING s.id
),
cleared AS (
    UPDATE sessions s
    SET user_agent = NULL, address = NULL, expires_at = least(s.expires_at, statement_timestamp() + interval '1 day')
    FROM facts
    WHERE facts.word = 'ok' AND s.tenant_id = @tenant AND s.user_id = facts.id AND NOT (s.revoked_at IS NULL AND s.expires_at > statement_timestamp())
),
buried AS (
    UPDATE users u
    SET username = '', username_key = NULL, skeleton = NULL, display_name = 'Removed user', role = 'member', deactivated_at = NULL, removed_at = statement_timestamp()
    FROM facts
    WHERE facts.word = 'ok' AND u.tenant_id = @tenant AND u.id = facts.id
)
SELECT
    facts.word,
    ARRAY(SELECT revoked.id FROM revoked ORDER BY revoked.id),
    ARRAY(SELECT l.room_id FROM left_behind l ORDER BY l.room_id),
    ARRAY(SELECT coalesce(l.heir, '') FROM left_behind l ORDER BY l.room_id),
    ARRAY(SELECT l.heir_is_new FROM left_behind l ORDER BY l.room_id)
FROM facts
