SELECT s.id, s.user_id, s.created_at, s.last_used_at, s.expires_at, s.user_agent, s.address, s.revoked_at, s.revoked_reason
FROM users u
LEFT JOIN LATERAL (
    SELECT *
    FROM sessions
    WHERE sessions.tenant_id = u.tenant_id AND sessions.user_id = u.id AND sessions.revoked_at IS NULL AND sessions.id > @after
        AND sessions.expires_at > now()
    ORDER BY sessions.id
    LIMIT @limit
) s ON true
WHERE u.tenant_id = @tenant AND u.id = @user
ORDER BY s.id
