/* SPDX-License-Identifier: MIT */
/* How one master gives way to the next: both sides over a socketpair, which the
 * test holds the other end of, at times that it sets. */
#include "config.h"

#include "unit.h"

#include "master/handover.h"
#include "master/upgrade.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 15000

static int line, peer; /* the tested side's end, and ours */

static void
open_line(void)
{
	int fd[2], on = 1;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
			     fd),
	    0);
	line = fd[0];
	peer = fd[1];
	setsockopt(line, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	setsockopt(peer, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
}

/* The kind of the next message that the tested side has sent; 0: none. */
static int
heard(void)
{
	struct handover_message m;

	return handover_receive(peer, getpid(), &m) == 1 ? (int)m.kind : 0;
}

/* A child that lives until it is killed, in the place of the new program. */
static pid_t
start_child(void)
{
	pid_t pid;

	signal(SIGTERM, SIG_DFL); /* Check's would end the whole group */
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	ck_assert_int_ne(pid, -1);
	return pid;
}

/* Wait for the death of a child, and whether it was by this signal. */
static bool
died_of(pid_t pid, int signal)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == signal;
}

/* The old master's side with a new program whose id is ours, since the test
 * speaks for it; nothing in these tests kills it. */
static struct upgrade
begin_upgrade(void)
{
	struct upgrade u;

	open_line();
	upgrade_begin(&u, getpid(), line, 0);
	return u;
}

START_TEST(an_upgrade_goes_from_ready_to_bye)
{
	struct upgrade u = begin_upgrade();

	ck_assert_int_eq(upgrade_turn(&u, true, 1), UPGRADE_WAIT);
	ck_assert(upgrade_may_renew(&u));
	handover_send(peer, HANDOVER_READY, 0);
	ck_assert_int_eq(upgrade_turn(&u, true, 2), UPGRADE_YIELD);
	ck_assert(!upgrade_may_renew(&u));
	ck_assert_int_eq(upgrade_turn(&u, true, 3), UPGRADE_WAIT);
	ck_assert_int_eq(heard(), 0); /* no GO while our refresher lives */
	ck_assert_int_eq(upgrade_turn(&u, false, 4), UPGRADE_WAIT);
	ck_assert_int_eq(heard(), HANDOVER_GO);
	handover_send(peer, HANDOVER_REFRESHER, 4711);
	handover_send(peer, HANDOVER_DONE, 0);
	ck_assert_int_eq(upgrade_turn(&u, false, 5), UPGRADE_DRAIN);
	ck_assert_int_eq(u.refresher, 4711);
	ck_assert_int_eq(heard(), HANDOVER_BYE);
	ck_assert_int_eq(upgrade_line(&u), -1);
	ck_assert(!upgrade_may_renew(&u));
	ck_assert_int_eq(upgrade_turn(&u, false, 6), UPGRADE_WAIT);
}
END_TEST

/* Messages that come too early, in the order of the phases. */
START_TEST(what_is_said_out_of_turn_changes_nothing)
{
	struct upgrade u = begin_upgrade();

	handover_send(peer, HANDOVER_DONE, 0);
	handover_send(peer, HANDOVER_GO, 0);
	handover_send(peer, HANDOVER_BYE, 0);
	ck_assert_int_eq(upgrade_turn(&u, true, 1), UPGRADE_WAIT);
	ck_assert_int_eq(u.phase, UPGRADE_STARTED);
	handover_send(peer, HANDOVER_READY, 0);
	handover_send(peer, HANDOVER_DONE, 0);
	ck_assert_int_eq(upgrade_turn(&u, true, 2), UPGRADE_YIELD);
	ck_assert_int_eq(upgrade_turn(&u, true, 3), UPGRADE_WAIT);
	ck_assert_int_eq(u.phase, UPGRADE_YIELDING);
}
END_TEST

START_TEST(an_upgrade_fails_when_the_line_ends_before_done)
{
	struct upgrade u = begin_upgrade();

	close(peer);
	ck_assert_int_eq(upgrade_turn(&u, true, 1), UPGRADE_FAILED);
	ck_assert(upgrade_may_renew(&u));
	u = begin_upgrade();
	handover_send(peer, HANDOVER_READY, 0);
	upgrade_turn(&u, true, 1);
	upgrade_turn(&u, false, 2);
	ck_assert_int_eq(u.phase, UPGRADE_TRIAL);
	close(peer);
	ck_assert_int_eq(upgrade_turn(&u, false, 3), UPGRADE_FAILED);
	ck_assert(upgrade_may_renew(&u));
}
END_TEST

