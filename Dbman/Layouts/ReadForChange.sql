-- What the rules need to know of the scope and of those around it. The tenant's layout is a wider one only for a room, and everything's not for itself.
SELECT c.revision, own.epoch, own.state, of_tenant.state, of_all.state
FROM layout_counter c
LEFT JOIN (layout_scopes s1 JOIN layout_records own ON own.epoch = s1.epoch) ON s1.tenant_id = @tenant AND s1.room_id = @room
LEFT JOIN (layout_scopes s2 JOIN layout_records of_tenant ON of_tenant.epoch = s2.epoch)
    ON s2.tenant_id = @tenant AND s2.room_id = '' AND @room <> ''
LEFT JOIN (layout_scopes s3 JOIN layout_records of_all ON of_all.epoch = s3.epoch)
    ON s3.tenant_id = '' AND s3.room_id = '' AND @tenant <> ''
