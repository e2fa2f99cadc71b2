/* SPDX-License-Identifier: Zlib
 * What a process can reach: reach ACT ARGUMENT... does one after the other and prints for each "ACT ARGUMENT: " and ok, a number,
 * or why not. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int act_read(const char *path)
{
	return open(path, O_RDONLY);
}

static int act_write(const char *path)
{
	return open(path, O_WRONLY);
}

static int act_make(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
}

static int act_mkdir(const char *path)
{
	return mkdir(path, 0755);
}

static int act_link(const char *path)
{
	return symlink("/", path);
}

static int act_fifo(const char *path)
{
	return mkfifo(path, 0644);
}

static int act_move(const char *path)
{
	char to[4096];

	snprintf(to, sizeof(to), "%s.moved", path);
	return rename(path, to);
}

static int act_remove(const char *path)
{
	return remove(path);
}

static int act_empty(const char *path)
{
	return truncate(path, 0);
}

static int act_run(const char *path)
{
	int ends[2], why = 0, status;

	if (pipe(ends) < 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	if (fork() == 0) {
		execl(path, path, NULL);
		why = errno;
		_exit(write(ends[1], &why, sizeof(why)) < 0);
	}
	close(ends[1]);
	if (read(ends[0], &why, sizeof(why)) < 0)
		return -1;
	wait(&status);
	errno = why;
	return why ? -1 : 0;
}

static int on_port(const char *port, int (*what)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	at.sin_port = htons((unsigned short)atoi(port));
	return what(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof(at));
}

static int act_bind(const char *port)
{
	return on_port(port, bind);
}

static int act_connect(const char *port)
{
	return on_port(port, connect);
}

/* "@name" is an abstract one. */
static socklen_t unix_address(const char *name, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(at->sun_path, name, sizeof(at->sun_path) - 1);
	if (*name == '@')
		at->sun_path[0] = 0;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

static int act_listen(const char *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), messages = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un at;
	socklen_t len = unix_address(name, &at);
	char second[100];

	if (bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 9) < 0)
		return -1;
	snprintf(second, sizeof(second), "%s.messages", name);
	len = unix_address(second, &at);
	return bind(messages, (struct sockaddr *)&at, len);
}

static int act_stream(const char *name)
{
	struct sockaddr_un at;
	socklen_t len = unix_address(name, &at);

	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&at, len);
}

static int act_message(const char *name)
{
	char second[100];
	struct sockaddr_un at;
	socklen_t len;

	snprintf(second, sizeof(second), "%s.messages", name);
	len = unix_address(second, &at);
	return sendto(socket(AF_UNIX, SOCK_DGRAM, 0), "x", 1, 0, (struct sockaddr *)&at, len) == 1 ? 0 : -1;
}

static int act_signal(const char *pid)
{
	return kill(atoi(pid), 0);
}

/* A child of its own: "end" it. */
static int act_child(const char *how)
{
	pid_t pid = fork();
	int status;

	(void)how;
	if (pid == 0)
		pause();
	return kill(pid, SIGKILL) < 0 || waitpid(pid, &status, 0) != pid ? -1 : 0;
}

/* The capability of that number. */
static int act_raise(const char *cap)
{
	return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, atoi(cap), 0, 0);
}

/* With 1, that capabilities stay when root becomes another user. */
static int act_keepcaps(const char *on)
{
	return prctl(PR_SET_KEEPCAPS, atoi(on), 0, 0, 0);
}

static int act_lock(const char *bits)
{
	return prctl(PR_SET_SECUREBITS, (long)strtol(bits, NULL, 16), 0, 0, 0);
}

static int act_bits(const char *of)
{
	(void)of;
	printf("%x\n", (unsigned)prctl(PR_GET_SECUREBITS, 0, 0, 0, 0));
	exit(0);
}

static int act_landlock(const char *version)
{
	(void)version;
	printf("%ld\n", syscall(444, NULL, 0, 1));
	exit(0);
}

static int act_wait(const char *forever)
{
	(void)forever;
	return pause();
}

static const struct {
	const char *name;
	int (*act)(const char *argument);
} acts[] = {
	{ "read", act_read },     { "write", act_write },       { "make", act_make },         { "mkdir", act_mkdir },
	{ "link", act_link },     { "fifo", act_fifo },         { "move", act_move },         { "remove", act_remove },
	{ "empty", act_empty },   { "run", act_run },           { "bind", act_bind },         { "connect", act_connect },
	{ "listen", act_listen }, { "stream", act_stream },     { "message", act_message },   { "signal", act_signal },
	{ "child", act_child },   { "raise", act_raise },       { "keepcaps", act_keepcaps }, { "lock", act_lock },
	{ "bits", act_bits },     { "landlock", act_landlock }, { "wait", act_wait },
};

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i + 1 < argc; i += 2) {
		int (*act)(const char *) = NULL;

		for (size_t n = 0; n < sizeof(acts) / sizeof(*acts); n++)
			if (!strcmp(acts[n].name, argv[i]))
				act = acts[n].act;
		if (!act)
			return 99;
		printf("%s %s: ", argv[i], argv[i + 1]);
		printf("%s\n", act(argv[i + 1]) < 0 ? strerror(errno) : "ok");
	}
	return 0;
}
