SELECT a.failed_attempts,
    CASE WHEN a.locked_until > now() THEN a.locked_until END,
    CASE WHEN a.locked_until > now() THEN extract(epoch FROM a.locked_until - now())::double precision END
FROM login_attempts a
WHERE a.tenant_id = @tenant AND a.username_key = @username_key
