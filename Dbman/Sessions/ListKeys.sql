SELECT k.kid, k.algorithm, k.public_jwk, k.protected_private_key, k.not_before, k.signs_until, k.published_until
FROM signing_keys k
WHERE k.published_until > now()
ORDER BY k.not_before DESC, k.kid
LIMIT 100
