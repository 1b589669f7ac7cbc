-- All exchanges of one session take turns on its row. The second statement sees what the one before left.
SELECT 1 AS locked
FROM refresh_tokens t
JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id
WHERE t.hash = @presented
FOR NO KEY UPDATE OF s;

WITH token AS (
    SELECT
        t.tenant_id,
        t.session_id,
        t.sealed_successor,
        CASE
            WHEN s.revoked_at IS NOT NULL THEN 'revoked'
            WHEN s.expires_at <= statement_timestamp() THEN 'expired'
            -- Handed out by an earlier version to one of two callers at once, and no longer valid: nobody did wrong.
            WHEN t.superseded THEN 'superseded'
            WHEN t.replaced_at IS NULL THEN 'rotated'
            -- The answer got lost on its way, or two asked at once: nobody has used the successor, and not much time has passed.
            WHEN t.replaced_at > statement_timestamp() - @grace_seconds * interval '1 second' AND successor.replaced_at IS NULL THEN
                CASE WHEN t.sealed_successor IS NULL THEN 'superseded' ELSE 'again' END
            ELSE 'reused'
        END AS outcome
    FROM refresh_tokens t
    JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id
    LEFT JOIN refresh_tokens successor ON successor.hash = t.replaced_by
    WHERE t.hash = @presented
),
issued AS (
    INSERT INTO refresh_tokens (hash, tenant_id, session_id)
    SELECT @next, token.tenant_id, token.session_id FROM token WHERE token.outcome = 'rotated'
),
replaced AS (
    UPDATE refresh_tokens t
    SET replaced_at = statement_timestamp(), replaced_by = @next, sealed_successor = @sealed_next
    FROM token
    WHERE t.hash = @presented AND token.outcome = 'rotated'
),
used AS (
    -- The answer that handed out the presented token has arrived: what would repeat it goes, so that no old token leads to the present one.
    UPDATE refresh_tokens t
    SET sealed_successor = NULL
    FROM token
    WHERE t.replaced_by = @presented AND t.sealed_successor IS NOT NULL AND token.outcome = 'rotated'
),
changed AS (
    UPDATE sessions s
    SET last_used_at = CASE WHEN token.outcome = 'reused' THEN s.last_used_at ELSE statement_timestamp() END,
        revoked_at = CASE WHEN token.outcome = 'reused' THEN statement_timestamp() END,
        revoked_reason = CASE WHEN token.outcome = 'reused' THEN 'refresh-token-reused' END
    FROM token
    WHERE s.tenant_id = token.tenant_id AND s.id = token.session_id AND token.outcome IN ('rotated', 'again', 'reused')
    RETURNING s.last_used_at, s.revoked_at, s.revoked_reason
)
SELECT
    token.outcome,
    token.tenant_id,
    s.id, s.user_id, s.created_at, coalesce(changed.last_used_at, s.last_used_at), s.expires_at, s.user_agent, s.address,
    coalesce(changed.revoked_at, s.revoked_at), coalesce(changed.revoked_reason, s.revoked_reason),
    u.id, u.username, u.display_name, u.role, u.created_at, CASE WHEN u.removed_at IS NOT NULL THEN 'removed' WHEN u.deactivated_at IS NOT NULL THEN 'deactivated' END,
    CASE WHEN token.outcome = 'again' THEN token.sealed_successor END
FROM token
JOIN sessions s ON s.tenant_id = token.tenant_id AND s.id = token.session_id
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
LEFT JOIN changed ON true
