/* SPDX-License-Identifier: Zlib
 * Setters: text, words, identity, limits, namespaces. No system calls. */
#include "spec/set.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/num.h"
#include "spec/spec.h"

/* --- plain types -------------------------------------------------------------------------------------------------- */

int spec_set_text(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, "the value is empty");
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_check_inside_path(const char *path, struct err *e)
{
	if (*path != '/')
		return err_set(e, "'%s' is not an absolute path in the container", path);
	if (str_has_dotdot(path))
		return err_set(e, "'%s' has a '..'", path);
	return 0;
}

int spec_set_inside_path(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (spec_check_inside_path(value, e) < 0)
		return -1;
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_set_absolute_path(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (*value != '/')
		return err_set(e, "'%s' is not an absolute path", value);
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_set_name(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (spec_check_name(value, e) < 0)
		return -1;
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_set_umask(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint32_t mode;

	if (num_mode(value, &mode, e) < 0)
		return -1;
	if (mode > 0777)
		return err_set(e, "'%s' is not a umask from 0 to 0777", value);
	*SPEC_FIELD(uint32_t, target, o) = mode;
	return 0;
}

int spec_set_signal(void *target, const struct opt *o, const char *value, struct err *e)
{
	return num_signal(value, SPEC_FIELD(int, target, o), e);
}

int spec_set_oom(void *target, const struct opt *o, const char *value, struct err *e)
{
	int64_t number;

	if (num_signed(value, -1000, 1000, &number, e) < 0)
		return -1;
	*SPEC_FIELD(int, target, o) = (int)number;
	((struct spec *)target)->oom_score_adj_set = true;
	return 0;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

int spec_set_command(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = SPEC_FIELD(struct words, target, o);

	words_free(w);
	if (words_split_command(w, value, e) < 0)
		return -1;
	return w->n ? 0 : err_set(e, "the command is empty");
}

/* One path, blanks and all. */
int spec_set_init(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = SPEC_FIELD(struct words, target, o);

	words_free(w);
	if (!*value)
		return err_set(e, "the value is empty");
	return words_add(w, value, e);
}

int spec_set_env(void *target, const struct opt *o, const char *value, struct err *e)
{
	const char *equals = strchr(value, '=');

	if (!equals || equals == value)
		return err_set(e, "'%s' is not NAME=VALUE", value);
	return words_add(SPEC_FIELD(struct words, target, o), value, e);
}

int spec_set_caps(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct words *w = SPEC_FIELD(struct words, target, o);
	size_t before = w->n;

	if (words_split(w, value, ',', e) < 0)
		return -1;
	for (size_t i = before; i < w->n; i++)
		if (!*w->v[i] || w->v[i][strspn(w->v[i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")])
			return err_set(e, "'%s' is not the name of a capability", w->v[i]);
	return 0;
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

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
int spec_set_ids(void *target, const struct opt *o, const char *value, struct err *e)
{
	for (const char *p = value;; p++) {
		size_t len = strcspn(p, ":");

		if (check_id(p, len, e) < 0)
			return -1;
		p += len;
		if (!*p)
			return str_replace(SPEC_FIELD(char *, target, o), value, e);
	}
}

/* --- limits, namespaces ------------------------------------------------------------------------------------------- */

const char *const spec_rlimit_names[SPEC_NRLIMITS] = {
	[RLIMIT_CPU] = "cpu",           [RLIMIT_FSIZE] = "fsize",
	[RLIMIT_DATA] = "data",         [RLIMIT_STACK] = "stack",
	[RLIMIT_CORE] = "core",         [RLIMIT_RSS] = "rss",
	[RLIMIT_NPROC] = "nproc",       [RLIMIT_NOFILE] = "nofile",
	[RLIMIT_MEMLOCK] = "memlock",   [RLIMIT_AS] = "as",
	[RLIMIT_LOCKS] = "locks",       [RLIMIT_SIGPENDING] = "sigpending",
	[RLIMIT_MSGQUEUE] = "msgqueue", [RLIMIT_NICE] = "nice",
	[RLIMIT_RTPRIO] = "rtprio",     [RLIMIT_RTTIME] = "rttime",
};
const char spec_ns_letters[] = "uphtinc";
const char *const spec_switch_names[] = { [SWITCH_AUTO] = "auto", [SWITCH_YES] = "yes", [SWITCH_NO] = "no", NULL };
const char *const spec_net_names[] = { [NET_UNSET] = "", [NET_HOST] = "host", [NET_NONE] = "none", NULL };

const char *const spec_userns_names[] = {
	[USERNS_UNSET] = "", [USERNS_NONE] = "none", [USERNS_SELF] = "self", [USERNS_AUTO] = "auto", [USERNS_MAP] = "map", NULL,
};

static int rlimit_value(const char *text, uint64_t *out, struct err *e)
{
	if (!strcmp(text, "unlimited")) {
		*out = UINT64_MAX;
		return 0;
	}
	return num_parse(text, 0, UINT64_MAX - 1, out, e);
}

int spec_set_rlimit(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec *s = target;
	struct spec_rlimit *limit = NULL;
	struct words parts = { 0 };
	const char *equals = strchr(value, '=');
	int result = -1;

	(void)o;
	for (size_t i = 0; equals && i < SPEC_NRLIMITS; i++)
		if (strlen(spec_rlimit_names[i]) == (size_t)(equals - value) &&
		    !strncmp(spec_rlimit_names[i], value, (size_t)(equals - value)))
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

int spec_set_namespaces(void *target, const struct opt *o, const char *value, struct err *e)
{
	struct spec *s = target;
	unsigned set = 0;

	(void)o;
	if (!strcmp(value, "all"))
		set = NS_ALL;
	else if (strcmp(value, "none") != 0) {
		if (!*value)
			return err_set(e, "the value is empty (none for the mount namespace alone)");
		for (const char *p = value; *p; p++) {
			const char *at = strchr(spec_ns_letters, *p);

			if (!at)
				return err_set(e, "'%s': '%c' is none of u p h t i n c (or all, none)", value, *p);
			set |= 1u << (at - spec_ns_letters);
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

int spec_set_switch(void *target, const struct opt *o, const char *value, struct err *e)
{
	int choice;

	if (choose(&choice, spec_switch_names, value, e) < 0)
		return -1;
	*SPEC_FIELD(enum spec_switch, target, o) = (enum spec_switch)choice;
	return 0;
}

int spec_set_net(void *target, const struct opt *o, const char *value, struct err *e)
{
	int choice;

	if (choose(&choice, spec_net_names, value, e) < 0)
		return -1;
	*SPEC_FIELD(enum spec_net, target, o) = (enum spec_net)choice;
	return 0;
}

int spec_set_userns(void *target, const struct opt *o, const char *value, struct err *e)
{
	int choice;

	if (choose(&choice, spec_userns_names, value, e) < 0)
		return -1;
	*SPEC_FIELD(enum spec_userns, target, o) = (enum spec_userns)choice;
	return 0;
}

int spec_set_hostname(void *target, const struct opt *o, const char *value, struct err *e)
{
	size_t len = strlen(value);

	if (!len || len > 64 || value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		return err_set(e, "'%s' is not a host name (letters, digits, '-', '.', at most 64)", value);
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_set_seccomp(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (!*value || !strcmp(value, "trace:"))
		return err_set(e, "'%s' is none of default, off, trace, trace:FILE, or the FILE of a policy", value);
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

int spec_set_log(void *target, const struct opt *o, const char *value, struct err *e)
{
	if (*value != '/' && strcmp(value, "none") != 0)
		return err_set(e, "'%s' is neither none nor an absolute path", value);
	return str_replace(SPEC_FIELD(char *, target, o), value, e);
}

int spec_set_log_size(void *target, const struct opt *o, const char *value, struct err *e)
{
	const uint64_t least = 16 << 10, most = 1 << 30;
	uint64_t bytes;

	if (num_size(value, &bytes, e) < 0)
		return -1;
	if (bytes < least || bytes > most)
		return err_set(e, "'%s' is not a size from 16K to 1G", value);
	*SPEC_FIELD(uint64_t, target, o) = bytes;
	return 0;
}

int spec_set_log_count(void *target, const struct opt *o, const char *value, struct err *e)
{
	uint64_t number;

	if (num_parse(value, 1, 100, &number, e) < 0)
		return -1;
	*SPEC_FIELD(unsigned, target, o) = (unsigned)number;
	return 0;
}

int spec_set_id(void *target, const struct opt *o, const char *value, struct err *e)
{
	const uint64_t range = 65536;
	uint64_t id;

	if (num_parse(value, 1, UINT32_MAX - range, &id, e) < 0)
		return -1;
	*SPEC_FIELD(uint32_t, target, o) = (uint32_t)id;
	return 0;
}
