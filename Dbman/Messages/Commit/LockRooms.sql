-- In one order everywhere: two transactions that want the same rooms queue up, and never wait for each other in a circle.
-- NO KEY: checks of foreign keys that point to the room go on beside it.
SELECT 1 AS locked
FROM unnest(@room_tenants, @room_ids) AS k (tenant_id, room_id)
JOIN rooms r ON r.tenant_id = k.tenant_id AND r.id = k.room_id
ORDER BY r.tenant_id, r.id
FOR NO KEY UPDATE OF r
