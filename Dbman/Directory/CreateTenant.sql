-- Creators of ids that differ in case only take turns. The first number is any constant that no other use of advisory locks has.
SELECT pg_advisory_xact_lock(7310304, hashtext(lower(@tenant))) AS locked;

WITH tenant AS (
    INSERT INTO tenants (id, name, open_registration, storage_quota)
    SELECT @tenant, @name, @open_registration, @storage_quota
    WHERE NOT EXISTS (SELECT FROM tenants o WHERE lower(o.id) = lower(@tenant))
    ON CONFLICT (id) DO NOTHING
    RETURNING id, name, open_registration, storage_quota, created_at
),
storage AS (
    INSERT INTO tenant_storage (tenant_id) SELECT tenant.id FROM tenant
),
admin AS (
    INSERT INTO users (tenant_id, id, username, username_key, skeleton, display_name, role)
    SELECT tenant.id, @user, @username, @username_key, @skeleton, @display_name, @role FROM tenant
    RETURNING id, username, display_name, role, created_at, NULL::text AS status
),
credential AS (
    INSERT INTO credentials (tenant_id, user_id, password_hash) SELECT tenant.id, @user, @password_hash FROM tenant
)
SELECT tenant.*, admin.* FROM tenant CROSS JOIN admin
