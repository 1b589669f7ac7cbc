-- One statement: parallel guesses queue up on the rows, and each finds the count that the one before it left. While a source is locked nothing changes in its row.
-- In order of the source, so that two failures never lock rows in different orders.
WITH throttles AS (
    SELECT *
    FROM unnest(@sources, @lock_after, @lock_seconds, @max_lock_seconds, @window_seconds) AS x (source, lock_after, lock_seconds, max_lock_seconds, window_seconds)
),
counted AS (
    INSERT INTO login_throttles AS a (tenant_id, username_key, source, failed_attempts, counted_since, locked_until, updated_at)
    SELECT t.id, @username_key, x.source, 1, now(),
        CASE WHEN x.lock_after <= 1 THEN now() + least(x.lock_seconds, x.max_lock_seconds) * interval '1 second' END, now()
    FROM tenants t
    CROSS JOIN throttles x
    WHERE t.id = @tenant
    ORDER BY x.source
    ON CONFLICT (tenant_id, username_key, source) DO UPDATE
    SET (failed_attempts, counted_since, locked_until, updated_at) = (
        SELECT
            next.failures,
            CASE WHEN next.starts_again THEN now() ELSE a.counted_since END,
            CASE
                WHEN a.locked_until > now() THEN a.locked_until
                WHEN next.failures < x.lock_after THEN NULL
                -- Doubles with each failure past the bound; the exponent is cut so that it cannot overflow before the maximum is applied.
                ELSE now() + least(x.lock_seconds * power(2, least(next.failures - x.lock_after, 30)), x.max_lock_seconds) * interval '1 second'
            END,
            now()
        FROM throttles x
        CROSS JOIN LATERAL (
            SELECT x.window_seconds > 0 AND a.counted_since < now() - x.window_seconds * interval '1 second' AS starts_again
        ) age
        CROSS JOIN LATERAL (
            SELECT
                age.starts_again,
                CASE
                    WHEN a.locked_until > now() THEN a.failed_attempts
                    WHEN age.starts_again THEN 1
                    ELSE a.failed_attempts + 1
                END AS failures
        ) next
        WHERE x.source = excluded.source
    )
    RETURNING a.failed_attempts, a.locked_until
)
SELECT max(counted.failed_attempts),
    max(counted.locked_until) FILTER (WHERE counted.locked_until > now()),
    extract(epoch FROM max(counted.locked_until) FILTER (WHERE counted.locked_until > now()) - now())::double precision
FROM counted
HAVING count(*) > 0
