INSERT INTO layout_decisions AS d (epoch, decided_at, tenant_id, room_id, decision, decided_by, message, figures)
VALUES (@epoch, clock_timestamp(), @tenant, @room, @decision, @by, @message, @figures)
RETURNING d.id, d.tenant_id, d.room_id, d.epoch, d.decision, d.decided_by, d.message, d.figures, d.decided_at
