SELECT u.id, u.username, u.display_name, u.role, u.created_at, CASE WHEN u.deactivated_at IS NOT NULL THEN 'deactivated' END
FROM users u
WHERE u.tenant_id = @tenant AND u.id = @user AND u.removed_at IS NULL
