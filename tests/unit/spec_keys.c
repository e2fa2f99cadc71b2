/* SPDX-License-Identifier: Zlib
 * The key table (spec/keys.h), every row: what each good value leaves in struct spec, that the getters bring it into another
 * one, how each kind of bad value is refused. A row without cases here is a failure. Prints TAP. */
#include "spec/keys.h"

#include <stdint.h>

#include "spec/set.h"
#include "spec/spec.h"
#include "tap.h"

#define A16 "aaaaaaaaaaaaaaaa"
#define A63 A16 A16 A16 "aaaaaaaaaaaaaaa"
#define A64 A63 "a"

/* --- a spec as text ---------------------------------------------------------------------------------------------- */

static char said[4096];
static size_t said_len;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(said + said_len, sizeof(said) - said_len, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(said) - said_len)
		abort();
	said_len += (size_t)n;
}

static void say_text(const char *field, const char *text)
{
	if (text)
		say(" %s=%s", field, text);
}

static void say_words(const char *field, const struct words *w)
{
	if (!w->n)
		return;
	say(" %s=", field);
	for (size_t i = 0; i < w->n; i++)
		say("[%s]", w->v[i]);
	if (w->v[w->n])
		say("without an end");
}

static void say_number(const char *field, int64_t value, int64_t usual)
{
	if (value != usual)
		say(" %s=%lld", field, (long long)value);
}

static void say_mount(const struct spec_mount *m)
{
	static const char *const types[] = { [MOUNT_BIND] = "bind", [MOUNT_TMPFS] = "tmpfs", [MOUNT_OVERLAY] = "overlay" };

	say(" %s(%s on %s,%llu%s%s%s%s", types[m->type], m->source ? m->source : "", m->target, (unsigned long long)m->size,
	    m->read_only ? ",ro" : "", m->devices ? ",dev" : "", m->idmap ? ",idmap" : "", m->optional ? ",optional" : "");
	if (m->mode != (m->type == MOUNT_TMPFS ? 0755 : 0))
		say(",mode=%o", m->mode);
	if (m->uid || m->gid)
		say(",%u:%u", m->uid, m->gid);
	say(")");
}

/* Every field of s that is not as spec_init leaves it. */
static const char *describe(const struct spec *s)
{
	struct spec d;

	spec_init(&d);
	said_len = 0;
	say("%s", "");
	say_text("name", s->name);
	say_text("root", s->root);
	say_words("lower", &s->lower);
	say_text("upper", s->upper);
	say_text("work", s->work);
	say_text("overlay", s->overlay);
	say_text("overlay_image", s->overlay_image);
	say_number("overlay_set", s->overlay_set, 0);
	say_number("overlay_tmpfs", s->overlay_tmpfs, 0);
	say_number("overlay_persistent", s->overlay_persistent, 0);
	say_number("overlay_size", (int64_t)s->overlay_size, 0);
	say_text("mountpoint", s->mountpoint);
	say_number("read_only", s->read_only, 0);
	say_words("command", &s->command);
	say_words("env", &s->env);
	say_text("user", s->user);
	say_text("groups", s->groups);
	say_text("cwd", s->cwd);
	say_number("cwd_make", s->cwd_make, 0);
	if (s->umask != d.umask)
		say(" umask=0%o", s->umask);
	say_number("oom", s->oom_score_adj, 0);
	say_number("oom_set", s->oom_score_adj_set, 0);
	for (int i = 0; i < 16; i++)
		if (s->rlimits_set & 1u << i)
			say(" rlimit%d=%d:%llu:%llu", i, s->rlimits[i].resource, (unsigned long long)s->rlimits[i].soft,
			    (unsigned long long)s->rlimits[i].hard);
	say_number("tty", s->tty, d.tty);
	say_number("stdin", s->input, d.input);
	say_words("cap_add", &s->cap_add);
	say_words("cap_drop", &s->cap_drop);
	say_words("cap_ambient", &s->cap_ambient);
	say_number("no_new_privs", s->no_new_privs, 1);
	say_number("privileged", s->privileged, 0);
	say_words("landlock", &s->landlock);
	say_number("landlock_scope", s->landlock_scope, d.landlock_scope);
	say_number("namespaces", s->namespaces, NS_DEFAULT);
	say_number("namespaces_set", s->namespaces_set, 0);
	say_number("net", s->net, d.net);
	say_text("hostname", s->hostname);
	for (size_t i = 0; i < s->nmounts; i++)
		say_mount(&s->mounts[i]);
	for (size_t i = 0; i < s->ndevices; i++)
		say(" device(%s on %s)", s->devices[i].source, s->devices[i].target);
	say_number("gui", s->gui, 0);
	say_number("userns", s->userns, 0);
	say_words("uid_map", &s->uid_map);
	say_words("gid_map", &s->gid_map);
	say_number("id_map_start", s->id_map_start, d.id_map_start);
	say_number("memory", (int64_t)s->memory_bytes, 0);
	say_number("memory_swap", (int64_t)s->memory_swap_bytes, 0);
	say_number("memory_low", (int64_t)s->memory_low_bytes, 0);
	say_number("cpu_share", s->cpu_share, 0);
	say_number("cpu_quota", s->cpu_quota, 0);
	say_text("cpuset", s->cpuset);
	say_text("cpuset_mems", s->cpuset_mems);
	say_number("max_processes", (int64_t)s->max_processes, 0);
	say_number("net_classid", s->net_classid, 0);
	say_words("iops_limit", &s->iops_limit);
	say_words("io_bw_limit", &s->io_bw_limit);
	say_words("hugetlb", &s->hugetlb);
	say_words("device_allow", &s->device_allow);
	say_number("cgroup", s->cgroup, d.cgroup);
	say_number("strict", s->strict, 0);
	say_text("hook_init", s->hook_init);
	say_text("hook_shutdown", s->hook_shutdown);
	say_text("seccomp", s->seccomp);
	say_text("init_script", s->init_script);
	say_text("shutdown_hook", s->shutdown_hook);
	say_number("stop_signal", s->stop_signal, 15);
	say_number("stop_timeout", (int64_t)s->stop_timeout_ms, 10000);
	say_number("keep", s->keep, 0);
	say_text("log", s->log);
	say_number("log_size", (int64_t)s->log_size_bytes, (int64_t)d.log_size_bytes);
	say_number("log_count", s->log_count, d.log_count);
	say_text("pid_file", s->pid_file);
	return said + (*said == ' ');
}

/* --- the cases --------------------------------------------------------------------------------------------------- */

