/* SPDX-License-Identifier: Zlib
 * One directory of a cgroup file system and what is below it, for the files that make up sys/cgroup.h. Host side. */
#ifndef CAGEBOX_SYS_CGROUP_DIR_H
#define CAGEBOX_SYS_CGROUP_DIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Write text to a file of the directory. Returns 0, or -1 with errno. */
int cgroup_dir_write(int dir, const char *file, const char *text);

/* Read the beginning of a file; text is "" if it cannot be read. Returns whether it could. */
bool cgroup_dir_read(int dir, const char *file, char *text, size_t room);

/* Call visit for dir and, as deep as anybody but a vandal goes, for each directory below it. */
void cgroup_dir_each(int dir, void (*visit)(int dir));

/* Let what is frozen in dir itself run. SIGKILL to its processes. */
void cgroup_dir_thaw(int dir);
void cgroup_dir_kill(int dir);

/* Remove a directory and all below it, however deep, as far as there are no processes; with kill, those that are met on the way are
 * killed. Returns 0, also when it is gone already; -1 with errno. */
int cgroup_dir_remove(int at, const char *name, bool kill);

/* A copy, owned by the caller, of the next of the paths in *list, which are divided by newlines; NULL at the end (e->num 0) or with
 * e set. */
char *cgroup_dir_next(const char **list, struct err *e);

#endif
