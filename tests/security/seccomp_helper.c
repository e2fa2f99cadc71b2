/* SPDX-License-Identifier: Zlib
 * What a program would try: seccomp_helper COMMAND...
 *   call NUMBER [ARGUMENT...]    make a system call and print what it gives, or the name of the error
 *   call32 NUMBER [ARGUMENT...]  the same by the way of 32-bit programs
 *   threads                      threads and processes as libc makes them */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Text is an argument too, where 32-bit programs can point to. */
static char low[64];

static long number(const char *text)
{
	if (*text != '/')
		return (long)strtoull(text, NULL, 0);
	strncpy(low, text, sizeof(low) - 1);
	return (long)low;
}

static long call32(long nr, const long *a)
{
	long result = -ENOSYS;

#ifdef __x86_64__
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
			 : "memory", "r8", "r9", "r10", "r11");
	result = (int)result;
#else
	(void)nr, (void)a;
#endif
	return result;
}

static void show(long result)
{
	if (result >= 0)
		printf("%ld\n", result);
	else
		printf("%s\n", strerrorname_np((int)-result));
}

static void *thread(void *argument)
{
	return argument;
}

static int threads(void)
{
	pthread_t t;
	void *result;
	int status;
	pid_t pid;

	if (pthread_create(&t, NULL, thread, &t) || pthread_join(t, &result) || result != &t)
		return 1;
	pid = fork();
	if (pid == 0)
		_exit(9);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != 9)
		return 2;
	return system("exit 5") == 5 << 8 ? 0 : 3;
}

int main(int argc, char **argv)
{
	long a[6] = { 0 };

	if (argc > 1 && !strcmp(argv[1], "threads"))
		return threads();
	for (int i = 3; i < argc && i < 9; i++)
		a[i - 3] = number(argv[i]);
	if (argc > 2 && !strcmp(argv[1], "call32")) {
		show(call32(number(argv[2]), a));
	} else if (argc > 2 && !strcmp(argv[1], "call")) {
		long result = syscall(number(argv[2]), a[0], a[1], a[2], a[3], a[4], a[5]);

		show(result < 0 ? -errno : result);
	} else {
		return 99;
	}
	return 0;
}
