DELETE FROM layout_decisions d
USING (
    SELECT o.id
    FROM layout_decisions o
    WHERE o.id <= (SELECT k.id FROM layout_decisions k ORDER BY k.id DESC OFFSET @keep LIMIT 1)
    ORDER BY o.id
    LIMIT @batch
    FOR UPDATE SKIP LOCKED
) old
WHERE d.id = old.id
