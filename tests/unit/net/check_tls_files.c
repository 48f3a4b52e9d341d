/* SPDX-License-Identifier: MIT */
/* Files for TLS: what is wrong with one is said before it is needed. */
#include "config.h"

#include "unit.h"

#include "tls_server.h"

#include <sys/stat.h>
#include <time.h>

static const struct {
	const char *ca, *cert, *key;
	const char *error; /* the whole, but for names; NULL: none */
} files[] = {
    {"ca", "cert", "key", NULL},
    {"ca", NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL},
    {"nonsense", NULL, NULL, "/nonsense' has no certificate of an authority"},
    {"key", NULL, NULL, "/key' has no certificate of an authority"},
    {"missing", NULL, NULL,
	"/missing' cannot be read: No such file or "
	"directory"},
    {"ca", "nonsense", "key", "/nonsense' has no certificate in PEM"},
    {"ca", "missing", "key", "/missing' cannot be read"},
    {"ca", "cert", "missing", "/missing' cannot be read"},
    {"ca", "cert", "nonsense", "/nonsense' has no private key in PEM"},
    {"ca", "cert", "locked",
	"/locked' has no private key in PEM without a "
	"passphrase"},
    {"ca", "cert", "other", "/other' is not the key of the certificate in"},
};

START_TEST(files_of_no_use_are_named_with_the_reason)
{
	struct err err = {""}, open_err;
	char secret[] = "secret";
	struct tls *t;
	FILE *f;
	size_t i;

	set_up();
	f = fopen(path("nonsense"), "we");
	fputs("-----BEGIN CERTIFICATE-----\nAAAA\n", f);
	fclose(f);
	identity_write(&client, NULL, path("locked"), secret);
	identity_write(&stranger, NULL, path("other"), NULL);
	for (i = 0; i < COUNT(files); i++) {
		struct tls_files in = {files[i].ca == NULL ? NULL
							   : path(files[i].ca),
		    files[i].cert == NULL ? NULL : path(files[i].cert),
		    files[i].key == NULL ? NULL : path(files[i].key)};

		ck_assert_msg(tls_check(&in, &err) ==
			(files[i].error == NULL ? 0 : -1),
		    "row %zu: %s", i, err.text);
		t = tls_open(&in);
		ck_assert((tls_problem(t) == NULL) == (files[i].error == NULL));
		if (files[i].error != NULL) {
			ck_assert_msg(strstr(err.text, files[i].error) != NULL,
			    "row %zu: %s", i, err.text);
			ck_assert_str_eq(tls_problem(t), err.text);
			ck_assert_ptr_null(
			    tls_session_open(t, 0, "a", &open_err));
			ck_assert_str_eq(open_err.text, err.text);
		}
		tls_close(t);
	}
	tear_down();
}
END_TEST

START_TEST(a_file_that_never_ends_is_not_waited_for)
{
	struct err err;
	time_t from = time(NULL);

	set_up();
	ck_assert_int_eq(mkfifo(path("fifo"), 0600), 0);
	ck_assert_int_eq(tls_check(&(struct tls_files){.ca = path("fifo")},
			     &err),
	    -1);
	ck_assert_str_eq(err.text, "the files for TLS cannot be checked");
	ck_assert_int_lt(time(NULL) - from, 30);
	tear_down();
}
END_TEST

UNIT_MAIN("tls_files", files_of_no_use_are_named_with_the_reason,
    a_file_that_never_ends_is_not_waited_for)
