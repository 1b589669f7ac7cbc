-- Seqs have no gaps, so a difference is a count: no message is read.
SELECT r.room_id, r.read_seq, r.last_seq, r.total
FROM users u
LEFT JOIN LATERAL (
    SELECT members.room_id, members.read_seq, rooms.last_seq, (sum(rooms.last_seq - members.read_seq) OVER ())::bigint AS total
    FROM members
    JOIN rooms ON rooms.tenant_id = members.tenant_id AND rooms.id = members.room_id
    WHERE members.tenant_id = u.tenant_id AND members.user_id = u.id AND rooms.last_seq > members.read_seq
    ORDER BY members.room_id
    LIMIT @limit
) r ON true
WHERE u.tenant_id = @tenant AND u.id = @user
ORDER BY r.room_id
