-- Services ask, several times a second, which sessions have ended of late. Ended ones are few among all that are remembered.
CREATE INDEX sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
