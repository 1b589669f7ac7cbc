SELECT 1 AS locked FROM tenant_storage s WHERE s.tenant_id = @tenant FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        f.status,
        f.reap_after,
        f.size,
        f.sha256,
        t.storage_quota,
        s.used_bytes,
        (
            SELECT coalesce(sum(o.size), 0)
            FROM files o
            WHERE o.tenant_id = @tenant AND o.status = 'uploading' AND o.reap_after > statement_timestamp() AND o.id <> @file
        ) AS reserved_by_others
    FROM files f
    JOIN tenants t ON t.id = f.tenant_id
    JOIN tenant_storage s ON s.tenant_id = f.tenant_id
    WHERE f.tenant_id = @tenant AND f.id = @file
),
verdict AS (
    SELECT
        CASE
            WHEN status = 'ready' AND size = @size AND sha256 = @sha256 THEN 'ok'
            WHEN status = 'ready' THEN 'conflict'
            WHEN status = 'deleting' OR reap_after <= statement_timestamp() THEN 'no-file'
            -- What was reserved is the file's already; more than that must fit like anybody's.
            WHEN @size > size AND used_bytes + reserved_by_others + @size > storage_quota THEN 'quota'
            ELSE 'ok'
        END AS word,
        status = 'uploading' AS is_new
    FROM facts
),
completed AS (
    UPDATE files f
    SET status = 'ready', reap_after = NULL, size = @size, sha256 = @sha256, content_type = @content_type, width = @width, height = @height, animated = @animated
    FROM verdict
    WHERE verdict.word = 'ok' AND verdict.is_new AND f.tenant_id = @tenant AND f.id = @file
    RETURNING f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
),
charged AS (
    UPDATE tenant_storage s
    SET used_bytes = s.used_bytes + @size
    FROM verdict
    WHERE verdict.word = 'ok' AND verdict.is_new AND s.tenant_id = @tenant
)
SELECT verdict.word, file.*
FROM verdict
LEFT JOIN LATERAL (
    SELECT completed.* FROM completed
    UNION ALL
    SELECT f.tenant_id, f.id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.created_at, f.width, f.height, f.animated, f.thumbnail_bytes
    FROM files f
    WHERE f.tenant_id = @tenant AND f.id = @file AND verdict.word = 'ok' AND NOT verdict.is_new
) file ON true
