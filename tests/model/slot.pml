/* SPDX-License-Identifier: MIT */
/*
 * slot.pml - the latch of src/shared/slot.c, with writers that die and with memory
 * that reorders.
 *
 * Spin itself is sequentially consistent, so the disorder is spelt out:
 *   - A store is issued by the writer and becomes visible later, when the
 *     process "memory" lets it.  Stores to different places become visible in
 *     any order that the fence and the release of store_copy() permit.
 *   - The reader's loads happen in any order that the acquire load, the fence
 *     of load_copy() and the program's own logic permit.
 * A writer may die before any of its instructions.  What it had issued becomes
 * visible; only then, as it is reaped first, does a successor begin.  In the
 * end there may be none.
 *
 * Claims: a read that succeeds yields the words of one publication, namely of
 * the version it says, and versions never go back (assertions).  When writers
 * come to an end, each reader succeeds (no cycle without progress).
 *
 * Each -DDROP_... leaves one thing out, -DSAME_COPY and -DSEQLOCK put another
 * protocol in its place; tests/model/run wants each of them to be found out.
 */

#define WORDS 2       /* of one copy: two show a torn read as well as more */
#define PUBLICATIONS 4
#define DEATHS 2
#ifndef READERS
#define READERS 1     /* they do not touch each other */
#endif

byte seq = 1;         /* one version is there at the start */
byte copy[4];         /* two copies of WORDS words */

/* Issued, not visible yet.  A word "behind" was issued after the store to seq
 * that waits. */
bool seq_waits;
byte seq_new;
bool word_waits[4], word_behind[4];
byte word_new[4];

/* For the claims: which attempt published a version. */
byte attempts = 1, attempt_of[8];
byte deaths;

#define NOTHING_WAITS (!seq_waits && !word_waits[0] && !word_waits[1] && \
	!word_waits[2] && !word_waits[3])

/* store(seq, q + 1, release): visible after all words issued before it. */
#ifdef DROP_RELEASE
#define SEQ_MAY 1
#else
#define WORD_FIRST(i) (word_waits[i] && !word_behind[i])
#define SEQ_MAY (!WORD_FIRST(0) && !WORD_FIRST(1) && !WORD_FIRST(2) && \
	!WORD_FIRST(3))
#endif

/* fence(release) between the look at seq and the words: a word is not visible
 * before the seq of the publication before. */
#ifdef DROP_WRITE_FENCE
#define WORD_MAY(i) 1
#else
#define WORD_MAY(i) (!word_behind[i])
#endif

/* fence(acquire): the second look at seq comes after the words. */
#ifdef DROP_READ_FENCE
#define LOOK_MAY 1
#else
#define LOOK_MAY (have0 && have1)
#endif

/* The copy to write after version q, and the one that holds it. */
#if defined(SEQLOCK)
#define TO(q) 0
#define FROM(q) 0
#elif defined(SAME_COPY)
#define TO(q) (q & 1)
#define FROM(q) (q & 1)
#else
#define TO(q) ((q + 1) & 1)
#define FROM(q) (q & 1)
#endif

proctype memory()
{
	byte i;
end:
	do
	:: atomic { seq_waits && SEQ_MAY ->
		seq = seq_new;
		seq_waits = 0;
		seq_new = 0;
		for (i : 0 .. 3) { word_behind[i] = 0 }
		i = 0
	   }
	:: atomic { word_waits[0] && WORD_MAY(0) -> i = 0; goto visible }
	:: atomic { word_waits[1] && WORD_MAY(1) -> i = 1; goto visible }
	:: atomic { word_waits[2] && WORD_MAY(2) -> i = 2; goto visible }
	:: atomic { word_waits[3] && WORD_MAY(3) -> i = 3; goto visible }
	od;
visible:
	atomic {
		copy[i] = word_new[i];
		word_new[i] = 0;
		word_waits[i] = 0;
		word_behind[i] = 0;
		i = 0;
		goto end
	}
}

/* Two stores to one place keep their order: the second one waits. */
inline issue_word(i, value)
{
	atomic { !word_waits[i] ->
		word_new[i] = value;
		word_waits[i] = 1;
		word_behind[i] = seq_waits
	}
}

