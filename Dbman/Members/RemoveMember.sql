SELECT 1 AS locked FROM rooms r WHERE r.tenant_id = @tenant AND r.id = @room FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        actor.role AS actor_role,
        target.role AS target_role,
        @actor = @user AS is_self,
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
        CASE
            WHEN actor_role IS NULL THEN 'not-a-member'
            WHEN NOT is_self AND actor_role = 'member' THEN 'forbidden'
            WHEN target_role IS NULL THEN 'no-user'
            -- A moderator removes whom it could have added.
            WHEN NOT is_self AND actor_role = 'moderator' AND target_role <> 'member' THEN 'forbidden'
            WHEN target_role = 'owner' AND NOT has_other_owner THEN 'last-owner'
            ELSE 'ok'
        END AS word
    FROM facts
),
removed AS (
    DELETE FROM members m
    USING verdict
    WHERE verdict.word = 'ok' AND m.tenant_id = @tenant AND m.room_id = @room AND m.user_id = @user
),
counted AS (
    UPDATE rooms r
    SET member_count = r.member_count - 1
    FROM verdict
    WHERE verdict.word = 'ok' AND r.tenant_id = @tenant AND r.id = @room
)
SELECT verdict.word FROM verdict
