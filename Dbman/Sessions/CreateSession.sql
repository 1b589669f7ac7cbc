-- A user's logins take turns: each sees the sessions that the one before it left, so their number stays bounded.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH created AS (
    INSERT INTO sessions (tenant_id, id, user_id, expires_at, user_agent, address)
    SELECT u.tenant_id, @session, u.id, @expires_at, @user_agent, @address
    FROM users u
    WHERE u.tenant_id = @tenant AND u.id = @user
    ON CONFLICT (tenant_id, id) DO NOTHING
    RETURNING id, user_id, created_at, last_used_at, expires_at, user_agent, address, revoked_at, revoked_reason
),
token AS (
    INSERT INTO refresh_tokens (hash, tenant_id, session_id) SELECT @hash, @tenant, created.id FROM created
),
displaced AS (
    UPDATE sessions s
    SET revoked_at = now(), revoked_reason = 'displaced'
    FROM (
        -- The new session is not among them: this statement cannot see its own insert.
        SELECT o.id
        FROM sessions o
        WHERE o.tenant_id = @tenant AND o.user_id = @user AND o.revoked_at IS NULL AND o.expires_at > now()
        ORDER BY o.created_at DESC, o.id DESC
        OFFSET @max_sessions - 1
    ) old
    WHERE s.tenant_id = @tenant AND s.id = old.id AND EXISTS (SELECT FROM created)
    RETURNING s.id
)
SELECT created.*, ARRAY(SELECT displaced.id FROM displaced ORDER BY displaced.id)
FROM users u
LEFT JOIN created ON true
WHERE u.tenant_id = @tenant AND u.id = @user
