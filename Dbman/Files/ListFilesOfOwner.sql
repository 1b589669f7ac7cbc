SELECT f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
FROM tenants t
LEFT JOIN LATERAL (
    SELECT *
    FROM files
    WHERE files.tenant_id = t.id AND files.owner_id = @owner AND files.status = 'ready' AND files.id > @after
    ORDER BY files.id
    LIMIT @limit
) f ON true
WHERE t.id = @tenant
ORDER BY f.id
