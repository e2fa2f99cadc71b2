/* SPDX-License-Identifier: Zlib
 * Where cagebox keeps what it keeps. Root has the directories of the Makefile, everybody else their own (XDG Base Directory
 * Specification). Host side. */
#ifndef CAGEBOX_BOX_DIRS_H
#define CAGEBOX_BOX_DIRS_H

#include "base/err.h"

enum dirs {
	DIRS_RUN,  /* of running containers: RUNDIR; $XDG_RUNTIME_DIR/cagebox, /run/user/UID/cagebox or /tmp/cagebox-UID */
	DIRS_CONF, /* configurations: CONFDIR; $XDG_CONFIG_HOME/cagebox, else ~/.config/cagebox */
	DIRS_LOG,  /* logs: LOGDIR; $XDG_STATE_HOME/cagebox, else ~/.local/state/cagebox */
	DIRS_LIB,  /* persistent overlays: LIBDIR; $XDG_DATA_HOME/cagebox, else ~/.local/share/cagebox */
};

/* For help texts: what a user without root has in place of CONFDIR. */
#define DIRS_USER_CONF "~/.config/cagebox"

/* Its path, owned by the caller; it need not be there. NULL with e set. */
char *dirs_path(enum dirs which, struct err *e);

/* Make it, with what is missing above it, for nobody but its owner (of root's, his group too). */
int dirs_make(const char *path, struct err *e);

#endif
