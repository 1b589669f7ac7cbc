DELETE FROM login_throttles a
WHERE a.tenant_id = @tenant AND a.username_key = @username_key AND a.source = ANY (@sources) AND (a.locked_until IS NULL OR a.locked_until <= now());

-- What is left is a lock that came first: the success does not count.
SELECT coalesce(max(a.failed_attempts), 0),
    max(a.locked_until) FILTER (WHERE a.locked_until > now()),
    extract(epoch FROM max(a.locked_until) FILTER (WHERE a.locked_until > now()) - now())::double precision
FROM tenants t
LEFT JOIN login_throttles a ON a.tenant_id = t.id AND a.username_key = @username_key AND a.source = ANY (@sources)
WHERE t.id = @tenant
GROUP BY t.id
