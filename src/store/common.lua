-- SPDX-License-Identifier: MIT
-- What every script begins with.  Only read_token() sends commands.

local HOUR_MS = 3600000

-- Redis' own clock in milliseconds, from what TIME answers.
local function milliseconds(time)
	return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- A number as an argument: Lua would write a large one as 1.7e+12.
local function digits(n)
	return string.format('%.0f', n)
end

-- Generations are compared as digits without leading zeros: Lua's numbers are
-- exact up to 2^53 only.  '' is no generation, as in store_key_decode().
local function number(v)
	return type(v) == 'string' and #v < 19 and v:match('^0*(%d*)$') or ''
end

local function less(a, b)
	return #a < #b or #a == #b and a < b
end

-- The owner of a lock, or false.  No lease is longer than the largest timeout
-- and STORE_LEASE_EXTRA_MS: a lock without an end, or with a later one, was
-- written by somebody else and holds nobody up.
local function holder(owner, left_ms)
	return type(owner) == 'string' and left_ms >= 0 and left_ms <= 3602000
		and owner
end

-- The time that an entry of {K}:calls or {K}:reports notes, or nil.  A time in
-- the future, beyond what the clocks of two servers differ by, is no note.
local function noted_at(entry, now)
	local at = type(entry) == 'string' and tonumber(entry)

	if at and at > 0 and at <= now + 60000 then
		return at
	end
end

-- The nine values that store_key_decode() reads.  A value of another type
-- than ours counts as none.
local function read_token(value, meta, generation)
	local m = redis.pcall('HMGET', meta, 'generation', 'fingerprint',
		'expires_at_ms', 'obtained_at_ms', 'origin', 'extra')

	if m.err then
		m = {false, false, false, false, false, false}
	end
	return {redis.pcall('GET', value), redis.call('PTTL', value),
		m[1], m[2], m[3], m[4], redis.pcall('GET', generation), m[5], m[6]}
end

