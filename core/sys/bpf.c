/* SPDX-License-Identifier: Zlib
 * Small programs for cgroup v2. Host side. */
#include "sys/bpf.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/auto.h"
#include "sys/feature.h"
#include "sys/kernel.h"

enum {
	PER_RULE = 12, /* instructions at most */
	RULES = 128,
	/* registers: the result, the context, then ours; a program leaves by its result */
	RESULT = BPF_REG_0,
	CONTEXT = BPF_REG_1,
	TYPE = BPF_REG_2,
	ACCESS = BPF_REG_3,
	MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5,
	WANTED = BPF_REG_6,
};

/* What ours are called, with a number behind it by which they tell what they do. */
static const char name[] = "cagebox";

struct program {
	struct bpf_insn code[RULES * PER_RULE + 16];
	size_t n;
};

static void put(struct program *p, unsigned code, uint8_t dst, uint8_t src, int off, int32_t imm)
{
	p->code[p->n++] = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = dst & 15u,
		.src_reg = src & 15u,
		.off = (int16_t)off,
		.imm = imm,
	};
}

static void load(struct program *p, uint8_t reg, size_t offset)
{
	put(p, BPF_LDX | BPF_MEM | BPF_W, reg, CONTEXT, (int)offset, 0);
}

static void leave(struct program *p, int32_t result)
{
	put(p, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, result);
	put(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int bpf(enum bpf_cmd command, union bpf_attr *attr, size_t size)
{
	return (int)syscall(SYS_bpf, command, attr, size);
}

/* Returns a descriptor of the program in the kernel, or -1 with errno. */
static int load_program(const struct program *p, enum bpf_prog_type type, enum bpf_attach_type place, uint32_t number)
{
	static const char license[] = "Zlib";
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = (uint64_t)(uintptr_t)p->code;
	attr.insn_cnt = (uint32_t)p->n;
	attr.license = (uint64_t)(uintptr_t)license;
	attr.expected_attach_type = place;
	snprintf(attr.prog_name, sizeof(attr.prog_name), "%s%08x", name, number);
	return bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

int bpf_try(bool devices)
{
	struct program p = { .n = 0 };
	auto_fd int fd = -1;

	leave(&p, 1);
	fd = devices ? load_program(&p, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, 0) :
		       load_program(&p, BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, 0);
	return fd < 0 ? errno : 0;
}

/* Load it and attach it to the cgroup beside those of others: all of them have to agree. */
static int attach(int dir, const struct program *p, enum bpf_prog_type type, enum bpf_attach_type place, uint32_t number,
		  struct err *e)
{
	auto_fd int fd = load_program(p, type, place, number);
	union bpf_attr attr;

	if (fd < 0) {
		err_sys(e, "load a BPF program");
		if (e->num != EINVAL && e->num != ENOSYS)
			return -1;
		return err_feature(e, place == BPF_CGROUP_DEVICE ? FEATURE_CGROUP_DEVICES : FEATURE_CGROUP_NET_CLS);
	}
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dir;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = place;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	return bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0 ? err_sys(e, "attach a BPF program to the cgroup") : 0;
}

/* The number in the name of ours that is attached to the cgroup at place, or -1. */
static int64_t attached(int dir, enum bpf_attach_type place)
{
	uint32_t ids[16] = { 0 };
	union bpf_attr query, attr;
	int64_t number = -1;

	memset(&query, 0, sizeof(query));
	query.query.target_fd = (uint32_t)dir;
	query.query.attach_type = place;
	query.query.prog_ids = (uint64_t)(uintptr_t)ids;
	query.query.prog_cnt = sizeof(ids) / sizeof(*ids);
	if (bpf(BPF_PROG_QUERY, &query, sizeof(query)) < 0)
		return -1;
	for (uint32_t i = 0; number < 0 && i < query.query.prog_cnt; i++) {
		struct bpf_prog_info info = { .id = 0 };
		auto_fd int fd = -1;

		memset(&attr, 0, sizeof(attr));
		attr.prog_id = ids[i];
		fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
		memset(&attr, 0, sizeof(attr));
		attr.info.bpf_fd = (uint32_t)fd;
		attr.info.info_len = sizeof(info);
		attr.info.info = (uint64_t)(uintptr_t)&info;
		if (fd >= 0 && bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 &&
		    !strncmp(info.name, name, sizeof(name) - 1))
			number = (int64_t)strtoul(info.name + sizeof(name) - 1, NULL, 16);
	}
	return number;
}

/* Jump on to the next rule unless this one allows it. Where those jumps go to is known at its end. Returns whether there is
 * a way on: the kernel takes no program with instructions that are never reached. */
static bool add_rule(struct program *p, const struct device_rule *r)
{
	bool more = false;
	size_t first = p->n;

	if (r->type != 'a')
		put(p, BPF_JMP | BPF_JNE | BPF_K, TYPE, 0, 0, r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (r->major >= 0)
		put(p, BPF_JMP | BPF_JNE | BPF_K, MAJOR, 0, 0, r->major);
	if (r->minor >= 0)
		put(p, BPF_JMP | BPF_JNE | BPF_K, MINOR, 0, 0, r->minor);
	if (r->access != (DEVICE_READ | DEVICE_WRITE | DEVICE_MAKE)) {
		int32_t allowed = (r->access & DEVICE_READ ? BPF_DEVCG_ACC_READ : 0) |
				  (r->access & DEVICE_WRITE ? BPF_DEVCG_ACC_WRITE : 0) |
				  (r->access & DEVICE_MAKE ? BPF_DEVCG_ACC_MKNOD : 0);

		/* What is asked for and not in allowed. */
		put(p, BPF_ALU64 | BPF_MOV | BPF_X, WANTED, ACCESS, 0, 0);
		put(p, BPF_ALU64 | BPF_AND | BPF_K, WANTED, 0, 0, ~allowed);
		put(p, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 0, 0);
	}
	leave(p, 1);
	for (size_t i = first; i < p->n; i++)
		if (p->code[i].code == (BPF_JMP | BPF_JNE | BPF_K)) {
			p->code[i].off = (int16_t)(p->n - i - 1);
			more = true;
		}
	return more;
}

int bpf_allow_devices(int dir, const struct device_rule *rules, size_t n, struct err *e)
{
	struct program p = { .n = 0 };
	bool more = true;

	if (n > RULES)
		return err_set(e, "more than %d rules for devices", RULES);
	load(&p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	put(&p, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	put(&p, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	put(&p, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	load(&p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(&p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	for (size_t i = 0; more && i < n; i++)
		more = add_rule(&p, &rules[i]);
	if (more)
		leave(&p, 0);
	return attach(dir, &p, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, (uint32_t)n, e);
}

int bpf_mark_sockets(int dir, uint32_t mark, struct err *e)
{
	struct program p = { .n = 0 };

	put(&p, BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, (int32_t)mark);
	put(&p, BPF_STX | BPF_MEM | BPF_W, CONTEXT, RESULT, offsetof(struct bpf_sock, mark), 0);
	leave(&p, 1);
	return attach(dir, &p, BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, mark, e);
}

bool bpf_has_devices(int dir)
{
	return attached(dir, BPF_CGROUP_DEVICE) >= 0;
}

int64_t bpf_get_mark(int dir)
{
	return attached(dir, BPF_CGROUP_INET_SOCK_CREATE);
}
