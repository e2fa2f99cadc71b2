/* SPDX-License-Identifier: Zlib
 * Makes one system call of one process fail, and looks at what comes of it.
 *
 *	faults_helper record COMMAND...	run it; print a line "PROCESS CALL NTH LABEL" for every system call of it and its children
 *				while they execute the same file as COMMAND. PROCESS is 0, its first child 0.0, and so on
 *	faults_helper try FLAGS COMMAND...	for each such line on stdin run COMMAND, let that call fail and print
 *				"VERDICT PROCESS NTH LABEL ERROR | what happened": "refused" with exit code 125 to 127 and a message,
 *				"survived" with 0 and the output that was wanted, "missed" if the call did not come, else "wrong"
 *
 *				With the flag k its process is killed there instead: "killed", or "wrong" if the next call leaves anything over
 *
 * In COMMAND %W is the number of the worker, from 0; the directory scratch.%W is made anew before every run. Each has a mount namespace with a /run of its own and a pid namespace, so that what is
 * left over after a call can be seen. FLAGS: d COMMAND detaches, h it has the hooks and they write to hooks.%W, n named: a cgroup
 * cagebox-NAME may be there, NAME being what follows -n or --name; k see above; a digit is the number of workers; - none.
 *
 * strace -e inject counts the calls of every process for itself and hits all of them: the first one's failure would hide the others. */
#include <asm/unistd.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 600, TRACEES = 64, TEXT = 400, LIMIT_S = 10, PATIENCE_MS = 2000 };

static const char *const names[CALLS] = {
#include "names.h"
};

/* The error that a kernel is most likely to give. Of those without one, nothing here can fail. */
static const struct {
	const char *calls;
	int error;
	const char *name;
} errors[] = {
	{ " open openat openat2 socket socketpair pipe pipe2 dup dup2 dup3 fcntl accept accept4 memfd_create signalfd4 open_tree fsopen fsmount "
	  "pidfd_open ",
	  EMFILE, "EMFILE" },
	{ " mkdir mkdirat mknod mknodat symlink symlinkat write writev sendfile sendmsg sendto rename renameat renameat2 ftruncate ",
	  ENOSPC, "ENOSPC" },
	{ " brk mmap mremap mprotect munmap clone clone3 fork vfork mount move_mount fsconfig poll ppoll unshare recvmsg recvfrom bind listen ",
	  ENOMEM, "ENOMEM" },
	{ " read pread64 lseek getdents64 close stat fstat lstat newfstatat statfs fstatfs flock ", EIO, "EIO" },
	{ " wait4 waitid nanosleep rt_sigtimedwait ", EINTR, "EINTR" },
	{ " getpid gettid getppid getuid geteuid getgid getegid umask getpgid getpgrp getsid exit exit_group arch_prctl set_tid_address "
	  "set_robust_list rseq ",
	  0, "" },
	{ NULL, EPERM, "EPERM" },
};

static int error_of(int nr, const char **name)
{
	char word[40];
	size_t i = 0;

	snprintf(word, sizeof(word), " %s ", names[nr] ? names[nr] : "?");
	while (errors[i].calls && !strstr(errors[i].calls, word))
		i++;
	*name = errors[i].name;
	return errors[i].error;
}

/* The flags of an open descriptor can always be had and set, and a wait that does not wait is not interrupted. */
static bool cannot_fail(const char *label)
{
	return !strncmp(label, "fcntl:", 6) ? strlen(label) == 7 && label[6] <= '4' : !strcmp(label, "wait4:1");
}

/* One process that is traced. */
struct tracee {
	pid_t pid;  /* 0: free */
	bool ours;  /* executes the file under test */
	bool known; /* its parent has told of it, or it waits for that */
	bool waits;
	bool free; /* not traced any more */
	int children;
	char role[32];
	unsigned short counts[CALLS];
};

struct trace {
	struct tracee tracees[TRACEES];
	struct stat file;
	FILE *record;  /* where to print every call, or NULL */
	char role[32]; /* whose call is to fail */
	int nr, nth, error;
	bool kills, entered, done;
	pid_t first;
	int status;
	bool ended;
};

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(99);
}

