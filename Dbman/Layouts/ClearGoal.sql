DELETE FROM layout_goals g WHERE g.tenant_id = @tenant AND g.room_id = @room AND g.set_at = @set_at
