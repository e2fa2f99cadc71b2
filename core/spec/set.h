/* SPDX-License-Identifier: Zlib
 * The setters of the settings that are more than a plain type. Each parses a value whole into the struct spec that
 * target is, or returns -1 with e saying what would have been right. Syntax only: no system calls. */
#ifndef CAGEBOX_SPEC_SET_H
#define CAGEBOX_SPEC_SET_H

#include "base/opt.h"

/* What the words of values mean: by enum spec_switch, enum spec_net, bit of enum spec_ns, resource of setrlimit(2). */
enum { SPEC_NRLIMITS = 16 };
extern const char *const spec_switch_names[], *const spec_net_names[], *const spec_userns_names[],
									       *const spec_rlimit_names[SPEC_NRLIMITS];
extern const char spec_ns_letters[];

/* A field of type at the offset that o names. */
#define SPEC_FIELD(type, target, o) ((type *)(void *)((char *)(target) + (o)->offset))

/* A path that means something in the container: absolute, without "..". */
int spec_check_inside_path(const char *path, struct err *e);

/* set.c */
opt_set spec_set_text, spec_set_inside_path, spec_set_absolute_path, spec_set_name, spec_set_umask, spec_set_signal,
	spec_set_oom, spec_set_command, spec_set_init, spec_set_env, spec_set_caps, spec_set_ids, spec_set_rlimit,
	spec_set_namespaces, spec_set_switch, spec_set_net, spec_set_hostname, spec_set_log, spec_set_log_size,
	spec_set_log_count, spec_set_id, spec_set_userns, spec_set_seccomp;

/* set_idmap.c; no id may be twice in the map w, inside or outside. */
int spec_check_idmap(const char *key, const struct words *w, struct err *e);
opt_set spec_set_idmap;

/* set_limit.c */
opt_set spec_set_size, spec_set_cpu_share, spec_set_cpus, spec_set_cpuset, spec_set_processes, spec_set_classid, spec_set_iops,
	spec_set_io_bw, spec_set_hugetlb, spec_set_device_allow, spec_set_landlock;

/* set_mount.c */
opt_set spec_set_lower, spec_set_overlay, spec_set_mount, spec_set_mount_ro, spec_set_mount_overlay, spec_set_tmpfs,
	spec_set_device;

/* get.c: the way back, values that the setter of the same row takes. */
opt_get spec_get_text, spec_get_bool, spec_get_words, spec_get_overlay, spec_get_command, spec_get_umask, spec_get_oom,
	spec_get_rlimit, spec_get_switch, spec_get_net, spec_get_namespaces, spec_get_mount, spec_get_mount_ro,
	spec_get_mount_overlay, spec_get_tmpfs, spec_get_device, spec_get_signal, spec_get_duration, spec_get_size,
	spec_get_count, spec_get_number, spec_get_cpus, spec_get_lower, spec_get_userns;

#endif
