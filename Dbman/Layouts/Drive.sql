SELECT 1 AS locked FROM layout_driver d FOR NO KEY UPDATE;

WITH facts AS (
    SELECT d.holder, d.lease_until <= clock_timestamp() AS is_free, clock_timestamp() + @lease * interval '1 millisecond' AS until FROM layout_driver d
),
taken AS (
    UPDATE layout_driver d
    SET holder = @holder,
        term = d.term + CASE WHEN d.holder IS DISTINCT FROM @holder THEN 1 ELSE 0 END,
        lease_until = facts.until
    FROM facts
    WHERE facts.holder IS NULL OR facts.is_free OR facts.holder = @holder
    RETURNING d.holder, d.term, d.lease_until
),
-- This statement does not see its own update: what is there when nothing was taken comes from the table.
lease AS (
    SELECT taken.* FROM taken
    UNION ALL
    SELECT d.holder, d.term, d.lease_until FROM layout_driver d WHERE NOT EXISTS (SELECT FROM taken)
)
SELECT lease.holder, lease.term, greatest(0, extract(epoch FROM lease.lease_until - clock_timestamp()) * 1000)::bigint
FROM lease
