-- Release the lock.
--
-- Guarantees: a lock that somebody else has taken since stays; a call that was
-- granted and not made is given back.
local lock, calls = KEYS[3], KEYS[5]
local owner = ARGV[1]
local note = ARGV[2] -- of the call that was not made, or ''

if note ~= '' then
	redis.pcall('LREM', calls, 1, note)
end
if redis.pcall('GET', lock) == owner then
	return redis.call('DEL', lock)
end
return 0