/* The values are set one after the other in one spec. Good: what they leave. */
static const struct {
	const char *key, *values[4], *left;
} good[] = {
	{ "name", { "a" }, "name=a" },
	{ "name", { "A-1.b_c" }, "name=A-1.b_c" },
	{ "name", { "0" }, "name=0" },
	{ "name", { A63 }, "name=" A63 },
	{ "name", { "a", "b" }, "name=b" },
	{ "root", { "/srv/root" }, "root=/srv/root" },
	{ "root", { "." }, "root=." },
	{ "root", { "../x y", "b" }, "root=b" },
	{ "lower", { "/" }, "lower=[/]" },
	{ "lower", { "/a:/b", "c" }, "lower=[/a][/b][c]" },
	{ "lower", { "/a\\:b:/c" }, "lower=[/a:b][/c]" },
	{ "overlay", { "tmpfs" }, "overlay_set=1 overlay_tmpfs=1" },
	{ "overlay", { "tmpfs:64M" }, "overlay_set=1 overlay_tmpfs=1 overlay_size=67108864" },
	{ "overlay", { "tmpfs:1" }, "overlay_set=1 overlay_tmpfs=1 overlay_size=1" },
	{ "overlay", { "none" }, "overlay_set=1" },
	{ "overlay", { "/var/x" }, "overlay=/var/x overlay_set=1" },
	{ "overlay", { "./tmpfs" }, "overlay=./tmpfs overlay_set=1" },
	{ "overlay", { "/x", "tmpfs:1K", "none" }, "overlay_set=1" },
	{ "overlay", { "tmpfs", "/x" }, "overlay=/x overlay_set=1" },
	{ "overlay", { "persistent" }, "overlay_set=1 overlay_persistent=1" },
	{ "overlay", { "./persistent" }, "overlay=./persistent overlay_set=1" },
	{ "overlay", { "image:/i" }, "overlay_image=/i overlay_set=1" },
	{ "overlay", { "image:/var/a b.img:64M" }, "overlay_image=/var/a b.img overlay_set=1 overlay_size=67108864" },
	{ "overlay", { "image:/i\\:2:3" }, "overlay_image=/i:2 overlay_set=1 overlay_size=3" },
	{ "overlay", { "image:/i:1", "persistent" }, "overlay_set=1 overlay_persistent=1" },
	{ "overlay", { "persistent", "image:/i" }, "overlay_image=/i overlay_set=1" },
	{ "overlay", { "image:/i:1", "tmpfs" }, "overlay_set=1 overlay_tmpfs=1" },
	{ "overlay", { "image:/i:1", "image:/j" }, "overlay_image=/j overlay_set=1" },
	{ "overlay", { "persistent", "none" }, "overlay_set=1" },
	{ "overlay", { "image:/i:1", "/x" }, "overlay=/x overlay_set=1" },
	{ "upper", { "/u" }, "upper=/u" },
	{ "work", { "/w" }, "work=/w" },
	{ "mountpoint", { "/mnt/web" }, "mountpoint=/mnt/web" },
	{ "mountpoint", { "/a", "/b c/../d" }, "mountpoint=/b c/../d" },
	{ "read_only", { "yes" }, "read_only=1" },
	{ "read_only", { "on", "no" }, "" },
	{ "command", { "/bin/sh -c 'echo a b' \"\"" }, "command=[/bin/sh][-c][echo a b][]" },
	{ "command", { "@/bin/x\\ y" }, "command=[@/bin/x y]" },
	{ "command", { "a b", "c" }, "command=[c]" },
	{ "init", { "/sbin/my init" }, "command=[/sbin/my init]" },
	{ "init", { "a", "@/x 'y" }, "command=[@/x 'y]" },
	{ "user", { "0" }, "user=0" },
	{ "user", { "4294967294" }, "user=4294967294" },
	{ "user", { "www-data" }, "user=www-data" },
	{ "user", { "_apt:nogroup:5" }, "user=_apt:nogroup:5" },
	{ "user", { "host$" }, "user=host$" },
	{ "user", { "John.Doe" }, "user=John.Doe" },
	{ "user", { A16 A16 }, "user=" A16 A16 },
	{ "groups", { "0:adm:50" }, "groups=0:adm:50" },
	{ "env", { "A=1" }, "env=[A=1]" },
	{ "env", { "A=", "B=x=y z" }, "env=[A=][B=x=y z]" },
	{ "cwd", { "/" }, "cwd=/" },
	{ "cwd", { "/a b/..c" }, "cwd=/a b/..c" },
	{ "cwd_make", { "yes" }, "cwd_make=1" },
	{ "umask", { "0" }, "umask=00" },
	{ "umask", { "077" }, "umask=077" },
	{ "umask", { "777" }, "umask=0777" },
	{ "tty", { "auto" }, "" },
	{ "tty", { "yes" }, "tty=1" },
	{ "tty", { "no" }, "tty=2" },
	{ "stdin", { "yes" }, "stdin=1" },
	{ "stdin", { "yes", "no" }, "" },
	{ "namespaces", { "all" }, "namespaces=31 namespaces_set=1" },
	{ "namespaces", { "none" }, "namespaces=0 namespaces_set=1" },
	{ "namespaces", { "u" }, "namespaces=1 namespaces_set=1" },
	{ "namespaces", { "p" }, "namespaces=2 namespaces_set=1" },
	{ "namespaces", { "h" }, "namespaces=4 namespaces_set=1" },
	{ "namespaces", { "t" }, "namespaces=8 namespaces_set=1" },
	{ "namespaces", { "i" }, "namespaces=16 namespaces_set=1" },
	{ "namespaces", { "n" }, "namespaces=32 namespaces_set=1" },
	{ "namespaces", { "c" }, "namespaces=64 namespaces_set=1" },
	{ "namespaces", { "uphtinc" }, "namespaces=127 namespaces_set=1" },
	{ "namespaces", { "pp" }, "namespaces=2 namespaces_set=1" },
	{ "namespaces", { "all", "c" }, "namespaces=64 namespaces_set=1" },
	{ "namespaces", { "phic" }, "namespaces_set=1" },
	{ "id_map_start", { "1" }, "id_map_start=1" },
	{ "id_map_start", { "4294901759" }, "id_map_start=4294901759" },
	{ "id_map_start", { "100000", "1073741824" }, "id_map_start=1073741824" },
	{ "userns", { "none" }, "userns=1" },
	{ "userns", { "self" }, "userns=2" },
	{ "userns", { "auto" }, "userns=3" },
	{ "userns", { "self", "map" }, "userns=4" },
	{ "uid_map", { "0:0" }, "uid_map=[0:0]" },
	{ "uid_map", { "0:1000,1:100000:65535", "65536:1001:1" }, "uid_map=[0:1000][1:100000:65535][65536:1001:1]" },
	{ "uid_map", { "4294967294:4294967294:1" }, "uid_map=[4294967294:4294967294:1]" },
	{ "gid_map", { "0:5:10", "10:15:10", "20:0:5" }, "gid_map=[0:5:10][10:15:10][20:0:5]" },
	{ "mount", { "/a:/b:idmap" }, "bind(/a on /b,0,idmap)" },
	{ "mount_ro", { "/a:/b:idmap,dev" }, "bind(/a on /b,0,ro,dev,idmap)" },
	{ "net", { "host" }, "net=1" },
	{ "net", { "none" }, "net=2" },
	{ "hostname", { "box-1.example" }, "hostname=box-1.example" },
	{ "hostname", { A64 }, "hostname=" A64 },
	{ "mount", { "/a" }, "bind(/a on /a,0)" },
	{ "mount", { "/a:/b" }, "bind(/a on /b,0)" },
	{ "mount", { "rel/a:/b", "/c:/d:ro" }, "bind(rel/a on /b,0) bind(/c on /d,0,ro)" },
	{ "mount", { "/a:/b:optional,rw" }, "bind(/a on /b,0,optional)" },
	{ "mount", { "/a:/b:ro,optional" }, "bind(/a on /b,0,ro,optional)" },
	{ "mount", { "/dev/a:/b:optional,dev" }, "bind(/dev/a on /b,0,dev,optional)" },
	{ "mount", { "/a\\:b:/c\\:d" }, "bind(/a:b on /c:d,0)" },
	{ "mount", { "/..a" }, "bind(/..a on /..a,0)" },
	{ "mount_ro", { "/a" }, "bind(/a on /a,0,ro)" },
	{ "mount_ro", { "/a:/b:optional" }, "bind(/a on /b,0,ro,optional)" },
	{ "mount_overlay", { "/a" }, "overlay(/a on /a,0)" },
	{ "mount_overlay", { "/a:/b", "rel:/c:optional" }, "overlay(/a on /b,0) overlay(rel on /c,0,optional)" },
	{ "mount_overlay", { "/a:/b:ro", "/c:/d:ro,optional" }, "overlay(/a on /b,0,ro) overlay(/c on /d,0,ro,optional)" },
	{ "mount_overlay", { "/a\\:b:/c\\:d" }, "overlay(/a:b on /c:d,0)" },
	{ "tmpfs", { "/tmp" }, "tmpfs( on /tmp,0)" },
	{ "tmpfs", { "/tmp:mode=1777" }, "tmpfs( on /tmp,0,mode=1777)" },
	{ "tmpfs", { "/a:1M:mode=0,uid=5,gid=4294967294" }, "tmpfs( on /a,1048576,mode=0,5:4294967294)" },
	{ "tmpfs", { "/a:uid=7", "/b:gid=0,mode=0755" }, "tmpfs( on /a,0,7:0) tmpfs( on /b,0)" },
	{ "tmpfs", { "/a:uid=7,uid=8" }, "tmpfs( on /a,0,8:0)" },
	{ "tmpfs", { "/a=b", "/a=b:4K:gid=1" }, "tmpfs( on /a=b,0) tmpfs( on /a=b,4096,0:1)" },
	{ "tmpfs", { "/tmp:1M", "/run" }, "tmpfs( on /tmp,1048576) tmpfs( on /run,0)" },
	{ "tmpfs", { "/a\\:b:2" }, "tmpfs( on /a:b,2)" },
	{ "device", { "/dev/kvm" }, "device(/dev/kvm on /dev/kvm)" },
	{ "device", { "/dev/ttyUSB0:/dev/modem", "/x:/dev/y/z" }, "device(/dev/ttyUSB0 on /dev/modem) device(/x on /dev/y/z)" },
	{ "rlimit", { "nofile=1024" }, "rlimit7=7:1024:1024" },
	{ "rlimit", { "nofile=1:2", "core=0" }, "rlimit4=4:0:0 rlimit7=7:1:2" },
	{ "rlimit", { "as=5:unlimited" }, "rlimit9=9:5:18446744073709551615" },
	{ "rlimit", { "cpu=unlimited" }, "rlimit0=0:18446744073709551615:18446744073709551615" },
	{ "rlimit", { "fsize=18446744073709551614" }, "rlimit1=1:18446744073709551614:18446744073709551614" },
	{ "rlimit", { "data=1", "stack=2", "rss=3", "nproc=4" }, "rlimit2=2:1:1 rlimit3=3:2:2 rlimit5=5:3:3 rlimit6=6:4:4" },
	{ "rlimit",
	  { "memlock=1", "locks=2", "sigpending=3", "msgqueue=4" },
	  "rlimit8=8:1:1 rlimit10=10:2:2 rlimit11=11:3:3 rlimit12=12:4:4" },
	{ "rlimit", { "nice=1", "rtprio=2", "rttime=3" }, "rlimit13=13:1:1 rlimit14=14:2:2 rlimit15=15:3:3" },
	{ "gui", { "yes" }, "gui=1" },
	{ "gui", { "yes", "off" }, "" },
	{ "max_physical_memory", { "64M" }, "memory=67108864" },
	{ "max_physical_memory", { "64M", "1" }, "memory=1" },
	{ "max_memory", { "1G" }, "memory_swap=1073741824" },
	{ "max_memory", { "1234567" }, "memory_swap=1234567" },
	{ "memory_low", { "1K" }, "memory_low=1024" },
	{ "memory_low", { "1g", "3M" }, "memory_low=3145728" },
	{ "cpu_share", { "2" }, "cpu_share=2" },
	{ "cpu_share", { "512", "262144" }, "cpu_share=262144" },
	{ "cpus", { "0.01" }, "cpu_quota=1000" },
	{ "cpus", { "0.5" }, "cpu_quota=50000" },
	{ "cpus", { "1" }, "cpu_quota=100000" },
	{ "cpus", { "1.0" }, "cpu_quota=100000" },
	{ "cpus", { "1.25" }, "cpu_quota=125000" },
	{ "cpus", { "0.12345" }, "cpu_quota=12345" },
	{ "cpus", { "0.123456" }, "cpu_quota=12345" },
	{ "cpus", { "0.999999999999999999999999999999" }, "cpu_quota=99999" },
	{ "cpus", { "0001.5" }, "cpu_quota=150000" },
	{ "cpus", { "8191.99999" }, "cpu_quota=819199999" },
	{ "cpus", { "8192" }, "cpu_quota=819200000" },
	{ "cpus", { "8192.000001" }, "cpu_quota=819200000" },
	{ "cpus", { "2", "0.02" }, "cpu_quota=2000" },
	{ "cpuset", { "0" }, "cpuset=0" },
	{ "cpuset", { "0-2,5" }, "cpuset=0-2,5" },
	{ "cpuset", { "1", "3-3,0,8191" }, "cpuset=3-3,0,8191" },
	{ "cpuset_mems", { "0" }, "cpuset_mems=0" },
	{ "cpuset_mems", { "0-1", "0,2-3" }, "cpuset_mems=0,2-3" },
	{ "max_processes", { "1" }, "max_processes=1" },
	{ "max_processes", { "64", "4194304" }, "max_processes=4194304" },
	{ "iops_limit", { "8:0 100" }, "iops_limit=[8:0 100]" },
	{ "iops_limit", { "/dev/sda 1", "259:10 4294967295" }, "iops_limit=[/dev/sda 1][259:10 4294967295]" },
	{ "iops_limit", { "r:8:0 100", "w:/dev/sda 5" }, "iops_limit=[r:8:0 100][w:/dev/sda 5]" },
	{ "io_bw_limit", { "8:16 1M" }, "io_bw_limit=[8:16 1M]" },
	{ "io_bw_limit", { "/dev/disk/by-label/a:b 1", "0:0 2g" }, "io_bw_limit=[/dev/disk/by-label/a:b 1][0:0 2g]" },
	{ "io_bw_limit", { "w:8:0 1", "r:8:0 1K", "8:0 1" }, "io_bw_limit=[w:8:0 1][r:8:0 1K][8:0 1]" },
	{ "hugetlb", { "2M 64M" }, "hugetlb=[2M 64M]" },
	{ "hugetlb", { "1G 1g", "4096 1", "2m 3M" }, "hugetlb=[1G 1g][4096 1][2m 3M]" },
	{ "device_allow", { "none" }, "device_allow=[none]" },
	{ "device_allow", { "c 10:200 rw" }, "device_allow=[c 10:200 rw]" },
	{ "device_allow", { "a *:* rwm", "b 8:* r", "c *:1 m" }, "device_allow=[a *:* rwm][b 8:* r][c *:1 m]" },
	{ "device_allow", { "b 4095:0 wr" }, "device_allow=[b 4095:0 wr]" },
	{ "cgroup", { "auto" }, "" },
	{ "cgroup", { "yes" }, "cgroup=1" },
	{ "cgroup", { "yes", "no" }, "cgroup=2" },
	{ "cgroup", { "no", "auto" }, "" },
	{ "strict", { "yes" }, "strict=1" },
	{ "strict", { "yes", "no" }, "" },
	{ "net_classid", { "1" }, "net_classid=1" },
	{ "net_classid", { "4294967295" }, "net_classid=4294967295" },
	{ "net_classid", { "0x100001" }, "net_classid=1048577" },
	{ "net_classid", { "7", "0xFFFFffff" }, "net_classid=4294967295" },
	{ "oom_score_adj", { "0" }, "oom_set=1" },
	{ "oom_score_adj", { "-1000" }, "oom=-1000 oom_set=1" },
	{ "oom_score_adj", { "1000" }, "oom=1000 oom_set=1" },
	{ "cap_add", { "sys_admin" }, "cap_add=[sys_admin]" },
	{ "cap_add", { "CAP_CHOWN,all", "kill" }, "cap_add=[CAP_CHOWN][all][kill]" },
	{ "cap_drop", { "all" }, "cap_drop=[all]" },
	{ "cap_drop", { "net_raw,MKNOD" }, "cap_drop=[net_raw][MKNOD]" },
	{ "no_new_privs", { "no" }, "no_new_privs=0" },
	{ "cap_ambient", { "net_raw,MKNOD", "none" }, "cap_ambient=[net_raw][MKNOD][none]" },
	{ "no_new_privs", { "yes" }, "" },
	{ "privileged", { "yes" }, "privileged=1" },
	{ "privileged", { "yes", "no" }, "" },
	{ "landlock", { "r:/", "rwx:/a b" }, "landlock=[r:/][rwx:/a b]" },
	{ "landlock", { "xw:/a:optional", "x:/a\\:b" }, "landlock=[xw:/a:optional][x:/a\\:b]" },
	{ "landlock", { "tcp_bind:0", "tcp_connect:65535" }, "landlock=[tcp_bind:0][tcp_connect:65535]" },
	{ "landlock_scope", { "yes" }, "landlock_scope=1" },
	{ "landlock_scope", { "yes", "no" }, "landlock_scope=2" },
	{ "landlock_scope", { "no", "auto" }, "" },
	{ "seccomp", { "default" }, "seccomp=default" },
	{ "seccomp", { "off", "trace:a:b" }, "seccomp=trace:a:b" },
	{ "seccomp", { "web.policy" }, "seccomp=web.policy" },
	{ "init_script", { "setup.sh" }, "init_script=setup.sh" },
	{ "hook_init", { "/usr/bin/a b" }, "hook_init=/usr/bin/a b" },
	{ "hook_shutdown", { "/x" }, "hook_shutdown=/x" },
	{ "shutdown_hook", { "echo bye; sync" }, "shutdown_hook=echo bye; sync" },
	{ "stop_signal", { "INT" }, "stop_signal=2" },
	{ "stop_signal", { "SIGRTMIN+3" }, "stop_signal=37" },
	{ "stop_signal", { "9" }, "stop_signal=9" },
	{ "stop_timeout", { "0" }, "stop_timeout=0" },
	{ "stop_timeout", { "1500ms" }, "stop_timeout=1500" },
	{ "stop_timeout", { "2m" }, "stop_timeout=120000" },
	{ "log", { "none" }, "log=none" },
	{ "log", { "/var/log/a b" }, "log=/var/log/a b" },
	{ "log", { "none", "/none" }, "log=/none" },
	{ "log_size", { "16K" }, "log_size=16384" },
	{ "log_size", { "1G" }, "log_size=1073741824" },
	{ "log_size", { "16K", "1M" }, "" },
	{ "log_count", { "1" }, "log_count=1" },
	{ "log_count", { "1", "100" }, "log_count=100" },
	{ "log_count", { "1", "2" }, "" },
	{ "pid_file", { "/run/a b.pid" }, "pid_file=/run/a b.pid" },
	{ "keep", { "yes" }, "keep=1" },
	{ "keep", { "1", "0" }, "" },
};

