CREATE TABLE files (
    tenant_id      text COLLATE "C" NOT NULL,
    id             text COLLATE "C" NOT NULL,
    owner_id       text COLLATE "C" NOT NULL,
    -- Declared while uploading, true afterwards.
    size           bigint      NOT NULL CHECK (size >= 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    -- While uploading: end of the reservation. While deleting: time of the deletion. From then on the content may be removed.
    reap_after     timestamptz NULL,
    status         text        NOT NULL CHECK (status IN ('uploading', 'ready', 'deleting')),
    sha256         text        NOT NULL DEFAULT '',
    content_type   text        NOT NULL,
    name           text        NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    CHECK ((status = 'ready') = (reap_after IS NULL))
);

CREATE INDEX files_ready ON files (tenant_id, id) WHERE status = 'ready';
CREATE INDEX files_ready_of_owner ON files (tenant_id, owner_id, id) WHERE status = 'ready';

-- Reserved bytes are the sum over this index (a handful of running uploads), not a counter: a reservation ends by the clock, without a writer.
CREATE INDEX files_uploading ON files (tenant_id, reap_after) INCLUDE (size) WHERE status = 'uploading';

-- Read by the sweeper of contents, across tenants.
CREATE INDEX files_reapable ON files (reap_after) WHERE status <> 'ready';
