SELECT r.id, r.name, r.visibility, r.last_seq, r.created_by, r.created_at, r.member_count, r.role, r.read_seq
FROM users u
LEFT JOIN LATERAL (
    SELECT rooms.*, members.role, members.read_seq
    FROM members
    JOIN rooms ON rooms.tenant_id = members.tenant_id AND rooms.id = members.room_id
    WHERE members.tenant_id = u.tenant_id AND members.user_id = u.id AND members.room_id > @after
    ORDER BY members.room_id
    LIMIT @limit
) r ON true
WHERE u.tenant_id = @tenant AND u.id = @user
ORDER BY r.id