inline issue_seq(value)
{
	atomic { !seq_waits ->
		seq_new = value;
		seq_waits = 1
	}
}

/* Death comes to any instruction; a successor, if any, finds all visible. */
inline may_die()
{
	if
	:: true
	:: atomic { deaths < DEATHS -> deaths++; goto dead }
	fi
}

proctype writer()
{
	byte q, me;
next:
	do
	:: attempts <= PUBLICATIONS ->
		atomic { attempts++; me = attempts }
		/* its own store is seen by itself at once */
		atomic {
			if
			:: seq_waits -> q = seq_new
			:: else -> q = seq
			fi
		}
#ifdef SEQLOCK
		q = q & 254; /* a predecessor may have left it odd */
		issue_seq(q + 1);
		may_die();
#endif
		if
		:: issue_word(2 * TO(q), me); may_die();
		   issue_word(2 * TO(q) + 1, me)
		:: issue_word(2 * TO(q) + 1, me); may_die();
		   issue_word(2 * TO(q), me)
		fi;
		may_die();
#ifdef SEQLOCK
		atomic { attempt_of[q / 2 + 1] = me; issue_seq(q + 2) };
#else
		atomic { attempt_of[q + 1] = me; issue_seq(q + 1) };
#endif
		may_die()
	:: else -> goto done
	od;
dead:
	q = 0;
	me = 0;
	if
	:: NOTHING_WAITS -> goto next
	:: true /* nobody succeeds */
	fi;
done:
	skip
}

proctype reader()
{
	byte q, word0, word1, again, last;
	bool have0, have1, looked, read;
#ifdef DROP_ACQUIRE
	byte early[4];
	bool have_early[4];
#endif
	do
	:: true ->
#ifdef DROP_ACQUIRE
		/* words may be loaded before seq */
		do
		:: !have_early[0] -> atomic { early[0] = copy[0]; have_early[0] = 1 }
		:: !have_early[1] -> atomic { early[1] = copy[1]; have_early[1] = 1 }
		:: !have_early[2] -> atomic { early[2] = copy[2]; have_early[2] = 1 }
		:: !have_early[3] -> atomic { early[3] = copy[3]; have_early[3] = 1 }
		:: break
		od;
#endif
		q = seq;
#ifdef DROP_ACQUIRE
		atomic {
			have0 = have_early[2 * FROM(q)];
			word0 = early[2 * FROM(q)];
			have1 = have_early[2 * FROM(q) + 1];
			word1 = early[2 * FROM(q) + 1];
			have_early[0] = 0; have_early[1] = 0;
			have_early[2] = 0; have_early[3] = 0;
			early[0] = 0; early[1] = 0; early[2] = 0; early[3] = 0
		}
#endif
		do
		:: !have0 -> atomic { word0 = copy[2 * FROM(q)]; have0 = 1 }
		:: !have1 -> atomic { word1 = copy[2 * FROM(q) + 1]; have1 = 1 }
		:: !looked && LOOK_MAY -> atomic { again = seq; looked = 1 }
		:: have0 && have1 && looked -> break
		od;
		atomic {
			have0 = 0; have1 = 0; looked = 0;
			if
#ifdef DROP_RECHECK
			:: true ->
#elif defined(SEQLOCK)
			:: again == q && (q & 1) == 0 ->
#else
			:: again == q ->
#endif
				assert(word0 == word1);
#ifdef SEQLOCK
				assert(word0 == attempt_of[q / 2]);
#else
				assert(word0 == attempt_of[q]);
#endif
				assert(q >= last);
				last = q;
				read = 1
			:: else
			fi;
			again = 0; word0 = 0; word1 = 0; q = 0
		}
		if
		:: read ->
progress:		read = 0
		:: else
		fi
	od
}

init {
	byte i;

	atomic {
#ifdef SEQLOCK
		seq = 2;
#endif
		attempt_of[1] = 1;
		for (i : 0 .. 3) { copy[i] = 1 }
		i = 0;
		run memory();
		run writer();
		for (i : 1 .. READERS) { run reader() }
		i = 0
	}
}
