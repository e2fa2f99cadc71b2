/* SPDX-License-Identifier: Zlib
 * The plan: any bytes through plan_map, then every offset and length that they name. The size is set right in most of them. */
#include <sys/mman.h>
#include <unistd.h>

#include "box/plan.h"
#include "fuzz.h"

static void check_list(const struct plan *p, uint32_t offset, uint32_t n)
{
	char **list = plan_list(p, offset, n);
	uint32_t count = 0;

	for (; list && list[count]; count++)
		PROMISE(list[count] >= (const char *)p + sizeof(*p) &&
			list[count] + strlen(list[count]) < (const char *)p + p->size);
	PROMISE(count <= n);
	free(list);
}

static void check(const struct plan *p)
{
	check_list(p, p->argv, p->argc);
	check_list(p, p->env, p->envc);
	for (uint32_t offset = 0; offset < p->size + 3; offset++) {
		const char *text = plan_text(p, offset);

		PROMISE(!text || text + strlen(text) < (const char *)p + p->size);
		if (offset % 7 == 0)
			check_list(p, offset, p->argc);
	}
	plan_text(p, p->user);
	plan_text(p, p->groups);
	plan_text(p, p->cwd);
	plan_text(p, p->shutdown_hook);
	PROMISE(!plan_text(p, UINT32_MAX));
	if (plan_block(p, p->filter, p->filter_size)) {
		const char *block = plan_block(p, p->filter, p->filter_size);

		PROMISE(block >= (const char *)p + sizeof(*p) && block + p->filter_size <= (const char *)p + p->size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("plan", MFD_CLOEXEC);
	struct plan *block = calloc(1, size + sizeof(*block));
	const struct plan *p;
	struct err e;

	if (fd < 0 || !block)
		abort();
	/* Half of the inputs are bytes as they are, the others a whole block with those bytes. */
	if (size && data[0] & 1) {
		memcpy(block, data, size);
		block->size = (uint32_t)(size > sizeof(*block) ? size : sizeof(*block) + 1);
		size = block->size;
		((char *)block)[size - 1] = 0;
	} else {
		memcpy(block, data, size);
	}
	if (write(fd, block, size) != (ssize_t)size)
		abort();
	p = plan_map(fd, &e);
	if (p) {
		struct plan *exact = malloc(p->size);

		check(p);
		/* In memory that ends where the block does, so that reading over the end is seen. */
		memcpy(exact, p, p->size);
		check(exact);
		free(exact);
		plan_unmap(p);
	}
	free(block);
	close(fd);
	return 0;
}
