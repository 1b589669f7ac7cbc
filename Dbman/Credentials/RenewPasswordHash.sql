-- A stronger hash of the same password, and only of that: when the password was changed meanwhile, the expected hash is gone.
WITH renewed AS (
    UPDATE credentials c
    SET password_hash = @hash
    WHERE c.tenant_id = @tenant AND c.user_id = @user AND c.password_hash = @expected
    RETURNING c.user_id
)
SELECT EXISTS (SELECT FROM renewed)
FROM users u
WHERE u.tenant_id = @tenant AND u.id = @user