#define NOT_A_NAME(x)      "'" x "' is not a name (a letter or digit, then letters, digits, '_', '.', '-'; at most 63)"
#define NOT_A_DURATION(x)  "'" x "' is not a duration such as 10s (ms, s, m, h; at most 1000 days)"
#define NOT_A_SIZE(x)      "'" x "' is not a size such as 64M (bytes, or K, M, G)"
#define NOT_A_LIMIT(x)     "'" x "' is not NAME=SOFT[:HARD] with a NAME such as nofile, nproc, core, as"
#define NOT_A_HOST(x)      "'" x "' is not a host name (letters, digits, '-', '.', at most 64)"
#define NOT_A_MOUNT(x)     "'" x "' is not SOURCE[:DEST[:OPTIONS]]"
#define NOT_AN_OVERLAY(x)  "'" x "' is neither tmpfs[:SIZE], persistent, image:FILE[:SIZE], none nor a directory with a slash"
#define NOT_AN_IMAGE(x)    "'image:" x "' is not image:FILE[:SIZE] with an absolute path"
#define NOT_AN_ID(x)       "'" x "' is neither a name nor a number"
#define NOT_A_VALUE(x)     "'" x "' is not a number from 0 to 18446744073709551614"
#define NOT_BELOW_DEV(x)   "'" x "' is not below /dev, the one place for devices in a container"
#define NOT_A_LIST(x)      "'" x "' is not a list of numbers such as 0-2,5"
#define NOT_A_MAP(v)       "'" v "' is not INSIDE:OUTSIDE[:COUNT] with ids from 0 to 4294967294"
#define NOT_AN_ID_FROM(x)  "'" x "' is not a number from 1 to 4294901759"
#define NOT_A_SHARE(x)     "'" x "' is not a number from 2 to 262144"
#define NOT_A_CLASS(x)     "'" x "' is not a number from 1 to 4294967295"
#define NOT_CPUS(x)        "'" x "' is not a number of processors from 0.01 to 8192, such as 0.5"
#define NOT_AN_IOPS(x)     "'" x "' is not [r:|w:]DEVICE N"
#define NOT_A_BANDWIDTH(x) "'" x "' is not [r:|w:]DEVICE SIZE"
#define NOT_HUGE(x)        "'" x "' is not PAGESIZE SIZE, such as 2M 64M"
#define NOT_A_PAGE(x)      "'" x "' is not the size of a page"
#define NOT_A_RULE(x)      "'" x "' is not none or {a|b|c} MAJOR:MINOR rwm, such as c 10:200 rw (* stands for any number)"
#define NOT_LANDLOCK(x) \
	"'" x "': this is not ACCESS:PATH[:optional] (ACCESS being some of rwx), tcp_bind:PORT or tcp_connect:PORT"
