/* SPDX-License-Identifier: Zlib
 * Set an extended attribute: xattr_helper FILE NAME VALUE. */
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
	if (argc != 4 || setxattr(argv[1], argv[2], argv[3], strlen(argv[3]), 0) < 0) {
		perror("setxattr");
		return 1;
	}
	return 0;
}
