/* SPDX-License-Identifier: Zlib
 * Looking at a container's processes and namespaces. Host side. */
#include "box/inspect.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "box/enter.h"
#include "box/resource.h"
#include "spec/set.h"
#include "sys/landlock.h"

enum { FILE_MAX_BYTES = 1 << 20, SOFT_COLUMN = 26, HARD_COLUMN = 47 };

char *inspect_file(pid_t pid, const char *file, size_t *size)
{
	char path[48];
	auto_free char *text = malloc(FILE_MAX_BYTES + 1);
	auto_fd int fd = -1;
	size_t used = 0;
	ssize_t n = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!text || fd < 0)
		return NULL;
	while (used < FILE_MAX_BYTES && (n = read(fd, text + used, FILE_MAX_BYTES - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		return NULL;
	text[used] = 0;
	if (size)
		*size = used;
	return take_ptr(&text);
}

/* Add the words of text, with any of between before each and any of after, or the end, behind it. */
static int add_words(struct words *w, const char *text, const char *between, const char *after, struct err *e)
{
	for (size_t len; text += strspn(text, between), (len = strcspn(text, after)) != 0; text += len)
		if (words_add_n(w, text, len, e) < 0)
			return -1;
	return 0;
}

/* --- a process ---------------------------------------------------------------------------------------------------- */

/* The value of a line "NAME:\tVALUE". What a process chooses, its name, has no newline there. */
static const char *field(const char *status, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = status; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, name, len) && p[len] == ':')
			return p + len + 1;
	return NULL;
}

static int number(const char *status, const char *name, int base)
{
	const char *p = field(status, name);

	return p ? (int)strtol(p, NULL, base) : -1;
}

static void ids(const char *status, const char *name, uint32_t id[4])
{
	const char *p = field(status, name);
	char *end;

	for (int i = 0; i < 4 && p; i++, p = end)
		id[i] = (uint32_t)strtoul(p, &end, 10);
}

static int read_status(const char *status, struct inspect_process *p, struct err *e)
{
	static const char *const sets[CAPS_SETS] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	const char *groups = field(status, "Groups");

	ids(status, "Uid", p->uids);
	ids(status, "Gid", p->gids);
	for (int i = 0; i < CAPS_SETS; i++) {
		const char *set = field(status, sets[i]);

		p->caps[i] = set ? strtoull(set, NULL, 16) : 0;
	}
	p->umask = number(status, "Umask", 8);
	p->no_new_privs = number(status, "NoNewPrivs", 10);
	p->seccomp = number(status, "Seccomp", 10);
	p->filters = number(status, "Seccomp_filters", 10);
	return groups ? add_words(&p->groups, groups, " \t", " \t\n", e) : 0;
}

static uint64_t limit(const char *text)
{
	return strncmp(text, "unlimited", 9) ? strtoull(text, NULL, 10) : UINT64_MAX;
}

/* A line for each, in the order of their numbers, below a head; the columns have fixed places. */
static int read_limits(const char *text, struct words *limits, struct err *e)
{
	struct spec s = { 0 };

	for (int i = -1; *text && i < SPEC_NRLIMITS; i++) {
		size_t len = strcspn(text, "\n");

		if (i >= 0 && len > HARD_COLUMN) {
			s.rlimits[i] = (struct spec_rlimit){ i, limit(text + SOFT_COLUMN), limit(text + HARD_COLUMN) };
			s.rlimits_set |= 1u << i;
		}
		text += len + (text[len] != 0);
	}
	return spec_get_rlimit(&s, NULL, limits, e);
}

static int read_process(pid_t pid, struct inspect_process *p, struct err *e)
{
	auto_free char *status = inspect_file(pid, "status", NULL), *argv = NULL, *limits = NULL, *oom = NULL;
	char path[32];
	struct stat st;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (!status || stat(path, &st) < 0)
		return err_sys(e, "read the status of process %d", pid);
	if (proc_identify(pid, &p->id, e) < 0 || read_status(status, p, e) < 0)
		return -1;
	p->owner = st.st_uid;
	/* The rest is not told to everybody. */
	argv = inspect_file(pid, "cmdline", &size);
	for (const char *word = argv; word && word < argv + size; word += strlen(word) + 1)
		if (words_add(&p->argv, word, e) < 0)
			return -1;
	limits = inspect_file(pid, "limits", NULL);
	if (limits && read_limits(limits, &p->limits, e) < 0)
		return -1;
	oom = inspect_file(pid, "oom_score_adj", NULL);
	p->oom_score_adj = oom ? (int)strtol(oom, NULL, 10) : 0;
	p->label = inspect_file(pid, "attr/current", NULL);
	if (p->label)
		p->label[strcspn(p->label, "\n")] = 0;
	return 0;
}

static void free_process(struct inspect_process *p)
{
	words_free(&p->argv);
	words_free(&p->groups);
	words_free(&p->limits);
	free(p->label);
	*p = (struct inspect_process){ 0 };
}

/* The command: of init's children the one that began first, and was given a group of its own in init's session, or a session
 * with the terminal. Daemons that an init script has left behind, and orphans, have neither. A leader of a group can leave
 * its session no more. */
static pid_t find_command(pid_t init)
{
	DIR *proc = opendir("/proc");
	struct proc_stat mine, s;
	struct dirent *entry;
	uint64_t first = UINT64_MAX;
	pid_t found = 0;

	while (proc && proc_stat(init, &mine) == 0 && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid <= 0 || proc_stat(pid, &s) < 0 || s.parent != init || s.group != pid || s.state == 'Z')
			continue;
		if ((s.session == mine.session || (s.session == pid && s.terminal)) && s.start < first) {
			found = pid;
			first = s.start;
		}
	}
	if (proc)
		closedir(proc);
	return found;
}

