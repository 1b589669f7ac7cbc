-- Failed logins of a name, by where they come from: what one source does wrong delays that source alone. Sources are words that Session chooses: an address, a device that was signed in
-- before, a session; '' counts those of all unknown sources together.
-- By name and not by user, as names that nobody bears are counted too. Takes the place of login_attempts, which the version before this one still uses.
CREATE TABLE login_throttles (
    tenant_id       text COLLATE "C" NOT NULL REFERENCES tenants (id),
    username_key    text COLLATE "C" NOT NULL,
    source          text COLLATE "C" NOT NULL,
    failed_attempts integer     NOT NULL,
    -- The first of the failures that are counted.
    counted_since   timestamptz NOT NULL,
    locked_until    timestamptz NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, username_key, source)
) WITH (fillfactor = 70);

-- Read by housekeeping across tenants.
CREATE INDEX login_throttles_updated_at ON login_throttles (updated_at);
