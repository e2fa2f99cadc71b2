/* SPDX-License-Identifier: Zlib
 * Numbers, sizes, durations, signals from text. */
#include "base/num.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SIGNAL_RTMIN = 34, SIGNAL_RTMAX = 64 };

/* Linux's numbers on every architecture but mips, alpha, sparc and parisc, which <signal.h> knows. */
#include <signal.h>
static const char *const signal_names[32] = {
	[SIGHUP] = "HUP",       [SIGINT] = "INT",     [SIGQUIT] = "QUIT", [SIGILL] = "ILL",   [SIGTRAP] = "TRAP",
	[SIGABRT] = "ABRT",     [SIGBUS] = "BUS",     [SIGFPE] = "FPE",   [SIGKILL] = "KILL", [SIGUSR1] = "USR1",
	[SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2",   [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
	[SIGCHLD] = "CHLD",     [SIGCONT] = "CONT",   [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN",
	[SIGTTOU] = "TTOU",     [SIGURG] = "URG",     [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ", [SIGVTALRM] = "VTALRM",
	[SIGPROF] = "PROF",     [SIGWINCH] = "WINCH", [SIGIO] = "IO",     [SIGPWR] = "PWR",   [SIGSYS] = "SYS",
#ifdef SIGSTKFLT
	[SIGSTKFLT] = "STKFLT",
#endif
};

/* Read digits at *text; returns how many there were, -1 when the value does not fit. */
static int digits(const char **text, uint64_t *out)
{
	uint64_t value = 0;
	int count = 0;

	for (; isdigit((unsigned char)**text); (*text)++, count++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(**text - '0'), &value))
			return -1;
	*out = value;
	return count;
}

int num_parse(const char *text, uint64_t min, uint64_t max, uint64_t *out, struct err *e)
{
	const char *rest = text;
	uint64_t value;

	if (digits(&rest, &value) <= 0 || *rest || value < min || value > max)
		return err_set(e, "'%s' is not a number from %llu to %llu", text, (unsigned long long)min,
			       (unsigned long long)max);
	*out = value;
	return 0;
}

int num_signed(const char *text, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	bool negative = *text == '-';
	const char *rest = text + negative;
	int64_t number;
	uint64_t value;

	if (digits(&rest, &value) <= 0 || *rest || value > (uint64_t)INT64_MAX + negative)
		goto bad;
	number = (int64_t)(negative ? 0 - value : value);
	if (number < min || number > max)
		goto bad;
	*out = number;
	return 0;
bad:
	return err_set(e, "'%s' is not a number from %lld to %lld", text, (long long)min, (long long)max);
}

int num_mode(const char *text, uint32_t *out, struct err *e)
{
	uint32_t value = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '7' && value <= 07777; p++)
		value = value * 8 + (uint32_t)(*p - '0');
	if (p == text || *p || value > 07777)
		return err_set(e, "'%s' is not an octal mode such as 0755", text);
	*out = value;
	return 0;
}

int num_size(const char *text, uint64_t *bytes, struct err *e)
{
	static const char units[] = "KMG";
	const char *rest = text, *unit;
	uint64_t value;

	if (digits(&rest, &value) <= 0 || !value)
		goto bad;
	if (*rest && (unit = strchr(units, toupper((unsigned char)*rest)))) {
		if (__builtin_mul_overflow(value, 1ULL << (10 * (unit - units + 1)), &value))
			goto bad;
		rest++;
	}
	if (*rest)
		goto bad;
	*bytes = value;
	return 0;
bad:
	return err_set(e, "'%s' is not a size such as 64M (bytes, or K, M, G)", text);
}

int num_duration(const char *text, uint64_t *ms, struct err *e)
{
	static const struct {
		char name[3];
		uint32_t ms;
	} units[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 }, { "h", 3600000 } };
	const uint64_t most = 1000ULL * 24 * 3600 * 1000;
	const char *rest = text;
	uint64_t value;

	if (digits(&rest, &value) > 0)
		for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
			if (!strcmp(rest, units[i].name) && value <= most / units[i].ms) {
				*ms = value * units[i].ms;
				return 0;
			}
	return err_set(e, "'%s' is not a duration such as 10s (ms, s, m, h; at most 1000 days)", text);
}

/* RTMIN, RTMIN+N, RTMAX, RTMAX-N. Returns 0 for anything else. */
static int realtime_signal(const char *name)
{
	struct err ignored;
	uint64_t offset = 0;
	bool from_max = !strncasecmp(name, "RTMAX", 5);

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return 0;
	if (name[5] &&
	    (name[5] != (from_max ? '-' : '+') || num_parse(name + 6, 0, SIGNAL_RTMAX - SIGNAL_RTMIN, &offset, &ignored) < 0))
		return 0;
	return from_max ? SIGNAL_RTMAX - (int)offset : SIGNAL_RTMIN + (int)offset;
}

int num_signal(const char *text, int *signal, struct err *e)
{
	const char *name = strncasecmp(text, "SIG", 3) ? text : text + 3;
	const char *rest = text;
	int realtime = realtime_signal(name);
	uint64_t number;

	if (digits(&rest, &number) > 0 && !*rest && number >= 1 && number <= SIGNAL_RTMAX) {
		*signal = (int)number;
		return 0;
	}
	for (int i = 1; i < 32; i++)
		if (signal_names[i] && !strcasecmp(name, signal_names[i])) {
			*signal = i;
			return 0;
		}
	if (!strcasecmp(name, "CLD") || !strcasecmp(name, "POLL")) {
		*signal = toupper((unsigned char)*name) == 'C' ? SIGCHLD : SIGIO;
		return 0;
	}
	if (realtime) {
		*signal = realtime;
		return 0;
	}
	return err_set(e, "'%s' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)", text);
}

const char *num_signal_name(int signal, char buf[16])
{
	if (signal > 0 && signal < 32 && signal_names[signal])
		return signal_names[signal];
	if (signal >= SIGNAL_RTMIN && signal <= SIGNAL_RTMAX)
		snprintf(buf, 16, "RTMIN+%d", (signal - SIGNAL_RTMIN) & 63);
	else
		snprintf(buf, 16, "%d", signal);
	return buf;
}
