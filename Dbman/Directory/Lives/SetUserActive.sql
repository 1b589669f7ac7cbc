-- Deactivations and removals of a tenant's users take turns: of two that each spare the other's admin, the second finds its own to be the last.
SELECT 1 AS locked FROM tenants t WHERE t.id = @tenant FOR NO KEY UPDATE;

-- Under the user's row lock, as everything that begins or ends a user's sessions: no login that was checked before begins one after it.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        u.id,
        CASE
            WHEN NOT @active AND u.role = 'admin' AND NOT EXISTS (
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
    SET deactivated_at = CASE WHEN @active THEN NULL ELSE coalesce(u.deactivated_at, statement_timestamp()) END
    FROM facts
    WHERE facts.word = 'ok' AND u.tenant_id = @tenant AND u.id = facts.id
),
revoked AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = @reason
    FROM facts
    WHERE facts.word = 'ok' AND NOT @active AND s.tenant_id = @tenant AND s.user_id = facts.id AND s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
    RETURNING s.id
)
SELECT facts.word, ARRAY(SELECT revoked.id FROM revoked ORDER BY revoked.id)
FROM facts
