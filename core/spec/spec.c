/* SPDX-License-Identifier: Zlib
 * A spec's defaults, its checks as a whole, its end. No system calls. */
#include "spec/spec.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "spec/set.h"

void spec_init(struct spec *s)
{
	*s = (struct spec){
		.umask = 022,
		.no_new_privs = true,
		.namespaces = NS_DEFAULT,
		.stop_signal = SIGTERM,
		.stop_timeout_ms = 10000,
		.log_size_bytes = 1 << 20,
		.log_count = 2,
	};
}

void spec_free(struct spec *s)
{
	char **strings[] = { &s->name,          &s->root,          &s->upper,      &s->work,        &s->overlay,
			     &s->overlay_image, &s->user,          &s->groups,     &s->cwd,         &s->hostname,
			     &s->hook_init,     &s->cpuset,        &s->log,        &s->pid_file,    &s->hook_shutdown,
			     &s->init_script,   &s->shutdown_hook, &s->mountpoint, &s->cpuset_mems, &s->seccomp };
	struct words *lists[] = { &s->lower,      &s->command,     &s->env,     &s->cap_add,      &s->cap_drop,
				  &s->iops_limit, &s->io_bw_limit, &s->hugetlb, &s->device_allow, &s->uid_map,
				  &s->gid_map,    &s->cap_ambient, &s->landlock };

	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		free(*strings[i]);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		words_free(lists[i]);
	for (size_t i = 0; i < s->nmounts; i++) {
		free(s->mounts[i].source);
		free(s->mounts[i].target);
	}
	free(s->mounts);
	for (size_t i = 0; i < s->ndevices; i++) {
		free(s->devices[i].source);
		free(s->devices[i].target);
	}
	free(s->devices);
	*s = (struct spec){ 0 };
}

void spec_open_devices(struct spec *s)
{
	for (size_t i = 0; i < s->nmounts; i++)
		s->mounts[i].devices |= s->mounts[i].type == MOUNT_BIND && !strncmp(s->mounts[i].source, "/dev/", 5);
}

int spec_check_name(const char *name, struct err *e)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);

	if (len && len <= 63 && !strchr("_.-", *name) && !name[strspn(name, plain)])
		return 0;
	return err_set(e, "'%s' is not a name (a letter or digit, then letters, digits, '_', '.', '-'; at most 63)", name);
}

/* root, lower, overlay, upper and work, which give each other meaning. */
static int check_root(struct spec *s, struct err *e)
{
	bool upper = s->upper || s->work;

	if (s->overlay_persistent && !s->overlay) {
		if (!s->name)
			return err_set(e, "overlay=persistent needs a name");
		s->overlay = str_format(e, LIBDIR "/%s", s->name);
		if (!s->overlay)
			return -1;
	}
	if (s->root && s->lower.n)
		return err_set(e, "root and lower exclude each other");
	if (upper && s->overlay_set)
		return err_set(e, "overlay and upper exclude each other");
	if (upper && (!s->upper || !s->work))
		return err_set(e, "%s",
			       s->upper ? "upper needs work, a directory on the same file system" : "work needs upper");
	if (s->root && (upper || s->overlay || s->overlay_image || s->overlay_tmpfs)) {
		if (words_add(&s->lower, s->root, e) < 0)
			return -1;
		free(s->root);
		s->root = NULL;
	}
	if (!s->root && !s->lower.n && words_add(&s->lower, "/", e) < 0)
		return -1;
	if (s->lower.n && !upper && !s->overlay_set)
		s->overlay_tmpfs = true;
	/* Without a place for changes there is nothing to write to. One lower directory alone is no overlay either. */
	if (s->lower.n && !upper && !s->overlay && !s->overlay_image && !s->overlay_tmpfs) {
		s->read_only = true;
		if (s->lower.n == 1) {
			s->root = s->lower.v[0];
			s->lower.v[0] = NULL;
			s->lower.n = 0;
		}
	}
	return 0;
}

