/* SPDX-License-Identifier: Zlib
 * One error, made where it happened, handed up to whoever can tell the user. No system calls. */
#ifndef CAGEBOX_BASE_ERR_H
#define CAGEBOX_BASE_ERR_H

/* Exit codes of every applet; otherwise the command's own, or 128+N for a signal. */
enum {
	EXIT_CAGEBOX = 125, /* cagebox failed or was called wrongly */
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_SIGNAL = 128,
};

/* Lives on the caller's stack and crosses the container's border in one write.
 * num: the errno, 0 when no system call was at fault.
 * code: the exit code that it calls for, 0 for EXIT_CAGEBOX. */
struct err {
	short num;
	short code;
	char text[252];
};

/* Each fills e and returns -1, so that a function can `return err_set(...)`. A text that is too long is cut, so that
 * the reason at its end stays. err_sys adds ": " and the text of errno, and, where the cause is well known, the
 * remedy in brackets. */
int err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
int err_sys(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
int err_memory(struct err *e);

/* Put "format: " before the text that is there already. Returns -1. */
int err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Add " (hint)" to the text. Returns -1. */
int err_hint(struct err *e, const char *hint);

/* The exit code that e calls for. */
int err_code(const struct err *e);

#endif
