DELETE FROM sessions s
USING (
    SELECT o.tenant_id, o.id
    FROM sessions o
    WHERE o.expires_at < now() - @keep_seconds * interval '1 second'
    ORDER BY o.expires_at
    LIMIT @batch
    FOR UPDATE SKIP LOCKED
) ended
WHERE s.tenant_id = ended.tenant_id AND s.id = ended.id
