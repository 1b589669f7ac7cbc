SELECT r.replica_id, greatest(0, extract(epoch FROM clock_timestamp() - r.seen_at) * 1000)::bigint AS seen_ms, r.figures, r.version
FROM dbman_replicas r
WHERE r.seen_at > clock_timestamp() - @keep_seconds * interval '1 second'
ORDER BY r.seen_at DESC, r.replica_id
LIMIT @limit
