-- Channel layouts, the nodes that follow them, and who drives their changes. An empty tenant_id stands for everything, an empty room_id for all rooms of the
-- tenant: neither is a valid id. None of these tables refers to tenants or rooms, as a layout may be made before its room, and outlives it.

-- The one row that orders all changes. Changes take it exclusively, heartbeats share it: see Layouts/LayoutStore.cs.
CREATE TABLE layout_counter (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint  NOT NULL
);

INSERT INTO layout_counter (revision) VALUES (0);

-- Append-only, and never cleaned: there are a handful per change of a stage and scope, and each of them waited for all nodes.
CREATE TABLE layout_records (
    epoch      bigint      PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    tenant_id  text COLLATE "C" NOT NULL,
    room_id    text COLLATE "C" NOT NULL,
    changed_by text        NOT NULL,
    reason     text        NULL,
    -- Null: the scope was given up.
    state      jsonb       NULL
);

-- The newest record of each scope, so that what is new to a node is found without walking the history.
CREATE TABLE layout_scopes (
    tenant_id text COLLATE "C" NOT NULL,
    room_id   text COLLATE "C" NOT NULL,
    epoch     bigint  NOT NULL REFERENCES layout_records (epoch),
    -- False: it was given up.
    is_own    boolean NOT NULL,
    PRIMARY KEY (tenant_id, room_id)
);

CREATE UNIQUE INDEX layout_scopes_epoch ON layout_scopes (epoch);

-- Updated by every heartbeat. No index but the key, so that updates stay heap-only; there are as many rows as there were processes within a day.
CREATE TABLE layout_nodes (
    node_id     text COLLATE "C" PRIMARY KEY,
    applied     bigint      NOT NULL,
    known       bigint      NOT NULL,
    -- Barriers wait for the node until then. 'epoch': it was never granted a lease.
    lease_until timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,
    rooms       integer     NOT NULL,
    connections integer     NOT NULL,
    version     text        NULL,
    note        text        NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE layout_driver (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    holder      text COLLATE "C" NULL,
    term        bigint      NOT NULL,
    lease_until timestamptz NOT NULL
);

INSERT INTO layout_driver (term, lease_until) VALUES (0, 'epoch');

CREATE TABLE layout_goals (
    tenant_id text COLLATE "C" NOT NULL,
    room_id   text COLLATE "C" NOT NULL,
    -- Never the same twice for a scope: it tells a goal from the one that took its place.
    set_at    timestamptz NOT NULL,
    autopilot boolean     NOT NULL,
    set_by    text        NOT NULL,
    reason    text        NULL,
    -- Null: the scope is to be given up.
    target    jsonb       NULL,
    PRIMARY KEY (tenant_id, room_id)
);

-- Housekeeping keeps the newest some thousands.
CREATE TABLE layout_decisions (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch      bigint      NOT NULL,
    decided_at timestamptz NOT NULL,
    tenant_id  text COLLATE "C" NOT NULL,
    room_id    text COLLATE "C" NOT NULL,
    decision   text        NOT NULL,
    decided_by text        NOT NULL,
    message    text        NOT NULL,
    -- Not jsonb: figures are shown in the order in which they were given.
    figures    json        NOT NULL
);