/* --- the processor ------------------------------------------------------------------------------------------------------- */

static void set_call(pid_t pid, long nr)
{
#if defined(__aarch64__)
	int number = (int)nr;
	struct iovec iov = { &number, sizeof(number) };

	ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &iov);
#elif defined(__x86_64__)
	ptrace(PTRACE_POKEUSER, pid, 15 * sizeof(long), nr);     /* orig_rax */
#else
#error "say how a system call's number is set"
#endif
}

static void set_result(pid_t pid, long result)
{
#if defined(__aarch64__)
	uint64_t regs[34];
	struct iovec iov = { regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
	regs[0] = (uint64_t)result;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
#else
	ptrace(PTRACE_POKEUSER, pid, 10 * sizeof(long), result); /* rax */
#endif
}

/* --- names for calls ------------------------------------------------------------------------------------------------------- */

static void read_text(pid_t pid, uint64_t at, char *text, size_t room)
{
	struct iovec to = { text, room - 1 }, from = { (void *)(uintptr_t)at, room - 1 };
	ssize_t n = at ? process_vm_readv(pid, &to, 1, &from, 1, 0) : 0;

	/* Not beyond the end of a page that is the last. */
	if (n < 0) {
		from.iov_len = to.iov_len = 4096 - (at & 4095) < room ? 4096 - (at & 4095) : room - 1;
		n = process_vm_readv(pid, &to, 1, &from, 1, 0);
	}
	text[n < 0 ? 0 : n] = 0;
	for (char *p = text; *p; p++)
		if (*p <= ' ')
			*p = '_';
}

static bool is_in_cgroups(const char *path)
{
	return !strncmp(path, "/sys/fs/cgroup", 14) && (!path[14] || path[14] == '/');
}

/* The path of an open descriptor that is a cgroup or a file of one, else nothing. */
static void read_link(pid_t pid, uint64_t fd, char *text, size_t room)
{
	char path[40];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, (int)fd);
	n = readlink(path, text, room - 1);
	text[n < 0 ? 0 : n] = 0;
	if (!is_in_cgroups(text))
		*text = 0;
	for (char *p = text; *p; p++)
		if (*p <= ' ')
			*p = '_';
}

/* The call with the argument that tells which one it is: a path or a command. In cgroups the paths are whole, and one that is not there has
 * a '?' at its end: another hierarchy has it. */
static void describe(pid_t pid, const struct __ptrace_syscall_info *info, char label[TEXT])
{
	static const char paths[] =
		" open0 access0 stat0 lstat0 unlink0 mkdir0 chdir0 chroot0 execve0 readlink0 umount20 rmdir0 openat1 faccessat1 "
		"newfstatat1 unlinkat1 mkdirat1 mknodat1 openat21 open_tree1 execveat1 fchmodat1 renameat1 mount1 "
		"symlinkat2 mount_setattr1 sethostname0 readlinkat1 ",
			  descriptors[] = " read0 write0 getdents640 fstat0 fstatfs0 ",
			  commands[] = " prctl0 fcntl1 ioctl1 rt_sigaction0 prlimit641 wait42 bpf0 ";
	const char *name = names[info->entry.nr] ? names[info->entry.nr] : "?";
	char word[48], text[TEXT - 50] = "";
	bool missing = false;

	for (int i = 0; i < 3; i++) {
		size_t used = 0;

		snprintf(word, sizeof(word), " %s%d ", name, i);
		if (strstr(paths, word)) {
			if (i == 1)
				read_link(pid, info->entry.args[0], text, sizeof(text) / 2);
			used = strlen(text);
			if (used)
				text[used++] = '/';
			read_text(pid, info->entry.args[i], text + used, sizeof(text) - used);
			missing = is_in_cgroups(text) && access(text, F_OK) < 0;
		} else if (strstr(descriptors, word))
			read_link(pid, info->entry.args[i], text, sizeof(text));
		else if (strstr(commands, word))
			snprintf(text, sizeof(text), "%llu", (unsigned long long)info->entry.args[i]);
	}
	snprintf(label, TEXT, "%s%s%s%s", name, *text ? ":" : "", text, missing ? "?" : "");
}

