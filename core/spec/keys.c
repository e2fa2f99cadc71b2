/* SPDX-License-Identifier: Zlib
 * The key table. No system calls. */
#include "spec/keys.h"

#include "spec/set.h"
#include "spec/spec.h"

#define KEY(key, short_name, field, setter, getter, arg_name, bits, text)                                                    \
	{                                                                                                                    \
		.name = (key), .letter = (short_name), .set = (setter), .get = (getter), .arg = (arg_name), .flags = (bits), \
		.offset = offsetof(struct spec, field), .help = (text),                                                      \
	}

const struct opt spec_keys[] = {
	KEY("name", 'n', name, spec_set_name, spec_get_text, "NAME", OPT_NO_FILE,
	    "its name, by which the other applets find it (default: made up)"),
	KEY("root", 'r', root, spec_set_text, spec_get_text, "DIR", 0, "a directory that is the container's root as it is"),
	KEY("lower", 'l', lower, spec_set_lower, spec_get_lower, "DIR[:DIR...]", OPT_REPEATS,
	    "lower directories of an overlay, the first on top (default, without root: /)"),
	KEY("overlay", 'o', overlay, spec_set_overlay, spec_get_overlay, "tmpfs[:SIZE]|DIR|persistent|image:FILE[:SIZE]|none", 0,
	    "where changes go: memory, DIR/upper, " LIBDIR "/NAME, an ext4 image, nowhere (default with lower: tmpfs)"),
	KEY("upper", 0, upper, spec_set_text, spec_get_text, "DIR", 0, "upper directory of the overlay, with work on the same file system"),
	KEY("work", 0, work, spec_set_text, spec_get_text, "DIR", 0, "work directory of the overlay"),
	KEY("mountpoint", 0, mountpoint, spec_set_absolute_path, spec_get_text, "DIR", 0,
	    "where the host sees the root while the container lives"),
	KEY("read_only", 'R', read_only, opt_bool, spec_get_bool, NULL, 0, "the root cannot be written"),
	KEY("command", 0, command, spec_set_command, spec_get_command, "COMMAND", 0,
	    "what to run, split as a shell does; @PATH is opened on the host (default: a login shell)"),
	KEY("init", 0, command, spec_set_init, spec_get_command, "PATH", OPT_ALIAS, "what to run: one path, @PATH on the host"),
	KEY("user", 'u', user, spec_set_ids, spec_get_text, "USER[:GROUP...]", 0, "who runs the command: names of the container or numbers"),
	KEY("groups", 'g', groups, spec_set_ids, spec_get_text, "GROUP[:GROUP...]", 0, "the command's groups, the first is its primary one"),
	KEY("env", 'e', env, spec_set_env, spec_get_words, "NAME=VALUE", OPT_REPEATS,
	    "set a variable; nothing of the caller's is inherited but TERM"),
	KEY("cwd", 'w', cwd, spec_set_inside_path, spec_get_text, "DIR", 0, "directory to run in (default: /)"),
	KEY("cwd_make", 0, cwd_make, opt_bool, spec_get_bool, NULL, 0, "make the directory to run in if it is missing"),
	KEY("umask", 0, umask, spec_set_umask, spec_get_umask, "MODE", 0, "file mode creation mask (default: 0022)"),
	KEY("tty", 't', tty, spec_set_tty, spec_get_tty, "auto|yes|no", OPT_OPTIONAL,
	    "a terminal of its own (auto: when the caller is at one)"),
	KEY("namespaces", 'N', namespaces, spec_set_namespaces, spec_get_namespaces, "LETTERS|all|none", 0,
	    "own namespaces besides mount and cgroup: u user, p pid, h host name, t time, i ipc, n network (default: phi)"),
	KEY("id_map_start", 0, id_map_start, spec_set_id, spec_get_number, "ID", 0,
	    "with the namespace u: the first of the 65536 ids of the host that are its own (default: 1073741824)"),
	KEY("net", 0, net, spec_set_net, spec_get_net, "host|none", 0,
	    "the host's network, or an own one with nothing but lo (default: host)"),
	KEY("hostname", 'H', hostname, spec_set_hostname, spec_get_text, "NAME", 0, "its host name (default: its name)"),
	KEY("mount", 'v', mounts, spec_set_mount, spec_get_mount, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS,
	    "make a path of the host visible inside; options ro, rw, optional"),
	KEY("mount_ro", 0, mounts, spec_set_mount_ro, spec_get_mount_ro, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS, "the same, read-only"),
	KEY("mount_overlay", 0, mounts, spec_set_mount_overlay, spec_get_mount_overlay, "SOURCE[:DEST[:OPTIONS]]", OPT_REPEATS,
	    "an overlay of a directory of the host: changes go where the root's go"),
	KEY("tmpfs", 0, mounts, spec_set_tmpfs, spec_get_tmpfs, "DEST[:SIZE][:OPTIONS]", OPT_REPEATS,
	    "an empty file system in memory; options mode=, uid=, gid="),
	KEY("device", 0, devices, spec_set_device, spec_get_device, "DEVICE[:DEST]", OPT_REPEATS, "a device of the host to have in /dev"),
	KEY("gui", 'G', gui, opt_bool, spec_get_bool, NULL, 0, "the caller's display (X11, Wayland) and sound (PulseAudio, PipeWire)"),
	KEY("rlimit", 0, rlimits, spec_set_rlimit, spec_get_rlimit, "NAME=SOFT[:HARD]", OPT_REPEATS, "a resource limit, such as nofile=1024"),
	KEY("oom_score_adj", 0, oom_score_adj, spec_set_oom, spec_get_oom, "N", 0,
	    "-1000 to 1000: how soon the kernel ends it when memory is short"),
	KEY("max_physical_memory", 0, memory_bytes, spec_set_size, spec_get_size, "SIZE", 0, "memory that it may use"),
	KEY("max_memory", 0, memory_swap_bytes, spec_set_size, spec_get_size, "SIZE", 0, "memory and swap together that it may use"),
	KEY("cpu_share", 0, cpu_share, spec_set_cpu_share, spec_get_number, "N", 0, "its weight when processors are short, of 1024"),
	KEY("cpuset", 0, cpuset, spec_set_cpuset, spec_get_text, "LIST", 0, "processors that it may run on, such as 0-2,5"),
	KEY("max_processes", 0, max_processes, spec_set_processes, spec_get_count, "N", 0, "processes and threads that it may have"),
	KEY("iops_limit", 0, iops_limit, spec_set_iops, spec_get_words, "DEVICE N", OPT_REPEATS,
	    "operations a second on a block device, MAJOR:MINOR or its path"),
	KEY("io_bw_limit", 0, io_bw_limit, spec_set_io_bw, spec_get_words, "DEVICE SIZE", OPT_REPEATS, "bytes a second on a block device"),
	KEY("net_classid", 0, net_classid, spec_set_classid, spec_get_number, "ID", 0, "class of its packets, for packet filters"),
	KEY("cap_add", 0, cap_add, spec_set_caps, spec_get_words, "NAME[,NAME...]", OPT_REPEATS, "capabilities beyond the default set, or all"),
	KEY("cap_drop", 0, cap_drop, spec_set_caps, spec_get_words, "NAME[,NAME...]", OPT_REPEATS, "capabilities to take from the set, or all"),
	KEY("no_new_privs", 0, no_new_privs, opt_bool, spec_get_bool, NULL, 0, "set-user-ID programs give nothing (default: yes)"),
	KEY("init_script", 'i', init_script, spec_set_text, spec_get_text, "FILE", 0,
	    "a host's script that root's shell runs inside before the command"),
	KEY("hook_init", 0, hook_init, spec_set_absolute_path, spec_get_text, "FILE", 0,
	    "run on the host before the start: FILE init ROOTDIR UID GID"),
	KEY("hook_shutdown", 0, hook_shutdown, spec_set_absolute_path, spec_get_text, "FILE", 0,
	    "run on the host after the end: FILE shutdown ROOTDIR UID GID"),
	KEY("shutdown_hook", 0, shutdown_hook, spec_set_text, spec_get_text, "COMMAND", 0, "run inside by /bin/sh on the way down"),
	KEY("stop_signal", 0, stop_signal, spec_set_signal, spec_get_signal, "SIGNAL", 0, "what asks the command to stop (default: TERM)"),
	KEY("stop_timeout", 0, stop_timeout_ms, opt_duration, spec_get_duration, "TIME", 0, "how long to wait before SIGKILL (default: 10s)"),
	KEY("log", 0, log, spec_set_log, spec_get_text, "FILE|none", 0,
	    "where the output of a detached container goes (default: " LOGDIR "/NAME.log)"),
	KEY("log_size", 0, log_size_bytes, spec_set_log_size, spec_get_size, "SIZE", 0,
	    "a log file that would grow beyond is put aside (default: 1M)"),
	KEY("log_count", 0, log_count, spec_set_log_count, spec_get_number, "N", 0, "log files in all (default: 2)"),
	KEY("pid_file", 0, pid_file, spec_set_absolute_path, spec_get_text, "FILE", 0, "holds the pid of its init while it lives"),
	KEY("keep", 0, keep, opt_bool, spec_get_bool, NULL, 0, "it lives on when its monitor dies"),
};

const size_t spec_nkeys = sizeof(spec_keys) / sizeof(*spec_keys);
