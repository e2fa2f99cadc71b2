/* SPDX-License-Identifier: Zlib
 * The key table and the setters of its special types. Syntax only: no system calls. */
#include "spec/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/num.h"
#include "spec/spec.h"

#define FIELD(type, target, o) ((type *)(void *)((char *)(target) + (o)->offset))

/* --- plain types ------------------------------------------------------------------------------------------------- */

static int set_text(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, "the value is empty");
	return str_replace(FIELD(char *, target, o), value, e);
}

/* A path on the host. */
static int set_path(void *target, const struct opt *o, const char *value, struct err *e)
{
	return set_text(target, o, value, e);
}

static int check_inside_path(const char *path, struct err *e)
{
	if (*path != '/')
		return err_set(e, "'%s' is not an absolute path in the container", path);
	if (str_has_dotdot(path))
		return err_set(e, "'%s' has a '..'", path);
	return 0;
}

static int set_inside_path(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (check_inside_path(value, e) < 0)
		return -1;
	return str_replace(FIELD(char *, target, o), value, e);
}

static int set_absolute_path(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (*value != '/')
		return err_set(e, "'%s' is not an absolute path", value);
	return str_replace(FIELD(char *, target, o), value, e);
}

static int set_name(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (spec_check_name(value, e) < 0)
		return -1;
	return str_replace(FIELD(char *, target, o), value, e);
}

static int set_umask(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint32_t mode;

	if (num_mode(value, &mode, e) < 0)
		return -1;
	if (mode > 0777)
		return err_set(e, "'%s' is not a umask from 0 to 0777", value);
	*FIELD(uint32_t, target, o) = mode;
	return 0;
}

static int set_signal(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_signal(value, FIELD(int, target, o), e);
}

static int set_oom(void *target, const struct opt *o, const char *value, struct err *e)
{
	int64_t number;

	if (num_signed(value, -1000, 1000, &number, e) < 0)
		return -1;
	*FIELD(int, target, o) = (int)number;
	((struct spec *)target)->oom_score_adj_set = true;
	return 0;
}

/* --- words ------------------------------------------------------------------------------------------------------- */

static int set_command(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = FIELD(struct words, target, o);

	words_free(w);
	if (words_split_command(w, value, e) < 0)
		return -1;
	return w->n ? 0 : err_set(e, "the command is empty");
}

/* One path, blanks and all. */
static int set_init(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = FIELD(struct words, target, o);

	words_free(w);
	if (!*value)
		return err_set(e, "the value is empty");
	return words_add(w, value, e);
}

static int set_env(void *target, const struct opt *o, const char *value, struct err *e)
{
	const char *equals = strchr(value, '=');

	if (!equals || equals == value)
		return err_set(e, "'%s' is not NAME=VALUE", value);
	return words_add(FIELD(struct words, target, o), value, e);
}

static int set_lower(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = FIELD(struct words, target, o);
	size_t before = w->n;

	if (words_split(w, value, ':', e) < 0)
		return -1;
	for (size_t i = before; i < w->n; i++)
		if (!*w->v[i])
			return err_set(e, "'%s' has an empty directory", value);
	return 0;
}

static int set_caps(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = FIELD(struct words, target, o);
	size_t before = w->n;

	if (words_split(w, value, ',', e) < 0)
		return -1;
	for (size_t i = before; i < w->n; i++)
		if (!*w->v[i] || w->v[i][strspn(w->v[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")])
			return err_set(e, "'%s' is not the name of a capability", w->v[i]);
	return 0;
}

/* --- identity ---------------------------------------------------------------------------------------------------- */

/* A name as useradd allows, or a number that is wholly a number; anything between is refused, never taken for 0. */
static int check_id(const char *text, size_t len, struct err *e)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		digits += isdigit((unsigned char)text[i]) != 0;
		if (!isalnum((unsigned char)text[i]) && !strchr("_.-", text[i]) && !(i && i + 1 == len && text[i] == '$'))
			goto bad;
	}
	if (!len || *text == '-' || *text == '.' || (isdigit((unsigned char)*text) && digits != len) || len > 32)
		goto bad;
	if (digits == len) {
		char number[33];
		uint64_t id;

		memcpy(number, text, len);
		number[len] = 0;
		return num_parse(number, 0, UINT32_MAX - 1, &id, e);
	}
	return 0;
bad:
	return err_set(e, "'%.*s' is neither a name nor a number", (int)len, text);
}

/* ID[:ID...] */
static int set_ids(void *target, const struct opt *o, const char *value, struct err *e)
{
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ":");

		if (check_id(p, len, e) < 0)
			return -1;
		p += len;
		if (!*p)
			return str_replace(FIELD(char *, target, o), value, e);
	}
}

