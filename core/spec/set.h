/* SPDX-License-Identifier: Zlib
 * The setters of the settings that are more than a plain type. Each parses a value whole into the struct spec that
 * target is, or returns -1 with e saying what would have been right. Syntax only: no system calls. */
#ifndef CAGEBOX_SPEC_SET_H
#define CAGEBOX_SPEC_SET_H

#include "base/opt.h"

/* A field of type at the offset that o names. */
#define SPEC_FIELD(type, target, o) ((type *)(void *)((char *)(target) + (o)->offset))

/* A path that means something in the container: absolute, without "..". */
int spec_check_inside_path(const char *path, struct err *e);

/* set.c */
opt_set spec_set_text, spec_set_inside_path, spec_set_absolute_path, spec_set_name, spec_set_umask, spec_set_signal,
	spec_set_oom, spec_set_command, spec_set_init, spec_set_env, spec_set_caps, spec_set_ids, spec_set_rlimit,
	spec_set_namespaces, spec_set_tty, spec_set_net, spec_set_hostname;

/* set_mount.c */
opt_set spec_set_lower, spec_set_overlay, spec_set_mount, spec_set_mount_ro, spec_set_tmpfs, spec_set_device;

#endif
