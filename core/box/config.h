/* SPDX-License-Identifier: Zlib
 * Configuration files on disk: DIR/NAME with a suffix, one for each container. Host side. */
#ifndef CAGEBOX_BOX_CONFIG_H
#define CAGEBOX_BOX_CONFIG_H

#include "base/err.h"
#include "base/str.h"
#include "box/box.h"
#include "spec/spec.h"

/* Where the configurations of the native applets are. */
#define CONFIG_SUFFIX ".conf"

/* Read the file at path into s, on top of what is there. origins may be NULL. */
int config_read(const char *path, struct spec *s, struct spec_origins *origins, struct err *e);

/* The path of container name's configuration in dir (NULL: the native applets' own, box/dirs.h), owned by the caller; NULL with
 * e set: no name, no memory. */
char *config_path(const char *dir, const char *name, const char *suffix, struct err *e);

/* Start container name by its file in the native applets' directory. Returns as box_run. */
int config_start(const char *name, struct box_options *o, struct box_result *r, struct err *e);

/* What stands before the suffix of the files in dir (NULL: as for config_path), in order: names of containers, if they are names. Files that begin
 * with a dot are none. */
int config_names(const char *dir, const char *suffix, struct words *names, struct err *e);

#endif
