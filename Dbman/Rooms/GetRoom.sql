SELECT r.id, r.name, r.visibility, r.last_seq, r.created_by, r.created_at, r.member_count
FROM rooms r
WHERE r.tenant_id = @tenant AND r.id = @room
