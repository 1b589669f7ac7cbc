SELECT 1 AS locked FROM tenant_storage s WHERE s.tenant_id = @tenant FOR NO KEY UPDATE;

-- The first counts: replicas may make the same thumbnail at the same time.
WITH thumbnail AS (
    UPDATE files f
    SET thumbnail_bytes = @bytes,
        -- What was read at upload counts: a decoder may name the sides as they are shown.
        width = coalesce(f.width, @width),
        height = coalesce(f.height, @height),
        animated = CASE WHEN f.width IS NULL THEN coalesce(@animated, f.animated) ELSE f.animated END
    WHERE f.tenant_id = @tenant AND f.id = @file AND f.status = 'ready' AND f.thumbnail_bytes IS NULL
    RETURNING f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
),
charged AS (
    UPDATE tenant_storage s
    SET used_bytes = s.used_bytes + @bytes
    FROM thumbnail
    WHERE s.tenant_id = @tenant
)
SELECT thumbnail.* FROM thumbnail
UNION ALL
SELECT f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
FROM files f
WHERE f.tenant_id = @tenant AND f.id = @file AND f.status = 'ready' AND f.thumbnail_bytes IS NOT NULL
