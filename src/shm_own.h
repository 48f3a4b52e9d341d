/* SPDX-License-Identifier: MIT */
/*
 * shm_own.h - the inner contract of shm.c and shm_heir.c.
 */
#ifndef BEARERD_SHM_OWN_H
#define BEARERD_SHM_OWN_H

#include "shm.h"

#define BOOT_ID_LEN 36

struct shm_header {
	uint64_t magic;
	uint32_t layout;
	uint32_t header_size;
	uint64_t total_size;
	uint64_t count;
	uint64_t stride;
	uint64_t generation; /* random: tells two segments of a name apart */
	char boot_id[BOOT_ID_LEN + 4];
	int64_t master;
};

#endif
