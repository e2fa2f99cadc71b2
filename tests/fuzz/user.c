/* SPDX-License-Identifier: Zlib
 * passwd and group of a container: any bytes, and any name looked up in them. The input's first line is USER, the second GROUPS,
 * the rest both files. */
#include "box/user.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "fuzz.h"

static int make_root(void)
{
	const char *parent = getenv("TMPDIR");
	char path[400];
	int root;

	snprintf(path, sizeof(path), "%s/user-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(path) || (root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0 || mkdirat(root, "etc", 0755) < 0)
		abort();
	return root;
}

static void put_file(int root, const char *name, const char *data, size_t size)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int root = -1;
	char *text = malloc(size + 2), *user = text, *groups, *files;
	struct err e = { 0 };
	struct user u;
	uint64_t number;

	if (root < 0)
		root = make_root();
	memcpy(text, data, size);
	memcpy(text + size, "\n", 2);
	groups = strchr(user, '\n');
	if (groups)
		*groups++ = 0;
	files = groups ? strchr(groups, '\n') : NULL;
	if (files) {
		*files++ = 0;
		put_file(root, "etc/passwd", files, (size_t)(text + size + 1 - files));
		put_file(root, "etc/group", files, (size_t)(text + size + 1 - files));
		user = strdup(user);
		groups = *groups ? strdup(groups) : NULL;
		if (user_resolve(root, user, groups, &u, &e) == 0) {
			PROMISE(u.uid != UINT32_MAX && u.gid != UINT32_MAX && u.ngroups <= USER_GROUPS);
			PROMISE(memchr(u.name, 0, sizeof(u.name)) && *u.home == '/' && *u.shell == '/');
			user[strcspn(user, ":")] = 0;
			/* A number is that number, whatever the files say; a name is 0 only by a 0 in the file. */
			if (num_parse(user, 0, UINT32_MAX - 1, &number, &e) == 0)
				PROMISE(u.uid == number);
			else if (u.uid == 0)
				PROMISE(memchr(files, '0', (size_t)(text + size + 1 - files)));
			for (size_t i = 0; i < u.ngroups; i++)
				PROMISE(u.groups[i] != UINT32_MAX);
		} else {
			PROMISE(*e.text && memchr(e.text, 0, sizeof(e.text)));
		}
		free(groups);
		free(user);
	}
	free(text);
	return 0;
}
