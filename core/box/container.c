/* SPDX-License-Identifier: Zlib
 * A container as it is held by those who look after it. Host side. */
#include "box/container.h"

void container_init(struct container *c)
{
	*c = (struct container){ .init = -1,
				 .wire = -1,
				 .control = -1,
				 .master = -1,
				 .pipes = { -1, -1, -1 },
				 .ring = -1,
				 .pid_file = -1,
				 .log = { .fd = -1 } };
	state_init(&c->state);
}

void container_warn(const struct container *c, const char *text)
{
	if (c->options && c->options->warn)
		c->options->warn(c->options->who, text);
}
