SELECT 1 AS locked FROM tenant_storage s WHERE s.tenant_id = @tenant FOR NO KEY UPDATE;

WITH facts AS (
    SELECT
        t.storage_quota,
        s.used_bytes,
        -- Running uploads only: a reservation that has ended counts no more, whether somebody has swept it or not.
        (
            SELECT coalesce(sum(f.size), 0)
            FROM files f
            WHERE f.tenant_id = @tenant AND f.status = 'uploading' AND f.reap_after > statement_timestamp()
        ) AS reserved_bytes,
        EXISTS (SELECT FROM users u WHERE u.tenant_id = @tenant AND u.id = @owner AND u.removed_at IS NULL) AS has_owner,
        EXISTS (SELECT FROM files f WHERE f.tenant_id = @tenant AND f.id = @file) AS is_taken
    FROM tenants t
    JOIN tenant_storage s ON s.tenant_id = t.id
    WHERE t.id = @tenant
),
verdict AS (
    SELECT
        CASE
            WHEN NOT has_owner THEN 'no-owner'
            WHEN is_taken THEN 'conflict'
            WHEN used_bytes + reserved_bytes + @bytes > storage_quota THEN 'quota'
            ELSE 'ok'
        END AS word
    FROM facts
),
reserved AS (
    INSERT INTO files (tenant_id, id, owner_id, name, content_type, size, status, reap_after)
    SELECT @tenant, @file, @owner, @name, @content_type, @bytes, 'uploading', statement_timestamp() + @expires_in * interval '1 second'
    FROM verdict
    WHERE verdict.word = 'ok'
    RETURNING tenant_id, id, owner_id, name, content_type, size, sha256, status, created_at, width, height, animated, thumbnail_bytes
)
SELECT verdict.word, reserved.* FROM verdict LEFT JOIN reserved ON true
