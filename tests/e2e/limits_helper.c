/* SPDX-License-Identifier: Zlib
 * What tests/e2e/limits*.t need beyond a shell: programs that use up what can be limited and say how far they came, most of them
 * inside a container, and what observes them from outside. Usage: limits_helper WHAT [ARGUMENT...]; the comment of each function
 * says of what. Where no limit stops them they do no harm: each has a bound of its own, and an alarm. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/loop.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIFE_S = 120, MAX_MIB = 512, MAX_TASKS = 300, MAX_PAGES = 64, PORT = 9999 };

static const char *errno_name(int num)
{
	static const struct {
		int num;
		const char *name;
	} names[] = { { 0, "ok" },          { EACCES, "EACCES" }, { EAGAIN, "EAGAIN" },
		      { ENODEV, "ENODEV" }, { ENOENT, "ENOENT" }, { ENOMEM, "ENOMEM" },
		      { ENXIO, "ENXIO" },   { EPERM, "EPERM" },   { EROFS, "EROFS" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].num == num)
			return names[i].name;
	return strerror(num);
}

static int broken(const char *what)
{
	fprintf(stderr, "limits_helper: %s: %s\n", what, strerror(errno));
	return 1;
}

static double clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static void nap(void)
{
	const struct timespec t = { 0, 1000000 };

	nanosleep(&t, NULL);
}

static int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* --- where a limit can be set, found without cagebox ---------------------------------------------------------------- */

/* Whether words, divided by blanks or commas, have word. */
static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p; p += strspn(p, ", \n")) {
		size_t n = strcspn(p, ", \n");

		if (n == len && !strncmp(p, word, len))
			return true;
		p += n;
	}
	return false;
}

/* The path of our own cgroup in v2 (controller NULL) or in the v1 hierarchy of a controller: cgroups(7). */
static bool own_cgroup(const char *controller, char own[4096])
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4200], list[100];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		*list = 0;
		found = sscanf(line, "%*d:%99[^:]:%4095[^\n]", list, own) == 2 && controller && has_word(list, controller);
		if (!found && !controller)
			found = sscanf(line, "%*d::%4095[^\n]", own) == 1;
	}
	if (f)
		fclose(f);
	return found;
}

static bool v2_has(const char *dir, const char *controller)
{
	char path[8300], words[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(words, sizeof(words), f))
		*words = 0;
	fclose(f);
	return has_word(words, controller);
}

/* base CONTROLLER: print "v1 DIR" or "v2 DIR", our own cgroup in the hierarchy that has the controller; fail if none has. The
 * controller any is v2 as such, for what BPF programs do there. */
static int base(char **argv)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	const char *v2_name = strcmp(argv[0], "blkio") != 0 ? argv[0] : "io";
	char line[8192], point[4096], type[32], options[256], own[4096], dir[8200];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		char *dash = strstr(line, " - ");
		bool v2;

		if (!dash || sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 ||
		    sscanf(dash, " - %31s %*s %255s", type, options) != 2)
			continue;
		v2 = !strcmp(type, "cgroup2");
		if (!v2 && (strcmp(type, "cgroup") != 0 || !has_word(options, argv[0])))
			continue;
		if (!own_cgroup(v2 ? NULL : argv[0], own))
			continue;
		snprintf(dir, sizeof(dir), "%s%s", point, own[1] ? own : "");
		found = !v2 || !strcmp(argv[0], "any") || v2_has(dir, v2_name);
		if (found)
			printf("%s %s\n", v2 ? "v2" : "v1", dir);
	}
	if (f)
		fclose(f);
	return !found;
}

/* --- memory ----------------------------------------------------------------------------------------------------------- */