/* --- the root ---------------------------------------------------------------------------------------------------- */

static int set_overlay(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec *s = target;
	uint64_t size = 0;

	(void)o;
	if (!strncmp(value, "tmpfs:", 6)) {
		if (num_size(value + 6, &size, e) < 0)
			return -1;
	} else if (strcmp(value, "tmpfs") != 0 && strcmp(value, "none") != 0) {
		if (!strchr(value, '/'))
			return err_set(e, "'%s' is neither tmpfs, tmpfs:SIZE, none nor a directory with a slash", value);
		if (str_replace(&s->overlay, value, e) < 0)
			return -1;
		s->overlay_set = true;
		s->overlay_tmpfs = false;
		return 0;
	}
	free(s->overlay);
	s->overlay = NULL;
	s->overlay_set = true;
	s->overlay_tmpfs = *value == 't';
	s->overlay_size = size;
	return 0;
}

static int add_mount(struct spec *s, struct spec_mount m, struct err *e)
{
	struct spec_mount *mounts = realloc(s->mounts, (s->nmounts + 1) * sizeof(*mounts));

	if (!mounts) {
		free(m.source);
		free(m.target);
		return err_memory(e);
	}
	s->mounts = mounts;
	mounts[s->nmounts++] = m;
	return 0;
}

static int mount_option(struct spec_mount *m, const char *option, struct err *e)
{
	if (!strcmp(option, "ro"))
		m->read_only = true;
	else if (!strcmp(option, "optional"))
		m->optional = true;
	else if (strcmp(option, "rw") != 0)
		return err_set(e, "'%s' is not an option of a mount (ro, rw, optional)", option);
	return 0;
}

static int mount_options(struct spec_mount *m, const char *list, struct err *e)
{
	struct words options = { 0 };
	int result = words_split(&options, list, ',', e);

	for (size_t i = 0; result == 0 && i < options.n; i++)
		result = mount_option(m, options.v[i], e);
	words_free(&options);
	return result;
}

static int parse_bind(struct spec *s, const struct words *parts, const char *value, bool read_only, struct err *e)
{
	struct spec_mount m = { .type = "bind", .read_only = read_only };
	const char *target = parts->v[parts->n > 1];

	if (parts->n > 3 || !*parts->v[0] || !*target)
		return err_set(e, "'%s' is not SOURCE[:DEST[:OPTIONS]]", value);
	if (check_inside_path(target, e) < 0)
		return -1;
	if (!target[strspn(target, "/.")])
		return err_set(e, "nothing can be mounted on the container's root: use root or lower");
	if (parts->n == 3 && mount_options(&m, parts->v[2], e) < 0)
		return -1;
	if (str_replace(&m.source, parts->v[0], e) < 0)
		return -1;
	if (str_replace(&m.target, target, e) < 0) {
		free(m.source);
		return -1;
	}
	return add_mount(s, m, e);
}

static int set_bind(void *target, const char *value, bool read_only, struct err *e)
{
	struct words parts = { 0 };
	int result = words_split(&parts, value, ':', e);

	if (result == 0)
		result = parse_bind(target, &parts, value, read_only, e);
	words_free(&parts);
	return result;
}

static int set_mount(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)o;
	return set_bind(target, value, false, e);
}