/* --- namespaces --------------------------------------------------------------------------------------------------- */

static int read_namespaces(struct inspect *in, struct err *e)
{
	for (size_t i = 0; i < JOIN_KINDS; i++) {
		char path[48];
		struct stat ours, theirs;

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", in->state.init.pid, join_kinds[i].file);
		if (stat(path, &theirs) < 0) {
			if (errno == ENOENT)
				continue;
			return err_sys(e, "read the namespaces of %s", in->state.name);
		}
		snprintf(path, sizeof(path), "/proc/self/ns/%s", join_kinds[i].file);
		in->ns[i] = (struct inspect_ns){ theirs.st_ino, stat(path, &ours) < 0 || ours.st_ino != theirs.st_ino };
	}
	return 0;
}

bool inspect_shares(const struct inspect *in, const char *file)
{
	for (size_t i = 0; i < JOIN_KINDS; i++)
		if (!strcmp(join_kinds[i].file, file))
			return in->ns[i].inode && !in->ns[i].own;
	return false;
}

/* "INSIDE OUTSIDE COUNT" a line, with blanks between at will. */
static int read_map(pid_t pid, const char *file, struct words *map, struct err *e)
{
	auto_free char *text = inspect_file(pid, file, NULL);
	char line[48], *p = text;

	while (p && *p) {
		unsigned long range[3] = { 0 };

		for (int i = 0; i < 3; i++)
			range[i] = strtoul(p, &p, 10);
		snprintf(line, sizeof(line), "%lu %lu %lu", range[0], range[1], range[2]);
		if (words_add(map, line, e) < 0)
			return -1;
		p += strcspn(p, "\n") + (p[strcspn(p, "\n")] != 0);
	}
	return 0;
}

/* The kernel does not show Landlock: what the sealed plan says is what init and its children have done. */
static int read_landlock(struct inspect *in, struct err *e)
{
	struct err missing;
	const struct plan *p = enter_plan(&in->state, &missing);
	char **rules = p ? plan_list(p, p->rules, p->nrules) : NULL;
	int result = p && !rules ? err_memory(e) : 0;

	for (char **rule = rules; rule && result == 0 && *rule; rule++)
		result = words_add(&in->landlock, *rule, e);
	if (rules && result == 0 && p->scope & LANDLOCK_SOCKETS)
		result = words_add(&in->scope, "sockets", e);
	if (rules && result == 0 && p->scope & LANDLOCK_SIGNALS)
		result = words_add(&in->scope, "signals", e);
	free(rules);
	if (p)
		plan_unmap(p);
	return result;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int look(struct inspect *in, struct err *e)
{
	pid_t init = in->state.init.pid, command = find_command(init);
	auto_free char *cgroups = inspect_file(init, "cgroup", NULL);

	if (read_process(init, &in->init, e) < 0 || read_namespaces(in, e) < 0 ||
	    read_map(init, "uid_map", &in->uid_map, e) < 0 || read_map(init, "gid_map", &in->gid_map, e) < 0 ||
	    (cgroups && add_words(&in->cgroups, cgroups, "\n", "\n", e) < 0))
		return -1;
	in->setgroups = inspect_file(init, "setgroups", NULL);
	if (in->setgroups)
		in->setgroups[strcspn(in->setgroups, "\n")] = 0;
	/* It may end at any moment: then there is none. */
	if (command && (read_process(command, &in->command, e) < 0 || !proc_alive(&in->command.id)))
		free_process(&in->command);
	if (inspect_mounts(in, e) < 0 || read_landlock(in, e) < 0)
		return -1;
	resource_limits(&in->state, &in->limits);
	return inspect_judge(in, e);
}

int inspect_read(const char *name, struct inspect *in, struct err *e)
{
	int result;

	*in = (struct inspect){ 0 };
	spec_init(&in->limits);
	if (state_load(name, &in->state, e) < 0)
		return -1;
	in->status = state_check(&in->state, e);
	if (in->status < 0 && !e->num) {
		err_set(e, "no container is called %s", name);
		e->num = ENOENT;
	}
	if (in->status < 0)
		return -1;
	if (in->status == STATUS_EXITED || in->status == STATUS_STARTING)
		return 0;
	result = proc_alive(&in->state.init) ? look(in, e) : 0;
	/* What was read under its pid was of another, or of a process that was going. */
	if (proc_alive(&in->state.init))
		return result;
	err_set(e, "the container %s has just ended", name);
	e->num = ESRCH;
	return -1;
}

void inspect_free(struct inspect *in)
{
	free_process(&in->init);
	free_process(&in->command);
	for (size_t i = 0; i < in->nmounts; i++) {
		free(in->mounts[i].line);
		free(in->mounts[i].host);
	}
	for (size_t i = 0; i < in->ndevices; i++)
		free(in->devices[i].path);
	for (size_t i = 0; i < in->nweak; i++)
		free(in->weak[i].what);
	free(in->mounts);
	free(in->devices);
	free(in->weak);
	free(in->setgroups);
	words_free(&in->uid_map);
	words_free(&in->gid_map);
	words_free(&in->cgroups);
	words_free(&in->landlock);
	words_free(&in->scope);
	spec_free(&in->limits);
	state_close(&in->state);
}
