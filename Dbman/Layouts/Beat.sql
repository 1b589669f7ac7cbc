-- Shared with other heartbeats, not with a change: no lease is granted beside a record that is being added.
SELECT 1 AS locked FROM layout_counter c FOR SHARE;

-- Who is to be reckoned with: also a node that is about to get its first lease, and may have clients.
WITH present AS (
    SELECT n.node_id, n.wire_version, n.present_since, n.asked_at
    FROM layout_nodes n
    WHERE greatest(n.lease_until, n.seen_at + interval '10 seconds') > clock_timestamp()
),
facts AS (
    SELECT
        c.revision,
        -- Never goes back: a heartbeat that was overtaken by a later one of its node says what held before.
        greatest(@applied, n.applied) AS applied,
        coalesce(n.lease_until > clock_timestamp(), false) AS has_lease,
        p.node_id IS NOT NULL AS is_present,
        p.present_since
    FROM layout_counter c
    LEFT JOIN layout_nodes n ON n.node_id = @node
    LEFT JOIN present p ON p.node_id = @node
),
-- Nodes that publish what this one cannot read, until they have heard of it: a transaction that began after its row was there has seen the row.
unaware AS (
    SELECT count(*) AS nodes
    FROM facts, present p
    WHERE p.node_id <> @node AND p.wire_version > @wire_version AND p.asked_at <= coalesce(facts.present_since, 'infinity')
),
verdict AS (
    SELECT
        facts.revision,
        facts.applied,
        greatest(@applied, @known) > facts.revision AS is_ahead,
        facts.has_lease OR (facts.applied = facts.revision AND unaware.nodes = 0) AS is_granted,
        -- Only a row that was there before this heartbeat began is seen by others.
        CASE WHEN facts.is_present THEN coalesce(facts.present_since, clock_timestamp()) END AS present_since
    FROM facts, unaware
),
beat AS (
    INSERT INTO layout_nodes AS n (node_id, applied, known, lease_until, seen_at, rooms, connections, version, note, figures, figures_at, wire_version, present_since, asked_at)
    SELECT
        @node,
        v.applied,
        @known,
        CASE WHEN v.is_granted THEN clock_timestamp() + @lease * interval '1 millisecond' ELSE 'epoch' END,
        clock_timestamp(),
        @rooms,
        @connections,
        @version,
        @note,
        @figures,
        CASE WHEN @figures IS NOT NULL THEN clock_timestamp() END,
        @wire_version,
        v.present_since,
        now()
    FROM verdict v
    WHERE NOT v.is_ahead
    ON CONFLICT (node_id) DO UPDATE SET
        applied = greatest(n.applied, excluded.applied),
        known = greatest(n.known, excluded.known),
        -- A longer lease that was granted before still counts for the node until it has this answer.
        lease_until = greatest(n.lease_until, excluded.lease_until),
        seen_at = excluded.seen_at,
        rooms = excluded.rooms,
        connections = excluded.connections,
        version = excluded.version,
        note = excluded.note,
        figures = coalesce(excluded.figures, n.figures),
        figures_at = coalesce(excluded.figures_at, n.figures_at),
        wire_version = excluded.wire_version,
        present_since = excluded.present_since,
        asked_at = greatest(n.asked_at, excluded.asked_at)
)
SELECT
    v.is_ahead, v.is_granted, v.revision, least(@wire_version, (SELECT min(p.wire_version) FROM present p WHERE p.node_id <> @node)) AS wire_version,
    r.epoch, r.tenant_id, r.room_id, r.state, r.changed_by, r.reason, r.changed_at
FROM verdict v
LEFT JOIN (layout_scopes s JOIN layout_records r ON r.epoch = s.epoch) ON NOT v.is_ahead AND s.epoch > @known AND (@known > 0 OR s.is_own)
ORDER BY s.epoch