/* Its refresher holds the line, and may write the segment. */
START_TEST(after_go_a_dead_program_is_waited_for_to_the_end_of_the_line)
{
	struct upgrade u = begin_upgrade();

	handover_send(peer, HANDOVER_READY, 0);
	upgrade_turn(&u, true, 1);
	upgrade_turn(&u, false, 2);
	ck_assert(upgrade_reaped(&u, getpid(), 0, 3));
	ck_assert_int_eq(upgrade_turn(&u, false, 4), UPGRADE_WAIT);
	ck_assert(!upgrade_may_renew(&u));
	close(peer);
	ck_assert_int_eq(upgrade_turn(&u, false, 5), UPGRADE_FAILED);
}
END_TEST

START_TEST(before_go_the_death_of_the_program_is_enough)
{
	struct upgrade u = begin_upgrade();

	ck_assert(!upgrade_reaped(&u, 1, 0, 1));
	ck_assert(upgrade_reaped(&u, getpid(), 0, 1));
	ck_assert_int_eq(upgrade_turn(&u, true, 2), UPGRADE_FAILED);
}
END_TEST

START_TEST(a_program_that_is_overdue_is_killed_not_a_moment_earlier)
{
	pid_t pid = start_child();
	struct upgrade u;

	open_line();
	upgrade_begin(&u, pid, line, 1000);
	ck_assert_int_eq(upgrade_turn(&u, true, 1000 + PATIENCE_MS - 1),
	    UPGRADE_WAIT);
	ck_assert_int_eq(u.due_at, 1000 + PATIENCE_MS);
	upgrade_turn(&u, true, 1000 + PATIENCE_MS);
	ck_assert(died_of(pid, SIGKILL));
}
END_TEST

START_TEST(a_refresher_that_outlives_its_master_is_killed)
{
	struct upgrade u = begin_upgrade();
	pid_t pid = start_child();

	handover_send(peer, HANDOVER_READY, 0);
	upgrade_turn(&u, true, 1);
	upgrade_turn(&u, false, 2);
	handover_send(peer, HANDOVER_REFRESHER, pid);
	upgrade_turn(&u, false, 3);
	upgrade_reaped(&u, getpid(), 0, 10);
	upgrade_turn(&u, false, 11);
	ck_assert_int_gt(u.due_at, 11);
	upgrade_turn(&u, false, u.due_at);
	ck_assert(died_of(pid, SIGKILL));
}
END_TEST

START_TEST(a_cancelled_upgrade_ends_the_program_and_never_hands_over)
{
	pid_t pid = start_child();
	struct upgrade u;

	open_line();
	upgrade_begin(&u, pid, line, 0);
	upgrade_cancel(&u, 5000);
	ck_assert(upgrade_lingers(&u));
	ck_assert(died_of(pid, SIGTERM));
	u.speaker = getpid();
	handover_send(peer, HANDOVER_READY, 0);
	ck_assert_int_eq(upgrade_turn(&u, true, 1), UPGRADE_WAIT);
	ck_assert_int_eq(u.phase, UPGRADE_STARTED);
	upgrade_reaped(&u, pid, SIGTERM, 2);
	ck_assert(!upgrade_lingers(&u));
	ck_assert_int_eq(upgrade_turn(&u, true, 3), UPGRADE_FAILED);
}
END_TEST