/* What only works with some roots. */
static int check_mounts(const struct spec *s, struct err *e)
{
	bool userns = s->namespaces & NS_USER;

	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].idmap && (!userns || s->mounts[i].optional))
			return err_set(e, "mount: %s: idmap %s", s->mounts[i].source,
				       userns ? "and optional exclude each other" : "needs the namespace u");
	for (size_t i = 0; i < s->nmounts; i++)
		if (s->mounts[i].type == MOUNT_OVERLAY && !s->overlay && !s->overlay_tmpfs)
			return err_set(e, "mount_overlay: %s needs overlay=tmpfs or overlay=DIR", s->mounts[i].source);
	if (s->overlay_image && userns)
		return err_set(e, "overlay=image and the namespace u exclude each other");
	if (s->mountpoint && !s->mountpoint[strspn(s->mountpoint, "/.")])
		return err_set(e, "mountpoint: '%s' is the host's root", s->mountpoint);
	return 0;
}

/* What asks for a user namespace, and by which map. */
static int check_userns(struct spec *s, struct err *e)
{
	bool maps = s->uid_map.n || s->gid_map.n;

	if (spec_check_idmap("uid_map", &s->uid_map, e) < 0 || spec_check_idmap("gid_map", &s->gid_map, e) < 0)
		return -1;
	if (s->gid_map.n && !s->uid_map.n)
		return err_set(e, "gid_map needs uid_map");
	if (maps && s->id_map_start)
		return err_set(e, "uid_map and id_map_start exclude each other");
	if (maps && s->userns != USERNS_UNSET && s->userns != USERNS_MAP)
		return err_set(e, "uid_map and userns=%s exclude each other", spec_userns_names[s->userns]);
	if (s->userns == USERNS_MAP && !maps && !s->id_map_start)
		return err_set(e, "userns=map needs uid_map");
	if (s->userns == USERNS_NONE && s->namespaces & NS_USER)
		return err_set(e, "userns=none and the namespace u exclude each other");
	if (maps || s->userns > USERNS_NONE)
		s->namespaces |= NS_USER;
	if (s->userns == USERNS_UNSET && s->namespaces & NS_USER)
		s->userns = maps || s->id_map_start ? USERNS_MAP : USERNS_AUTO;
	return 0;
}

static int check_namespaces(struct spec *s, struct err *e)
{
	if (check_userns(s, e) < 0)
		return -1;
	if (s->net == NET_HOST && s->namespaces & NS_NET)
		return err_set(e, "net=host and an own network namespace (n) exclude each other");
	if (s->net == NET_NONE)
		s->namespaces |= NS_NET;
	s->net = s->namespaces & NS_NET ? NET_NONE : NET_HOST;
	if (s->hostname && !(s->namespaces & NS_UTS))
		return err_set(e, "hostname needs the namespace h");
	return 0;
}

bool spec_has_limit(const struct spec *s)
{
	return s->memory_bytes || s->memory_swap_bytes || s->memory_low_bytes || s->cpu_share || s->cpu_quota || s->cpuset ||
	       s->cpuset_mems || s->max_processes || s->net_classid || s->iops_limit.n || s->io_bw_limit.n || s->hugetlb.n ||
	       s->device_allow.n;
}

static int check_limits(const struct spec *s, struct err *e)
{
	if (s->memory_swap_bytes && s->memory_swap_bytes < s->memory_bytes)
		return err_set(e, "max_memory is less than max_physical_memory, which is a part of it");
	if (s->memory_bytes && s->memory_low_bytes > s->memory_bytes)
		return err_set(e, "memory_low is more than max_physical_memory");
	if (s->memory_swap_bytes && s->memory_low_bytes > s->memory_swap_bytes)
		return err_set(e, "memory_low is more than max_memory");
	for (size_t i = 1; i < s->device_allow.n; i++)
		if (!strcmp(s->device_allow.v[i - 1], "none") != !strcmp(s->device_allow.v[i], "none"))
			return err_set(e, "device_allow: none and rules exclude each other");
	if (s->cgroup == SWITCH_NO && spec_has_limit(s))
		return err_set(e, "cgroup=no and limits exclude each other");
	return 0;
}

int spec_check(struct spec *s, struct err *e)
{
	if (check_root(s, e) < 0 || check_namespaces(s, e) < 0 || check_mounts(s, e) < 0)
		return -1;
	if (s->command.n && s->command.v[0][0] == '@' && s->command.v[0][1] != '/')
		return err_set(e, "command: '%s' is not @ and an absolute path of the host", s->command.v[0]);
	if (s->command.n && !s->command.v[0][0])
		return err_set(e, "command: the name of the program is empty");
	if (check_limits(s, e) < 0)
		return -1;
	if (s->user && strchr(s->user, ':') && s->groups)
		return err_set(e, "user '%s' names groups already: groups cannot be given as well", s->user);
	return 0;
}
