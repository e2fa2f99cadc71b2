/* SPDX-License-Identifier: Zlib
 * What the first process of a machine has to mount. Host side. */
#include "box/machine.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/cgroup.h"
#include "sys/kernel.h"

enum { PLAIN = MS_NOSUID | MS_NODEV | MS_NOEXEC };

/* Of the first pid namespace, whose inode is a constant of the kernel: PROC_PID_INIT_INO. */
static bool is_first(void)
{
	const ino_t first = 0xeffffffc;
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == first;
}

static int mount_missing(const char *type, const char *place, const char *sign, struct err *e)
{
	if (access(sign, F_OK) == 0)
		return 0;
	if (mkdir(place, 0755) < 0 && errno != EEXIST)
		return err_sys(e, "make %s", place);
	return sys_mount(type, place, type, PLAIN, NULL) < 0 ? err_sys(e, "mount %s", place) : 0;
}

int machine_mount(struct err *e)
{
	/* Where there is no /proc to ask, this is no container of anybody's: they all have one. */
	bool bare = getpid() == 1 && access("/proc/self", F_OK) < 0;

	if (getpid() != 1 || (!bare && !is_first()))
		return 0;
	if (mount_missing("proc", "/proc", "/proc/self", e) < 0)
		return bare && e->num == EPERM ? 0 : -1;
	if (!is_first())
		return 0;
	return mount_missing("sysfs", "/sys", "/sys/kernel", e) < 0 ? -1 : cgroup_mount(e);
}
