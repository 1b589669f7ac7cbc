WITH seen AS (
    SELECT n.*, n.lease_until > clock_timestamp() AS is_live, clock_timestamp() AS read_at FROM layout_nodes n
)
SELECT
    c.revision, n.node_id, n.applied, n.is_live, n.seen_at,
    greatest(0, extract(epoch FROM n.read_at - n.seen_at) * 1000)::bigint AS seen_ms,
    n.rooms, n.connections, n.version, n.note,
    -- Null as long as there are none, which greatest would make 0.
    CASE WHEN n.figures_at IS NOT NULL THEN greatest(0, extract(epoch FROM n.read_at - n.figures_at) * 1000)::bigint END AS figures_ms,
    CASE WHEN @with_figures AND n.is_live THEN n.figures END
FROM layout_counter c
LEFT JOIN seen n ON true
ORDER BY n.is_live DESC, n.seen_at DESC, n.node_id
LIMIT @limit
