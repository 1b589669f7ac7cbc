-- A user's logins take turns: each sees the sessions that the one before it left, so their number stays bounded. A change of the password takes its turn among
-- them, too: after it, no session begins on the strength of the old one.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH owner AS (
    SELECT u.tenant_id, u.id, u.deactivated_at IS NULL AND (@generation IS NULL OR c.generation = @generation) AS is_current
    FROM users u
    JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
    WHERE u.tenant_id = @tenant AND u.id = @user
),
created AS (
    INSERT INTO sessions (tenant_id, id, user_id, expires_at, user_agent, address)
    SELECT owner.tenant_id, @session, owner.id, @expires_at, @user_agent, @address
    FROM owner
    WHERE owner.is_current
    ON CONFLICT (tenant_id, id) DO NOTHING
    RETURNING id, user_id, created_at, last_used_at, expires_at, user_agent, address, revoked_at, revoked_reason
),
token AS (
    INSERT INTO refresh_tokens (hash, tenant_id, session_id) SELECT @hash, @tenant, created.id FROM created
),
displaced AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = 'displaced'
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
SELECT created.*, ARRAY(SELECT displaced.id FROM displaced ORDER BY displaced.id), owner.is_current
FROM owner
LEFT JOIN created ON true