/* alloc MIB [hold]: use so much memory, MiB by MiB; print the number after each. hold: keep it until killed. */
static int use_memory(char **argv)
{
	const size_t mib = 1 << 20;
	int count = smaller(atoi(argv[0]), MAX_MIB);

	for (int i = 1; i <= count; i++) {
		void *p = mmap(NULL, mib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			return broken("mmap");
		memset(p, i, mib);
		printf("%d\n", i);
		fflush(stdout);
	}
	while (argv[1])
		pause();
	return 0;
}

static sigjmp_buf no_page;

static void on_bus(int signal)
{
	(void)signal;
	siglongjmp(no_page, 1);
}

/* huge COUNT BYTES: use so many huge pages of that size, each mapped for itself. Print how many there were, and what ended it:
 * the kernel refuses one when it is mapped (ENOMEM), or when it is touched (SIGBUS). */
static int use_huge(char **argv)
{
	int count = smaller(atoi(argv[0]), MAX_PAGES);
	size_t size = strtoul(argv[1], NULL, 10);
	volatile int got = 0;

	signal(SIGBUS, on_bus);
	if (sigsetjmp(no_page, 1)) {
		printf("%d SIGBUS\n", got);
		return 0;
	}
	for (; got < count; got++) {
		char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

		if (p == MAP_FAILED) {
			printf("%d %s\n", got, errno_name(errno));
			return 0;
		}
		*p = 1;
	}
	printf("%d all\n", got);
	return 0;
}

static int run_command(char **argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return broken("run");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static long pages_of(const char *file, long set)
{
	FILE *f = fopen(file, set < 0 ? "re" : "r+e");
	long n = -1;

	if (!f)
		return -1;
	if (set >= 0) {
		fprintf(f, "%ld\n", set);
		fflush(f);
		rewind(f);
	}
	if (fscanf(f, "%ld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* pages COUNT BYTES COMMAND...: run it while the machine has that many more huge pages of that size; 77 if it cannot have them.
 * The number is the whole machine's, so it is put back whatever happens to the command, and when TERM, INT or HUP come. */
static int with_pages(char **argv)
{
	char file[128];
	long before, more = strtol(argv[0], NULL, 10);
	int result = 77;

	alarm(0);
	snprintf(file, sizeof(file), "/sys/kernel/mm/hugepages/hugepages-%lukB/nr_hugepages",
		 strtoul(argv[1], NULL, 10) / 1024);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	before = pages_of(file, -1);
	if (before < 0)
		return 77;
	if (pages_of(file, before + more) == before + more)
		result = run_command(argv + 2);
	if (pages_of(file, before) != before)
		return broken("put back the number of huge pages");
	return result;
}

/* --- processes --------------------------------------------------------------------------------------------------------- */

/* Counted before each fork and taken back if that fails: ended = made + 1 only when the last one has stopped forking. */
struct bomb {
	atomic_int made, ended, refused;
};

static void explode(struct bomb *b, int most)
{
	for (;;) {
		pid_t pid;

		if (atomic_fetch_add(&b->made, 1) >= most)
			break;
		pid = fork();
		if (pid < 0) {
			atomic_store(&b->refused, errno);
			break;
		}
		if (pid == 0)
			alarm(LIFE_S / 2);
	}
	atomic_fetch_sub(&b->made, 1);
	atomic_fetch_add(&b->ended, 1);
}

/* forks MOST: a fork bomb, in which all fork until none can; but MOST at most. Print how many there were besides the first, and
 * why it stopped. */
static int use_processes(char **argv)
{
	struct bomb *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t first = getpid();

	if (b == MAP_FAILED || (setpgid(0, 0) < 0 && errno != EPERM))
		return broken("fork bomb");
	explode(b, smaller(atoi(argv[0]), MAX_TASKS));
	while (getpid() != first)
		pause();
	while (atomic_load(&b->ended) <= atomic_load(&b->made))
		nap();
	printf("%d %s\n", atomic_load(&b->made), errno_name(atomic_load(&b->refused)));
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		continue;
	return 0;
}

static void *idle(void *data)
{
	while (pause() < 0)
		continue;
	return data;
}

/* threads MOST: start threads until no more can be, but MOST at most. Print how many there were besides the first, and why not
 * more. */
static int use_threads(char **argv)
{
	int most = smaller(atoi(argv[0]), MAX_TASKS), made = 0, num = 0;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	while (made < most && !num) {
		num = pthread_create(&thread, &attr, idle, NULL);
		made += !num;
	}
	printf("%d %s\n", made, errno_name(num));
	return 0;
}

/* --- processors -------------------------------------------------------------------------------------------------------- */

/* clock: print the milliseconds of the clock that spin goes by. */
static int print_clock(char **argv)
{
	(void)argv;
	printf("%.0f\n", clock_ms(CLOCK_MONOTONIC));
	return 0;
}

/* spin READY GO MS [CPU]: on that processor, make the file READY, wait for the file GO, which has the time from which to measure; spin from then on, and a
 * little longer than MS after that time, so that several who are measured at the same time all spin as long as any is. Print the
 * processor time used in these MS, and how long they were. */
static int use_processor(char **argv)
{
	double from = 0, to, cpu = -1, started = 0, now;
	cpu_set_t set;
	FILE *f;

	CPU_ZERO(&set);
	if (argv[3])
		CPU_SET((size_t)atoi(argv[3]), &set);
	if (argv[3] && sched_setaffinity(0, sizeof(set), &set) < 0)
		return broken("sched_setaffinity");
	close(open(argv[0], O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	while (!(f = fopen(argv[1], "re")))
		nap();
	if (fscanf(f, "%lf", &from) != 1)
		return broken(argv[1]);
	to = from + smaller(atoi(argv[2]), 20000);
	while ((now = clock_ms(CLOCK_MONOTONIC)) < to)
		if (cpu < 0 && now >= from) {
			cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
			started = now;
		}
	cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	printf("%.0f %.0f\n", cpu, now - started);
	fflush(stdout);
	while (clock_ms(CLOCK_MONOTONIC) < to + 500)
		continue;
	return 0;
}

/* affinity: print the processors that we may run on, divided by commas. */
static int print_affinity(char **argv)
{
	cpu_set_t set;
	const char *comma = "";

	(void)argv;
	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return broken("sched_getaffinity");
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &set)) {
			printf("%s%d", comma, i);
			comma = ",";
		}
	puts("");
	return 0;
}

/* --- devices ----------------------------------------------------------------------------------------------------------- */

/* loop FILE [part]: attach it to a free loop device, print that one's path, keep it until killed; then the kernel detaches it.
 * part: with a partition, the path with p1. */
static int hold_loop(char **argv)
{
	struct loop_config config = { .info.lo_flags = LO_FLAGS_AUTOCLEAR };
	struct blkpg_partition part = { .start = 1 << 20, .length = 1 << 20, .pno = 1 };
	struct blkpg_ioctl_arg arg = { .op = BLKPG_ADD_PARTITION, .datalen = sizeof(part), .data = &part };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), device = -1;
	char path[32];

	config.fd = (unsigned)open(argv[0], O_RDWR | O_CLOEXEC);
	if (argv[1])
		config.info.lo_flags |= LO_FLAGS_PARTSCAN;
	/* Somebody else may take the free one before us. */
	for (int tries = 0; tries < 20; tries++) {
		int n = ioctl(control, LOOP_CTL_GET_FREE);

		if (n < 0)
			return broken("find a loop device");
		snprintf(path, sizeof(path), "/dev/loop%d", n);
		device = open(path, O_RDWR | O_CLOEXEC);
		if (device >= 0 && ioctl(device, LOOP_CONFIGURE, &config) == 0)
			break;
		if (errno != EBUSY)
			return broken(path);
		close(device);
		device = -1;
	}
	if (device < 0 || (argv[1] && ioctl(device, BLKPG, &arg) < 0))
		return broken("attach a loop device");
	puts(path);
	fflush(stdout);
	alarm(3 * LIFE_S);
	while (pause() < 0)
		continue;
	return 0;
}

/* io r|w DEVICE BYTES MS: read or write so many bytes at a time, around the kernel's cache. Print bytes and operations a second,
 * over MS after a first second: throttling goes by slices, and what was saved up in the first one passes at once. */
static int use_device(char **argv)
{
	bool write = *argv[0] == 'w';
	int fd = open(argv[1], (write ? O_WRONLY : O_RDONLY) | O_DIRECT | O_CLOEXEC);
	size_t size = strtoul(argv[2], NULL, 10);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END), at = 0;
	double begin = clock_ms(CLOCK_MONOTONIC), first = 0, now = begin;
	int ops = 0, ms = smaller(atoi(argv[3]), 20000);
	void *buf;

	if (fd < 0)
		return broken(argv[1]);
	if (posix_memalign(&buf, 4096, size) != 0)
		return 1;
	memset(buf, 0, size);
	while (now < begin + 1000 + ms) {
		if ((write ? pwrite(fd, buf, size, at) : pread(fd, buf, size, at)) != (ssize_t)size)
			return broken(argv[1]);
		at = at + 2 * (off_t)size > end ? 0 : at + (off_t)size;
		now = clock_ms(CLOCK_MONOTONIC);
		if (first > 0)
			ops++;
		else if (now >= begin + 1000)
			first = now;
	}
	printf("%.0f %.1f\n", ops * (double)size / (now - first) * 1000, ops / (now - first) * 1000);
	return 0;
}

/* read DEVICE BYTES COUNT: read so many times, around the kernel's cache. */
static int read_device(char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_DIRECT | O_CLOEXEC);
	size_t size = strtoul(argv[1], NULL, 10);
	void *buf;

	if (fd < 0 || posix_memalign(&buf, 4096, size) != 0)
		return broken(argv[0]);
	for (int i = smaller(atoi(argv[2]), 4096); i > 0; i--)
		if (read(fd, buf, size) != (ssize_t)size)
			return broken(argv[0]);
	return 0;
}

/* open r|w|rw PATH...: print for each what opening it gives, ok or the error. */
static int open_files(char **argv)
{
	int flags = strcmp(argv[0], "rw") == 0 ? O_RDWR : *argv[0] == 'w' ? O_WRONLY : O_RDONLY;

	for (argv++; *argv; argv++) {
		int fd = open(*argv, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		puts(fd < 0 ? errno_name(errno) : "ok");
		if (fd >= 0)
			close(fd);
	}
	return 0;
}

/* node PATH c|b MAJOR MINOR: print what making that device gives. */
static int make_node(char **argv)
{
	dev_t number = (dev_t)(((unsigned)atoi(argv[2]) << 8) | (unsigned)atoi(argv[3]));

	puts(errno_name(mknod(argv[0], (*argv[1] == 'b' ? S_IFBLK : S_IFCHR) | 0600, number) < 0 ? errno : 0));
	return 0;
}

/* pty: open a pseudoterminal, both ends, and send something through. */
static int use_pty(char **argv)
{
	int outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), inner;
	char c = 0;

	(void)argv;
	if (outer < 0 || grantpt(outer) < 0 || unlockpt(outer) < 0)
		return broken("the outer end");
	inner = open(ptsname(outer), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (inner < 0 || write(inner, "x", 1) != 1 || read(outer, &c, 1) != 1)
		return broken("the inner end");
	puts(c == 'x' ? "ok" : "garbage");
	return 0;
}

/* --- packets ----------------------------------------------------------------------------------------------------------- */

/* send: packets to a port of this machine, by UDP on IPv4, TCP on IPv4 (nobody listens), and UDP on IPv6 where there is such. */
static int send_packets(char **argv)
{
	const struct sockaddr_in v4 = { .sin_family = AF_INET,
					.sin_port = htons(PORT),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
					 .sin6_port = htons(PORT),
					 .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int udp6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)argv;
	if (sendto(udp, "x", 1, 0, (const struct sockaddr *)&v4, sizeof(v4)) != 1)
		return broken("send by UDP");
	if (connect(tcp, (const struct sockaddr *)&v4, sizeof(v4)) < 0 && errno != ECONNREFUSED)
		return broken("send by TCP");
	if (udp6 >= 0 && sendto(udp6, "x", 1, 0, (const struct sockaddr *)&v6, sizeof(v6)) != 1 && errno != EADDRNOTAVAIL)
		return broken("send by IPv6");
	return 0;
}

static int raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

	result = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return result;
}

/* A socket that sees the packets with that mark, or all of them. */
static int listen_packets(bool all, uint32_t mark)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mark, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = { sizeof(code) / sizeof(*code), code };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr_ll from = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = 1 };

	if (fd < 0 || (!all && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0) ||
	    bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0)
		return -1;
	return fd;
}

