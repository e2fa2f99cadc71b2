/* SPDX-License-Identifier: Zlib
 * What the C library (core/cagebox.h) and the program that it executes, the applet embed, say to each other over a
 * stream socket, which is the program's descriptor EMBED_FD:
 *
 *   program    struct embed_hello
 *   library    struct embed_request, then its size bytes: items
 *   program    any number of struct embed_answer, the last of kind EMBED_DONE; after each its size bytes of text
 *
 * What to do is the program's only argument. Settings do not go by the command line, which everybody on the machine can
 * read. */
#ifndef CAGEBOX_BOX_EMBED_H
#define CAGEBOX_BOX_EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "spec/spec.h"

enum {
	EMBED_VERSION = 1, /* another one whenever a struct or the meaning of a field changes */
	EMBED_FD = 3,
	EMBED_MAX = 8 << 20, /* bytes of all settings together */
};

#define EMBED_MAGIC "cagebox"

enum embed_verb {
	EMBED_RUN,
	EMBED_START,
	EMBED_EXEC,
	EMBED_SIGNAL,
	EMBED_STOP,
	EMBED_KILL,
	EMBED_WAIT,
	EMBED_LIST,
	EMBED_VERBS
};

/* The names of the verbs: the program's argument. */
extern const char *const embed_verbs[EMBED_VERBS];

/* The same in all versions, so that two that differ can say so. */
struct embed_hello {
	char magic[8];    /* EMBED_MAGIC */
	uint32_t version; /* EMBED_VERSION */
	char program[20]; /* the program's own version, for messages */
};

struct embed_request {
	uint32_t version;
	uint32_t size;  /* of the items that follow */
	int32_t number; /* signal: which; stop: time-out in ms */
};

enum embed_kind {
	EMBED_WARNING = 1, /* err.text */
	EMBED_STATUS,      /* a container: all but result and err; its command follows */
	EMBED_DONE,        /* the outcome: result, err; after the end of a container name, reason and code */
};

struct embed_answer {
	int64_t started, ended;
	uint32_t kind; /* enum embed_kind */
	uint32_t size; /* of the text that follows */
	int32_t result;
	int32_t code;
	int32_t pid;
	char name[64];
	char status[16], reason[16]; /* as list --json has them */
	struct err err;
};

/* An item is its kind, a name, NUL, a value, NUL. */
enum embed_item_kind {
	EMBED_SET = '=',     /* a setting by its name */
	EMBED_FILE = '@',    /* a configuration file: its name, its text */
	EMBED_COMMAND = '!', /* forget the command; the name and the value are empty */
	EMBED_WORD = '+',    /* a further word of the command: the value */
};

struct embed_item {
	char kind;
	const char *name, *value;
};

/* Take the next item from what lies between *at and end. Returns whether there was a whole one. */
bool embed_next(const char **at, const char *end, struct embed_item *item);

/* Set in s what the items say, in their order. Returns 0, or -1 with e naming the setting. */
int embed_apply(struct spec *s, const char *items, size_t size, struct err *e);

/* Send or receive exactly so much, however often interrupted; no SIGPIPE. Returns 0, or -1: the other side is gone. */
int embed_send(int fd, const void *data, size_t size);
int embed_recv(int fd, void *data, size_t size);

/* --- inside the library ------------------------------------------------------------------------------------------- */

struct cagebox_error;

struct cagebox_spec {
	char *items; /* owned */
	size_t used, room;
	void (*warn)(const char *text, void *data);
	void *warn_data;
};

/* As cagebox_set. */
int embed_set(struct cagebox_spec *s, const char *name, const char *value, struct err *e);

/* Add all items of more to those of s. Returns 0, or -1 with e set. */
int embed_append(struct cagebox_spec *s, const struct cagebox_spec *more, struct err *e);

/* Give the caller, if it wants to know, what it is to know of e. Returns result. */
int embed_finish(int result, const struct err *e, struct cagebox_error *out);

#endif
