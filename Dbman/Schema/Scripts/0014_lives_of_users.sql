ALTER TABLE users
    -- Null while the user may sign in. A user that was deactivated keeps names, rooms and messages, and can be activated again.
    ADD COLUMN deactivated_at timestamptz NULL,
    -- Set: the row is a tombstone. Its id stays, as messages and logs name it; its names are gone, and it has no credential, no live session and no membership.
    ADD COLUMN removed_at timestamptz NULL,
    -- A tombstone bears no name, so that its name can be registered again.
    ALTER COLUMN username_key DROP NOT NULL,
    -- Not validated: rows that are there have both, and reading them all would keep writers out.
    ADD CONSTRAINT users_names CHECK ((username_key IS NULL) = (removed_at IS NOT NULL)) NOT VALID;

-- The directory of a tenant: by each name, byte by byte, as callers page by it. lower() depends on the server's locale, but the index and the query ask the same server.
CREATE INDEX users_by_username ON users (tenant_id, (deactivated_at IS NOT NULL), (username COLLATE "C"), id) WHERE removed_at IS NULL;
CREATE INDEX users_by_display_name ON users (tenant_id, (deactivated_at IS NOT NULL), (lower(display_name) COLLATE "C"), id) WHERE removed_at IS NULL;

-- Answers "is there another admin" without reading all users of a large tenant.
CREATE INDEX users_admins ON users (tenant_id, created_at, id) WHERE role = 'admin' AND deactivated_at IS NULL AND removed_at IS NULL;
