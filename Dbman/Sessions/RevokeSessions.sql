-- The user's row first, as in CreateSession.sql: every transaction that changes several sessions of a user locks it, so that no two lock them in
-- different orders.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH revoked AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = @reason
    WHERE s.tenant_id = @tenant AND s.user_id = @user AND s.revoked_at IS NULL AND s.expires_at > now()
        AND (@session IS NULL OR s.id = @session)
        AND (@except IS NULL OR s.id <> @except)
    RETURNING s.id
)
SELECT ARRAY(SELECT revoked.id FROM revoked ORDER BY revoked.id)
FROM users u
WHERE u.tenant_id = @tenant AND u.id = @user
