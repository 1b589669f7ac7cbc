SELECT u.id, u.username, u.display_name, u.role, u.created_at, NULL, c.password_hash, c.generation
FROM users u
JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
WHERE u.tenant_id = @tenant AND u.username_key = @username_key AND u.deactivated_at IS NULL
