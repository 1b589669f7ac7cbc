SELECT u.id, u.username, u.display_name, u.role, u.created_at, CASE WHEN u.deactivated_at IS NOT NULL THEN 'deactivated' END
FROM tenants t
LEFT JOIN LATERAL (
    SELECT * FROM users WHERE users.tenant_id = t.id AND users.removed_at IS NULL AND users.id > @after ORDER BY users.id LIMIT @limit
) u ON true
WHERE t.id = @tenant
ORDER BY u.id
