SELECT r.epoch, r.tenant_id, r.room_id, r.state, r.changed_by, r.reason, r.changed_at
FROM layout_records r
WHERE r.epoch < @before
ORDER BY r.epoch DESC
LIMIT @limit
