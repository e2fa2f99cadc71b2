/* SPDX-License-Identifier: Zlib
 * Reading what cgroups count. Host side. */
#include "sys/cgroup_stat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/auto.h"
#include "sys/fd.h"

enum { TEXT = 32768 };

static bool read_text(const struct cgroup *g, const char *v2_name, const char *v1_name, char text[TEXT], bool *v2)
{
	auto_fd int fd = cgroup_file(g, v2_name, v1_name, O_RDONLY, v2);
	size_t used = 0;
	ssize_t n;

	while (fd >= 0 && used < TEXT - 1 && (n = read(fd, text + used, TEXT - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = 0;
	return fd >= 0;
}

static uint64_t number(const char *p)
{
	return p && *p >= '0' && *p <= '9' ? strtoull(p, NULL, 10) : CGROUP_UNKNOWN;
}

static uint64_t read_number(const struct cgroup *g, const char *v2_name, const char *v1_name)
{
	char text[TEXT];

	return read_text(g, v2_name, v1_name, text, NULL) ? number(text) : CGROUP_UNKNOWN;
}

/* What follows key and a blank at the beginning of a line. */
static uint64_t find(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, key, len) && p[len] == ' ')
			return number(p + len + 1);
	return CGROUP_UNKNOWN;
}

/* The sum of what follows key in any line. */
static uint64_t sum(const char *text, const char *key)
{
	uint64_t total = 0;

	for (const char *p = strstr(text, key); p; p = strstr(p + 1, key)) {
		uint64_t n = number(p + strlen(key));

		if (n != CGROUP_UNKNOWN)
			total += n;
	}
	return total;
}

static void read_cpu(const struct cgroup *g, struct cgroup_usage *u)
{
	char text[TEXT];
	bool v2;

	if (!read_text(g, "cpu.stat", "cpu.stat", text, &v2))
		*text = 0;
	u->cpu_us = find(text, "usage_usec");
	u->periods = find(text, "nr_periods");
	u->throttled_periods = find(text, "nr_throttled");
	u->throttled_us = find(text, "throttled_usec");
	/* v2 has a cpu.stat without the controller too; the controller may then be in v1. */
	if (u->periods == CGROUP_UNKNOWN && read_text(g, NULL, "cpu.stat", text, NULL)) {
		u->periods = find(text, "nr_periods");
		u->throttled_periods = find(text, "nr_throttled");
	}
	if (u->throttled_us == CGROUP_UNKNOWN) {
		uint64_t ns = find(text, "throttled_time");

		u->throttled_us = ns == CGROUP_UNKNOWN ? ns : ns / 1000;
	}
	if (u->cpu_us == CGROUP_UNKNOWN) {
		uint64_t ns = read_number(g, NULL, "cpuacct.usage");

		u->cpu_us = ns == CGROUP_UNKNOWN ? ns : ns / 1000;
	}
}

static void read_memory(const struct cgroup *g, struct cgroup_usage *u)
{
	char text[TEXT];
	bool v2 = false;

	u->memory = read_number(g, "memory.current", "memory.usage_in_bytes");
	u->memory_peak = read_number(g, "memory.peak", "memory.max_usage_in_bytes");
	u->memory_cache = CGROUP_UNKNOWN;
	u->swap = CGROUP_UNKNOWN;
	if (read_text(g, "memory.stat", "memory.stat", text, &v2)) {
		u->memory_cache = find(text, v2 ? "inactive_file" : "total_inactive_file");
		u->swap = v2 ? read_number(g, "memory.swap.current", NULL) : find(text, "total_swap");
	}
	u->oom_kills = u->memory == CGROUP_UNKNOWN ? CGROUP_UNKNOWN : cgroup_oom_kills(g);
}

static void read_io(const struct cgroup *g, struct cgroup_usage *u)
{
	char text[TEXT];

	u->read_bytes = u->written_bytes = u->reads = u->writes = CGROUP_UNKNOWN;
	if (read_text(g, "io.stat", NULL, text, NULL)) {
		u->read_bytes = sum(text, " rbytes=");
		u->written_bytes = sum(text, " wbytes=");
		u->reads = sum(text, " rios=");
		u->writes = sum(text, " wios=");
		return;
	}
	if (!read_text(g, NULL, "blkio.throttle.io_service_bytes_recursive", text, NULL))
		return;
	u->read_bytes = sum(text, " Read ");
	u->written_bytes = sum(text, " Write ");
	read_text(g, NULL, "blkio.throttle.io_serviced_recursive", text, NULL);
	u->reads = sum(text, " Read ");
	u->writes = sum(text, " Write ");
}

/* "some avg10=1.23 ..." */
static uint64_t read_pressure(const struct cgroup *g, const char *file)
{
	static const char key[] = "some avg10=";
	char text[TEXT], *rest;
	uint64_t whole;

	if (!read_text(g, file, NULL, text, NULL) || strncmp(text, key, sizeof(key) - 1) != 0)
		return CGROUP_UNKNOWN;
	whole = strtoull(text + sizeof(key) - 1, &rest, 10);
	/* Two digits follow the point. */
	return whole * 100 + (*rest == '.' ? strtoull(rest + 1, NULL, 10) : 0);
}

void cgroup_usage(const struct cgroup *g, struct cgroup_usage *u)
{
	read_cpu(g, u);
	read_memory(g, u);
	read_io(g, u);
	u->pids = read_number(g, "pids.current", "pids.current");
	u->pressure[0] = read_pressure(g, "cpu.pressure");
	u->pressure[1] = read_pressure(g, "memory.pressure");
	u->pressure[2] = read_pressure(g, "io.pressure");
}

/* --- out of memory ------------------------------------------------------------------------------------------------ */

uint64_t cgroup_oom_kills(const struct cgroup *g)
{
	char text[TEXT];
	uint64_t total = 0, n;
	auto_fd int inner = -1;

	if (read_text(g, "memory.events", NULL, text, NULL)) {
		n = find(text, "oom_kill");
		return n == CGROUP_UNKNOWN ? 0 : n;
	}
	/* In v1 each cgroup counts for itself. */
	if (read_text(g, NULL, "memory.oom_control", text, NULL)) {
		n = find(text, "oom_kill");
		total = n == CGROUP_UNKNOWN ? 0 : n;
	}
	inner = cgroup_inner_file(g, "memory.oom_control", O_RDONLY);
	if (inner >= 0) {
		ssize_t got = read(inner, text, TEXT - 1);

		text[got < 0 ? 0 : got] = 0;
		n = find(text, "oom_kill");
		total += n == CGROUP_UNKNOWN ? 0 : n;
	}
	return total;
}

int cgroup_watch_oom(const struct cgroup *g, short *events)
{
	auto_fd int fd = cgroup_file(g, "memory.events", NULL, O_RDONLY, NULL);
	auto_fd int as_one = cgroup_file(g, "memory.oom.group", NULL, O_RDONLY, NULL);
	auto_fd int control = -1, event = -1;
	char text[TEXT];

	/* Since 4.19 v2 can end all of it by itself (memory.oom.group); before that somebody has to be told. */
	if (as_one >= 0)
		return -1;
	if (fd >= 0) {
		/* What has been read is not told again. */
		if (read(fd, text, sizeof(text)) < 0)
			return -1;
		*events = POLLPRI;
		return take_fd(&fd);
	}
	fd = cgroup_file(g, NULL, "memory.oom_control", O_RDONLY, NULL);
	control = cgroup_file(g, NULL, "cgroup.event_control", O_WRONLY, NULL);
	event = fd < 0 || control < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (event < 0)
		return -1;
	snprintf(text, sizeof(text), "%d %d", event, fd);
	if (fd_write_all(control, text, strlen(text)) < 0)
		return -1;
	*events = POLLIN;
	return take_fd(&event);
}