/* --- tracing -------------------------------------------------------------------------------------------------------------- */

static struct tracee *find(struct trace *t, pid_t pid)
{
	struct tracee *unused = NULL;

	for (size_t i = 0; i < TRACEES; i++) {
		if (t->tracees[i].pid == pid)
			return &t->tracees[i];
		if (!t->tracees[i].pid && !unused)
			unused = &t->tracees[i];
	}
	if (!unused)
		die("too many processes");
	*unused = (struct tracee){ .pid = pid };
	return unused;
}

static void go_on(const struct trace *t, const struct tracee *p, int signal)
{
	bool look = p->ours && (t->record || (!t->done && !strcmp(p->role, t->role)));

	ptrace(look ? PTRACE_SYSCALL : PTRACE_CONT, p->pid, NULL, (void *)(intptr_t)signal);
}

static void born(struct trace *t, struct tracee *parent)
{
	unsigned long pid;
	struct tracee *child;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	child = find(t, (pid_t)pid);
	snprintf(child->role, sizeof(child->role), "%.20s.%d", parent->role, parent->children++);
	child->ours = parent->ours;
	child->known = true;
	if (child->waits)
		go_on(t, child, 0);
	child->waits = false;
}

static void called(struct trace *t, struct tracee *p)
{
	struct __ptrace_syscall_info info;
	char label[TEXT];

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, (void *)sizeof(info), &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->entered && !strcmp(p->role, t->role)) {
		set_result(p->pid, -t->error);
		t->entered = false;
		t->done = true;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr >= CALLS)
		return;
	p->counts[info.entry.nr]++;
	if (t->record) {
		describe(p->pid, &info, label);
		fprintf(t->record, "%s %d %d %s\n", p->role, (int)info.entry.nr, p->counts[info.entry.nr], label);
	} else if (!t->done && (int)info.entry.nr == t->nr && p->counts[t->nr] == t->nth && !strcmp(p->role, t->role)) {
		if (t->kills) {
			kill(p->pid, SIGKILL);
			t->done = true;
			return;
		}
		t->entered = true;
		/* The kernel closes a descriptor whatever it says. */
		if (t->nr != __NR_close)
			set_call(p->pid, -1);
	}
}

static void executed(const struct trace *t, struct tracee *p)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/exe", p->pid);
	p->ours = stat(path, &st) == 0 && st.st_ino == t->file.st_ino && st.st_dev == t->file.st_dev;
}

static void stopped(struct trace *t, struct tracee *p, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE)
		born(t, p);
	else if (event == PTRACE_EVENT_EXEC)
		executed(t, p);
	else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
		ptrace(PTRACE_LISTEN, p->pid, NULL, NULL);
		return;
	} else if (signal == (SIGTRAP | 0x80))
		called(t, p);
	else if (!event) {
		go_on(t, p, signal);
		return;
	}
	if (event == PTRACE_EVENT_STOP && !p->known) {
		p->known = p->waits = true;
		return;
	}
	go_on(t, p, 0);
}

static volatile sig_atomic_t late;

static void too_late(int signal)
{
	late = signal;
}

static int alive(const struct trace *t)
{
	int n = 0;

	for (size_t i = 0; i < TRACEES; i++)
		n += t->tracees[i].pid && !t->tracees[i].free;
	return n;
}

/* Follow until the first process has ended, or all of them if whole. */
static void follow(struct trace *t, bool whole)
{
	while ((!t->ended || whole) && alive(t)) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);
		struct tracee *p;

		if (pid < 0 && errno == EINTR && !late)
			continue;
		if (pid < 0)
			break;
		p = find(t, pid);
		if (WIFSTOPPED(status)) {
			stopped(t, p, status);
			continue;
		}
		if (pid == t->first) {
			t->status = status;
			t->ended = true;
		}
		p->pid = 0;
	}
}

/* Take every process's next stop to let it run alone; where that is a fork, the child is traced too. One may end only when others
 * have. */