#define NOT_A_LOG_SIZE(x)  "'" x "' is not a size from 16K to 1G"
#define NOT_A_TMPFS(x)     "'" x "' is not DEST[:SIZE][:OPTIONS]"
#define NO_TMPFS_OPTION(x) "'" x "' is not an option of a tmpfs (mode=, uid=, gid=)"
#define NO_MOUNT_OPTION(x) "'" x "' is not an option of a mount (ro, rw, dev, idmap, optional)"
#define ROOT_MOUNT         "nothing can be mounted on the container's root: use root or lower"

static const struct {
	const char *key, *value, *message;
} bad[] = {
	{ "name", "", NOT_A_NAME("") },
	{ "name", "..", NOT_A_NAME("..") },
	{ "name", "../x", NOT_A_NAME("../x") },
	{ "name", "a/b", NOT_A_NAME("a/b") },
	{ "name", "-a", NOT_A_NAME("-a") },
	{ "name", ".a", NOT_A_NAME(".a") },
	{ "name", "_a", NOT_A_NAME("_a") },
	{ "name", "a b", NOT_A_NAME("a b") },
	{ "name", "a\n", NOT_A_NAME("a\n") },
	{ "name", "\xc3\xa9", NOT_A_NAME("\xc3\xa9") },
	{ "name", A64, NOT_A_NAME(A64) },
	{ "root", "", "the value is empty" },
	{ "lower", "", "'' has an empty directory" },
	{ "lower", "/a:", "'/a:' has an empty directory" },
	{ "lower", "/a::/b", "'/a::/b' has an empty directory" },
	{ "overlay", "", NOT_AN_OVERLAY("") },
	{ "overlay", "dir", NOT_AN_OVERLAY("dir") },
	{ "overlay", "TMPFS", NOT_AN_OVERLAY("TMPFS") },
	{ "overlay", "tmpfs:", NOT_A_SIZE("") },
	{ "overlay", "tmpfs:0", NOT_A_SIZE("0") },
	{ "overlay", "tmpfs:1T", NOT_A_SIZE("1T") },
	{ "overlay", "tmpfs:99999999999G", NOT_A_SIZE("99999999999G") },
	{ "overlay", "Persistent", NOT_AN_OVERLAY("Persistent") },
	{ "overlay", "persistent:x", NOT_AN_OVERLAY("persistent:x") },
	{ "overlay", "none:", NOT_AN_OVERLAY("none:") },
	{ "overlay", "image", NOT_AN_OVERLAY("image") },
	{ "overlay", "image:", NOT_AN_IMAGE("") },
	{ "overlay", "image:i", NOT_AN_IMAGE("i") },
	{ "overlay", "image:./i", NOT_AN_IMAGE("./i") },
	{ "overlay", "image::1M", NOT_AN_IMAGE(":1M") },
	{ "overlay", "image:/i:1M:x", NOT_AN_IMAGE("/i:1M:x") },
	{ "overlay", "image:/i:", NOT_A_SIZE("") },
	{ "overlay", "image:/i:0", NOT_A_SIZE("0") },
	{ "overlay", "image:/i:1T", NOT_A_SIZE("1T") },
	{ "upper", "", "the value is empty" },
	{ "work", "", "the value is empty" },
	{ "mountpoint", "", "'' is not an absolute path" },
	{ "mountpoint", "mnt", "'mnt' is not an absolute path" },
	{ "read_only", "", "'' is neither yes nor no" },
	{ "read_only", "2", "'2' is neither yes nor no" },
	{ "command", "", "the command is empty" },
	{ "command", " \t", "the command is empty" },
	{ "command", "a 'b", "'a 'b' has an open quote" },
	{ "init", "", "the value is empty" },
	{ "user", "", NOT_AN_ID("") },
	{ "user", "-1", NOT_AN_ID("-1") },
	{ "user", "+1", NOT_AN_ID("+1") },
	{ "user", "1x", NOT_AN_ID("1x") },
	{ "user", "0x0", NOT_AN_ID("0x0") },
	{ "user", " 1", NOT_AN_ID(" 1") },
	{ "user", "1 ", NOT_AN_ID("1 ") },
	{ "user", "1.0", NOT_AN_ID("1.0") },
	{ "user", "1$", NOT_AN_ID("1$") },
	{ "user", "$", NOT_AN_ID("$") },
	{ "user", "a$b", NOT_AN_ID("a$b") },
	{ "user", ".a", NOT_AN_ID(".a") },
	{ "user", "a/b", NOT_AN_ID("a/b") },
	{ "user", "\xc3\xa9", NOT_AN_ID("\xc3\xa9") },
	{ "user", A16 A16 "a", NOT_AN_ID(A16 A16 "a") },
	{ "user", "4294967295", "'4294967295' is not a number from 0 to 4294967294" },
	{ "user", "4294967296", "'4294967296' is not a number from 0 to 4294967294" },
	{ "user", "18446744073709551616", "'18446744073709551616' is not a number from 0 to 4294967294" },
	{ "user", "000000000000000000000000000000000", NOT_AN_ID("000000000000000000000000000000000") },
	{ "user", "a:", NOT_AN_ID("") },
	{ "user", "a:-1", NOT_AN_ID("-1") },
	{ "user", "a::b", NOT_AN_ID("") },
	{ "user", ":a", NOT_AN_ID("") },
	{ "groups", "", NOT_AN_ID("") },
	{ "groups", "1:2x", NOT_AN_ID("2x") },
	{ "groups", "4294967295", "'4294967295' is not a number from 0 to 4294967294" },
	{ "env", "", "'' is not NAME=VALUE" },
	{ "env", "A", "'A' is not NAME=VALUE" },
	{ "env", "=x", "'=x' is not NAME=VALUE" },
	{ "cwd", "", "'' is not an absolute path in the container" },
	{ "cwd", "a", "'a' is not an absolute path in the container" },
	{ "cwd", "/a/../b", "'/a/../b' has a '..'" },
	{ "cwd_make", "x", "'x' is neither yes nor no" },
	{ "umask", "", "'' is not an octal mode such as 0755" },
	{ "umask", "8", "'8' is not an octal mode such as 0755" },
	{ "umask", "-1", "'-1' is not an octal mode such as 0755" },
	{ "umask", "1000", "'1000' is not a umask from 0 to 0777" },
	{ "umask", "07777", "'07777' is not a umask from 0 to 0777" },
	{ "umask", "10000", "'10000' is not an octal mode such as 0755" },
	{ "tty", "", "'' is none of auto, yes, no" },
	{ "tty", "YES", "'YES' is none of auto, yes, no" },
	{ "stdin", "", "'' is neither yes nor no" },
	{ "stdin", "auto", "'auto' is neither yes nor no" },
	{ "namespaces", "", "the value is empty (none for the mount namespace alone)" },
	{ "namespaces", "x", "'x': 'x' is none of u p h t i n c (or all, none)" },
	{ "namespaces", "pU", "'pU': 'U' is none of u p h t i n c (or all, none)" },
	{ "namespaces", "p,u", "'p,u': ',' is none of u p h t i n c (or all, none)" },
	{ "id_map_start", "", NOT_AN_ID_FROM("") },
	{ "id_map_start", "0", NOT_AN_ID_FROM("0") },
	{ "id_map_start", "-1", NOT_AN_ID_FROM("-1") },
	{ "id_map_start", "1000x", NOT_AN_ID_FROM("1000x") },
	{ "id_map_start", "4294901760", NOT_AN_ID_FROM("4294901760") },
	{ "id_map_start", "4295967296", NOT_AN_ID_FROM("4295967296") },
	{ "userns", "", "'' is none of none, self, auto, map" },
	{ "userns", "host", "'host' is none of none, self, auto, map" },
	{ "uid_map", "", NOT_A_MAP("") },
	{ "uid_map", "0", NOT_A_MAP("0") },
	{ "uid_map", "0:", NOT_A_MAP("0:") },
	{ "uid_map", ":0", NOT_A_MAP(":0") },
	{ "uid_map", "0:1:2:3", NOT_A_MAP("0:1:2:3") },
	{ "uid_map", "0:1000:0", NOT_A_MAP("0:1000:0") },
	{ "uid_map", "0:1000x", NOT_A_MAP("0:1000x") },
	{ "uid_map", "-1:1000", NOT_A_MAP("-1:1000") },
	{ "uid_map", "0:4294967295", NOT_A_MAP("0:4294967295") },
	{ "uid_map", "4294967294:0:2", NOT_A_MAP("4294967294:0:2") },
	{ "uid_map", "0:4294967294:2", NOT_A_MAP("0:4294967294:2") },
	{ "uid_map", "0:1,", NOT_A_MAP("") },
	{ "gid_map", "root:0", NOT_A_MAP("root:0") },
	{ "net", "", "'' is none of host, none" },
	{ "net", "bridge", "'bridge' is none of host, none" },
	{ "hostname", "", NOT_A_HOST("") },
	{ "hostname", "a_b", NOT_A_HOST("a_b") },
	{ "hostname", "a b", NOT_A_HOST("a b") },
	{ "hostname", A64 "a", NOT_A_HOST(A64 "a") },
	{ "mount", "", NOT_A_MOUNT("") },
	{ "mount", ":", NOT_A_MOUNT(":") },
	{ "mount", "/a:", NOT_A_MOUNT("/a:") },
	{ "mount", ":/a", NOT_A_MOUNT(":/a") },
	{ "mount", "/a:/b:ro:x", NOT_A_MOUNT("/a:/b:ro:x") },
	{ "mount", "a", "'a' is not an absolute path in the container" },
	{ "mount", "/a:b", "'b' is not an absolute path in the container" },
	{ "mount", "/a:/b/../c", "'/b/../c' has a '..'" },
	{ "mount", "/a:/..", "'/..' has a '..'" },
	{ "mount", "/a/..", "'/a/..' has a '..'" },
	{ "mount", "/", ROOT_MOUNT },
	{ "mount", "/a:/", ROOT_MOUNT },
	{ "mount", "/a://./", ROOT_MOUNT },
	{ "mount", "/a:/b:", NO_MOUNT_OPTION("") },
	{ "mount", "/a:/b:RO", NO_MOUNT_OPTION("RO") },
	{ "mount", "/a:/b:ro,", NO_MOUNT_OPTION("") },
	{ "mount_ro", "", NOT_A_MOUNT("") },
	{ "mount_ro", "/a:/b:noexec", NO_MOUNT_OPTION("noexec") },
	{ "mount_ro", "/a:/..", "'/..' has a '..'" },
	{ "mount_overlay", "", NOT_A_MOUNT("") },
	{ "mount_overlay", "a", "'a' is not an absolute path in the container" },
	{ "mount_overlay", "/", ROOT_MOUNT },
	{ "mount_overlay", "/a:/..", "'/..' has a '..'" },
	{ "mount_overlay", "/a:/b:upper", NO_MOUNT_OPTION("upper") },
	{ "tmpfs", "", "'' is not an absolute path in the container" },
	{ "tmpfs", "tmp", "'tmp' is not an absolute path in the container" },
	{ "tmpfs", "/a/../b", "'/a/../b' has a '..'" },
	{ "tmpfs", "/", "'/' is the container's root" },
	{ "tmpfs", "/.", "'/.' is the container's root" },
	{ "tmpfs", "/:1M", "'/:1M' is the container's root" },
	{ "tmpfs", "/tmp:", NOT_A_SIZE("") },
	{ "tmpfs", "/tmp:0", NOT_A_SIZE("0") },
	{ "tmpfs", "/tmp:1M:x", NOT_A_TMPFS("/tmp:1M:x") },
	{ "tmpfs", "/tmp:1M:", NOT_A_TMPFS("/tmp:1M:") },
	{ "tmpfs", "/tmp:1M:2M:uid=0", NOT_A_TMPFS("/tmp:1M:2M:uid=0") },
	{ "tmpfs", "/tmp:uid=0:1M", NOT_A_TMPFS("/tmp:uid=0:1M") },
	{ "tmpfs", "/tmp::uid=0", NOT_A_SIZE("") },
	{ "tmpfs", "/tmp:noexec", NOT_A_SIZE("noexec") },
	{ "tmpfs", "/tmp:uid=0,noexec", NO_TMPFS_OPTION("noexec") },
	{ "tmpfs", "/tmp:uid=0,", NO_TMPFS_OPTION("") },
	{ "tmpfs", "/tmp:UID=0", NO_TMPFS_OPTION("UID=0") },
	{ "tmpfs", "/tmp:size=1M", NO_TMPFS_OPTION("size=1M") },
	{ "tmpfs", "/tmp:mode=", "'' is not an octal mode such as 0755" },
	{ "tmpfs", "/tmp:mode=8", "'8' is not an octal mode such as 0755" },
	{ "tmpfs", "/tmp:mode=10000", "'10000' is not an octal mode such as 0755" },
	{ "tmpfs", "/tmp:uid=root", "'root' is not a number from 0 to 4294967294" },
	{ "tmpfs", "/tmp:uid=", "'' is not a number from 0 to 4294967294" },
	{ "tmpfs", "/tmp:gid=-1", "'-1' is not a number from 0 to 4294967294" },
	{ "tmpfs", "/tmp:gid=4294967295", "'4294967295' is not a number from 0 to 4294967294" },
	{ "tmpfs", "/:uid=0", "'/:uid=0' is the container's root" },
	{ "tmpfs", ":1M", "'' is not an absolute path in the container" },
	{ "device", "", "'' is not DEVICE[:DEST] with absolute paths" },
	{ "device", "dev/x", "'dev/x' is not DEVICE[:DEST] with absolute paths" },
	{ "device", "/dev/a:/dev/b:rw", "'/dev/a:/dev/b:rw' is not DEVICE[:DEST] with absolute paths" },
	{ "device", "/dev/a:b", "'b' is not an absolute path in the container" },
	{ "device", "/dev/a:", "'' is not an absolute path in the container" },
	{ "device", "/dev/a:/dev/../etc/x", "'/dev/../etc/x' has a '..'" },
	{ "device", "/dev/a:/etc/x", NOT_BELOW_DEV("/etc/x") },
	{ "device", "/dev/a:/device", NOT_BELOW_DEV("/device") },
	{ "device", "/dev", NOT_BELOW_DEV("/dev") },
	{ "device", "/dev/", NOT_BELOW_DEV("/dev/") },
	{ "device", "/dev/a:/dev/.", NOT_BELOW_DEV("/dev/.") },
	{ "device", "/dev/a:/dev//./", NOT_BELOW_DEV("/dev//./") },
	{ "rlimit", "", NOT_A_LIMIT("") },
	{ "rlimit", "nofile", NOT_A_LIMIT("nofile") },
	{ "rlimit", "=5", NOT_A_LIMIT("=5") },
	{ "rlimit", "files=5", NOT_A_LIMIT("files=5") },
	{ "rlimit", "NOFILE=5", NOT_A_LIMIT("NOFILE=5") },
	{ "rlimit", "nofil=5", NOT_A_LIMIT("nofil=5") },
	{ "rlimit", "nofile=", NOT_A_VALUE("") },
	{ "rlimit", "nofile=5:", NOT_A_VALUE("") },
	{ "rlimit", "nofile=:5", NOT_A_VALUE("") },
	{ "rlimit", "nofile=-1", NOT_A_VALUE("-1") },
	{ "rlimit", "nofile=1K", NOT_A_VALUE("1K") },
	{ "rlimit", "nofile=18446744073709551615", NOT_A_VALUE("18446744073709551615") },
	{ "rlimit", "nofile=1:2:3", "'nofile=1:2:3' has more than a soft and a hard limit" },
	{ "rlimit", "nofile=2:1", "'nofile=2:1': the soft limit is above the hard one" },
	{ "rlimit", "core=unlimited:1", "'core=unlimited:1': the soft limit is above the hard one" },
	{ "gui", "", "'' is neither yes nor no" },
	{ "gui", "x11", "'x11' is neither yes nor no" },
	{ "max_physical_memory", "", NOT_A_SIZE("") },
	{ "max_physical_memory", "0", NOT_A_SIZE("0") },
	{ "max_physical_memory", "-1", NOT_A_SIZE("-1") },
	{ "max_physical_memory", "64MB", NOT_A_SIZE("64MB") },
	{ "max_memory", "", NOT_A_SIZE("") },
	{ "max_memory", "unlimited", NOT_A_SIZE("unlimited") },
	{ "max_memory", "17179869184G", NOT_A_SIZE("17179869184G") },
	{ "memory_low", "", NOT_A_SIZE("") },
	{ "memory_low", "0", NOT_A_SIZE("0") },
	{ "memory_low", "-5M", NOT_A_SIZE("-5M") },
	{ "memory_low", "1.5M", NOT_A_SIZE("1.5M") },
	{ "cpu_share", "", NOT_A_SHARE("") },
	{ "cpu_share", "0", NOT_A_SHARE("0") },
	{ "cpu_share", "1", NOT_A_SHARE("1") },
	{ "cpu_share", "262145", NOT_A_SHARE("262145") },
	{ "cpu_share", "50%", NOT_A_SHARE("50%") },
	{ "cpus", "", NOT_CPUS("") },
	{ "cpus", "0", NOT_CPUS("0") },
	{ "cpus", "0.0", NOT_CPUS("0.0") },
	{ "cpus", "0.005", NOT_CPUS("0.005") },
	{ "cpus", "0.00999999", NOT_CPUS("0.00999999") },
	{ "cpus", ".5", NOT_CPUS(".5") },
	{ "cpus", ".", NOT_CPUS(".") },
	{ "cpus", "1.", NOT_CPUS("1.") },
	{ "cpus", "1.2.3", NOT_CPUS("1.2.3") },
	{ "cpus", "1..2", NOT_CPUS("1..2") },
	{ "cpus", "-1", NOT_CPUS("-1") },
	{ "cpus", "-0.5", NOT_CPUS("-0.5") },
	{ "cpus", "+1", NOT_CPUS("+1") },
	{ "cpus", "1e3", NOT_CPUS("1e3") },
	{ "cpus", "1,5", NOT_CPUS("1,5") },
	{ "cpus", " 1", NOT_CPUS(" 1") },
	{ "cpus", "1 ", NOT_CPUS("1 ") },
	{ "cpus", "0x1", NOT_CPUS("0x1") },
	{ "cpus", "1/2", NOT_CPUS("1/2") },
	{ "cpus", "50%", NOT_CPUS("50%") },
	{ "cpus", "inf", NOT_CPUS("inf") },
	{ "cpus", "8192.00001", NOT_CPUS("8192.00001") },
	{ "cpus", "8193", NOT_CPUS("8193") },
	{ "cpus", "9999", NOT_CPUS("9999") },
	{ "cpus", "00001", NOT_CPUS("00001") },
	{ "cpus", "99999999999999999999", NOT_CPUS("99999999999999999999") },
	{ "cpuset", "", NOT_A_LIST("") },
	{ "cpuset", ",", NOT_A_LIST(",") },
	{ "cpuset", "1,", NOT_A_LIST("1,") },
	{ "cpuset", "-", NOT_A_LIST("-") },
	{ "cpuset", "-1", NOT_A_LIST("-1") },
	{ "cpuset", "1-", NOT_A_LIST("1-") },
	{ "cpuset", "2-1", NOT_A_LIST("2-1") },
	{ "cpuset", "1-2-3", NOT_A_LIST("1-2-3") },
	{ "cpuset", "1, 2", NOT_A_LIST("1, 2") },
	{ "cpuset", "1\\,2", NOT_A_LIST("1\\,2") },
	{ "cpuset", "1\\-2", NOT_A_LIST("1\\-2") },
	{ "cpuset", "0-31:1/2", NOT_A_LIST("0-31:1/2") },
	{ "cpuset", "8192", NOT_A_LIST("8192") },
	{ "cpuset", "1\n2", NOT_A_LIST("1\n2") },
	{ "cpuset_mems", "", NOT_A_LIST("") },
	{ "cpuset_mems", "all", NOT_A_LIST("all") },
	{ "cpuset_mems", "1-0", NOT_A_LIST("1-0") },
	{ "max_processes", "", "'' is not a number from 1 to 4194304" },
	{ "max_processes", "0", "'0' is not a number from 1 to 4194304" },
	{ "max_processes", "max", "'max' is not a number from 1 to 4194304" },
	{ "max_processes", "4194305", "'4194305' is not a number from 1 to 4194304" },
	{ "iops_limit", "", NOT_AN_IOPS("") },
	{ "iops_limit", "100", NOT_AN_IOPS("100") },
	{ "iops_limit", "8:0", NOT_AN_IOPS("8:0") },
	{ "iops_limit", "8 100", NOT_AN_IOPS("8 100") },
	{ "iops_limit", "8: 100", NOT_AN_IOPS("8: 100") },
	{ "iops_limit", ":0 100", NOT_AN_IOPS(":0 100") },
	{ "iops_limit", "8:0: 100", NOT_AN_IOPS("8:0: 100") },
	{ "iops_limit", "8:0x 100", NOT_AN_IOPS("8:0x 100") },
	{ "iops_limit", "8 :0 100", NOT_AN_IOPS("8 :0 100") },
	{ "iops_limit", "sda 100", NOT_AN_IOPS("sda 100") },
	{ "iops_limit", "/ 100", NOT_AN_IOPS("/ 100") },
	{ "iops_limit", "8:0\t100", NOT_AN_IOPS("8:0\t100") },
	{ "iops_limit", "r:", NOT_AN_IOPS("r:") },
	{ "iops_limit", "r: 5", NOT_AN_IOPS("r: 5") },
	{ "iops_limit", "r:8:0", NOT_AN_IOPS("r:8:0") },
	{ "iops_limit", "rw:8:0 5", NOT_AN_IOPS("rw:8:0 5") },
	{ "iops_limit", "r:w:8:0 5", NOT_AN_IOPS("r:w:8:0 5") },
	{ "iops_limit", "R:8:0 5", NOT_AN_IOPS("R:8:0 5") },
	{ "iops_limit", "x:8:0 5", NOT_AN_IOPS("x:8:0 5") },
	{ "iops_limit", "r 8:0 5", NOT_AN_IOPS("r 8:0 5") },
	{ "iops_limit", "r:sda 5", NOT_AN_IOPS("r:sda 5") },
	{ "iops_limit", "r:8:0 0", NOT_A_CLASS("0") },
	{ "iops_limit", "w:/dev/sda 1M", NOT_A_CLASS("1M") },
	{ "iops_limit", "8:0 ", NOT_A_CLASS("") },
	{ "iops_limit", "8:0 0", NOT_A_CLASS("0") },
	{ "iops_limit", "8:0  1", NOT_A_CLASS(" 1") },
	{ "iops_limit", "8:0 1 2", NOT_A_CLASS("1 2") },
	{ "iops_limit", "8:0 1K", NOT_A_CLASS("1K") },
	{ "iops_limit", "8:0 4294967296", NOT_A_CLASS("4294967296") },
	{ "io_bw_limit", "", NOT_A_BANDWIDTH("") },
	{ "io_bw_limit", "8:0", NOT_A_BANDWIDTH("8:0") },
	{ "io_bw_limit", "a/b 1M", NOT_A_BANDWIDTH("a/b 1M") },
	{ "io_bw_limit", "8:0 0", NOT_A_SIZE("0") },
	{ "io_bw_limit", "8:0 1Mb", NOT_A_SIZE("1Mb") },
	{ "io_bw_limit", "8:0 1M 2", NOT_A_SIZE("1M 2") },
	{ "io_bw_limit", "w:", NOT_A_BANDWIDTH("w:") },
	{ "io_bw_limit", "w: 1M", NOT_A_BANDWIDTH("w: 1M") },
	{ "io_bw_limit", "w:r:8:0 1M", NOT_A_BANDWIDTH("w:r:8:0 1M") },
	{ "io_bw_limit", "8:0:w 1M", NOT_A_BANDWIDTH("8:0:w 1M") },
	{ "hugetlb", "", NOT_HUGE("") },
	{ "hugetlb", "2M", NOT_HUGE("2M") },
	{ "hugetlb", "max", NOT_HUGE("max") },
	{ "hugetlb", "2M ", NOT_A_SIZE("") },
	{ "hugetlb", " 2M", NOT_A_SIZE("") },
	{ "hugetlb", "2M  2M", NOT_A_SIZE(" 2M") },
	{ "hugetlb", "2M 0", NOT_A_SIZE("0") },
	{ "hugetlb", "2M x", NOT_A_SIZE("x") },
	{ "hugetlb", "x 2M", NOT_A_SIZE("x") },
	{ "hugetlb", "2MB 4M", NOT_A_SIZE("2MB") },
	{ "hugetlb", "2M 4M 5", NOT_A_SIZE("4M 5") },
	{ "hugetlb", "3M 6M", NOT_A_PAGE("3M") },
	{ "hugetlb", "1 1", NOT_A_PAGE("1") },
	{ "hugetlb", "2K 4K", NOT_A_PAGE("2K") },
	{ "hugetlb", "4097 1M", NOT_A_PAGE("4097") },
	{ "device_allow", "", NOT_A_RULE("") },
	{ "device_allow", "a", NOT_A_RULE("a") },
	{ "device_allow", "c", NOT_A_RULE("c") },
	{ "device_allow", "all", NOT_A_RULE("all") },
	{ "device_allow", "None", NOT_A_RULE("None") },
	{ "device_allow", "none ", NOT_A_RULE("none ") },
	{ "device_allow", "x 1:3 r", NOT_A_RULE("x 1:3 r") },
	{ "device_allow", "C 1:3 r", NOT_A_RULE("C 1:3 r") },
	{ "device_allow", "bc 1:3 r", NOT_A_RULE("bc 1:3 r") },
	{ "device_allow", "c1:3 r", NOT_A_RULE("c1:3 r") },
	{ "device_allow", "c  1:3 r", NOT_A_RULE("c  1:3 r") },
	{ "device_allow", " c 1:3 r", NOT_A_RULE(" c 1:3 r") },
	{ "device_allow", "c 1 r", NOT_A_RULE("c 1 r") },
	{ "device_allow", "c : r", NOT_A_RULE("c : r") },
	{ "device_allow", "c 1: r", NOT_A_RULE("c 1: r") },
	{ "device_allow", "c :3 r", NOT_A_RULE("c :3 r") },
	{ "device_allow", "c 1:3", NOT_A_RULE("c 1:3") },
	{ "device_allow", "c 1:3 ", NOT_A_RULE("c 1:3 ") },
	{ "device_allow", "c 1:3 q", NOT_A_RULE("c 1:3 q") },
	{ "device_allow", "c 1:3 rwmr", NOT_A_RULE("c 1:3 rwmr") },
	{ "device_allow", "c 1:3 r ", NOT_A_RULE("c 1:3 r ") },
	{ "device_allow", "c 1:3  r", NOT_A_RULE("c 1:3  r") },
	{ "device_allow", "c 1:3:5 r", NOT_A_RULE("c 1:3:5 r") },
	{ "device_allow", "c -1:3 r", NOT_A_RULE("c -1:3 r") },
	{ "device_allow", "c 0x1:3 r", NOT_A_RULE("c 0x1:3 r") },
	{ "device_allow", "c **:3 r", NOT_A_RULE("c **:3 r") },
	{ "device_allow", "c 1*:3 r", NOT_A_RULE("c 1*:3 r") },
	{ "iops_limit", "4294967304:0 5", "'4294967304:0 5' is not [r:|w:]DEVICE N" },
	{ "io_bw_limit", "8:1048576 5", "'8:1048576 5' is not [r:|w:]DEVICE SIZE" },
	{ "device_allow", "c 4096:3 r", NOT_A_RULE("c 4096:3 r") },
	{ "device_allow", "c 1:1048576 r", NOT_A_RULE("c 1:1048576 r") },
	{ "device_allow", "c 1:3 *", NOT_A_RULE("c 1:3 *") },
	{ "cgroup", "", "'' is none of auto, yes, no" },
	{ "cgroup", "maybe", "'maybe' is none of auto, yes, no" },
	{ "strict", "", "'' is neither yes nor no" },
	{ "strict", "auto", "'auto' is neither yes nor no" },
	{ "net_classid", "", NOT_A_CLASS("") },
	{ "net_classid", "0", NOT_A_CLASS("0") },
	{ "net_classid", "1:1", NOT_A_CLASS("1:1") },
	{ "net_classid", "4294967296", NOT_A_CLASS("4294967296") },
	{ "net_classid", "0x", NOT_A_CLASS("0x") },
	{ "net_classid", "0x0", NOT_A_CLASS("0x0") },
	{ "net_classid", "0x1g", NOT_A_CLASS("0x1g") },
	{ "net_classid", "0x-1", NOT_A_CLASS("0x-1") },
	{ "net_classid", "0x100000000", NOT_A_CLASS("0x100000000") },
	{ "oom_score_adj", "", "'' is not a number from -1000 to 1000" },
	{ "oom_score_adj", "-1001", "'-1001' is not a number from -1000 to 1000" },
	{ "oom_score_adj", "1001", "'1001' is not a number from -1000 to 1000" },
	{ "oom_score_adj", "+5", "'+5' is not a number from -1000 to 1000" },
	{ "oom_score_adj", "5x", "'5x' is not a number from -1000 to 1000" },
	{ "cap_add", "", "'' is not the name of a capability" },
	{ "cap_add", "chown,", "'' is not the name of a capability" },
	{ "cap_add", "chown+ep", "'chown+ep' is not the name of a capability" },
	{ "cap_add", "kill,5", "'5' is not the name of a capability" },
	{ "cap_add", "sys_admin ", "'sys_admin ' is not the name of a capability" },
	{ "cap_drop", "", "'' is not the name of a capability" },
	{ "cap_drop", "all;kill", "'all;kill' is not the name of a capability" },
	{ "cap_ambient", "", "'' is not the name of a capability" },
	{ "cap_ambient", "kill,7", "'7' is not the name of a capability" },
	{ "no_new_privs", "", "'' is neither yes nor no" },
	{ "no_new_privs", "never", "'never' is neither yes nor no" },
	{ "privileged", "", "'' is neither yes nor no" },
	{ "privileged", "all", "'all' is neither yes nor no" },
	{ "landlock", "", NOT_LANDLOCK("") },
	{ "landlock", "r", NOT_LANDLOCK("r") },
	{ "landlock", "/a", NOT_LANDLOCK("/a") },
	{ "landlock", ":/a", NOT_LANDLOCK(":/a") },
	{ "landlock", "q:/a", NOT_LANDLOCK("q:/a") },
	{ "landlock", "R:/a", NOT_LANDLOCK("R:/a") },
	{ "landlock", "r,w:/a", NOT_LANDLOCK("r,w:/a") },
	{ "landlock", "r :/a", NOT_LANDLOCK("r :/a") },
	{ "landlock", "rwxr:/a", NOT_LANDLOCK("rwxr:/a") },
	{ "landlock", "r:/a:", NOT_LANDLOCK("r:/a:") },
	{ "landlock", "r:/a:ro", NOT_LANDLOCK("r:/a:ro") },
	{ "landlock", "r:/a:optional:optional", NOT_LANDLOCK("r:/a:optional:optional") },
	{ "landlock", "r:/a:b", NOT_LANDLOCK("r:/a:b") },
	{ "landlock", "r:", "'r:': '' is not an absolute path in the container" },
	{ "landlock", "r:a", "'r:a': 'a' is not an absolute path in the container" },
	{ "landlock", "r:optional", "'r:optional': 'optional' is not an absolute path in the container" },
	{ "landlock", "x:/a/../b", "'x:/a/../b': '/a/../b' has a '..'" },
	{ "landlock", "tcp_bind", NOT_LANDLOCK("tcp_bind") },
	{ "landlock", "tcp_listen:80", NOT_LANDLOCK("tcp_listen:80") },
	{ "landlock", "tcp_bind:80:optional", NOT_LANDLOCK("tcp_bind:80:optional") },
	{ "landlock", "tcp_bind:", "'tcp_bind:': '' is not a number from 0 to 65535" },
	{ "landlock", "tcp_bind:65536", "'tcp_bind:65536': '65536' is not a number from 0 to 65535" },
	{ "landlock", "tcp_connect:-1", "'tcp_connect:-1': '-1' is not a number from 0 to 65535" },
	{ "landlock", "tcp_connect:http", "'tcp_connect:http': 'http' is not a number from 0 to 65535" },
	{ "landlock_scope", "", "'' is none of auto, yes, no" },
	{ "landlock_scope", "on", "'on' is none of auto, yes, no" },
	{ "seccomp", "", "'' is none of default, off, trace, trace:FILE, or the FILE of a policy" },
	{ "seccomp", "trace:", "'trace:' is none of default, off, trace, trace:FILE, or the FILE of a policy" },
	{ "init_script", "", "the value is empty" },
	{ "hook_init", "", "'' is not an absolute path" },
	{ "hook_init", "a/b", "'a/b' is not an absolute path" },
	{ "hook_shutdown", "", "'' is not an absolute path" },
	{ "hook_shutdown", "./x", "'./x' is not an absolute path" },
	{ "shutdown_hook", "", "the value is empty" },
	{ "stop_signal", "", "'' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)" },
	{ "stop_signal", "0", "'0' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)" },
	{ "stop_signal", "65", "'65' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)" },
	{ "stop_signal", "TERMINATE", "'TERMINATE' is not a signal (1 to 64, or a name such as TERM or RTMIN+3)" },
	{ "stop_timeout", "", NOT_A_DURATION("") },
	{ "stop_timeout", "10x", NOT_A_DURATION("10x") },
	{ "stop_timeout", "-1", NOT_A_DURATION("-1") },
	{ "stop_timeout", "1001000h", NOT_A_DURATION("1001000h") },
	{ "log", "", "'' is neither none nor an absolute path" },
	{ "log", "a.log", "'a.log' is neither none nor an absolute path" },
	{ "log", "None", "'None' is neither none nor an absolute path" },
	{ "log_size", "", NOT_A_SIZE("") },
	{ "log_size", "0", NOT_A_SIZE("0") },
	{ "log_size", "16383", NOT_A_LOG_SIZE("16383") },
	{ "log_size", "1073741825", NOT_A_LOG_SIZE("1073741825") },
	{ "log_count", "", "'' is not a number from 1 to 100" },
	{ "log_count", "0", "'0' is not a number from 1 to 100" },
	{ "log_count", "101", "'101' is not a number from 1 to 100" },
	{ "pid_file", "", "'' is not an absolute path" },
	{ "pid_file", "a.pid", "'a.pid' is not an absolute path" },
	{ "keep", "", "'' is neither yes nor no" },
	{ "keep", "perhaps", "'perhaps' is neither yes nor no" },
};

