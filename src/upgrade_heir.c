/* SPDX-License-Identifier: MIT */
/* The new master's side. */
#include "config.h"

#include "upgrade.h"

#include "handover.h"
#include "log.h"

void
heir_begin(struct heir *h, int line)
{
	*h = (struct heir){.phase = line == -1 ? HEIR_NONE : HEIR_STARTING,
	    .line = line};
}

/* The line has ended: the old master is gone. */
static enum heir_step
lose_predecessor(struct heir *h)
{
	enum heir_phase phase = h->phase;

	handover_end();
	h->line = -1;
	if (phase == HEIR_STARTING || phase == HEIR_WAITING) {
		h->phase = HEIR_GONE;
		log_err("upgrade: the old master died before it had handed "
		    "over; start anew");
		return HEIR_ORPHANED;
	}
	h->phase = phase == HEIR_LEAVING ? HEIR_GONE : HEIR_NONE;
	if (phase == HEIR_MASTER)
		log_info("the old master is gone");
	return phase == HEIR_TRIED || phase == HEIR_TOLD ? HEIR_REIGN
	    : HEIR_WAIT;
}

static enum heir_step
hear(struct heir *h, const struct handover_message *m)
{
	if (m->kind == HANDOVER_GO && h->phase == HEIR_WAITING) {
		h->phase = HEIR_TRIED;
		return HEIR_RENEW;
	}
	if (m->kind == HANDOVER_BYE && h->phase == HEIR_TOLD) {
		h->phase = HEIR_MASTER;
		return HEIR_REIGN;
	}
	return HEIR_WAIT;
}

enum heir_step
heir_turn(struct heir *h, bool serving, bool works, bool renewing)
{
	struct handover_message m;
	int status;

	if (h->phase == HEIR_NONE || h->phase == HEIR_GONE)
		return HEIR_WAIT;
	if (h->phase == HEIR_LEAVING && !renewing) {
		handover_end();
		h->line = -1;
		h->phase = HEIR_GONE;
		return HEIR_WAIT;
	}
	if (h->phase == HEIR_STARTING && serving) {
		h->phase = HEIR_WAITING;
		handover_send(h->line, HANDOVER_READY, 0);
	} else if (h->phase == HEIR_TRIED && works) {
		h->phase = HEIR_TOLD;
		handover_send(h->line, HANDOVER_DONE, 0);
	}
	status = handover_receive(h->line, &m);
	if (status == -1)
		return lose_predecessor(h);
	return status == 1 ? hear(h, &m) : HEIR_WAIT;
}

void
heir_renews(const struct heir *h, pid_t refresher)
{
	if (h->phase == HEIR_TRIED || h->phase == HEIR_TOLD)
		handover_send(h->line, HANDOVER_REFRESHER, refresher);
}

bool
heir_may_renew(const struct heir *h)
{
	return h->phase == HEIR_NONE || (h->phase >= HEIR_TRIED &&
	    h->phase <= HEIR_MASTER);
}

bool
heir_reigns(const struct heir *h)
{
	return h->phase == HEIR_NONE || h->phase == HEIR_MASTER;
}

bool
heir_give_up(struct heir *h)
{
	if (heir_reigns(h) || h->phase == HEIR_GONE)
		return false;
	h->phase = HEIR_LEAVING;
	return true;
}
