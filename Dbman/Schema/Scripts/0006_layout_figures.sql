-- What nodes have counted, as they reported it last: one value a node, read as a whole. Out of line and compressed, so that heartbeats without figures leave it untouched.
ALTER TABLE layout_nodes ADD COLUMN figures jsonb NULL;
ALTER TABLE layout_nodes ADD COLUMN figures_at timestamptz NULL;
