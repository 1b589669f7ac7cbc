SELECT r.last_seq, m.seq, m.message_id, m.sender_id, m.body, m.sent_at, m.attachments
FROM rooms r
LEFT JOIN LATERAL (
    SELECT *
    FROM messages
    WHERE messages.tenant_id = r.tenant_id AND messages.room_id = r.id AND messages.seq < @before
    ORDER BY messages.seq DESC
    LIMIT @limit
) m ON true
WHERE r.tenant_id = @tenant AND r.id = @room
ORDER BY m.seq
