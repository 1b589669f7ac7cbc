DELETE FROM dbman_replicas r
USING (
    SELECT o.replica_id
    FROM dbman_replicas o
    WHERE o.seen_at < now() - @keep_seconds * interval '1 second'
    ORDER BY o.seen_at
    LIMIT @batch
    FOR UPDATE SKIP LOCKED
) gone
WHERE r.replica_id = gone.replica_id
