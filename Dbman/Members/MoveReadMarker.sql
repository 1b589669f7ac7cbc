-- Forward only, and never past the last message that this statement sees; the row's lock orders two devices of one user.
UPDATE members m
SET read_seq = greatest(m.read_seq, least(@seq, r.last_seq))
FROM rooms r
WHERE m.tenant_id = @tenant AND m.room_id = @room AND m.user_id = @user
    AND r.tenant_id = m.tenant_id AND r.id = m.room_id
RETURNING m.read_seq, r.last_seq
