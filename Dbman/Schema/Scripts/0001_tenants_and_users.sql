-- Ids are compared byte by byte (COLLATE "C"): cheaper, the same order on every server, and the order that callers page by.
-- Every key begins with the tenant: no query can find a row by an id alone.

CREATE TABLE tenants (
    id                text COLLATE "C" PRIMARY KEY,
    name              text        NOT NULL,
    open_registration boolean     NOT NULL,
    storage_quota     bigint      NOT NULL CHECK (storage_quota >= 0),
    created_at        timestamptz NOT NULL DEFAULT now()
);

-- Apart from tenants: this row is locked by every upload of the tenant, and must not be wide or shared with anything that is read often.
CREATE TABLE tenant_storage (
    tenant_id  text COLLATE "C" PRIMARY KEY REFERENCES tenants (id),
    used_bytes bigint NOT NULL DEFAULT 0 CHECK (used_bytes >= 0)
) WITH (fillfactor = 50);

CREATE TABLE users (
    tenant_id    text COLLATE "C" NOT NULL REFERENCES tenants (id),
    id           text COLLATE "C" NOT NULL,
    username     text NOT NULL,
    -- The folded form by which names are compared. Folded by dbman, not by lower(): that depends on the server's locale.
    username_key text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    role         text NOT NULL CHECK (role IN ('admin', 'member')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_username UNIQUE (tenant_id, username_key)
);

CREATE TABLE credentials (
    tenant_id     text COLLATE "C" NOT NULL,
    user_id       text COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

-- By name and not by user: names that nobody bears are counted too, so that a lock does not tell whether a name exists.
-- A success deletes the row, and housekeeping deletes rows that nobody touched for long; the table holds failing names only.
CREATE TABLE login_attempts (
    tenant_id       text COLLATE "C" NOT NULL REFERENCES tenants (id),
    username_key    text COLLATE "C" NOT NULL,
    failed_attempts integer     NOT NULL,
    locked_until    timestamptz NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, username_key)
) WITH (fillfactor = 70);

-- Read by housekeeping across tenants.
CREATE INDEX login_attempts_updated_at ON login_attempts (updated_at);
