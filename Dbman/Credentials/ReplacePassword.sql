-- The new hash and the end of the sessions that began with the old password are one transaction, under the user's row lock as everything that begins or ends
-- a user's sessions: a login that checked the old password comes either before it, and its session ends here, or after it, and gets none.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @user FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        u.tenant_id,
        u.id,
        CASE
            WHEN c.generation <> @generation THEN 'changed'
            WHEN @keep_session IS NOT NULL AND NOT EXISTS (
                SELECT FROM sessions k
                WHERE k.tenant_id = u.tenant_id AND k.id = @keep_session AND k.user_id = u.id AND k.revoked_at IS NULL
                    AND k.expires_at > statement_timestamp()
            ) THEN 'ended'
            ELSE 'ok'
        END AS word
    FROM users u
    JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
    WHERE u.tenant_id = @tenant AND u.id = @user
),
replaced AS (
    UPDATE credentials c
    SET password_hash = @hash, generation = c.generation + 1, changed_at = statement_timestamp()
    FROM facts
    WHERE facts.word = 'ok' AND c.tenant_id = facts.tenant_id AND c.user_id = facts.id
),
revoked AS (
    UPDATE sessions s
    SET revoked_at = statement_timestamp(), revoked_reason = @reason
    FROM facts
    WHERE facts.word = 'ok' AND s.tenant_id = facts.tenant_id AND s.user_id = facts.id AND s.revoked_at IS NULL
        AND s.expires_at > statement_timestamp() AND (@keep_session IS NULL OR s.id <> @keep_session)
    RETURNING s.id
)
SELECT facts.word, ARRAY(SELECT revoked.id FROM revoked ORDER BY revoked.id)
FROM facts
