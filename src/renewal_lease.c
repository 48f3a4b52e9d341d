/* SPDX-License-Identifier: MIT */
/* How long a lock in Redis is waited for, and how long ours can be relied on. */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"

#define LEASES_WAITED 3

/* What is not done after so many leases does not come to be done. */
static bool
overdue(const struct renewal *n)
{
	return clock_boot_ms() - n->began_at >
	    LEASES_WAITED * (n->conf->timeout_ms + STORE_LEASE_EXTRA_MS);
}

bool
renewal_waited_in_vain(const struct renewal *n)
{
	if (!overdue(n))
		return false;
	log_warning("token %s: whoever has the lock in Redis does not publish; "
	    "going on without it", n->conf->name);
	return true;
}

bool
renewal_lease_is_short(const struct renewal *n)
{
	return n->locked && (n->conf->exclusive || !overdue(n)) &&
	    clock_boot_ms() - n->locked_at > STORE_LEASE_EXTRA_MS;
}
