-- Adders take turns, readers go on: of all replicas that find the newest key too old at the same time, one adds the next. The number is any constant that no
-- other use of advisory locks has.
SELECT pg_advisory_xact_lock(7310303) AS locked;

INSERT INTO signing_keys (kid, algorithm, public_jwk, protected_private_key, not_before, signs_until, published_until)
SELECT @kid, @algorithm, @public_jwk, @private_key, @not_before, @signs_until, @published_until
WHERE NOT EXISTS (SELECT FROM signing_keys k WHERE k.signs_until >= @unless_signs_until)
ON CONFLICT (kid) DO NOTHING
RETURNING kid
