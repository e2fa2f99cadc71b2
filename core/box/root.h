/* SPDX-License-Identifier: Zlib
 * The container's root: a directory, or an overlay. Runs in the container's mount namespace, or on the host when
 * hooks are to see the root. */
#ifndef CAGEBOX_BOX_ROOT_H
#define CAGEBOX_BOX_ROOT_H

#include "base/err.h"
#include "spec/spec.h"
#include "sys/mount.h"

/* Refuse what is not there and cannot be made, before anything is touched. Only looks. Host side. */
int root_check(const struct spec *s, struct err *e);

/* Make what the overlay needs and is missing: upper and work with the directories above them, or the image. root_mount
 * and root_map_layers do so themselves. */
int root_make(const struct spec *s, struct err *e);

/* Find out whether the overlay of s, which has lower, upper and work, can be mounted and written to: not every file system
 * can hold its upper directory. The directories must be there; it is tried in a mount namespace of its own. Returns 0, or -1 with e saying why not. Host side. */
int root_try_overlay(const struct spec *s, struct err *e);

/* The two directories of the overlay, owned by the caller. Both NULL where it has none on disk. */
int root_upper_work(const struct spec *s, char **upper, char **work, struct err *e);

/* Make path with all that is missing above it; key is for the error. */
int root_make_directory(const char *key, const char *path, struct err *e);

enum { ROOT_LAYERS = 32 };

/* For a container with a user namespace, whose root may not mount the host's directories itself and must own their
 * files: detached mounts of them with their owners mapped. The root, or the lower directories in order and, for an
 * overlay on disk, the directory that holds upper and work. */
struct root_layers {
	int fds[ROOT_LAYERS];
	int n;      /* 0: the host's own directories are used */
	int mapped; /* after them come the mounts with the option idmap, in order */
};

/* Clone what s needs, mapped by user namespace ns (-1: as it is). Host side. root_close_layers when done. */
int root_map_layers(const struct spec *s, int ns, struct root_layers *layers, struct err *e);
void root_close_layers(struct root_layers *layers);

/* Mount the root of s on directory stage. Returns an O_PATH descriptor of the root, or -1 with e set. An overlay is
 * writable still: it takes the mount points; root_finish makes it what it is to be. */
int root_mount(const struct spec *s, const char *stage, const struct root_layers *layers, struct err *e);
int root_finish(const struct spec *s, int root, struct err *e);

/* Put together what stands for an overlay of / where there cannot be one, in a user namespace: upper itself with the
 * directories of the host's root overlaid in it one by one, their changes in directories of the same names below upper and
 * work. A directory with mounts below is treated in the same way, DEPTH levels deep; beyond that it can only be read, as
 * single files can, and file systems that overlayfs does not take. Attributes attr are for the parts. Returns an O_PATH descriptor of the root, or -1 with e set. */
int root_mount_system(const char *upper, const char *work, struct place at, unsigned attr, struct err *e);

/* Mount m, a MOUNT_OVERLAY, below root: its changes go to OVERLAY/mounts, or to a tmpfs of its own. Before root is
 * entered. */
int root_mount_part(const struct spec *s, const struct spec_mount *m, int root, struct err *e);

#endif
