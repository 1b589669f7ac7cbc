-- One statement sees one moment: revision and records belong together.
SELECT c.revision, r.epoch, r.tenant_id, r.room_id, r.state, r.changed_by, r.reason, r.changed_at
FROM layout_counter c
LEFT JOIN (layout_scopes s JOIN layout_records r ON r.epoch = s.epoch) ON s.epoch > @known AND (@known > 0 OR s.is_own)
ORDER BY s.epoch
