SELECT
    s.used_bytes,
    (
        SELECT coalesce(sum(f.size), 0)
        FROM files f
        WHERE f.tenant_id = t.id AND f.status = 'uploading' AND f.reap_after > statement_timestamp()
    )::bigint,
    t.storage_quota
FROM tenants t
JOIN tenant_storage s ON s.tenant_id = t.id
WHERE t.id = @tenant
