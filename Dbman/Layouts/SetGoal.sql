-- One at a time, so that the bound holds. The driver's row is the lock for all goals: it always exists, and is hardly contended.
SELECT 1 AS locked FROM layout_driver d FOR NO KEY UPDATE;

INSERT INTO layout_goals AS g (tenant_id, room_id, set_at, autopilot, set_by, reason, target, is_dry)
SELECT @tenant, @room, clock_timestamp(), @autopilot, @by, @reason, @target, @is_dry
WHERE CASE
    WHEN @replaces IS NOT NULL THEN EXISTS (SELECT FROM layout_goals o WHERE o.tenant_id = @tenant AND o.room_id = @room AND o.set_at = @replaces)
    ELSE EXISTS (SELECT FROM layout_goals o WHERE o.tenant_id = @tenant AND o.room_id = @room)
        OR (SELECT count(*) FROM layout_goals) < @max_goals
    END
ON CONFLICT (tenant_id, room_id) DO UPDATE SET
    -- Later than the goal that it replaces, whatever the clock does.
    set_at = greatest(excluded.set_at, g.set_at + interval '1 microsecond'),
    autopilot = excluded.autopilot,
    set_by = excluded.set_by,
    reason = excluded.reason,
    target = excluded.target,
    is_dry = excluded.is_dry
RETURNING g.tenant_id, g.room_id, g.target, g.autopilot, g.set_by, g.set_at, g.reason, g.is_dry
