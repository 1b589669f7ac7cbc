SELECT r.id, r.name, r.visibility, r.last_seq, r.created_by, r.created_at, r.member_count
FROM tenants t
LEFT JOIN LATERAL (
    SELECT *
    FROM rooms
    WHERE rooms.tenant_id = t.id AND rooms.visibility = 'public' AND rooms.id > @after
    ORDER BY rooms.id
    LIMIT @limit
) r ON true
WHERE t.id = @tenant
ORDER BY r.id
