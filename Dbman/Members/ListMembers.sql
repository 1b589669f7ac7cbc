SELECT m.user_id, m.display_name, m.role, m.read_seq, m.joined_at, m.username
FROM rooms r
LEFT JOIN LATERAL (
    SELECT members.user_id, users.display_name, members.role, members.read_seq, members.joined_at, users.username
    FROM members
    JOIN users ON users.tenant_id = members.tenant_id AND users.id = members.user_id
    WHERE members.tenant_id = r.tenant_id AND members.room_id = r.id AND members.user_id > @after
    ORDER BY members.user_id
    LIMIT @limit
) m ON true
WHERE r.tenant_id = @tenant AND r.id = @room
ORDER BY m.user_id