static void let_go(struct trace *t)
{
	int status;
	pid_t pid;

	for (size_t i = 0; i < TRACEES; i++) {
		struct tracee *p = &t->tracees[i];

		if (!p->pid)
			continue;
		ptrace(p->waits ? PTRACE_DETACH : PTRACE_INTERRUPT, p->pid, NULL, NULL);
		p->free = p->waits;
	}
	while (alive(t) && ((pid = waitpid(-1, &status, __WALL)) > 0 || (errno == EINTR && !late))) {
		int event = pid > 0 && WIFSTOPPED(status) ? status >> 16 : 0;
		int signal = pid > 0 && WIFSTOPPED(status) && !event && !(WSTOPSIG(status) & 0x80) ? WSTOPSIG(status) : 0;
		unsigned long child;

		if ((event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) &&
		    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) == 0)
			find(t, (pid_t)child);
		if (pid > 0 && WIFSTOPPED(status))
			ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal);
		if (pid > 0)
			find(t, pid)->free = true;
	}
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		die(path);
	return fd;
}

static void run_traced(struct trace *t, char **argv, const char *out, const char *err, bool whole)
{
	struct itimerval limit = { .it_value = { .tv_sec = LIMIT_S } };
	int gate[2];
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) < 0)
		die("pipe");
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY | O_CLOEXEC), o = out ? open_file(out) : 1, r = err ? open_file(err) : 2;
		char c;

		close(gate[1]);
		dup2(null, 0);
		dup2(o, 1);
		dup2(r, 2);
		if (read(gate[0], &c, 1) < 0)
			_exit(99);
		execvp(argv[0], argv);
		_exit(99);
	}
	close(gate[0]);
	t->first = pid;
	*find(t, pid) = (struct tracee){ .pid = pid, .known = true, .role = "0" };
	if (ptrace(PTRACE_SEIZE, pid, NULL,
		   (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
				       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) < 0)
		die("ptrace");
	close(gate[1]);
	setitimer(ITIMER_REAL, &limit, NULL);
	follow(t, whole);
	let_go(t);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
}

static struct stat file_of(const char *name)
{
	struct stat st;
	char path[4096];
	const char *dirs = getenv("PATH");

	while (!strchr(name, '/') && dirs && *dirs) {
		int len = (int)strcspn(dirs, ":");

		snprintf(path, sizeof(path), "%.*s/%s", len, dirs, name);
		if (stat(path, &st) == 0)
			return st;
		dirs += len + (dirs[len] == ':');
	}
	if (stat(name, &st) < 0)
		die(name);
	return st;
}

/* --- what is left over ------------------------------------------------------------------------------------------------------ */

struct worker {
	int number;
	bool recording, detached, hooks, named, kills;
	char **argv;
	char mounts[65536];
	const char *name;
	char left[512];
};