/* How many of the packets went out to our port, by TCP or UDP. */
static int count_packets(int fd)
{
	int count = 0;

	for (;;) {
		unsigned char p[128] = { 0 };
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, p, sizeof(p), 0, (struct sockaddr *)&from, &size);
		bool v6 = p[0] >> 4 == 6;
		size_t head = v6 ? 40 : (p[0] & 15U) * 4;
		unsigned char protocol = p[v6 ? 6 : 9];

		if (n < 0)
			return count;
		if (from.sll_pkttype == PACKET_OUTGOING && (size_t)n >= head + 4 &&
		    (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) && (p[head + 2] << 8 | p[head + 3]) == PORT)
			count++;
	}
}

/* packets MARK COMMAND...: run it in a network of its own with nothing but a loopback; print how many packets were sent to the
 * port of `send` in it, and how many of them carry the mark. Returns what the command does. */
static int watch_packets(char **argv)
{
	int all, marked, result;

	if (unshare(CLONE_NEWNET) < 0 || raise_loopback() < 0)
		return broken("a network of our own");
	all = listen_packets(true, 0);
	marked = listen_packets(false, (uint32_t)strtoul(argv[0], NULL, 0));
	if (all < 0 || marked < 0)
		return broken("listen to packets");
	result = run_command(argv + 1);
	printf("%d packets, %d marked\n", count_packets(all), count_packets(marked));
	return result;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(char **);
		int args;
	} all[] = {
		{ "base", base, 1 },         { "alloc", use_memory, 1 },      { "huge", use_huge, 2 },
		{ "pages", with_pages, 3 },  { "forks", use_processes, 1 },   { "threads", use_threads, 1 },
		{ "clock", print_clock, 0 }, { "spin", use_processor, 3 },    { "affinity", print_affinity, 0 },
		{ "loop", hold_loop, 1 },    { "io", use_device, 4 },         { "read", read_device, 3 },
		{ "open", open_files, 2 },   { "node", make_node, 4 },        { "pty", use_pty, 0 },
		{ "send", send_packets, 0 }, { "packets", watch_packets, 2 },
	};

	alarm(LIFE_S);
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(*all); i++)
		if (!strcmp(all[i].name, argv[1]) && argc - 2 >= all[i].args)
			return all[i].run(argv + 2);
	fprintf(stderr, "limits_helper: bad usage\n");
	return 2;
}
