SELECT f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
FROM files f
WHERE f.tenant_id = @tenant AND f.id = @file AND f.status = 'ready'
