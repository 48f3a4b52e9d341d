-- Take the lock for a backend call, and count that call.
--
-- Guarantees:
--   - One owner at a time.  Whoever has the lock may take it again.
--   - No more than calls_per_hour calls are granted in any hour.
--   - After a failed attempt nobody with the same credentials gets the lock
--     before its back-off ends.
--   - The token that is answered was there at the same moment, so that one
--     which was published just before is found without another look-up.
local value, meta, lock = KEYS[1], KEYS[2], KEYS[3]
local generation, calls, refused = KEYS[4], KEYS[5], KEYS[8]
local owner, lease_ms = ARGV[1], ARGV[2]
local calls_per_hour = tonumber(ARGV[3]) -- 0: any number; none is noted
local credentials = ARGV[4] -- a digest, or '': not known
local patience_ms = tonumber(ARGV[5]) -- an older failure does not count

local BUSY, GOT, EXHAUSTED, FAILED = 0, 1, 2, 3
local outcome, wait_ms, note, calls_left = GOT, 0, '', 0
local failures, kind = '0', ''

local token = read_token(value, meta, generation)
local other = holder(redis.pcall('GET', lock), redis.call('PTTL', lock))
local now = milliseconds(redis.call('TIME'))

-- The oldest call noted.  A list with a bad note at either end is not ours.
local function oldest_call()
	local at = noted_at(redis.pcall('LINDEX', calls, -1), now)

	if at and noted_at(redis.pcall('LINDEX', calls, 0), now) then
		return at
	end
	redis.call('DEL', calls)
end

if credentials ~= '' then
	local last = redis.pcall('HMGET', refused, credentials)[1]
	local until_ms, at, count, how =
		(last or ''):match('^(%d+) (%d+) (%d+) (%l+)$')

	if until_ms then
		failures, kind, wait_ms = count, how, until_ms - now
		-- The last 50 ms are not worth another round.
		if wait_ms <= 50 or wait_ms > HOUR_MS or at - now > 60000 or
			now - at >= patience_ms then
			wait_ms = 0
		else
			outcome = FAILED
		end
	end
end
if outcome == GOT and other and other ~= owner then
	outcome = BUSY
end
if outcome == GOT and calls_per_hour > 0 then
	local first = oldest_call()

	while first and first + HOUR_MS <= now do
		redis.call('RPOP', calls)
		first = oldest_call()
	end
	calls_left = calls_per_hour - redis.call('LLEN', calls)
	if calls_left <= 0 then
		outcome, calls_left = EXHAUSTED, 0
		wait_ms = first + HOUR_MS - now
	else
		calls_left = calls_left - 1
		note = digits(now)
		redis.call('LPUSH', calls, note)
		redis.call('PEXPIRE', calls, HOUR_MS)
	end
end
if outcome == GOT then
	redis.call('SET', lock, owner, 'PX', lease_ms)
end
return {outcome, wait_ms, note, calls_left, now, failures, kind,
	unpack(token)}
