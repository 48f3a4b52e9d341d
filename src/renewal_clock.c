/* SPDX-License-Identifier: MIT */
/* How far the backend's clock and ours are apart. */
#include "config.h"

#include "renewal_own.h"

#include "clock.h"
#include "log.h"

#define SKEW_MS 30000 /* worth a warning */
#define DATE_MS 1000  /* what a Date is exact to */

void
renewal_compare_clocks(struct renewal *n, int64_t date_wall_at)
{
	int64_t skew = date_wall_at - clock_wall_ms();
	int64_t apart = skew < 0 ? -skew : skew;
	bool skewed = apart > (n->skewed ? SKEW_MS - DATE_MS : SKEW_MS);

	if (date_wall_at == 0)
		return;
	atomic_store_explicit(&n->stats->skew_ms, skew, memory_order_relaxed);
	if (skewed == n->skewed)
		return;
	n->skewed = skewed;
	if (skewed)
		log_warning("token %s: the backend's clock is %lld s %s ours; "
		    "an expiry that it gives as a time is misjudged by that",
		    n->conf->name, (long long)apart / 1000,
		    skew > 0 ? "ahead of" : "behind");
	else
		log_notice("token %s: the backend's clock agrees with ours "
		    "again", n->conf->name);
}
