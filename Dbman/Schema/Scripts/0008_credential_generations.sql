-- Grows with every change of a password, and not when a stronger hash of the same password replaces a weaker one. What follows from a checked password
-- (a session, a change) names the generation that was checked, and is refused when it is no longer the present one.
ALTER TABLE credentials ADD COLUMN generation bigint NOT NULL DEFAULT 1;

-- The successor of an exchanged token, encrypted under the token that was presented: whoever presents that again within the grace gets the same answer.
-- Null where the successor has been used, and in rows of versions before this one.
ALTER TABLE refresh_tokens ADD COLUMN sealed_successor text NULL;

-- Finds the exchange whose answer is forgotten once the successor is used: one row for each session that was ever refreshed.
CREATE INDEX refresh_tokens_sealed ON refresh_tokens (replaced_by) WHERE sealed_successor IS NOT NULL;
