/* SPDX-License-Identifier: MIT */
/*
 * sample.h - tokens that can be checked: every member follows from the
 * generation, so that a mixture of two generations is never taken for one.
 */
#ifndef BEARERD_TEST_SAMPLE_H
#define BEARERD_TEST_SAMPLE_H

#include "shared/slot.h"

/* Make the token of this generation, with a text of 1 to text_max bytes. */
void sample_make(struct token *t, uint64_t generation, size_t text_max);

/* The part that does not fit the token's generation; NULL if all do. */
const char *sample_problem(const struct token *t, size_t text_max);

/* A slot in memory that child processes share. */
struct slot *sample_slot(size_t text_max);

#endif
