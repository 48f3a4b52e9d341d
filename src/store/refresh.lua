-- Read the record of a refresh token, or replace it.
--
-- Guarantees: it is read, and replaced before a call, only by whoever has the
-- lock; and replaced only if it is still what the writer has seen.  So an
-- outcome is written after the lock is gone, too, unless somebody else has begun
-- a call meanwhile.
local lock, record = KEYS[3], KEYS[9]
local owner, mode = ARGV[1], ARGV[2] -- 'read', 'begin' or 'end'
local seen, text = ARGV[3], ARGV[4] -- seen '': there was none

local FENCED, DONE = 0, 1

if mode ~= 'end' and redis.pcall('GET', lock) ~= owner then
	return {FENCED, ''}
end
local present = redis.pcall('GET', record)
if type(present) == 'table' then -- of another type than ours
	return {FENCED, ''}
end
if mode == 'read' then
	return {DONE, present or ''}
end
if (present or '') ~= seen then
	return {FENCED, ''}
end
redis.call('SET', record, text)
return {DONE, ''}
