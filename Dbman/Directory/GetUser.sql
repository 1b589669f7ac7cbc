SELECT u.id, u.username, u.display_name, u.role, u.created_at FROM users u WHERE u.tenant_id = @tenant AND u.id = @user
