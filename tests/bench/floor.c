/* SPDX-License-Identifier: Zlib
 * The floor: the least program that runs a command in new namespaces on a root of its own. One clone3, private propagation, a
 * bind of the root, pivot_root, the old root gone, proc, exec, wait; no check, no message, no clean-up that the kernel does not do.
 * Its exit status tells which step failed.
 * floor LETTERS ROOT COMMAND [ARGUMENT...]: LETTERS as for cagebox run --namespaces, of p h i c n (mount is always there). */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int inside(const char *root, char **argv)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 101;
	if (mount(root, root, NULL, MS_BIND, NULL) < 0)
		return 102;
	if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return 103;
	if (umount2(".", MNT_DETACH) < 0)
		return 104;
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return 105;
	execv(argv[0], argv);
	return 106;
}

int main(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_NEWNS, .exit_signal = SIGCHLD };
	static const struct {
		char letter;
		uint64_t flag;
	} all[] = { { 'p', CLONE_NEWPID },
		    { 'h', CLONE_NEWUTS },
		    { 'i', CLONE_NEWIPC },
		    { 'c', CLONE_NEWCGROUP },
		    { 'n', CLONE_NEWNET } };
	int status;
	pid_t child;

	if (argc < 4)
		return 100;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (strchr(argv[1], all[i].letter))
			args.flags |= all[i].flag;
	child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(inside(argv[2], argv + 3));
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 107;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
