/* SPDX-License-Identifier: MIT */
/* The configuration file, whatever is in it: reading ends, and either gives a
 * configuration or says why not. */
#include "config.h"

#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char program[] = "bearerd", flag[] = "-c", path[64];
	static char memory[2][1 << 16];
	char *argv[] = {program, flag, path, NULL};
	char *env[] = {NULL};
	struct conf_source source = {.argc = 3, .argv = argv, .environ = env};
	struct buf errors, warnings;
	enum conf_action action;
	struct conf *conf;
	int fd = memfd_create("conf", 0);

	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	buf_init(&errors, memory[0], sizeof(memory[0]));
	buf_init(&warnings, memory[1], sizeof(memory[1]));
	conf = conf_load(&source, &action, &errors, &warnings);
	if ((conf == NULL) != (errors.len > 0))
		abort();
	conf_free(conf);
	close(fd);
	return 0;
}
