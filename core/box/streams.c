/* SPDX-License-Identifier: Zlib
 * What the container has for standard streams, and its log. Host side. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/str.h"
#include "box/dirs.h"
#include "box/launch.h"
#include "sys/fd.h"

/* The usual log is a service that may fail, the one that was asked for is not. */
int launch_open_log(struct launch *l, struct err *e)
{
	const struct spec *s = l->spec;
	struct state *st = &l->c.state;
	auto_free char *dir = NULL, *path = NULL;

	if (!l->options->detach || (s->log && !strcmp(s->log, "none")))
		return 0;
	dir = s->log ? NULL : dirs_path(DIRS_LOG, e);
	if (!s->log && (!dir || dirs_make(dir, e) < 0)) {
		err_prefix(e, "log");
		goto failed;
	}
	path = s->log ? str_format(e, "%s", s->log) : str_format(e, "%s/%s.log", dir, st->name);
	if (!path)
		return -1;
	if (log_open(&l->c.log, path, s->log_size_bytes, s->log_count, e) < 0)
		goto failed;
	st->log = take_ptr(&path);
	st->log_size_bytes = s->log_size_bytes;
	st->log_count = s->log_count;
	st->log_passing = !s->log && !s->name;
	return 0;
failed:
	log_close(&l->c.log);
	if (s->log)
		return -1;
	err_hint(e, "its output is not kept");
	container_warn(&l->c, e->text);
	return 0;
}

static bool wants_tty(const struct launch *l)
{
	if (l->spec->tty != SWITCH_AUTO)
		return l->spec->tty == SWITCH_YES;
	return !l->options->detach && isatty(0) && isatty(1);
}

/* In the background what it writes goes to the log, and what it reads comes from attached clients. */
static int make_log_pipe(struct launch *l, int fd, struct err *e)
{
	uint32_t uid, gid;
	int pair[2];

	if (l->in.tty || (fd ? l->c.log.fd < 0 : !l->spec->input))
		return 0;
	if (pipe2(pair, O_CLOEXEC) < 0 || (!fd && fcntl(pair[1], F_SETFL, O_NONBLOCK) < 0))
		return err_sys(e, "make a pipe");
	l->c.pipes[fd] = pair[fd ? 0 : 1];
	l->in.streams[fd] = pair[fd ? 1 : 0];
	if (l->spec->keep && fd)
		l->in.pipes[fd] = pair[0];
	/* So that its own root can give it to the command's user. */
	if (l->in.userns && (!idmap_find(&l->userns.uids, 0, &uid) || !idmap_find(&l->userns.gids, 0, &gid) ||
			     fchown(l->in.streams[fd], uid, gid) < 0))
		return err_sys(e, "give a pipe to the container");
	return 0;
}

/* A stream that is the caller's terminal is relayed through a pipe: whoever holds a terminal can type into it. */
static int make_stream(struct launch *l, int fd, struct err *e)
{
	int pair[2];

	if (l->options->detach)
		return make_log_pipe(l, fd, e);
	if (l->in.tty)
		return 0;
	/* The host's null device could be changed through it: the container's own stands in. */
	if (fd_is_null(fd))
		return 0;
	if (!isatty(fd)) {
		l->in.streams[fd] = fd;
		return 0;
	}
	if (pipe2(pair, O_CLOEXEC) < 0)
		return err_sys(e, "make a pipe");
	l->in.streams[fd] = pair[fd ? 1 : 0];
	l->c.pipes[fd] = pair[fd ? 0 : 1];
	return 0;
}

int launch_make_streams(struct launch *l, struct err *e)
{
	l->in.tty = wants_tty(l);
	l->c.interactive = l->in.tty && !l->options->detach;
	if (l->in.tty && l->options->detach) {
		l->c.ring = feed_share(e);
		if (l->c.ring < 0)
			return -1;
	}
	for (int fd = 0; fd < 3; fd++)
		if (make_stream(l, fd, e) < 0)
			return -1;
	return 0;
}