enum { GOOD = sizeof(good) / sizeof(*good), BAD = sizeof(bad) / sizeof(*bad) };

/* --- the tests --------------------------------------------------------------------------------------------------- */

/* Set in to what the getters say of from. */
static int copy(struct spec *to, const struct spec *from, struct err *e)
{
	int result = 0;

	for (size_t k = 0; result == 0 && k < spec_nkeys; k++) {
		const struct opt *o = &spec_keys[k];
		struct words values = { 0 };

		/* Nobody having chosen them is a difference that setting them would undo. */
		if (o->set == spec_set_namespaces && !from->namespaces_set)
			continue;
		result = o->get(from, o, &values, e);
		for (size_t v = 0; result == 0 && v < values.n; v++)
			result = o->set(to, o, values.v[v], e);
		words_free(&values);
	}
	return result;
}

static void test_good(void)
{
	for (size_t i = 0; i < GOOD; i++) {
		const struct opt *o = opt_find(spec_keys, spec_nkeys, good[i].key);
		struct err e = { 0 };
		struct spec s, other;
		char title[300];
		int result = o ? 0 : err_set(&e, "there is no such key");

		spec_init(&s);
		for (size_t v = 0; result == 0 && v < 4 && good[i].values[v]; v++)
			result = o->set(&s, o, good[i].values[v], &e);
		snprintf(title, sizeof(title), "%s=%s", good[i].key, tap_quote(good[i].values[0]));
		SAME(result == 0 ? describe(&s) : e.text, good[i].left, title);
		spec_init(&other);
		if (result == 0)
			result = copy(&other, &s, &e);
		SAME(result == 0 ? describe(&other) : e.text, good[i].left, "  the same in a copy");
		spec_free(&other);
		spec_free(&s);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < BAD; i++) {
		const struct opt *o = opt_find(spec_keys, spec_nkeys, bad[i].key);
		struct err e = { 0 };
		struct spec s;
		char title[300];

		spec_init(&s);
		snprintf(title, sizeof(title), "refused: %s=%s", bad[i].key, tap_quote(bad[i].value));
		SAME(!o                                  ? "there is no such key" :
		     o->set(&s, o, bad[i].value, &e) < 0 ? e.text :
							   "accepted",
		     bad[i].message, title);
		spec_free(&s);
	}
}

