SELECT
    EXISTS (SELECT FROM tenants t WHERE t.id = @tenant),
    EXISTS (SELECT FROM users u WHERE u.tenant_id = @tenant AND (u.username_key = @username_key OR u.skeleton = @skeleton))
