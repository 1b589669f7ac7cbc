SELECT u.id, u.username, u.display_name, u.role, u.created_at, c.password_hash,
    coalesce(a.failed_attempts, 0), CASE WHEN a.locked_until > now() THEN a.locked_until END
FROM users u
JOIN credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.id
LEFT JOIN login_attempts a ON a.tenant_id = u.tenant_id AND a.username_key = u.username_key
WHERE u.tenant_id = @tenant AND u.username_key = @username_key