/* A new row has to come with cases. */
static void test_covered(void)
{
	for (size_t k = 0; k < spec_nkeys; k++) {
		unsigned cases = 0, refused = 0;

		for (size_t i = 0; i < GOOD; i++)
			cases += !strcmp(good[i].key, spec_keys[k].name);
		for (size_t i = 0; i < BAD; i++)
			refused += !strcmp(bad[i].key, spec_keys[k].name);
		tap_ok(cases && refused, __LINE__, "%s has good and bad cases", spec_keys[k].name);
	}
}

/* What the parser, the help and the file reader take for granted of the table. */
static void test_table(void)
{
	bool sound = true, unique = true;

	for (size_t k = 0; k < spec_nkeys; k++) {
		const struct opt *o = &spec_keys[k];

		sound = sound && o->name && *o->name && o->set && o->get && o->help && *o->help &&
			o->offset < sizeof(struct spec) && !strchr(o->name, '-') && o->letter != 'h' && strlen(o->name) < 32 &&
			o->help[strlen(o->help) - 1] != '.' && (o->arg || o->set == opt_bool) &&
			!(k == 0 && o->flags & OPT_ALIAS) && strcmp(o->name, "help") != 0 && strcmp(o->name, "version") != 0;
		if (!sound) {
			printf("# %s\n", o->name);
			break;
		}
		for (size_t other = 0; other < k; other++)
			unique = unique && !str_same_name(o->name, spec_keys[other].name) &&
				 (!o->letter || o->letter != spec_keys[other].letter);
	}
	OK(sound, "every row is whole");
	OK(unique, "no name and no letter is there twice");
	OK(spec_nkeys <= 128, "the file reader has room for every key");
}

