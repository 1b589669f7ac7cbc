SELECT g.tenant_id, g.room_id, g.target, g.autopilot, g.set_by, g.set_at, g.reason, g.is_dry
FROM layout_goals g
ORDER BY g.tenant_id, g.room_id
