-- One row where there is such a tenant: the strictest of the named sources.
SELECT coalesce(max(a.failed_attempts), 0),
    max(a.locked_until) FILTER (WHERE a.locked_until > now()),
    extract(epoch FROM max(a.locked_until) FILTER (WHERE a.locked_until > now()) - now())::double precision
FROM tenants t
LEFT JOIN login_throttles a ON a.tenant_id = t.id AND a.username_key = @username_key AND a.source = ANY (@sources)
WHERE t.id = @tenant
GROUP BY t.id
