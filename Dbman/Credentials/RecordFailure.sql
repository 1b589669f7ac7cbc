-- One statement: parallel guesses queue up on the row, and each finds the count that the one before it left. While the name is locked nothing changes.
INSERT INTO login_attempts AS a (tenant_id, username_key, failed_attempts, locked_until, updated_at)
SELECT t.id, @username_key, 1, CASE WHEN @lock_after <= 1 THEN now() + least(@lock_seconds, @max_lock_seconds) * interval '1 second' END, now()
FROM tenants t
WHERE t.id = @tenant
ON CONFLICT (tenant_id, username_key) DO UPDATE
SET failed_attempts = CASE WHEN a.locked_until > now() THEN a.failed_attempts ELSE a.failed_attempts + 1 END,
    locked_until = CASE
        WHEN a.locked_until > now() THEN a.locked_until
        WHEN a.failed_attempts + 1 < @lock_after THEN NULL
        -- Doubles with each failure past the bound; the exponent is cut so that it cannot overflow before the maximum is applied.
        ELSE now() + least(@lock_seconds * power(2, least(a.failed_attempts + 1 - @lock_after, 30)), @max_lock_seconds) * interval '1 second'
    END,
    updated_at = now()
RETURNING a.failed_attempts,
    CASE WHEN a.locked_until > now() THEN a.locked_until END,
    CASE WHEN a.locked_until > now() THEN extract(epoch FROM a.locked_until - now())::double precision END
