# SPDX-License-Identifier: Zlib
# make deps && make: one static binary, build/cagebox. `make help` lists what else there is.

VERSION  = 0.1.0
PREFIX   = /usr/local
DESTDIR  =
# What is known of containers while they run; their configurations NAME.conf; their logs; the changes that overlays keep.
RUNDIR   = /run/cagebox
CONFDIR  = /etc/cagebox
LOGDIR   = /var/log/cagebox
LIBDIR   = /var/lib/cagebox
# The directory of configs, logs and pids that minimal-containers uses; CAGEBOX_PATH in the environment goes before it.
CONTAINERS = /containers

# All applets, or those named: make APPLETS="run init list kill"
APPLETS  = $(filter-out cagebox,$(notdir $(basename $(wildcard applets/*.c))))
# release, debug (symbols, assertions) or sanitize (glibc, dynamic, address and undefined behaviour); lib is `make lib`'s
BUILD    = release
# A target such as aarch64: the musl compiler of that name is used.
CROSS    =

# --- compiler ---------------------------------------------------------------------------------------------------------
triplet_armv7 = arm-linux-musleabihf
triplet  = $(or $(triplet_$(CROSS)),$(CROSS)-linux-musl)
native_musl := $(if $(findstring musl,$(shell cc -dumpmachine 2>/dev/null)),cc,musl-gcc)
CC       = $(if $(filter sanitize,$(BUILD)),gcc,$(if $(CROSS),$(triplet)-gcc,$(native_musl)))
AR       = ar
STRIP    = $(if $(CROSS),$(subst musl,gnu,$(triplet))-strip,strip)
OBJCOPY  = $(STRIP:%strip=%objcopy)
HOSTCC   = cc

out     := build/$(BUILD)$(if $(CROSS),-$(CROSS))
binary   = $(if $(filter-out release,$(BUILD))$(CROSS),$(out)/cagebox,build/cagebox)

warnings = -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wwrite-strings -Wcast-qual -Wpointer-arith -Wstrict-prototypes \
           -Wmissing-prototypes -Wswitch-enum -Wnull-dereference -Wconversion -Wno-missing-field-initializers \
           $(if $(findstring clang,$(CC)),,-Wduplicated-cond -Wlogical-op)
lean           = -Os -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables
flags_release  = $(lean) -static -fno-pie -no-pie
flags_debug    = -Og -g -static -fno-pie -no-pie
flags_lib      = $(lean) -fPIC
flags_sanitize = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined $(if $(findstring clang,$(CC)),,-static-libasan -static-libubsan)
CFLAGS   = $(flags_$(BUILD)) -std=gnu11 -D_GNU_SOURCE -fstack-protector-strong $(warnings) \
           $(if $(CI),-Werror)
LDFLAGS  = -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--build-id=none
CPPFLAGS = -Icore -Iapplets -I$(libcap)/include $(if $(filter sanitize,$(BUILD)),,-idirafter build/uapi$(CROSS)) \
           -include $(out)/config.h

# --- what is built of what --------------------------------------------------------------------------------------------
layers   = base sys spec box
sources  = $(wildcard core/*/*.c)
objects  = $(patsubst %.c,$(out)/%.o,$(filter core/$(1)/%,$(sources)))
libs     = $(foreach l,box spec sys base,$(out)/lib$(l).a)
# Of libcap the C library needs the headers only.
libcap   = $(patsubst build/lib%,build/release%,$(out))/libcap
# An applet's file is named like the applet, with underscores for dashes.
# What starts containers needs the two that it executes, and the C library one to run by; container is one of two others.
starters = run start start-all start_all cage tcontainer container micro-container micro_container minimal-containers minimal_containers
both     = $(if $(filter container,$(APPLETS)),micro_container minimal_containers)
selected = $(sort $(subst -,_,$(APPLETS) $(if $(filter $(starters),$(APPLETS)),init monitor embed) $(both)))

all: $(binary)

help:
	@echo 'make deps    install what building needs'
	@echo 'make         build build/cagebox; BUILD=debug or sanitize, CROSS=aarch64, APPLETS="run init list kill"'
	@echo 'make demo    build it and run a command in a throw-away overlay of this system (as root)'
	@echo 'make lib     the C library, build/lib/libcagebox.a; its header is core/cagebox.h'
	@echo 'make test    every test (as root); TESTS="unit e2e/run" for some'
	@echo 'make bench   the benchmarks against other programs; make lint; make install DESTDIR= PREFIX=; make clean'

# Optional values end up in the objects: when one changes, they are made anew.
$(shell mkdir -p $(out) && { echo '/* Made by the Makefile. */'; \
	$(foreach v,VERSION RUNDIR CONFDIR LOGDIR LIBDIR CONTAINERS,echo '#define $(v) "$($(v))"';) } > $(out)/config.new; \
	cmp -s $(out)/config.new $(out)/config.h || mv $(out)/config.new $(out)/config.h)
$(shell mkdir -p $(out) && echo '$(CC) $(CFLAGS) $(CPPFLAGS)' > $(out)/flags.new && \
	{ cmp -s $(out)/flags.new $(out)/flags || mv $(out)/flags.new $(out)/flags; })
$(shell echo '$(selected)' > $(out)/selected.new; \
	{ cmp -s $(out)/selected.new $(out)/selected || mv $(out)/selected.new $(out)/selected; })

$(out)/%.o: %.c $(out)/flags $(out)/config.h $(libcap)/libcap.a | build/uapi$(CROSS)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(out)/applets.c: $(out)/selected Makefile
	@{ echo '#include "applet.h"'; \
	   for a in $(selected); do echo "extern const struct applet applet_$$a;"; done; \
	   echo 'const struct applet *const applets[] = {'; \
	   for a in $(selected); do echo "	&applet_$$a,"; done; echo '	NULL,'; echo '};'; } > $@

$(out)/applets.o: $(out)/applets.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define layer
$(out)/lib$(1).a: $(call objects,$(1))
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach l,$(layers),$(eval $(call layer,$(l))))

$(out)/cagebox: $(out)/applets/cagebox.o $(out)/applets.o $(selected:%=$(out)/applets/%.o) $(libs) $(libcap)/libcap.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

build/cagebox: $(out)/cagebox
	$(STRIP) -s -R .comment -o $@ $<
	@if readelf -lW $@ | grep -q INTERP; then echo '$@ is not static' >&2; rm $@; exit 1; fi

-include $(shell find $(out) -name '*.d' 2>/dev/null)

# The skeleton of a root is carried inside the binary: for each path a line "TYPE SIZE PATH" (d directory, f file, x executable)
# and the content. A tar archive of it would be five times as large.
$(out)/skel.pack: $(shell find rootfs-skel) Makefile
	@mkdir -p $(@D)
	@cd rootfs-skel && find . -mindepth 1 | LC_ALL=C sort | while read -r f; do \
		if [ -d "$$f" ]; then echo "d 0 $${f#./}"; \
		else [ -x "$$f" ] && t=x || t=f; echo "$$t $$(($$(wc -c <"$$f"))) $${f#./}"; cat "$$f"; fi; done > $(CURDIR)/$@
$(out)/core/box/skel.o: $(out)/skel.pack
$(out)/core/box/skel.o: CPPFLAGS += -DSKEL_PACK='"$(out)/skel.pack"'

# A tool of the build, made for the machine that builds, turns the table of system calls and the built-in profile into what the binary
# has of them: the numbers of its machine, and the filter ready for the kernel, for what of the default capabilities counts there.
build/mkfilter: core/mkfilter.c core/sys/seccomp_policy.c core/sys/seccomp_compile.c core/base/err.c core/base/str.c \
                $(wildcard core/sys/seccomp_*.h)
	@mkdir -p $(@D)
	$(HOSTCC) -O1 -std=gnu11 -D_GNU_SOURCE -Icore -o $@ $(filter %.c,$^)
$(out)/seccomp_machine.h: build/mkfilter core/sys/syscalls.tbl core/sys/default.policy
	build/mkfilter $$($(CC) -dumpmachine) core/sys/syscalls.tbl core/sys/default.policy sys_chroot > $@
$(out)/core/sys/seccomp.o: $(out)/seccomp_machine.h
$(out)/core/sys/seccomp.o: CPPFLAGS += -I$(out)

# --- the C library --------------------------------------------------------------------------------------------------------
# One object that shows nothing but the functions of core/cagebox.h: no name of ours gets in the way of the caller's.
library  = build/lib$(if $(CROSS),-$(CROSS))/libcagebox.a
lib: | $(libcap)/libcap.a build/uapi$(CROSS)
	@$(MAKE) --no-print-directory BUILD=lib $(library)

# The path of the program that it executes is in it, so that it is made anew when that changes.
$(out)/core/box/embed_call.o: CPPFLAGS += -DPROGRAM='"$(PREFIX)/bin/cagebox"'
ifeq ($(BUILD),lib)
$(shell echo '$(PREFIX)' > $(out)/prefix.new; { cmp -s $(out)/prefix.new $(out)/prefix || mv $(out)/prefix.new $(out)/prefix; })
$(out)/core/box/embed_call.o: $(out)/prefix

$(out)/libcagebox.o: $(patsubst %.c,$(out)/%.o,$(wildcard core/box/embed*.c)) $(filter-out %/libbox.a,$(libs))
	$(CC) -r -nostdlib -no-pie -Wl,--gc-sections \
		$$(sed -n 's/^[a-z].*[ *]\(cagebox_[a-z_]*\)(.*/-Wl,-u,\1/p' core/cagebox.h) -o $@ $^
	$(OBJCOPY) --wildcard --keep-global-symbol='cagebox_*' --strip-unneeded $@

$(out)/libcagebox.a: $(out)/libcagebox.o
	@rm -f $@
	$(AR) rcs $@ $^
endif

# --- kernel headers beside musl's, libcap for musl -----------------------------------------------------------------------
# A directory with nothing but the kernel's own headers: the rest of /usr/include belongs to another libc.
headers  = $(if $(CROSS),/usr/$(subst musl,gnu,$(triplet))/include,/usr/include)
build/uapi$(CROSS):
	@mkdir -p $@
	ln -sfn $(headers)/linux $@/linux
	ln -sfn $(headers)/asm-generic $@/asm-generic
	ln -sfn $$(for d in $(headers)/asm $(headers)/$$(gcc -dumpmachine 2>/dev/null)/asm; do [ -d $$d ] && echo $$d && break; done) $@/asm

# LIBCAP=DIR takes a libcap that is there already: DIR/libcap.a and DIR/include.
LIBCAP   =
private  = $(CURDIR)/build/apt
apt      = apt-get -qq -o Dir::Etc::SourceList=$(private)/sources.list -o Dir::Etc::SourceParts=$(private)/parts \
           -o Dir::State::Lists=$(private)/lists -o APT::Sandbox::User=root

build/libcap-source:
	@mkdir -p $(private)/parts $(private)/lists/partial build/download
	@sed -n 's/^deb \(.*\)/deb-src \1/p' /etc/apt/sources.list 2>/dev/null > $(private)/sources.list || true
	@for f in /etc/apt/sources.list.d/*.sources; do \
		[ ! -e "$$f" ] || sed 's/^Types:.*/Types: deb-src/' "$$f" > $(private)/parts/$${f##*/}; done
	@$(apt) update 2>/dev/null || true
	cd build/download && $(apt) source libcap2 >/dev/null
	@mv build/download/libcap2-*/ $@

$(libcap)/libcap.a: | $(if $(LIBCAP),,build/libcap-source)
	@mkdir -p $(libcap)
ifeq ($(LIBCAP),)
	@rm -rf $(libcap)/source && cp -r build/libcap-source $(libcap)/source
	@$(MAKE) -s -C $(libcap)/source/libcap CC="$(CC)" COPTS="$(lean)" BUILD_CC=$(HOSTCC) AR=$(AR) RANLIB=ranlib SHARED=no libcap.a >/dev/null
	@cp -r $(libcap)/source/libcap/include $(libcap)/ && cp $(libcap)/source/libcap/libcap.a $@ && rm -rf $(libcap)/source
else
	@cp -r $(LIBCAP)/include $(libcap)/ && cp $(LIBCAP)/libcap.a $@
endif

# --- unit tests -----------------------------------------------------------------------------------------------------------
# Each program tests/unit/LAYER_X.c is linked with its own layer and those below, so that the linker refuses an upward call.
units    = $(patsubst %.c,$(out)/%,$(wildcard tests/unit/*.c))
below_base = base
below_spec = spec base
below_sys  = sys base
below_box  = box spec sys base
libs_of  = $(foreach l,$(below_$(firstword $(subst _, ,$(notdir $(1))))),$(out)/lib$(l).a)

.SECONDEXPANSION:
$(units): $(out)/%: $(out)/%.o $$(call libs_of,$$*) $(libcap)/libcap.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# --- what must be installed -----------------------------------------------------------------------------------------------
deps_build = gcc make musl-tools linux-libc-dev dpkg-dev xz-utils patch libc6-dev
deps_test  = pkg-config e2fsprogs busybox-static mmdebstrap strace util-linux bsdutils procps jq perl clang libclang-rt-dev tini dumb-init cpio \
             xvfb x11-utils qemu-system-x86 kmod nftables iproute2 mount hostname uidmap libcap2-bin weston wayland-utils pipewire pipewire-pulse pulseaudio-utils
deps_lint  = clang-format clang-tidy cppcheck shellcheck
deps_bench = hyperfine bubblewrap crun util-linux busybox-static jq tini

define install_packages
	@command -v apt-get >/dev/null || { echo 'This is not Debian: install the like of: $(1)' >&2; exit 1; }
	@missing=; for p in $(1); do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { apt-get -qq update; DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }
endef

deps:
	$(call install_packages,$(deps_build))
deps-test: deps
	$(call install_packages,$(deps_test))
deps-lint:
	$(call install_packages,$(deps_lint))
deps-bench: deps
	$(call install_packages,$(deps_bench))

# --- use ------------------------------------------------------------------------------------------------------------------
TESTS =
test: deps-test
	@$(MAKE) --no-print-directory all
	@tests/run $(TESTS)

bench: deps-bench
	@$(MAKE) --no-print-directory all
	@tests/bench/run

demo: deps
	@$(MAKE) -s --no-print-directory all
	@tests/demo build/cagebox

lint: deps-lint
	@tests/lint

install: build/cagebox lib
	install -D -m 0755 build/cagebox $(DESTDIR)$(PREFIX)/bin/cagebox
	rm -rf build/links && mkdir build/links && build/cagebox --install -s build/links
	for name in $$(ls build/links); do ln -sfn cagebox $(DESTDIR)$(PREFIX)/bin/$$name; done
	mkdir -p $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	build/cagebox manual man > $(DESTDIR)$(PREFIX)/share/man/man1/cagebox.1
	install -D -m 0644 applets/compat.7 $(DESTDIR)$(PREFIX)/share/man/man7/cagebox-compat.7
	install -D -m 0644 applets/capabilities.7 $(DESTDIR)$(PREFIX)/share/man/man7/cagebox-capabilities.7
	install -D -m 0644 applets/seccomp.7 $(DESTDIR)$(PREFIX)/share/man/man7/cagebox-seccomp.7
	install -D -m 0644 applets/security.7 $(DESTDIR)$(PREFIX)/share/man/man7/cagebox-security.7
	build/cagebox manual bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/cagebox
	install -D -m 0644 core/cagebox.h $(DESTDIR)$(PREFIX)/include/cagebox.h
	install -D -m 0644 $(library) $(DESTDIR)$(PREFIX)/lib/libcagebox.a
	mkdir -p $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' core/cagebox.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/cagebox.pc

clean:
	rm -rf build

.PHONY: all help lib deps deps-test deps-lint deps-bench test bench demo lint install clean
.DELETE_ON_ERROR:
