-- Write a token with its description, release the lock, tell the others.
--
-- Guarantees:
--   - Nothing is written while somebody else has the lock, nor over a newer
--     generation, nor by a fresh token over one of the same generation.
--   - The token's life is not prolonged by the time that this was on its way.
--   - A fresh token makes the note of a failed attempt void.
local value, meta, lock = KEYS[1], KEYS[2], KEYS[3]
local counter, refused = KEYS[4], KEYS[8]
local owner, text, left_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])
local generation = ARGV[4]
local fresh = ARGV[5] == '1' -- or else Redis has lost it
local expires_at_ms, obtained_at_ms = ARGV[6], ARGV[7]
local fingerprint, instance, channel = ARGV[8], ARGV[9], ARGV[10]
local until_ms = tonumber(ARGV[11]) -- by Redis' own clock
local credentials = ARGV[12] -- a digest of those it was got with, or ''
local origin = ARGV[13]
local extra = ARGV[14] -- or '': none, or sealed with the text

local FENCED, PUBLISHED = 0, 1

local other = holder(redis.pcall('GET', lock), redis.call('PTTL', lock))
if other and other ~= owner then
	return FENCED
end
local present = number(redis.pcall('GET', counter))
if less(generation, present) or fresh and present == generation then
	return FENCED
end
local px = math.min(left_ms, until_ms - milliseconds(redis.call('TIME')))
if px <= 0 then
	return FENCED
end

redis.call('SET', value, text, 'PX', digits(px))
redis.call('DEL', meta)
redis.call('HSET', meta, 'generation', generation,
	'expires_at_ms', expires_at_ms, 'obtained_at_ms', obtained_at_ms,
	'fingerprint', fingerprint, 'instance', instance, 'origin', origin)
if extra ~= '' then
	redis.call('HSET', meta, 'extra', extra)
end
redis.call('PEXPIRE', meta, digits(px))
redis.call('SET', counter, generation)
redis.call('DEL', lock)
if fresh and redis.call('PTTL', refused) > 0 then
	redis.pcall('HSET', refused, credentials, '')
end
redis.call('PUBLISH', channel, generation .. ' ' .. fingerprint)
return PUBLISHED
