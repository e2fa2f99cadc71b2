/* SPDX-License-Identifier: Zlib
 * The key table. No system calls. */
#include "spec/keys.h"

#include "spec/set.h"
#include "spec/spec.h"

#define KEY(key, short_name, field, setter, arg_name, bits, text)                                           \
	{                                                                                                   \
		.name = (key), .letter = (short_name), .set = (setter), .arg = (arg_name), .flags = (bits), \
		.offset = offsetof(struct spec, field), .help = (text),                                     \
	}

const struct opt spec_keys[] = {
	KEY("name", 'n', name, spec_set_name, "NAME", OPT_NO_FILE,
	    "its name, by which the other applets find it (default: made up)"),
	KEY("root", 'r', root, spec_set_text, "DIR", 0, "a directory that is the container's root as it is"),
	KEY("lower", 'l', lower, spec_set_lower, "DIR[:DIR...]", OPT_REPEATS,
	    "lower directories of an overlay, the first on top (default, without root: /)"),
	KEY("overlay", 'o', overlay, spec_set_overlay, "tmpfs[:SIZE]|DIR|none", 0,
	    "where changes go: memory, DIR/upper, or nowhere (default with lower: tmpfs)"),
	KEY("upper", 0, upper, spec_set_text, "DIR", 0, "upper directory of the overlay, with work on the same file system"),
	KEY("work", 0, work, spec_set_text, "DIR", 0, "work directory of the overlay"),
	KEY("read_only", 'R', read_only, opt_bool, NULL, 0, "the root cannot be written"),
	KEY("command", 0, command, spec_set_command, "COMMAND", 0,
	    "what to run, split as a shell does; @PATH is opened on the host (default: a login shell)"),
	KEY("init", 0, command, spec_set_init, "PATH", OPT_ALIAS, "what to run: one path, @PATH on the host"),
	KEY("user", 'u', user, spec_set_ids, "USER[:GROUP...]", 0, "who runs the command: names of the container or numbers"),
	KEY("groups", 'g', groups, spec_set_ids, "GROUP[:GROUP...]", 0, "the command's groups, the first is its primary one"),
	KEY("env", 'e', env, spec_set_env, "NAME=VALUE", OPT_REPEATS,
	    "set a variable; nothing of the caller's is inherited but TERM"),
	KEY("cwd", 'w', cwd, spec_set_inside_path, "DIR", 0, "directory to run in (default: /)"),
	KEY("umask", 0, umask, spec_set_umask, "MODE", 0, "file mode creation mask (default: 0022)"),
	KEY("tty", 't', tty, spec_set_tty, "auto|yes|no", OPT_OPTIONAL,
	    "a terminal of its own (auto: when the caller is at one)"),
	KEY("namespaces", 'N', namespaces, spec_set_namespaces, "LETTERS|all|none", 0,
	    "own namespaces besides mount and cgroup: u user, p pid, h host name, t time, i ipc, n network (default: phi)"),
	KEY("net", 0, net, spec_set_net, "host|none", 0,
	    "the host's network, or an own one with nothing but lo (default: host)"),
	KEY("hostname", 'H', hostname, spec_set_hostname, "NAME", 0, "its host name (default: its name)"),
	KEY("mount", 'v', mounts, spec_set_mount, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS,
	    "make a path of the host visible inside; options ro, rw, optional"),
	KEY("mount_ro", 0, mounts, spec_set_mount_ro, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS, "the same, read-only"),
	KEY("tmpfs", 0, mounts, spec_set_tmpfs, "DEST[:SIZE]", OPT_REPEATS, "an empty file system in memory"),
	KEY("device", 0, devices, spec_set_device, "DEVICE[:DEST]", OPT_REPEATS, "a device of the host to have in /dev"),
	KEY("rlimit", 0, rlimits, spec_set_rlimit, "NAME=SOFT[:HARD]", OPT_REPEATS, "a resource limit, such as nofile=1024"),
	KEY("oom_score_adj", 0, oom_score_adj, spec_set_oom, "N", 0,
	    "-1000 to 1000: how soon the kernel ends it when memory is short"),
	KEY("cap_add", 0, cap_add, spec_set_caps, "NAME[,NAME...]", OPT_REPEATS, "capabilities beyond the default set, or all"),
	KEY("cap_drop", 0, cap_drop, spec_set_caps, "NAME[,NAME...]", OPT_REPEATS, "capabilities to take from the set, or all"),
	KEY("no_new_privs", 0, no_new_privs, opt_bool, NULL, 0, "set-user-ID programs give nothing (default: yes)"),
	KEY("init_script", 'i', init_script, spec_set_text, "FILE", 0,
	    "a host's script that root's shell runs inside before the command"),
	KEY("hook_init", 0, hook_init, spec_set_absolute_path, "FILE", 0,
	    "run on the host before the start: FILE init ROOTDIR UID GID"),
	KEY("hook_shutdown", 0, hook_shutdown, spec_set_absolute_path, "FILE", 0,
	    "run on the host after the end: FILE shutdown ROOTDIR UID GID"),
	KEY("shutdown_hook", 0, shutdown_hook, spec_set_text, "COMMAND", 0, "run inside by /bin/sh on the way down"),
	KEY("stop_signal", 0, stop_signal, spec_set_signal, "SIGNAL", 0, "what asks the command to stop (default: TERM)"),
	KEY("stop_timeout", 0, stop_timeout_ms, opt_duration, "TIME", 0, "how long to wait before SIGKILL (default: 10s)"),
	KEY("keep", 0, keep, opt_bool, NULL, 0, "it lives on when its monitor dies"),
};

const size_t spec_nkeys = sizeof(spec_keys) / sizeof(*spec_keys);
