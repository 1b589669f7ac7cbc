DELETE FROM layout_nodes n
USING (
    SELECT o.node_id
    FROM layout_nodes o
    WHERE o.seen_at < now() - @keep_seconds * interval '1 second' AND o.lease_until < now()
    ORDER BY o.seen_at
    LIMIT @batch
    FOR UPDATE SKIP LOCKED
) gone
WHERE n.node_id = gone.node_id
