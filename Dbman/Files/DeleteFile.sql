SELECT 1 AS locked FROM tenant_storage s WHERE s.tenant_id = @tenant FOR NO KEY UPDATE;

-- The quota is free at once; the content goes when it is swept.
WITH before AS (
    SELECT f.status, f.size + coalesce(f.thumbnail_bytes, 0) AS size FROM files f WHERE f.tenant_id = @tenant AND f.id = @file
),
freed AS (
    UPDATE tenant_storage s
    SET used_bytes = s.used_bytes - before.size
    FROM before
    WHERE before.status = 'ready' AND s.tenant_id = @tenant
)
UPDATE files f
SET status = 'deleting', reap_after = CASE WHEN f.status = 'deleting' THEN f.reap_after ELSE statement_timestamp() END
WHERE f.tenant_id = @tenant AND f.id = @file
RETURNING f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
