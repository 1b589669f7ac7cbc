DELETE FROM login_attempts a
WHERE a.tenant_id = @tenant AND a.username_key = @username_key AND (a.locked_until IS NULL OR a.locked_until <= now());

-- What is left is a lock that came first: the success does not count.
SELECT coalesce(a.failed_attempts, 0),
    CASE WHEN a.locked_until > now() THEN a.locked_until END,
    CASE WHEN a.locked_until > now() THEN extract(epoch FROM a.locked_until - now())::double precision END
FROM tenants t
LEFT JOIN login_attempts a ON a.tenant_id = t.id AND a.username_key = @username_key
WHERE t.id = @tenant
