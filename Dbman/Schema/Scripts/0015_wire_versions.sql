-- What each node reads on the broker. Nodes of an older version do not say, and read what the first version did.
ALTER TABLE layout_nodes
    ADD COLUMN wire_version  integer     NOT NULL DEFAULT 1,
    -- Since when every transaction that begins sees the node; null: not yet.
    ADD COLUMN present_since timestamptz NULL,
    -- When the transaction of its last heartbeat began: it knows of all that were there by then.
    ADD COLUMN asked_at      timestamptz NOT NULL DEFAULT 'epoch';
