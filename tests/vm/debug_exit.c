/* SPDX-License-Identifier: Zlib
 * Runs inside a virtual machine: debug_exit STATUS ends it at once, QEMU with exit status STATUS * 2 + 1. STATUS is written to the port of
 * its isa-debug-exit device. A machine that ends in any other way does not exit with such a status. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/io.h>

int main(int argc, char **argv)
{
	int status = argc > 1 ? atoi(argv[1]) : 1;

	if (ioperm(0xf4, 4, 1) < 0) {
		perror("debug_exit: ioperm");
		return 1;
	}
	outb((unsigned char)status, 0xf4);
	fprintf(stderr, "debug_exit: there is no isa-debug-exit device\n");
	return 1;
}