static int set_mount_ro(void *target, const struct opt *o, const char *value, struct err *e)
{
	(void)o;
	return set_bind(target, value, true, e);
}

static int set_tmpfs(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec_mount m = { .type = "tmpfs" };
	const char *colon = strrchr(value, ':');

	(void)o;
	if (colon && num_size(colon + 1, &m.size, e) < 0)
		return -1;
	m.target = strndup(value, colon ? (size_t)(colon - value) : strlen(value));
	if (!m.target)
		return err_memory(e);
	if (check_inside_path(m.target, e) == 0 && m.target[strspn(m.target, "/.")])
		return add_mount(target, m, e);
	if (*m.target == '/' && !m.target[strspn(m.target, "/.")])
		err_set(e, "'%s' is the container's root", value);
	free(m.target);
	return -1;
}

static int add_device(struct spec *s, const char *source, const char *target, struct err *e)
{
	struct spec_device *devices = realloc(s->devices, (s->ndevices + 1) * sizeof(*devices));
	struct spec_device d = { 0 };

	if (!devices)
		return err_memory(e);
	s->devices = devices;
	if (str_replace(&d.source, source, e) < 0 || str_replace(&d.target, target, e) < 0) {
		free(d.source);
		return -1;
	}
	devices[s->ndevices++] = d;
	return 0;
}

static int set_device(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words parts = { 0 };
	const char *inside;
	int result = -1;

	(void)o;
	if (words_split(&parts, value, ':', e) < 0)
		goto end;
	inside = parts.v[parts.n > 1];
	if (parts.n > 2 || *parts.v[0] != '/')
		err_set(e, "'%s' is not DEVICE[:DEST] with absolute paths", value);
	else if (check_inside_path(inside, e) == 0 &&
		 (strncmp(inside, "/dev/", 5) != 0 || !inside[5 + strspn(inside + 5, "/.")]))
		err_set(e, "'%s' is not below /dev, the one place for devices in a container", inside);
	else if (check_inside_path(inside, e) == 0)
		result = add_device(target, parts.v[0], inside, e);
end:
	words_free(&parts);
	return result;
}

/* --- limits, namespaces -------------------------------------------------------------------------------------------- */

static int rlimit_value(const char *text, uint64_t *out, struct err *e)
{
	if (!strcmp(text, "unlimited")) {
		*out = UINT64_MAX;
		return 0;
	}
	return num_parse(text, 0, UINT64_MAX - 1, out, e);
}

