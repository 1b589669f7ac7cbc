-- Creators of names that look alike take turns. The first number is any constant that no other use of advisory locks has.
SELECT pg_advisory_xact_lock(7310305, hashtext(@tenant || ' ' || coalesce(@skeleton, @username_key))) AS locked;

-- Answers nothing when there is no such tenant, or the id or the name is taken; ReadUserConflict.sql reports which, with a snapshot of its own: the
-- row in the way may have been committed after this statement began.
WITH created AS (
    INSERT INTO users (tenant_id, id, username, username_key, skeleton, display_name, role)
    SELECT t.id, @user, @username, @username_key, @skeleton, @display_name, @role
    FROM tenants t
    WHERE t.id = @tenant AND NOT EXISTS (SELECT FROM users o WHERE o.tenant_id = t.id AND o.skeleton = @skeleton)
    ON CONFLICT DO NOTHING
    RETURNING id, username, display_name, role, created_at, NULL::text AS status
),
credential AS (
    INSERT INTO credentials (tenant_id, user_id, password_hash) SELECT @tenant, created.id, @password_hash FROM created
)
SELECT created.* FROM created
