-- rooms.last_seq is the hottest value of the system: every commit updates it, in every room that it touches. What keeps that cheap:
--   * The row lock on rooms orders a room's writers. Appends take it, and so do changes of membership: a message is either before or after
--     a removal, never beside it.
--   * Updates stay heap-only (HOT): no index holds, or has in its predicate, a column that an append changes, and the fill factor leaves
--     room for the next versions in the same page, which pruning takes back without vacuum.
--   * An index over "last_seq > relayed_seq" would break that: a predicate counts as indexed, so each append and each relay mark would write
--     index entries. Instead "watched" says that a room may have unrelayed messages. An append sets it (a change only for the first message
--     after a quiet time; true over true is no change and stays HOT), and the sweeper clears it when the room has been quiet and caught up
--     for a while. The partial index therefore holds rooms that were active lately, and the sweeper reads no others.
--   * Relay positions live in a table of their own: marking a room as relayed never queues behind its appends, nor they behind it.
CREATE TABLE rooms (
    tenant_id    text COLLATE "C" NOT NULL REFERENCES tenants (id),
    id           text COLLATE "C" NOT NULL,
    last_seq     bigint      NOT NULL DEFAULT 0,
    -- Time of the newest message. The next one is never earlier, whatever the clock does.
    last_sent_at timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    member_count integer     NOT NULL DEFAULT 0,
    watched      boolean     NOT NULL DEFAULT false,
    visibility   text        NOT NULL CHECK (visibility IN ('public', 'private')),
    created_by   text COLLATE "C" NOT NULL,
    name         text        NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

CREATE INDEX rooms_public ON rooms (tenant_id, id) WHERE visibility = 'public';
CREATE INDEX rooms_watched ON rooms (tenant_id, id) WHERE watched;

CREATE TABLE room_relays (
    tenant_id     text COLLATE "C" NOT NULL,
    room_id       text COLLATE "C" NOT NULL,
    relayed_seq   bigint         NOT NULL DEFAULT 0,
    -- Ranges that were relayed before what lies in front of them: two callers finish in any order.
    ahead         int8multirange NOT NULL DEFAULT '{}',
    claimed_until timestamptz    NOT NULL DEFAULT 'epoch',
    claimed_by    text           NULL,
    PRIMARY KEY (tenant_id, room_id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE members (
    tenant_id text COLLATE "C" NOT NULL,
    room_id   text COLLATE "C" NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    read_seq  bigint      NOT NULL DEFAULT 0,
    joined_at timestamptz NOT NULL DEFAULT now(),
    role      text        NOT NULL CHECK (role IN ('owner', 'moderator', 'member')),
    PRIMARY KEY (tenant_id, room_id, user_id),
    FOREIGN KEY (tenant_id, room_id) REFERENCES rooms (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
) WITH (fillfactor = 80);

CREATE INDEX members_of_user ON members (tenant_id, user_id, room_id);

-- Answers "is there another owner" without reading all members of a large room.
CREATE INDEX members_owners ON members (tenant_id, room_id) WHERE role = 'owner';

-- No foreign key to rooms: the commit path updates the room in the same transaction, and the check would cost one more look per message.
-- Nothing updates a message, so the pages are filled to the brim.
CREATE TABLE messages (
    tenant_id   text COLLATE "C" NOT NULL,
    room_id     text COLLATE "C" NOT NULL,
    seq         bigint      NOT NULL,
    sent_at     timestamptz NOT NULL,
    message_id  text COLLATE "C" NOT NULL,
    sender_id   text COLLATE "C" NOT NULL,
    body        text        NOT NULL,
    attachments text[]      NULL,
    PRIMARY KEY (tenant_id, room_id, seq),
    CONSTRAINT messages_message_id UNIQUE (tenant_id, room_id, message_id)
);