static int set_rlimit(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char *const names[] = {
		[RLIMIT_CPU] = "cpu",       [RLIMIT_FSIZE] = "fsize",     [RLIMIT_DATA] = "data",
		[RLIMIT_STACK] = "stack",   [RLIMIT_CORE] = "core",       [RLIMIT_RSS] = "rss",
		[RLIMIT_NPROC] = "nproc",   [RLIMIT_NOFILE] = "nofile",   [RLIMIT_MEMLOCK] = "memlock",
		[RLIMIT_AS] = "as",         [RLIMIT_LOCKS] = "locks",     [RLIMIT_SIGPENDING] = "sigpending",
		[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",   [RLIMIT_RTPRIO] = "rtprio",
		[RLIMIT_RTTIME] = "rttime",
	};
	struct spec *s = target;
	struct spec_rlimit *limit = NULL;
	struct words parts = { 0 };
	const char *equals = strchr(value, '=');
	int result = -1;

	(void)o;
	for (size_t i = 0; equals && i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == (size_t)(equals - value) && !strncmp(names[i], value, (size_t)(equals - value)))
			limit = &s->rlimits[i];
	if (!limit)
		return err_set(e, "'%s' is not NAME=SOFT[:HARD] with a NAME such as nofile, nproc, core, as", value);
	if (words_split(&parts, equals + 1, ':', e) < 0)
		goto end;
	if (parts.n > 2)
		err_set(e, "'%s' has more than a soft and a hard limit", value);
	else if (rlimit_value(parts.v[0], &limit->soft, e) == 0 && rlimit_value(parts.v[parts.n - 1], &limit->hard, e) == 0)
		result = limit->soft <= limit->hard ? 0 : err_set(e, "'%s': the soft limit is above the hard one", value);
	limit->resource = (int)(limit - s->rlimits);
	if (result == 0)
		s->rlimits_set |= 1u << limit->resource;
end:
	words_free(&parts);
	return result;
}

static int set_namespaces(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char letters[] = "uphtinc";
	struct spec *s = target;
	unsigned set = 0;

	(void)o;
	if (!strcmp(value, "all"))
		set = NS_ALL;
	else if (strcmp(value, "none") != 0) {
		if (!*value)
			return err_set(e, "the value is empty (none for the mount namespace alone)");
		for (const char *p = value; *p; p++) {
			const char *at = strchr(letters, *p);

			if (!at)
				return err_set(e, "'%s': '%c' is none of u p h t i n c (or all, none)", value, *p);
			set |= 1u << (at - letters);
		}
	}
	s->namespaces = set;
	s->namespaces_set = true;
	return 0;
}

/* Store at the field (an enum, int-sized) the position of value in list, ended by NULL; empty places cannot be chosen. */
static int choose(int *field, const char *const *list, const char *value, struct err *e)
{
	char known[64] = "";

	for (int i = 0; list[i]; i++) {
		if (*list[i] && !strcmp(list[i], value)) {
			*field = i;
			return 0;
		}
		if (*list[i]) {
			strcat(known, *known ? ", " : "");
			strcat(known, list[i]);
		}
	}
	return err_set(e, "'%s' is none of %s", value, known);
}

static int set_tty(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char *const list[] = { [SWITCH_AUTO] = "auto", [SWITCH_YES] = "yes", [SWITCH_NO] = "no", NULL };
	int choice;

	if (choose(&choice, list, value, e) < 0)
		return -1;
	*FIELD(enum spec_switch, target, o) = (enum spec_switch)choice;
	return 0;
}

static int set_net(void *target, const struct opt *o, const char *value, struct err *e)
{
	static const char *const list[] = { [NET_UNSET] = "", [NET_HOST] = "host", [NET_NONE] = "none", NULL };
	int choice;

	if (choose(&choice, list, value, e) < 0)
		return -1;
	*FIELD(enum spec_net, target, o) = (enum spec_net)choice;
	return 0;
}

static int set_hostname(void *target, const struct opt *o, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (!len || len > 64 || value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		return err_set(e, "'%s' is not a host name (letters, digits, '-', '.', at most 64)", value);
	return str_replace(FIELD(char *, target, o), value, e);
}

/* --- the table --------------------------------------------------------------------------------------------------- */

#define KEY(key, short_name, field, setter, arg_name, bits, text) \
	{                                                         \
		.name = (key), .letter = (short_name), .set = (setter), .arg = (arg_name), .flags = (bits), \
		.offset = offsetof(struct spec, field), .help = (text),                                     \
	}

const struct opt spec_keys[] = {
	KEY("name", 'n', name, set_name, "NAME", OPT_NO_FILE, "its name, by which the other applets find it (default: made up)"),
	KEY("root", 'r', root, set_path, "DIR", 0, "a directory that is the container's root as it is"),
	KEY("lower", 'l', lower, set_lower, "DIR[:DIR...]", OPT_REPEATS,
	    "lower directories of an overlay, the first on top (default, without root: /)"),
	KEY("overlay", 'o', overlay, set_overlay, "tmpfs[:SIZE]|DIR|none", 0,
	    "where changes go: memory, DIR/upper, or nowhere (default with lower: tmpfs)"),
	KEY("upper", 0, upper, set_path, "DIR", 0, "upper directory of the overlay, with work on the same file system"),
	KEY("work", 0, work, set_path, "DIR", 0, "work directory of the overlay"),
	KEY("read_only", 'R', read_only, opt_bool, NULL, 0, "the root cannot be written"),
	KEY("command", 0, command, set_command, "COMMAND", 0,
	    "what to run, split as a shell does; @PATH is opened on the host (default: a login shell)"),
	KEY("init", 0, command, set_init, "PATH", OPT_ALIAS, "what to run: one path, @PATH on the host"),
	KEY("user", 'u', user, set_ids, "USER[:GROUP...]", 0, "who runs the command: names of the container or numbers"),
	KEY("groups", 'g', groups, set_ids, "GROUP[:GROUP...]", 0, "the command's groups, the first is its primary one"),
	KEY("env", 'e', env, set_env, "NAME=VALUE", OPT_REPEATS, "set a variable; nothing of the caller's is inherited but TERM"),
	KEY("cwd", 'w', cwd, set_inside_path, "DIR", 0, "directory to run in (default: /)"),
	KEY("umask", 0, umask, set_umask, "MODE", 0, "file mode creation mask (default: 0022)"),
	KEY("tty", 't', tty, set_tty, "auto|yes|no", OPT_OPTIONAL, "a terminal of its own (auto: when the caller is at one)"),
	KEY("namespaces", 'N', namespaces, set_namespaces, "LETTERS|all|none", 0,
	    "own namespaces: u user, p pid, h host name, t time, i ipc, n network, c cgroup (default: phic)"),
	KEY("net", 0, net, set_net, "host|none", 0, "the host's network, or an own one with nothing but lo (default: host)"),
	KEY("hostname", 'H', hostname, set_hostname, "NAME", 0, "its host name (default: its name)"),
	KEY("mount", 'v', mounts, set_mount, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS,
	    "make a path of the host visible inside; options ro, rw, optional"),
	KEY("mount_ro", 0, mounts, set_mount_ro, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS, "the same, read-only"),
	KEY("tmpfs", 0, mounts, set_tmpfs, "DEST[:SIZE]", OPT_REPEATS, "an empty file system in memory"),
	KEY("device", 0, devices, set_device, "DEVICE[:DEST]", OPT_REPEATS, "a device of the host to have in /dev"),
	KEY("rlimit", 0, rlimits, set_rlimit, "NAME=SOFT[:HARD]", OPT_REPEATS, "a resource limit, such as nofile=1024"),
	KEY("oom_score_adj", 0, oom_score_adj, set_oom, "N", 0, "-1000 to 1000: how soon the kernel ends it when memory is short"),
	KEY("cap_add", 0, cap_add, set_caps, "NAME[,NAME...]", OPT_REPEATS, "capabilities beyond the default set, or all"),
	KEY("cap_drop", 0, cap_drop, set_caps, "NAME[,NAME...]", OPT_REPEATS, "capabilities to take from the set, or all"),
	KEY("no_new_privs", 0, no_new_privs, opt_bool, NULL, 0, "set-user-ID programs give nothing (default: yes)"),
	KEY("init_script", 'i', init_script, set_path, "FILE", 0, "a host's script that root's shell runs inside before the command"),
	KEY("hook_init", 0, hook_init, set_absolute_path, "FILE", 0,
	    "run on the host before the start: FILE init ROOTDIR UID GID"),
	KEY("hook_shutdown", 0, hook_shutdown, set_absolute_path, "FILE", 0,
	    "run on the host after the end: FILE shutdown ROOTDIR UID GID"),
	KEY("shutdown_hook", 0, shutdown_hook, set_text, "COMMAND", 0, "run inside by /bin/sh on the way down"),
	KEY("stop_signal", 0, stop_signal, set_signal, "SIGNAL", 0, "what asks the command to stop (default: TERM)"),
	KEY("stop_timeout", 0, stop_timeout_ms, opt_duration, "TIME", 0, "how long to wait before SIGKILL (default: 10s)"),
	KEY("keep", 0, keep, opt_bool, NULL, 0, "it lives on when its monitor dies"),
};

const size_t spec_nkeys = sizeof(spec_keys) / sizeof(*spec_keys);
