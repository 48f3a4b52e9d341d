-- Accept a report that the backend refuses a token, for the whole fleet.
--
-- Guarantees:
--   - One report is accepted in every_ms, and no more in an hour than the
--     share of the calls that is left to reports.
--   - A report of a token that was replaced since is not accepted, unless the
--     one in Redis has another origin.
local meta, calls, rejected, reports = KEYS[2], KEYS[5], KEYS[6], KEYS[7]
local owner, fingerprint, generation = ARGV[1], ARGV[2], ARGV[3]
local every_ms = ARGV[4]
-- struct budget_share
local most, reports_max = tonumber(ARGV[5]), tonumber(ARGV[6])
local call_every_ms, kept = tonumber(ARGV[7]), tonumber(ARGV[8])
local origin = ARGV[9]

local REPLACED, ACCEPTED, TOO_SOON = 0, 1, 2

local m = redis.pcall('HMGET', meta, 'fingerprint', 'generation', 'origin')
if m[1] and m[1] ~= fingerprint and not less(number(m[2]), generation) and
	(not m[3] or m[3] == origin) then
	return {REPLACED, 0}
end
local left_ms = redis.call('PTTL', rejected)
if left_ms > 0 and left_ms <= tonumber(every_ms) then
	return {TOO_SOON, left_ms}
end

if most > 0 then
	local now = milliseconds(redis.call('TIME'))
	local wait_ms = 0

	-- Wait until this entry is an hour old, less what is free by then.
	local function wait_for(list, index, free_ms)
		local at = noted_at(redis.pcall('LINDEX', list, index), now)

		if at then
			wait_ms = math.max(wait_ms,
				at + HOUR_MS - free_ms - now)
		end
	end

	for i = 0, kept do
		wait_for(calls, most - 1 - i, i * call_every_ms)
	end
	wait_for(reports, reports_max - 1, 0)
	if wait_ms > 0 then
		return {TOO_SOON, wait_ms}
	end
	local count = redis.pcall('LPUSH', reports, digits(now))
	if type(count) == 'table' then
		redis.call('DEL', reports) -- it was of another type than ours
		count = redis.call('LPUSH', reports, digits(now))
	end
	if count > reports_max then
		redis.call('RPOP', reports)
	end
	redis.call('PEXPIRE', reports, HOUR_MS)
end
redis.call('SET', rejected, owner, 'PX', every_ms)
return {ACCEPTED, 0}
