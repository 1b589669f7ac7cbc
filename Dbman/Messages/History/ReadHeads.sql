SELECT r.tenant_id, r.id, r.last_seq
FROM (SELECT DISTINCT k.tenant_id, k.room_id FROM unnest(@tenants, @rooms) AS k (tenant_id, room_id)) k
JOIN rooms r ON r.tenant_id = k.tenant_id AND r.id = k.room_id
