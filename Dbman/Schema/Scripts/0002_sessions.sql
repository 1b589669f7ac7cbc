CREATE TABLE sessions (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    user_id        text COLLATE "C" NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_used_at   timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    user_agent     text NULL,
    address        text NULL,
    revoked_at     timestamptz NULL,
    revoked_reason text NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITH (fillfactor = 80);

-- A refresh touches last_used_at only, which no index holds: it stays a heap-only update. Revoking happens once in a session's life.
CREATE INDEX sessions_live ON sessions (tenant_id, user_id, id) WHERE revoked_at IS NULL;

-- Read by housekeeping across tenants.
CREATE INDEX sessions_expires_at ON sessions (expires_at);

-- Every token that a session ever had, until the session is forgotten: reuse of any of them is theft.
-- The one key that does not begin with the tenant: a presented token names no tenant, and a hash of 256 random bits cannot be guessed.
CREATE TABLE refresh_tokens (
    hash        text COLLATE "C" PRIMARY KEY,
    tenant_id   text COLLATE "C" NOT NULL,
    session_id  text COLLATE "C" NOT NULL,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    -- When it was exchanged, and for which token; null while it is the session's newest.
    replaced_at timestamptz NULL,
    replaced_by text COLLATE "C" NULL,
    -- Its predecessor was presented again within the grace time, and got another successor: this one never counts again.
    superseded  boolean NOT NULL DEFAULT false,
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);

CREATE INDEX refresh_tokens_session ON refresh_tokens (tenant_id, session_id);

-- Shared by all tenants. The private half is encrypted by Session; nobody here can read it.
CREATE TABLE signing_keys (
    kid                   text COLLATE "C" PRIMARY KEY,
    algorithm             text        NOT NULL,
    public_jwk            text        NOT NULL,
    protected_private_key text        NOT NULL,
    not_before            timestamptz NOT NULL,
    signs_until           timestamptz NOT NULL,
    published_until       timestamptz NOT NULL,
    created_at            timestamptz NOT NULL DEFAULT now()
);
