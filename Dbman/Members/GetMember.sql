SELECT m.user_id, u.display_name, m.role, m.read_seq, m.joined_at, u.username
FROM members m
JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
WHERE m.tenant_id = @tenant AND m.room_id = @room AND m.user_id = @user
