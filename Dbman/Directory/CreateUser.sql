-- Answers nothing when there is no such tenant, or the id or the name is taken; ReadUserConflict.sql tells which, with a snapshot of its own: the row in
-- the way may have been committed after this statement began.
WITH created AS (
    INSERT INTO users (tenant_id, id, username, username_key, display_name, role)
    SELECT t.id, @user, @username, @username_key, @display_name, @role FROM tenants t WHERE t.id = @tenant
    ON CONFLICT DO NOTHING
    RETURNING id, username, display_name, role, created_at
),
credential AS (
    INSERT INTO credentials (tenant_id, user_id, password_hash) SELECT @tenant, created.id, @password_hash FROM created
)
SELECT created.* FROM created
