/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "store_script.h"

#include "crypto.h"
#include "util.h"

#include <string.h>

/* A value of another type than ours counts as none: it is written over. */
#define READS                                                                 \
	"local m=redis.pcall('HMGET',KEYS[2],'generation','fingerprint',"     \
	"'expires_at_ms','obtained_at_ms') "                                  \
	"if m.err then m={false,false,false,false} end "                      \
	"local r={redis.pcall('GET',KEYS[1]),redis.call('PTTL',KEYS[1]),"     \
	"m[1],m[2],m[3],m[4],redis.pcall('GET',KEYS[4])} "

#define OWNER                                                                 \
	"local o=redis.pcall('GET',KEYS[3]) "                                 \
	"if type(o)=='table' then o=false end "

/* Redis' own clock, in milliseconds. */
#define NOW                                                                   \
	"local t=redis.call('TIME') local now=t[1]*1000+math.floor(t[2]/1000) "

static const char *const texts[STORE_SCRIPTS] = {
    [STORE_LOOK_UP] = READS "return r",

    [STORE_LOCK] = READS OWNER NOW
	"local most=tonumber(ARGV[3]) local got,wait,note,left=1,0,'',0 "
	"if o and o~=ARGV[1] then got=0 "
	"elseif most>0 then "
	"local function oldest() local v=redis.pcall('LINDEX',KEYS[5],-1) "
	"if v and (type(v)=='table' or not tonumber(v)) then "
	"redis.call('DEL',KEYS[5]) v=false end return v end "
	"local first=oldest() "
	"while first and tonumber(first)+3600000<=now do "
	"redis.call('RPOP',KEYS[5]) first=oldest() end "
	"left=most-redis.call('LLEN',KEYS[5]) "
	"if left<=0 then got=2 left=0 wait=tonumber(first)+3600000-now "
	"else left=left-1 note=string.format('%.0f',now) "
	"redis.call('LPUSH',KEYS[5],note) "
	"redis.call('PEXPIRE',KEYS[5],3600000) end end "
	"if got==1 then redis.call('SET',KEYS[3],ARGV[1],'PX',ARGV[2]) end "
	"return {got,wait,note,left,now,unpack(r)}",

    /* A generation that store_key_decode() does not read is none here. */
    [STORE_PUBLISH] = OWNER
	"if o and o~=ARGV[1] then return 0 end "
	"local g=redis.pcall('GET',KEYS[4]) "
	"g=type(g)=='string' and #g<16 and g:match('^%d+$') and tonumber(g) "
	"or 0 "
	"if g+tonumber(ARGV[5])>tonumber(ARGV[4]) then return 0 end " NOW
	"local px=math.min(tonumber(ARGV[3]),tonumber(ARGV[11])-now) "
	"if px<=0 then return 0 end px=string.format('%.0f',px) "
	"redis.call('SET',KEYS[1],ARGV[2],'PX',px) "
	"redis.call('DEL',KEYS[2]) "
	"redis.call('HSET',KEYS[2],'generation',ARGV[4],'expires_at_ms',"
	"ARGV[6],'obtained_at_ms',ARGV[7],'fingerprint',ARGV[8],"
	"'instance',ARGV[9]) "
	"redis.call('PEXPIRE',KEYS[2],px) "
	"redis.call('SET',KEYS[4],ARGV[4]) "
	"redis.call('DEL',KEYS[3]) "
	"redis.call('PUBLISH',ARGV[10],ARGV[4]..' '..ARGV[8]) "
	"return tonumber(ARGV[4])",

    [STORE_UNLOCK] =
	"if ARGV[2]~='' then redis.call('LREM',KEYS[5],1,ARGV[2]) end "
	"if redis.call('GET',KEYS[3])==ARGV[1] then "
	"return redis.call('DEL',KEYS[3]) end return 0",

    [STORE_REJECT] =
	"local m=redis.pcall('HMGET',KEYS[2],'fingerprint','generation') "
	"if m[1] and m[1]~=ARGV[2] and tonumber(m[2])>=tonumber(ARGV[3]) then "
	"return {0,0} end "
	"local left=redis.call('PTTL',KEYS[6]) "
	"if left>0 then return {2,left} end "
	"redis.call('SET',KEYS[6],ARGV[1],'PX',ARGV[4]) "
	"return {1,0}",
};

static char digests[STORE_SCRIPTS][2 * CRYPTO_SHA1_LEN + 1];

void
store_script_init(void)
{
	unsigned char digest[CRYPTO_SHA1_LEN];
	int i;

	for (i = 0; i < STORE_SCRIPTS; i++) {
		crypto_sha1(texts[i], strlen(texts[i]), digest);
		util_hex(digest, sizeof(digest), digests[i]);
	}
}

const char *
store_script_text(enum store_script script)
{
	return texts[script];
}

const char *
store_script_sha(enum store_script script)
{
	return digests[script];
}