/* What `update` takes: no less than this, and no more. */
static void test_live(void)
{
	said_len = 0;
	say("%s", "");
	for (size_t k = 0; k < spec_nkeys; k++)
		if (spec_keys[k].flags & OPT_LIVE)
			say(" %s", spec_keys[k].name);
	SAME(said,
	     " max_physical_memory max_memory memory_low cpu_share cpus cpuset cpuset_mems max_processes iops_limit io_bw_limit"
	     " hugetlb",
	     "a running container takes these");
}

static void test_defaults(void)
{
	struct spec s;

	spec_init(&s);
	SAME(describe(&s), "", "the defaults");
	OK(s.umask == 022 && s.no_new_privs && s.namespaces == NS_DEFAULT && s.stop_signal == 15 &&
		   s.stop_timeout_ms == 10000 && s.tty == SWITCH_AUTO && s.net == NET_UNSET && s.userns == USERNS_UNSET &&
		   !s.id_map_start && s.log_size_bytes == 1048576 && s.log_count == 2,
	   "are those of the documentation");
	spec_free(&s);
	spec_free(&s);
	OK(!s.nmounts && !s.name, "a spec can be freed twice");
}

int main(void)
{
	test_good();
	test_bad();
	test_covered();
	test_table();
	test_live();
	test_defaults();
	return tap_done();
}
