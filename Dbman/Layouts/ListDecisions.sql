SELECT d.id, d.tenant_id, d.room_id, d.epoch, d.decision, d.decided_by, d.message, d.figures, d.decided_at
FROM layout_decisions d
WHERE d.id < @before
ORDER BY d.id DESC
LIMIT @limit
