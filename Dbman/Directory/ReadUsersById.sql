SELECT u.id, u.username, u.display_name, u.role, u.created_at, CASE WHEN u.removed_at IS NOT NULL THEN 'removed' WHEN u.deactivated_at IS NOT NULL THEN 'deactivated' END
FROM users u
WHERE u.tenant_id = @tenant AND u.id = ANY (@ids)
ORDER BY u.id
