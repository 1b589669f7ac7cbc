-- What names that look alike have in common, made by Session (Unicode Technical Standard 39). Looked up under a lock by whoever creates a user; not unique, as names of before may look alike.
ALTER TABLE users ADD COLUMN skeleton text COLLATE "C" NULL;

-- Names of plain ASCII letters are most of those of before, and what Session's table says about these fits into a line. Others have none, until they are created anew.
UPDATE users
SET skeleton = replace(replace(replace(username, 'm', 'rn'), '1', 'l'), '0', 'O')
WHERE username ~ '^[a-z0-9._@+-]+$';

CREATE INDEX users_skeleton ON users (tenant_id, skeleton) WHERE skeleton IS NOT NULL;

-- Ids of tenants are taken whatever the case; not unique, as there may be such tenants already.
CREATE INDEX tenants_lower_id ON tenants (lower(id));
