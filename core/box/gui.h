/* SPDX-License-Identifier: Zlib
 * What a graphical program needs of the caller's session: display and sound. Host side. */
#ifndef CAGEBOX_BOX_GUI_H
#define CAGEBOX_BOX_GUI_H

#include <stddef.h>

#include "base/err.h"
#include "spec/spec.h"

/* Add mounts and environment to s: a runtime directory of the user's inside, /run/user/UID, with the sockets of Wayland,
 * PulseAudio and PipeWire and the keys to X11 and PulseAudio in it; X11's sockets; the variables that lead programs
 * there. What s->env names stays as it is, and what s mounts in the same place. The mounts go before those of s that lie
 * below them, else at the end. All are read-only but for PulseAudio's key, which its library opens for writing. X11's
 * key is one to the host's name: with a host name of its own that was not asked for, the container gets that name. In a
 * user namespace only X11 can be reached. Doing it twice adds nothing.
 *
 * The user's number is looked up in etc/passwd below the first of roots (descriptors; -1 is left out) that has the file.
 * DISPLAY and WAYLAND_DISPLAY are s->env's or the caller's; XDG_RUNTIME_DIR (else /run/user and the caller's number,
 * SUDO_UID for root), XAUTHORITY, PULSE_COOKIE, PIPEWIRE_REMOTE and HOME the caller's. Links are not followed, and in a
 * directory that others can write to only what is root's or the caller's counts. X(7), the XDG base directory
 * specification, wl_display_connect. Returns 0; -1 with e set when there is no display or no such user. */
int gui_expand(struct spec *s, const int *roots, size_t nroots, struct err *e);

#endif
