/* SPDX-License-Identifier: MIT */
/*
 * base/embed.h - files that become part of the program.
 *
 * The assembler puts them in.  They lie among the read-only data, so that all
 * processes share one copy.  A NUL follows the bytes.  The makefile names the
 * object as depending on the files: the compiler does not know of them.
 */
#ifndef BEARERD_BASE_EMBED_H
#define BEARERD_BASE_EMBED_H

/* Where src/ is, as seen by the compiler. */
#ifndef EMBED_SOURCE
#define EMBED_SOURCE "src"
#endif

#define EMBED_FILE(file) ".incbin \"" file "\"\n"

/* Define symbol and symbol_end, around one file or several. */
#define EMBED_FILES(symbol, files)                                           \
	__asm__(".section .rodata\n"                                         \
		".globl " #symbol "\n" #symbol ":\n" files ".globl " #symbol \
		"_end\n" #symbol "_end:\n"                                   \
		".byte 0\n"                                                  \
		".previous\n");                                              \
	extern const char symbol[], symbol##_end[]
#define EMBED(symbol, file) EMBED_FILES(symbol, EMBED_FILE(file))

#endif
