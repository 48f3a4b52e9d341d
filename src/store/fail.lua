-- Release the lock after an attempt that failed, and note the failure for all
-- who have the same credentials.
--
-- Guarantees: as unlock.lua; and no failure is noted when another token was
-- published since the attempt began.
local lock, counter, calls, refused = KEYS[3], KEYS[4], KEYS[5], KEYS[8]
local owner = ARGV[1]
local note = ARGV[2] -- of a call that was not made, or ''
local credentials = ARGV[3] -- a digest, or '': not known
local wait_ms, failures, kind = tonumber(ARGV[4]), ARGV[5], ARGV[6]
local generation = ARGV[7] -- that was there before the attempt

if note ~= '' then
	redis.pcall('LREM', calls, 1, note)
end
if redis.pcall('GET', lock) == owner then
	redis.call('DEL', lock)
end
if credentials == '' or
	number(redis.pcall('GET', counter)) ~= number(generation) then
	return 0
end

local now = milliseconds(redis.call('TIME'))
local failure = digits(now + wait_ms) .. ' ' .. digits(now) .. ' ' ..
	failures .. ' ' .. kind
if type(redis.pcall('HSET', refused, credentials, failure)) == 'table' then
	redis.call('DEL', refused) -- it was of another type than ours
	redis.call('HSET', refused, credentials, failure)
end
-- It is remembered beyond its back-off, so that the next attempt, whoever makes
-- it, knows how many failed before.
local px = wait_ms + 90000
if redis.call('PTTL', refused) < px then
	redis.call('PEXPIRE', refused, digits(px))
end
return 1
