INSERT INTO dbman_replicas AS r (replica_id, seen_at, version, figures)
VALUES (@replica, clock_timestamp(), @version, @figures)
ON CONFLICT (replica_id) DO UPDATE SET
    seen_at = excluded.seen_at,
    version = excluded.version,
    figures = excluded.figures
