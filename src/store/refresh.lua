-- Read the record of a refresh token, or replace it.
--
-- Guarantees: it is read, and replaced before a call, only by whoever has the
-- lock; and replaced only if it is still what the writer has seen.  So an
-- outcome is written after the lock is gone, too, unless somebody else has begun
-- a call meanwhile; also if Redis has lost the record.
local lock, record = KEYS[3], KEYS[9]
local owner, mode = ARGV[1], ARGV[2] -- 'read', 'begin' or 'end'
local seen, text = ARGV[3], ARGV[4] -- seen '': there was none
local sent = ARGV[5] -- before, without an answer, or ''

local FENCED, DONE, STRANGE = 0, 1, 2

if mode ~= 'end' and redis.pcall('GET', lock) ~= owner then
	return {FENCED, ''}
end
local present = redis.pcall('GET', record)
if type(present) == 'table' then -- of another type than ours
	return {STRANGE, ''}
end
if mode == 'read' then
	return {DONE, present or ''}
end
if (present or '') ~= seen and
	(mode ~= 'end' or present and (sent == '' or present ~= sent)) then
	return {FENCED, ''}
end
redis.call('SET', record, text)
return {DONE, ''}