/* The new program's refresher has the line, too: it must not name victims. */
START_TEST(only_the_other_master_is_listened_to)
{
	struct upgrade u = begin_upgrade();
	pid_t pid = fork();

	if (pid == 0) {
		handover_send(peer, HANDOVER_READY, 0);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(upgrade_turn(&u, true, 1), UPGRADE_WAIT);
	ck_assert_int_eq(u.phase, UPGRADE_STARTED);
}
END_TEST

static struct takeover
begin_takeover(void)
{
	struct takeover t;

	open_line();
	takeover_begin(&t, line, getpid());
	return t;
}

/* Bring it to where GO has come. */
static struct takeover
begin_trial(void)
{
	struct takeover t = begin_takeover();

	takeover_turn(&t, true, false, false);
	ck_assert_int_eq(heard(), HANDOVER_READY);
	handover_send(peer, HANDOVER_GO, 0);
	ck_assert_int_eq(takeover_turn(&t, true, false, false),
	    TAKEOVER_CATCH_UP);
	return t;
}

START_TEST(a_takeover_goes_from_ready_to_bye)
{
	struct takeover t = begin_takeover();

	ck_assert_int_eq(takeover_turn(&t, false, false, false), TAKEOVER_WAIT);
	ck_assert_int_eq(heard(), 0);
	t = begin_trial();
	ck_assert(takeover_may_renew(&t));
	ck_assert(!takeover_is_master(&t));
	takeover_name_refresher(&t, 99);
	ck_assert_int_eq(heard(), HANDOVER_REFRESHER);
	takeover_turn(&t, true, false, true);
	ck_assert_int_eq(heard(), 0);
	takeover_turn(&t, true, true, true);
	ck_assert_int_eq(heard(), HANDOVER_DONE);
	handover_send(peer, HANDOVER_BYE, 0);
	ck_assert_int_eq(takeover_turn(&t, true, true, true),
	    TAKEOVER_COMPLETE);
	ck_assert(takeover_is_master(&t));
	close(peer);
	ck_assert_int_eq(takeover_turn(&t, true, true, true), TAKEOVER_WAIT);
	ck_assert_int_eq(t.phase, TAKEOVER_NONE);
}
END_TEST

START_TEST(no_refresher_is_started_before_go)
{
	struct takeover t = begin_takeover();

	ck_assert(!takeover_may_renew(&t));
	handover_send(peer, HANDOVER_GO, 0); /* READY is not said yet */
	ck_assert_int_eq(takeover_turn(&t, false, false, false), TAKEOVER_WAIT);
	ck_assert(!takeover_may_renew(&t));
	handover_send(peer, HANDOVER_BYE, 0);
	ck_assert_int_eq(takeover_turn(&t, true, true, false), TAKEOVER_WAIT);
	ck_assert(!takeover_may_renew(&t));
	ck_assert(!takeover_is_master(&t));
}
END_TEST

START_TEST(an_old_master_that_dies_before_go_leaves_an_orphan)
{
	struct takeover t = begin_takeover();

	takeover_turn(&t, true, false, false);
	close(peer);
	ck_assert_int_eq(takeover_turn(&t, true, false, false),
	    TAKEOVER_ORPHANED);
	ck_assert(!takeover_may_renew(&t));
	ck_assert(!takeover_is_master(&t));
}
END_TEST

START_TEST(an_old_master_that_dies_after_go_leaves_a_master)
{
	struct takeover t = begin_trial();

	close(peer);
	ck_assert_int_eq(takeover_turn(&t, true, false, true),
	    TAKEOVER_COMPLETE);
	ck_assert(takeover_is_master(&t));
	ck_assert(takeover_may_renew(&t));
}
END_TEST

START_TEST(who_gives_up_keeps_the_line_until_its_refresher_is_gone)
{
	struct takeover t = begin_trial();

	ck_assert(takeover_give_up(&t));
	ck_assert(!takeover_may_renew(&t));
	takeover_turn(&t, true, true, true);
	ck_assert_int_eq(t.phase, TAKEOVER_LEAVING);
	ck_assert_int_ne(t.line, -1);
	takeover_turn(&t, true, true, false);
	ck_assert_int_eq(t.phase, TAKEOVER_GONE);
	ck_assert_int_eq(t.line, -1);
	ck_assert(!takeover_give_up(&t));
}
END_TEST

START_TEST(without_a_predecessor_one_is_the_master)
{
	struct takeover t;

	takeover_begin(&t, -1, 0);
	ck_assert(takeover_is_master(&t));
	ck_assert(takeover_may_renew(&t));
	ck_assert(!takeover_give_up(&t));
	ck_assert_int_eq(takeover_turn(&t, true, true, true), TAKEOVER_WAIT);
}
END_TEST

UNIT_MAIN("upgrade", an_upgrade_goes_from_ready_to_bye,
    what_is_said_out_of_turn_changes_nothing,
    an_upgrade_fails_when_the_line_ends_before_done,
    after_go_a_dead_program_is_waited_for_to_the_end_of_the_line,
    before_go_the_death_of_the_program_is_enough,
    a_program_that_is_overdue_is_killed_not_a_moment_earlier,
    a_refresher_that_outlives_its_master_is_killed,
    a_cancelled_upgrade_ends_the_program_and_never_hands_over,
    only_the_other_master_is_listened_to, a_takeover_goes_from_ready_to_bye,
    no_refresher_is_started_before_go,
    an_old_master_that_dies_before_go_leaves_an_orphan,
    an_old_master_that_dies_after_go_leaves_a_master,
    who_gives_up_keeps_the_line_until_its_refresher_is_gone,
    without_a_predecessor_one_is_the_master)
