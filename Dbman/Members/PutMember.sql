-- The user's key before the room, as removals of users lock them: one comes before, and is seen below, or after, and finds the membership. The membership's foreign key alone would let it in
-- beside a tombstone.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR KEY SHARE;

SELECT 1 AS locked FROM rooms r WHERE r.tenant_id = @tenant AND r.id = @room FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        r.visibility,
        r.last_seq,
        actor.role AS actor_role,
        target.role AS target_role,
        coalesce(@role, target.role, 'member') AS new_role,
        @actor = @user AS is_self,
        EXISTS (SELECT FROM users WHERE users.tenant_id = @tenant AND users.id = @user AND users.removed_at IS NULL) AS has_user,
        EXISTS (
            SELECT FROM members o
            WHERE o.tenant_id = @tenant AND o.room_id = @room AND o.role = 'owner' AND o.user_id <> @user
        ) AS has_other_owner
    FROM rooms r
    LEFT JOIN members actor ON actor.tenant_id = r.tenant_id AND actor.room_id = r.id AND actor.user_id = @actor
    LEFT JOIN members target ON target.tenant_id = r.tenant_id AND target.room_id = r.id AND target.user_id = @user
    WHERE r.tenant_id = @tenant AND r.id = @room
),
verdict AS (
    SELECT
        facts.*,
        CASE
            WHEN actor_role IS NULL AND NOT (is_self AND visibility = 'public') THEN 'not-a-member'
            WHEN target_role IS NULL THEN
                CASE
                    -- Joining a public room by oneself, as a plain member.
                    WHEN is_self AND NOT has_user THEN 'no-user'
                    WHEN is_self AND new_role <> 'member' THEN 'forbidden'
                    WHEN is_self THEN 'ok'
                    -- Adding another. A moderator gives no role that it could not change afterwards.
                    WHEN actor_role = 'member' THEN 'forbidden'
                    WHEN actor_role = 'moderator' AND new_role <> 'member' THEN 'forbidden'
                    WHEN NOT has_user THEN 'no-user'
                    ELSE 'ok'
                END
            WHEN new_role = target_role THEN
                CASE WHEN is_self OR actor_role <> 'member' THEN 'ok' ELSE 'forbidden' END
            WHEN actor_role <> 'owner' THEN 'forbidden'
            WHEN target_role = 'owner' AND NOT has_other_owner THEN 'last-owner'
            ELSE 'ok'
        END AS word
    FROM facts
),
put AS (
    -- Who joins now has read what was said before: nothing is unread.
    INSERT INTO members AS m (tenant_id, room_id, user_id, role, read_seq)
    SELECT @tenant, @room, @user, verdict.new_role, verdict.last_seq
    FROM verdict
    WHERE verdict.word = 'ok'
    ON CONFLICT (tenant_id, room_id, user_id) DO UPDATE SET role = excluded.role
    RETURNING m.user_id, m.role, m.read_seq, m.joined_at
),
counted AS (
    UPDATE rooms r
    SET member_count = r.member_count + 1
    FROM verdict
    WHERE verdict.word = 'ok' AND verdict.target_role IS NULL AND r.tenant_id = @tenant AND r.id = @room
)
SELECT verdict.word, verdict.target_role, put.user_id, users.display_name, put.role, put.read_seq, put.joined_at, users.username
FROM verdict
LEFT JOIN put ON true
LEFT JOIN users ON users.tenant_id = @tenant AND users.id = put.user_id
