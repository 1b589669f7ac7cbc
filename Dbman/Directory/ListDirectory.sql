-- Bounded by the page, whatever the names are: both indexes are read from the cursor on, as far as a window each, and merged. A user both of whose names begin so comes twice, at most, and
-- counts where it comes first. The upper bound, behind everything that begins with the prefix, keeps a scan within it.
SELECT f.key, f.is_first, f.id, f.username, f.display_name, f.role, f.created_at, f.status
FROM tenants t
LEFT JOIN LATERAL (
    SELECT
        n.key,
        CASE
            WHEN n.by_display_name THEN
                NOT coalesce(n.username COLLATE "C" <= n.key AND n.username COLLATE "C" >= @username AND n.username COLLATE "C" < @username || chr(1114111), false)
            ELSE
                NOT coalesce(
                    lower(n.display_name) COLLATE "C" < n.key AND lower(n.display_name) COLLATE "C" >= lower(@display_name)
                        AND lower(n.display_name) COLLATE "C" < lower(@display_name) || chr(1114111),
                    false)
        END AS is_first,
        n.by_display_name, n.id, n.username, n.display_name, n.role, n.created_at,
        CASE WHEN n.deactivated_at IS NOT NULL THEN 'deactivated' END AS status
    FROM (
        (
            SELECT u.username COLLATE "C" AS key, false AS by_display_name, u.*
            FROM users u
            WHERE u.tenant_id = t.id AND u.removed_at IS NULL AND (u.deactivated_at IS NOT NULL) = @deactivated
                AND u.username COLLATE "C" >= @username AND u.username COLLATE "C" < @username || chr(1114111)
                AND (u.username COLLATE "C", u.id) > (@after, @after_id)
            ORDER BY u.username COLLATE "C", u.id
            LIMIT @window
        )
        UNION ALL
        (
            SELECT lower(u.display_name) COLLATE "C" AS key, true AS by_display_name, u.*
            FROM users u
            WHERE u.tenant_id = t.id AND u.removed_at IS NULL AND (u.deactivated_at IS NOT NULL) = @deactivated
                AND lower(u.display_name) COLLATE "C" >= lower(@display_name) AND lower(u.display_name) COLLATE "C" < lower(@display_name) || chr(1114111)
                AND (lower(u.display_name) COLLATE "C", u.id) > (@after, @after_id)
            ORDER BY lower(u.display_name) COLLATE "C", u.id
            LIMIT @window
        )
    ) n
    ORDER BY n.key, n.id, n.by_display_name
    LIMIT @window
) f ON true
WHERE t.id = @tenant
ORDER BY f.key, f.id, f.by_display_name
