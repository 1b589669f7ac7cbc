-- What the replicas of dbman have counted, as they reported it last. Unlogged: a report writes no log, waits for no disk and no standby, and what a crash or a failover empties is there again
-- with the next one. No index but the key, so that updates stay heap-only; there are as many rows as there were processes within minutes.
CREATE UNLOGGED TABLE dbman_replicas (
    replica_id text COLLATE "C" PRIMARY KEY,
    seen_at    timestamptz NOT NULL,
    version    text        NULL,
    figures    jsonb       NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
