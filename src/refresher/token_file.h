/* SPDX-License-Identifier: MIT */
/*
 * token_file.h - tokens in files, for gateways and programs that read one.
 *
 * Called by the refresher alone; nothing else there writes files.  Each file
 * follows a slot, which is looked at in every turn of the refresher's loop: so
 * it has every token that was obtained, adopted or inherited, and no expired
 * one.
 *
 * Invariants:
 *   - A file is whole or absent: it is written under another name in the same
 *     directory, and renamed.  Only one that is mounted by itself is written
 *     over.
 *   - It is removed once its token is dead (E - S): a reader shall fail rather
 *     than use a dead token.  One that cannot be removed is emptied.
 *   - A failure is logged once a minute for each file, and the attempt made
 *     again after TOKEN_FILE_RETRY_MS.
 */
#ifndef BEARERD_TOKEN_FILE_H
#define BEARERD_TOKEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "shared/segment.h"

#define TOKEN_FILE_RETRY_MS 5000

struct token_files;

/*
 * Open the files of all tokens that have one.  Files of `before` (may be NULL),
 * the configuration in force until now, are removed if no token has them any
 * more.  The configuration and the segment must outlive what is returned.
 */
struct token_files *token_files_open(const struct conf *conf,
    const struct conf *before, const struct segment *segment);

/* Bring the files in line with the slots; returns the boot time of what is due
 * next, INT64_MAX if nothing is. */
int64_t token_files_turn(struct token_files *s, int64_t now);

/* Free all; `withdrawn`: and remove the files that were written, unless another
 * program has replaced them meanwhile. */
void token_files_close(struct token_files *s, bool withdrawn);

/* The groups that files are given to, at most `max`, for a process that
 * changes its user; returns how many. */
size_t token_files_groups(const struct conf *conf, gid_t *out, size_t max);

#endif
