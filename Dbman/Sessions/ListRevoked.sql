-- One row at least: the time that the next call begins from. What is stamped earlier than that is committed by then, or never, as no statement takes longer.
SELECT clock.at - @overlap_seconds * interval '1 second', s.tenant_id, s.user_id, s.id, s.revoked_at
FROM (SELECT statement_timestamp() AS at) clock
LEFT JOIN LATERAL (
    SELECT sessions.tenant_id, sessions.user_id, sessions.id, sessions.revoked_at
    FROM sessions
    WHERE sessions.revoked_at >= coalesce(@since, clock.at - @window_seconds * interval '1 second')
    ORDER BY sessions.revoked_at, sessions.tenant_id, sessions.id
    LIMIT @limit
) s ON true
ORDER BY s.revoked_at, s.tenant_id, s.id
