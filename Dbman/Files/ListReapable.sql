SELECT f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
FROM files f
WHERE f.status <> 'ready' AND f.reap_after <= statement_timestamp()
ORDER BY f.reap_after
LIMIT @limit
