/* SPDX-License-Identifier: Zlib
 * Making, sealing and reading back the plan. */
#include "box/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "sys/feature.h"

static uint32_t append(struct plan_builder *b, const void *text, size_t len)
{
	size_t at = b->used ? b->used : sizeof(struct plan);
	char *block = b->failed || at + len > UINT32_MAX ? NULL : realloc(b->block, at + len);

	if (!block) {
		b->failed = true;
		return 0;
	}
	b->block = block;
	memcpy(block + at, text, len);
	b->used = at + len;
	return (uint32_t)at;
}

uint32_t plan_add(struct plan_builder *b, const char *text)
{
	return text ? append(b, text, strlen(text) + 1) : 0;
}

uint32_t plan_add_list(struct plan_builder *b, char *const *list, uint32_t *n)
{
	uint32_t first = 0;

	for (*n = 0; list && list[*n]; ++*n) {
		uint32_t at = plan_add(b, list[*n]);

		if (!*n)
			first = at;
	}
	return first;
}

uint32_t plan_add_block(struct plan_builder *b, const void *data, size_t size)
{
	static const char zeroes[8] = "";

	append(b, zeroes, -b->used % sizeof(zeroes));
	return append(b, data, size);
}

struct plan *plan_finish(struct plan_builder *b, struct err *e)
{
	struct plan *p;

	append(b, "", 1);
	if (b->failed) {
		free(b->block);
		err_memory(e);
		return NULL;
	}
	p = (struct plan *)(void *)b->block;
	*p = b->head;
	p->size = (uint32_t)b->used;
	b->block = NULL;
	return p;
}

int plan_seal(const struct plan *p, struct err *e)
{
	auto_fd int fd = memfd_create("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || write(fd, p, p->size) != (ssize_t)p->size ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		err_sys(e, "keep the container's settings in memory");
		return e->num == ENOSYS ? err_feature(e, FEATURE_MEMFD) : -1;
	}
	return take_fd(&fd);
}

const struct plan *plan_map(int fd, struct err *e)
{
	const struct plan *p;
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(*p)) {
		err_set(e, "no settings were handed over: this is started by cagebox itself");
		return NULL;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED) {
		err_sys(e, "map the container's settings");
		return NULL;
	}
	if (p->size == (uint64_t)st.st_size && !((const char *)p)[p->size - 1])
		return p;
	munmap((void *)(uintptr_t)p, (size_t)st.st_size);
	err_set(e, "the settings that were handed over are not whole");
	return NULL;
}

void plan_unmap(const struct plan *p)
{
	munmap((void *)(uintptr_t)p, p->size);
}

const char *plan_text(const struct plan *p, uint32_t offset)
{
	return offset >= sizeof(*p) && offset < p->size ? (const char *)p + offset : NULL;
}

const void *plan_block(const struct plan *p, uint32_t offset, size_t size)
{
	return offset >= sizeof(*p) && offset < p->size && size <= p->size - offset ? (const char *)p + offset : NULL;
}

char **plan_list(const struct plan *p, uint32_t offset, uint32_t n)
{
	/* Every string has at least its end in the block. */
	char **list = n < p->size ? calloc((size_t)n + 1, sizeof(*list)) : NULL;

	for (uint32_t i = 0; list && i < n; i++) {
		list[i] = (char *)(uintptr_t)plan_text(p, offset);
		if (!list[i])
			break;
		offset += (uint32_t)strlen(list[i]) + 1;
	}
	return list;
}
