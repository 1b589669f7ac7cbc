-- A removal may hold the row: the condition is checked on what it leaves, so that no name comes back to a tombstone.
UPDATE users u
SET display_name = @display_name
WHERE u.tenant_id = @tenant AND u.id = @user AND u.removed_at IS NULL
RETURNING u.id, u.username, u.display_name, u.role, u.created_at, CASE WHEN u.removed_at IS NOT NULL THEN 'removed' WHEN u.deactivated_at IS NOT NULL THEN 'deactivated' END
