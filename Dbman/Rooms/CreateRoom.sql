-- The creator's key first, as in PutMember.sql: a removal comes before, and is seen below, or after, and finds the membership.
SELECT 1 AS locked FROM users u WHERE u.tenant_id = @tenant AND u.id = @creator FOR KEY SHARE;

WITH facts AS (
    SELECT
        EXISTS (SELECT FROM tenants WHERE tenants.id = @tenant) AS has_tenant,
        EXISTS (SELECT FROM users WHERE users.tenant_id = @tenant AND users.id = @creator AND users.removed_at IS NULL) AS has_creator
),
created AS (
    INSERT INTO rooms (tenant_id, id, name, visibility, created_by, member_count)
    SELECT @tenant, @room, @name, @visibility, @creator, 1
    FROM facts
    WHERE facts.has_creator
    ON CONFLICT (tenant_id, id) DO NOTHING
    RETURNING id, name, visibility, last_seq, created_by, created_at, member_count
),
relayed AS (
    INSERT INTO room_relays (tenant_id, room_id) SELECT @tenant, created.id FROM created
),
owner AS (
    INSERT INTO members (tenant_id, room_id, user_id, role) SELECT @tenant, created.id, @creator, 'owner' FROM created
)
SELECT
    CASE
        WHEN created.id IS NOT NULL THEN 'created'
        WHEN NOT facts.has_tenant THEN 'no-tenant'
        WHEN NOT facts.has_creator THEN 'no-creator'
        ELSE 'exists'
    END,
    created.*
FROM facts
LEFT JOIN created ON true