static void read_file(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	while (fd >= 0 && (n = read(fd, text + used, room - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = 0;
	if (fd >= 0)
		close(fd);
}

static void add_left(struct worker *w, const char *kind, const char *what)
{
	size_t used = strlen(w->left);

	snprintf(w->left + used, sizeof(w->left) - used, " %s %s;", kind, what);
}

static void left_processes(struct worker *w)
{
	DIR *dir;
	struct dirent *d;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	if (kill(-1, 0) < 0)
		return;
	dir = opendir("/proc");
	while (dir && (d = readdir(dir))) {
		char path[300], comm[200];

		if (*d->d_name < '1' || *d->d_name > '9' || !strcmp(d->d_name, "1"))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", d->d_name);
		read_file(path, comm, sizeof(comm));
		comm[strcspn(comm, "\n")] = 0;
		add_left(w, "process", comm);
	}
	if (dir)
		closedir(dir);
}

/* A name's record of its end is none. */
static bool is_end(const char *name)
{
	char path[300], text[4096];

	snprintf(path, sizeof(path), "/run/cagebox/%s/state", name);
	read_file(path, text, sizeof(text));
	if (!strstr(text, "\nnamed=1") || !strstr(text, "\nended="))
		return false;
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/run/cagebox/%s/%s", name, i ? "lock" : "state");
		unlink(path);
	}
	snprintf(path, sizeof(path), "/run/cagebox/%s", name);
	return rmdir(path) == 0;
}

static void left_files(struct worker *w)
{
	DIR *dir = opendir("/run/cagebox");
	struct dirent *d;

	while (dir && (d = readdir(dir)))
		if (*d->d_name != '.' && !is_end(d->d_name))
			add_left(w, "directory", d->d_name);
	if (dir)
		closedir(dir);
}

/* In each hierarchy it is below the caller's own cgroup, which may lie deep. */
static void left_cgroups(struct worker *w)
{
	static const char *const places[] = { "", "/*", "/*/*", "/*/*/*", "/*/*/*/*" };

	for (size_t i = 0; w->named && i < sizeof(places) / sizeof(*places); i++) {
		char pattern[100];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "/sys/fs/cgroup%s/cagebox-%s", places[i], w->name);
		if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
			add_left(w, "cgroup", found.gl_pathv[0]);
		globfree(&found);
	}
}

/* Wait for all to go. */
static bool nothing_left(struct worker *w, int ms)
{
	const struct timespec tick = { .tv_nsec = 1000000 };
	static char mounts[sizeof(w->mounts)];

	for (;; ms--) {
		*w->left = 0;
		left_processes(w);
		left_files(w);
		left_cgroups(w);
		read_file("/proc/self/mountinfo", mounts, sizeof(mounts));
		if (strcmp(mounts, w->mounts) != 0)
			add_left(w, "a mount", "");
		if (!*w->left || ms <= 0)
			return !*w->left;
		nanosleep(&tick, NULL);
	}
}

/* Run a command of the same program; what it prints goes to out. Returns its exit code. */
static int call(struct worker *w, const char *out, const char *a, const char *b, const char *c)
{
	const char *argv[] = { w->argv[0], a, b, c, NULL };
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		int fd = open_file(out);

		dup2(fd, 1);
		dup2(fd, 2);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(99);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- a case ----------------------------------------------------------------------------------------------------------------- */

static int count(const char *text, const char *word)
{
	int n = 0;

	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

/* One line that says what went wrong with what: more than "cagebox: run: " and the text of an errno. */
static const char *judge_message(const char *err)
{
	const char *begin = "cagebox: run: ", *p = err, *last = NULL;

	for (; *p; p = strchr(p, '\n') + 1) {
		if (!strchr(p, '\n'))
			return "a message without an end of line";
		if (strncmp(p, begin, strlen(begin)) != 0)
			return "a message that is not run's";
		if (strncmp(p + strlen(begin), "warning: ", 9) != 0) {
			if (last)
				return "two messages";
			last = p + strlen(begin);
		}
	}
	if (!last)
		return "no message";
	return strstr(last, ": ") || !strncmp(last, "the ", 4) ? NULL : "a message without a goal and a reason";
}

struct texts {
	char out[4096], err[4096], hooks[4096];
};

static const char *judge(struct worker *w, const struct trace *t, const char *label, struct texts *x, const char **verdict)
{
	int code = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : -1;
	const char *complaint = NULL;

	*verdict = "wrong";
	if (late || !t->ended)
		return "it hangs";
	if (code == 125 || ((code == 126 || code == 127) && (strstr(label, "execve") || strstr(x->err, ": command: ")))) {
		*verdict = "refused";
		complaint = judge_message(x->err);
		if (!complaint && *x->out)
			complaint = "there is output all the same";
	} else if (code == 0) {
		*verdict = t->done ? "survived" : "missed";
		if (w->detached) {
			char list[4096], path[32], name[64];

			snprintf(name, sizeof(name), "%.60s", x->out);
			name[strcspn(name, "\n")] = 0;
			snprintf(path, sizeof(path), "list.%d", w->number);
			if (call(w, path, "list", "-q", NULL) != 0)
				complaint = "list fails";
			read_file(path, list, sizeof(list));
			if (!*name || strcmp(list, x->out) != 0)
				complaint = "it does not run";
			else if (call(w, path, "stop", "--", name) != 0)
				complaint = "it cannot be stopped";
		} else if (strcmp(x->out, "ran\n") != 0 && strcmp(x->out, "ran\r\n") != 0)
			complaint = "the command's output is not there";
	} else {
		complaint = "a strange exit code";
	}
	if (complaint)
		*verdict = "wrong";
	return complaint;
}

/* What lives on by right is listed. */
static const char *judge_killed(struct worker *w, const struct trace *t, const char **verdict)
{
	char path[32], list[4096];

	*verdict = t->done ? "killed" : "missed";
	if (late || !t->ended)
		return "it hangs";
	snprintf(path, sizeof(path), "list.%d", w->number);
	if (call(w, path, "list", "-q", NULL) != 0)
		return "list fails";
	read_file(path, list, sizeof(list));
	return *list && call(w, path, "kill", "-a", w->name) != 0 ? "it cannot be ended" : NULL;
}

/* The shutdown hook runs once where the init hook has run; also where that could not, since it is owed from then on. */
static const char *judge_hooks(const struct texts *x)
{
	if (count(x->hooks, "shutdown\n") > 1)
		return "the shutdown hook ran twice";
	return count(x->hooks, "shutdown\n") < count(x->hooks, "init\n") && !strstr(x->err, "hook") ?
		       "the shutdown hook did not run" :
		       NULL;
}

/* As it was when the calls were recorded. */
static void make_scratch(const struct worker *w)
{
	char command[64];

	unlink("/run/cagebox/.events");
	rmdir("/run/cagebox");
	snprintf(command, sizeof(command), "rm -rf scratch.%d && mkdir scratch.%d", w->number, w->number);
	if (system(command) != 0)
		die(command);
}

/* So that the next case begins anew. A mount of somebody else may have gone for good. */
static void clean_up(struct worker *w)
{
	char command[300];

	if (system("umount -l /run/cagebox/*/root 2>/dev/null; rm -rf --one-file-system /run/cagebox") < 0)
		die("system");
	snprintf(command, sizeof(command),
		 "find /sys/fs/cgroup -depth -type d -path '*/cagebox-%s*' -exec rmdir {} + 2>/dev/null", w->name);
	if (w->named && system(command) < 0)
		die("system");
	read_file("/proc/self/mountinfo", w->mounts, sizeof(w->mounts));
}

static void one_line(char *text)
{
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = '/';
}

static void try_case(struct worker *w, const char *role, int nr, int nth, const char *label)
{
	static struct trace t;
	static struct texts x;
	char out[32], err[32], hooks[32], text[64];
	const char *verdict, *error, *complaint;

	t = (struct trace){ .nr = nr, .nth = nth, .file = file_of(w->argv[0]), .kills = w->kills };
	snprintf(t.role, sizeof(t.role), "%s", role);
	t.error = error_of(nr, &error);
	if (!w->kills && (!t.error || cannot_fail(label)))
		return;
	make_scratch(w);
	late = 0;
	snprintf(out, sizeof(out), "out.%d", w->number);
	snprintf(err, sizeof(err), "err.%d", w->number);
	snprintf(hooks, sizeof(hooks), "hooks.%d", w->number);
	unlink(hooks);
	run_traced(&t, w->argv, out, err, false);
	read_file(out, x.out, sizeof(x.out));
	read_file(err, x.err, sizeof(x.err));
	complaint = w->kills ? judge_killed(w, &t, &verdict) : judge(w, &t, label, &x, &verdict);
	if (late)
		kill(-1, SIGKILL);
	if (!nothing_left(w, 20)) {
		snprintf(text, sizeof(text), "list.%d", w->number);
		call(w, text, "list", NULL, NULL);
		if (!nothing_left(w, PATIENCE_MS)) {
			if (!complaint)
				complaint = "something is left over";
			verdict = "wrong";
			kill(-1, SIGKILL);
			clean_up(w);
		}
	}
	read_file(hooks, x.hooks, sizeof(x.hooks));
	if (w->hooks && !complaint && judge_hooks(&x)) {
		complaint = judge_hooks(&x);
		verdict = "wrong";
	}
	one_line(x.err);
	one_line(x.out);
	printf("%s %s %d %s %s | status %d%s%s%s%s | %s%s%s\n", verdict, role, nth, label, error,
	       WIFEXITED(t.status) ? WEXITSTATUS(t.status) : 1000 + WTERMSIG(t.status), complaint ? ", " : "",
	       complaint ? complaint : "", *w->left ? ":" : "", w->left, x.err, complaint && *x.out ? " | " : "",
	       complaint ? x.out : "");
	fflush(stdout);
}

/* --- workers ---------------------------------------------------------------------------------------------------------------- */

static char *for_worker(const char *arg, int number)
{
	char *copy = malloc(strlen(arg) + 16), *out = copy;

	if (!copy)
		die("memory");
	for (; *arg; arg++)
		if (!strncmp(arg, "%W", 2)) {
			out += sprintf(out, "%d", number);
			arg++;
		} else {
			*out++ = *arg;
		}
	*out = 0;
	return copy;
}

/* Each takes every n-th line. */
static int work(struct worker *w, FILE *cases, int n)
{
	char role[32], label[TEXT];
	int nr, nth;

	for (int line = 0; fscanf(cases, "%31s %d %d %399s", role, &nr, &nth, label) == 4; line++)
		if (line % n == w->number)
			try_case(w, role, nr, nth, label);
	return 0;
}

static int record(struct worker *w)
{
	static struct trace t;

	make_scratch(w);
	t = (struct trace){ .record = stdout, .file = file_of(w->argv[0]) };
	run_traced(&t, w->argv, "/dev/null", NULL, !w->detached);
	if (w->detached)
		call(w, "/dev/null", "kill", "-a", w->name);
	return t.ended && !late && t.status == 0 ? 0 : 1;
}

/* In new namespaces, as their PID 1. */
static int be_worker(struct worker *w, int argc, char **argv, FILE *cases, int n)
{
	struct sigaction alarm = { .sa_handler = too_late };

	w->argv = calloc((size_t)argc + 1, sizeof(*w->argv));
	for (int i = 0; w->argv && i < argc; i++)
		w->argv[i] = for_worker(argv[i], w->number);
	for (int i = 1; w->named && i < argc; i++)
		if (!strcmp(w->argv[i - 1], "-n") || !strcmp(w->argv[i - 1], "--name"))
			w->name = w->argv[i];
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("proc", "/proc", "proc", 0, NULL) < 0 ||
	    mount("run", "/run", "tmpfs", 0, "mode=755") < 0)
		die("mount");
	read_file("/proc/self/mountinfo", w->mounts, sizeof(w->mounts));
	sigaction(SIGALRM, &alarm, NULL);
	return w->recording ? record(w) : work(w, cases, n);
}

static int begin_worker(struct worker *w, int argc, char **argv, int n)
{
	/* Opened again: each reads with a position of its own. */
	FILE *cases = w->recording ? stdin : fopen("/proc/self/fd/0", "re");
	int status;
	pid_t pid;

	if (!cases || unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
		die("unshare");
	pid = fork();
	if (pid == 0)
		exit(be_worker(w, argc, argv, cases, n));
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

int main(int argc, char **argv)
{
	static struct worker w;
	char *flags = argc > 3 ? argv[2] : NULL;
	bool recording = flags && !strcmp(argv[1], "record");
	int n = flags ? flags[strcspn(flags, "123456789")] - '0' : 1, status, failed = 0;

	if (!flags || (!recording && strcmp(argv[1], "try") != 0))
		return 99;
	n = recording || n < 1 ? 1 : n;
	w.detached = strchr(flags, 'd');
	w.hooks = strchr(flags, 'h');
	w.named = strchr(flags, 'n');
	w.kills = strchr(flags, 'k');
	w.recording = recording;
	for (w.number = 0; w.number < n; w.number++)
		if (fork() == 0)
			exit(begin_worker(&w, argc - 3, argv + 3, n));
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}
