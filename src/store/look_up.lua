-- Read a token: value, life, description and counter of one moment.
--
-- Guarantees: nothing is written, so that a replica can run it.
local value, meta, generation = KEYS[1], KEYS[2], KEYS[4]

return read_token(value, meta, generation)
