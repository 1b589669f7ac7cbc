DELETE FROM login_throttles a
USING (
    SELECT o.tenant_id, o.username_key, o.source
    FROM login_throttles o
    WHERE o.updated_at < now() - @keep_seconds * interval '1 second' AND (o.locked_until IS NULL OR o.locked_until < now())
    ORDER BY o.updated_at
    LIMIT @batch
    FOR UPDATE SKIP LOCKED
) forgotten
WHERE a.tenant_id = forgotten.tenant_id AND a.username_key = forgotten.username_key AND a.source = forgotten.source
