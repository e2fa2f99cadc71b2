/* SPDX-License-Identifier: Zlib
 * Parsing policies (sys/seccomp_policy.h): what is understood, and what is said of what is not. Prints TAP. */
#include "sys/seccomp_policy.h"

#include "bpf.h"
#include "sys/seccomp.h"
#include "tap.h"

/* The files that policies include. */
static char *read_file(const char *path, struct err *e)
{
	static const struct {
		const char *path, *text;
	} files[] = { { "/p/more", "write: 1\n" },
		      { "/p/bad", "write: 1\nwrote: 1\n" },
		      { "/p/self", "@include self\n" },
		      { "/abs", "close: return EIO" } };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (!strcmp(path, files[i].path))
			return strdup(files[i].text);
	err_set(e, "no file %s", path);
	return NULL;
}

/* What a policy makes of read(1, 2, 3 ...), write, close, open, ioctl; or the error. */
static const char *parse(const char *text, uint64_t caps)
{
	static const char *const calls[] = { "read", "write", "close", "execve", "ioctl" };
	static char said[300];
	struct seccomp_policy p;
	struct err e = { 0 };
	size_t used = 0;

	if (seccomp_policy_init(&p, &seccomp_table, caps, &e) < 0)
		return "no memory";
	*said = 0;
	if (seccomp_parse(&p, "/p/file", text, read_file, &e) < 0)
		snprintf(said, sizeof(said), "%s", e.text);
	for (size_t i = 0; !*e.text && i < sizeof(calls) / sizeof(*calls); i++) {
		const uint64_t args[6] = { 1, 2, 3, 4, 5, 6 };
		uint32_t action = naive_rule(&p, (size_t)seccomp_find(&seccomp_table, calls[i]), SECCOMP_NATIVE, args);

		if (action == SECCOMP_RET_KILL_PROCESS)
			continue;
		used += (size_t)snprintf(said + used, sizeof(said) - used, "%s%s", *said ? " " : "", calls[i]);
		if (action != SECCOMP_RET_ALLOW)
			used += (size_t)snprintf(said + used, sizeof(said) - used, "=%x", action);
	}
	seccomp_policy_free(&p);
	return said;
}

static const struct {
	const char *text, *wanted;
} good[] = {
	{ "", "" },
	{ "# a comment\n\n   \n\t# another", "" },
	{ "read: 1", "read" },
	{ "read: allow\nwrite:1", "read write" },
	{ "read:1 # and why\n", "read" },
	{ "read write\tclose : 1", "read write close" },
	{ "read: \\\n  1\nwrite: 1", "read write" },
	{ "@frequency ./file\nread: 1", "read" },
	{ "read: return ENOENT", "read=50002" },
	{ "read: return 13", "read=5000d" },
	{ "read: return 0x26", "read=50026" },
	{ "read: return ERANGE", "read=50022" },
	{ "read: return EPERM\nwrite: return EPIPE", "read=50001 write=50020" },
	{ "read: kill\nwrite: kill-process\nclose: kill-thread", "close=0" },
	{ "read: trap\nwrite: log", "read=30000 write=7ffc0000" },
	{ "@default return EPERM\nread: 1", "read write=50001 close=50001 execve=50001 ioctl=50001" },
	{ "read: arg0 == 2\n@default return EIO\nwrite: 1", "read=50005 write close=50005 execve=50005 ioctl=50005" },
	{ "@default allow\nread: kill", "write close execve ioctl" },
	{ "read: arg0 == 1", "read" },
	{ "read: arg0 == 0x1 && arg1 == 02", "read" },
	{ "read: arg0==1&&arg1==3||arg2==3", "read" },
	{ "read: arg0 == 1 && arg1 == 3 || arg2 == 4", "" },
	{ "read: arg0 == 9 || arg1 == 2 && arg2 == 3", "read" },
	{ "read: arg0 == 2; return EPERM", "read=50001" },
	{ "read: arg0 == 1 ; return EPERM", "read" },
	{ "read: arg0 == 2; kill-thread", "read=0" },
	{ "read: arg1 != 2", "" },
	{ "read: arg1 < 3\nwrite: arg1 < 2\nclose: arg1 <= 2\nexecve: arg1 > 1\nioctl: arg1 >= 3", "read close execve" },
	{ "read: arg1 & 3\nwrite: arg1 & 4\nclose: arg1 in 0x3\nexecve: arg1 in 5", "read close" },
	{ "read: arg1 == 2|1\nwrite: arg2 == 1 | 2\nclose: arg1 in ~1", "write close" },
	{ "read: arg0 == -1\nwrite: arg1 != -1", "write" },
	{ "read: cap sys_admin\nwrite: cap kill\nclose: cap kill && arg0 == 1", "write close" },
	{ "read: native", "read" },
	{ "@include more\nread: 1", "read write" },
	{ "@include /abs", "close=50005" },
	{ "@include default\nread: return EIO", "read=50005 write close execve ioctl" },
	{ "read: return EIO\n@include default", "read=50005 write close execve ioctl" },
	{ "@include default\n@include default", "read write close execve ioctl" },
};

