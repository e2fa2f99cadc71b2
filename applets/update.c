/* SPDX-License-Identifier: Zlib
 * update: change the limits of a running container. */
#include <string.h>

#include "applet.h"
#include "base/auto.h"
#include "box/resource.h"
#include "spec/keys.h"

/* One word KEY=VALUE into s. */
static int set(struct spec *s, const char *word, struct err *e)
{
	const char *equals = strchr(word, '=');
	auto_free char *name = equals ? strndup(word, (size_t)(equals - word)) : NULL;
	const struct opt *o = name ? opt_find(spec_keys, spec_nkeys, name) : NULL;

	if (!equals)
		return err_set(e, "'%s' is not KEY=VALUE", word);
	if (!o)
		return err_set(e, "there is no setting '%s'", name);
	if (!(o->flags & OPT_LIVE))
		return err_set(e, "%s cannot be changed while the container runs", o->name);
	return o->set(s, o, equals + 1, e) < 0 ? err_prefix(e, "%s", o->name) : 0;
}

static int update_main(const struct applet *self, int argc, char **argv)
{
	int first = applet_parse(self, NULL, NULL, argc, argv);
	struct spec s;
	struct err e;

	if (argc - first < 2)
		return applet_error(self, "takes a container's name and settings: update %s", self->synopsis);
	spec_init(&s);
	for (int i = first + 1; i < argc; i++)
		if (set(&s, argv[i], &e) < 0)
			return applet_fail(self, &e);
	if (spec_check(&s, &e) < 0 || resource_update(argv[first], &s, &e) < 0)
		return applet_fail(self, &e);
	spec_free(&s);
	return 0;
}

const struct applet applet_update = {
	.name = "update",
	.synopsis = "NAME KEY=VALUE...",
	.help = "change limits of a running container",
	.details = "All of them are in force afterwards, or none is. They last as long as the container runs.",
	.main = update_main,
};
