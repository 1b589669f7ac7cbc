-- Takes turns with deactivations, removals and other changes of role in the tenant (SetUserActive.sql): of two admins that demote each other, the second finds itself to be the last.
SELECT 1 AS locked FROM tenants t WHERE t.id = @tenant FOR NO KEY UPDATE;

SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        u.id,
        u.role = 'admin' AND @role <> 'admin' AS loses_rights,
        CASE
            WHEN u.role = 'admin' AND @role <> 'admin' AND NOT EXISTS (
                SELECT FROM users o
                WHERE o.tenant_id = @tenant AND o.role = 'admin' AND o.deactivated_at IS NULL AND o.removed_at IS NULL AND o.id <> @user
            ) THEN 'last-admin'
            ELSE 'ok'
        END AS word
    FROM users u
    WHERE u.tenant_id = @tenant AND u.id = @user AND u.removed_at IS NULL
),
changed AS (
    UPDATE users u
    SET role = @role
    FROM facts
    WHERE facts.word = 'ok' AND u.tenant_id = @tenant AND u.id = facts.id AND u.role <> @role
),
-- Tokens say that their user is an admin until they expire: they end, and with them what the user still could do.
revoked AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = @reason
    FROM facts
    WHERE facts.word = 'ok' AND facts.loses_rights AND s.tenant_id = @tenant AND s.user_id = facts.id AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
    RETURNING s.id
)
SELECT facts.word, ARRAY(SELECT revoked.id FROM revoked ORDER BY revoked.id)
FROM facts