static const struct {
	const char *text, *wanted;
} bad[] = {
	{ "read", "/p/file:1: 'read' is not CALL: RULE" },
	{ "\n\nread", "/p/file:3: 'read' is not CALL: RULE" },
	{ "read: \\\n1\nx", "/p/file:3: 'x' is not CALL: RULE" },
	{ "reed: 1", "/p/file:1: 'reed' is not a system call of this machine" },
	{ "read: 1\nread: 1", "/p/file:2: read has a rule already" },
	{ "read read: 1", "/p/file:1: read has a rule already" },
	{ ": 1", "/p/file:1: before the ':' the call's name is missing" },
	{ "read:", "/p/file:1: read: '' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: 2", "/p/file:1: read: '2' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: 11", "/p/file:1: read: '11' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: arg6 == 1",
	  "/p/file:1: read: 'arg6 == 1' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: arg0", "/p/file:1: read: 'arg0': what follows arg0 is none of ==, !=, <, <=, >, >=, &, in" },
	{ "read: arg0 = 1", "/p/file:1: read: 'arg0 = 1': what follows arg0 is none of ==, !=, <, <=, >, >=, &, in" },
	{ "read: arg0 && 1", "/p/file:1: read: 'arg0 && 1': what follows arg0 is none of ==, !=, <, <=, >, >=, &, in" },
	{ "read: arg0 == x",
	  "/p/file:1: read: 'x' is not a number (decimal, 0x hexadecimal or 0 octal; ~ and | are understood)" },
	{ "read: arg0 == 1x",
	  "/p/file:1: read: '1x' is not a number (decimal, 0x hexadecimal or 0 octal; ~ and | are understood)" },
	{ "read: arg0 == 0x10000000000000000",
	  "/p/file:1: read: '0x10000000000000000' is not a number (decimal, 0x hexadecimal or 0 octal; ~ and | are understood)" },
	{ "read: arg0 == 1 &&",
	  "/p/file:1: read: '' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: arg0 == 1 1", "/p/file:1: read: '1' is too much (&&, || or ; and an action may follow)" },
	{ "read: (arg0 == 1)",
	  "/p/file:1: read: '(arg0 == 1)' is none of 1, arg0 to arg5 with a comparison, cap NAME, native, return ERROR" },
	{ "read: 1;", "/p/file:1: read: after ';' something such as 'return EPERM' is missing" },
	{ "read: 1; 1", "/p/file:1: read: after ';' something such as 'return EPERM' is missing" },
	{ "read: return", "/p/file:1: read: return '': that is not an error such as EPERM, nor its number" },
	{ "read: return EWHAT", "/p/file:1: read: return 'EWHAT': that is not an error such as EPERM, nor its number" },
	{ "read: return 0", "/p/file:1: read: return '0': that is not an error such as EPERM, nor its number" },
	{ "read: return 4096", "/p/file:1: read: return '4096': that is not an error such as EPERM, nor its number" },
	{ "read: return EPERM; 1", "/p/file:1: read: '; 1' is too much (&&, || or ; and an action may follow)" },
	{ "ioctl: arg1 == 0x100005412", "/p/file:1: arg1 of ioctl has 32 bits, and 0x100005412 more" },
	{ "read: cap sysadmin", "/p/file:1: read: 'sysadmin' is not a capability" },
	{ "read: cap", "/p/file:1: read: '' is not a capability" },
	{ "@default", "/p/file:1: @default: that is none of kill-process, kill-thread, trap, log, allow, return ERROR" },
	{ "@default 1", "/p/file:1: @default: that is none of kill-process, kill-thread, trap, log, allow, return ERROR" },
	{ "@defaults kill", "/p/file:1: '@defaults kill' is none of @include, @default, @frequency" },
	{ "@include", "/p/file:1: @include: which file? (default is the built-in profile)" },
	{ "@include nowhere", "/p/file:1: no file /p/nowhere" },
	{ "@include bad", "/p/file:1: /p/bad:2: 'wrote' is not a system call of this machine" },
	{ "@include more\nwrite: 1", "/p/file:2: write has a rule already" },
};

int main(void)
{
	const char *deep;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		SAME(parse(good[i].text, 1 << 5), good[i].wanted, tap_quote(good[i].text));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		SAME(parse(bad[i].text, 0), bad[i].wanted, tap_quote(bad[i].text));
	deep = parse("@include self", 0);
	OK(!strncmp(deep, "/p/file:1: /p/self:1: ", 22) && strstr(deep, "files include each other too deeply"),
	   "files that include themselves");
	return tap_done();
}
