#!/bin/sh
# SPDX-License-Identifier: Zlib
# The caller's display and sound inside: X11, Wayland, PulseAudio and PipeWire, with real servers that need no screen.
# shellcheck disable=SC2016,SC2154 # commands in single quotes are for the shell inside; lib.sh sets the rest
. "$(dirname "$0")/../lib.sh"

session=/run/user/1000
x11=/tmp/.X11-unix

# --- a session of user 1000 ------------------------------------------------------------------------------------------

# Servers have their sockets and locks in fixed places of /tmp: one of the test's own, with what it needs of the host's.
own_tmp()
{
	mkdir /run/host_tmp
	mount --bind /tmp /run/host_tmp
	mount -t tmpfs -o mode=1777 tmp /tmp
	for needed in "$top" "$work_parent" "$(dirname "$CAGEBOX")"; do
		case $needed in
		/tmp/*) mkdir -p "$needed" && mount --bind "/run/host_tmp/${needed#/tmp/}" "$needed" ;;
		esac
	done
	umount /run/host_tmp
	cd "$work" || exit 1
}

# A number of a length that comes in two bytes, and text of that length.
counted()
{
	printf "\\000\\$(printf %03o ${#1})%s" "$1"
}

# The key to display 7 of this host, as Xau(3) has it.
make_key()
{
	printf '\001\000'
	for field in "$(uname -n)" 7 MIT-MAGIC-COOKIE-1 0123456789abcdef; do
		counted "$field"
	done
}

serve_x11()
{
	Xvfb "$@" -displayfd 3 -nolisten tcp -nolisten local 3>ready >x11.log 2>&1 &
	wait_for test -s ready || bail_out "Xvfb does not start: $(cat x11.log)"
	rm ready
}

serve_wayland_and_sound()
{
	export XDG_RUNTIME_DIR=$session
	XDG_CACHE_HOME=$work/cache as_user weston --backend=headless-backend.so --socket=wayland-0 --idle-time=0 >wayland.log 2>&1 &
	as_user pipewire >pipewire.log 2>&1 &
	wait_for test -S $session/pipewire-0 || bail_out "pipewire does not start: $(cat pipewire.log)"
	as_user pipewire-pulse >pulse.log 2>&1 &
	wait_for test -S $session/pulse/native || bail_out "pipewire-pulse does not start: $(cat pulse.log)"
	wait_for test -S $session/wayland-0 || bail_out "weston does not start: $(cat wayland.log)"
	unset XDG_RUNTIME_DIR
}

own_tmp
unset DISPLAY WAYLAND_DISPLAY XAUTHORITY PULSE_COOKIE PIPEWIRE_REMOTE SUDO_UID
export HOME="$work/home"
mkdir -p home/.config/pulse cache $session
chmod 700 $session
chown -R 1000:1000 home cache $session
leaks_begin

# --- no display --------------------------------------------------------------------------------------------------------

# refused TITLE MESSAGE [NAME=VALUE...] [OPTION...]
refused()
{
	title=$1 message=$2
	shift 2
	run env "$@" -- touch /mnt/ran
	status_is "$title is refused" 125
	like "$title: the message says why" "$err" "$message"
	check "$title: nothing has run" test ! -e ran
	rm -f ran
}
gui="cagebox run -G -v $work:/mnt"

# shellcheck disable=SC2086 # several words
{
	none='^cagebox: run: gui: no display: neither DISPLAY with /tmp/.X11-unix nor a Wayland socket at /run/user/0'
	refused "no session" "$none" $gui
	refused "the same of another user" "/run/user/1000/wayland-0$" SUDO_UID=1000 $gui
	refused "a display without sockets" "$none" DISPLAY=:7 $gui
	refused "one without a number" "$none" DISPLAY=seven $gui
	refused "an empty one" "$none" DISPLAY= $gui

	wrong='\(what is there is a link, of another kind, or not the caller'
	ln -s "$work" $x11
	refused "a link in the place of X11's sockets" "$wrong" DISPLAY=:7 $gui
	rm $x11
	touch $x11
	refused "a file there" "$wrong" DISPLAY=:7 $gui
	rm $x11
	mkdir $x11
	chown 1234 $x11
	refused "a directory of another user" "$wrong" DISPLAY=:7 $gui
	rmdir $x11
}
mkdir -m 1777 $x11

serve_x11 :8 -ac
make_key >key
serve_x11 :7 -auth key
serve_wayland_and_sound
mkdir /tmp/runtime-root
mount --bind $session /tmp/runtime-root
leaks_begin

# shellcheck disable=SC2086
{
	ln -s wayland-0 $session/link
	refused "a link in the place of Wayland's socket" "$wrong" SUDO_UID=1000 WAYLAND_DISPLAY=link $gui
	touch $session/file
	refused "a file there" "$wrong" SUDO_UID=1000 WAYLAND_DISPLAY=file $gui
	refused "a way out of the runtime directory" "no display" SUDO_UID=1000 WAYLAND_DISPLAY=../1000/wayland-0 $gui
	refused "an empty name" "no display" SUDO_UID=1000 WAYLAND_DISPLAY= $gui
	mkdir -m 1777 /run/shared
	ln $session/wayland-0 /run/shared/wayland-0
	refused "another user's socket where everybody can put one" "$wrong" XDG_RUNTIME_DIR=/run/shared $gui
	refused "another user's directory where everybody can make one" "$wrong" XDG_RUNTIME_DIR=/tmp/runtime-root $gui
	ln -s $session /run/link
	refused "a link to a runtime directory" "$wrong" XDG_RUNTIME_DIR=/run/link/ $gui
	refused "a user who is not there" "gui: no user 'nosuch' in .*must be given as a number" DISPLAY=:8 $gui -u nosuch
	refused "a Wayland display with the namespace u" "no display.*only X11" SUDO_UID=1000 $gui -N uphi
}

# --- X11 -----------------------------------------------------------------------------------------------------------------

# with TITLE WANTED [NAME=VALUE...] [OPTION...]: the display that xdpyinfo reaches, without the host's network
with()
{
	title=$1 wanted=$2
	shift 2
	run env "$@" --net none -- sh -c 'xdpyinfo | grep "name of display"'
	is "$title" "$status ${out##* }$err" "$wanted"
}

with "X11 without a key" "0 :8" DISPLAY=:8 cagebox run -G
with "for another user" "0 :8" DISPLAY=:8 cagebox run -G -u 1000
with "in a user namespace" "0 :8" DISPLAY=:8 cagebox run -G -N uphi
with "with a screen" "0 unix:8.0" DISPLAY=unix:8.0 cagebox run -G
with "named by the container's settings" "0 :8" cagebox run -G -e DISPLAY=:8
with "these go before the caller's" "0 :8" DISPLAY=:99 cagebox run -G -e DISPLAY=:8
with "with a key" "0 :7" DISPLAY=:7 XAUTHORITY="$work/key" cagebox run -G
cp key home/.Xauthority
chmod 600 home/.Xauthority
with "with the key in its usual place" "0 :7" DISPLAY=:7 cagebox run -G
chown 1000 home/.Xauthority
with "the user's own key" "0 :7" DISPLAY=:7 cagebox run -G -u 1000
run env DISPLAY=:7 XAUTHORITY=/nonexistent cagebox run -G -- xdpyinfo
isnt "without the key it is locked" "$status" 0
run env DISPLAY=:8 cagebox run --net none -e DISPLAY=:8 -- xdpyinfo
isnt "and without being asked for there is none" "$status" 0

show='stat -c "%a %u:%g" "$XDG_RUNTIME_DIR"; for v in DISPLAY XAUTHORITY XDG_RUNTIME_DIR; do printenv $v; done; uname -n'
run env DISPLAY=:7 cagebox run -G -u 1000 --hostname other -- sh -c "$show; touch $x11/x; echo >\$XAUTHORITY"
is "its variables, its directory, a host name that was asked for" "$out" "700 1000:1000
:7
/run/user/1000/Xauthority
/run/user/1000
other"
is "nothing of the host's can be written" "$(echo "$err" | grep -c 'Read-only file system')" 2
check "the key stays as it was" cmp key home/.Xauthority
run env DISPLAY=:7 cagebox run -G -- uname -n
is "the key is one for the host's name" "$out" "$(uname -n)"
run env DISPLAY=:8 XAUTHORITY=/nonexistent cagebox run -G -n named -- uname -n
is "without a key the host name is the container's" "$out" named
run env DISPLAY=elsewhere:8 cagebox run -G -- sh -c "echo \$DISPLAY; ls -A /tmp \$XDG_RUNTIME_DIR"
is "of a display of another host there is the name and the key" "$(echo "$out" | tr '\n' ' ')" \
	"elsewhere:8 /run/user/0: Xauthority  /tmp: "

# --- Wayland -----------------------------------------------------------------------------------------------------------

# reaches TITLE [NAME=VALUE...] [OPTION...]
reaches()
{
	title=$1
	shift
	run env "$@" --net none -- sh -c 'wayland-info | grep -c wl_compositor; echo $WAYLAND_DISPLAY'
	is "$title" "$status $(echo "$out" | tr '\n' ' ')$err" "0 1 $wanted "
}
wanted=wayland-0
reaches "Wayland" SUDO_UID=1000 cagebox run -G -u 1000
reaches "for root" SUDO_UID=1000 cagebox run -G
reaches "by a runtime directory that is named" XDG_RUNTIME_DIR=$session cagebox run -G -u 1000
reaches "in one that all share, if it is the caller's" SUDO_UID=1000 XDG_RUNTIME_DIR=/run/shared cagebox run -G -u 1000
reaches "also if it is in such a place itself" SUDO_UID=1000 XDG_RUNTIME_DIR=/tmp/runtime-root cagebox run -G -u 1000
reaches "by an absolute path" WAYLAND_DISPLAY=$session/wayland-0 cagebox run -G -u 1000
ln $session/wayland-0 $session/wayland-9
wanted=wayland-9
reaches "by another name" SUDO_UID=1000 WAYLAND_DISPLAY=wayland-9 cagebox run -G -u 1000
reaches "by the container's settings" SUDO_UID=1000 cagebox run -G -u 1000 -e WAYLAND_DISPLAY=wayland-9

run env SUDO_UID=1000 cagebox run -G -e GDK_BACKEND=x11 -- sh -c 'printenv | sort | grep -E "WAYLAND|_TYPE|BACKEND|DRIVER|PLATF|AWT"'
is "the variables for all kinds of programs, but for what is set" "$out" "CLUTTER_BACKEND=wayland
GDK_BACKEND=x11
MOZ_ENABLE_WAYLAND=1
QT_QPA_PLATFORM=wayland
SDL_VIDEODRIVER=wayland
WAYLAND_DISPLAY=wayland-0
XDG_SESSION_TYPE=wayland
_JAVA_AWT_WM_NONREPARENTING=1"
run env SUDO_UID=1000 DISPLAY=:8 cagebox run -G -e WAYLAND_DISPLAY= -- sh -c 'echo "$GDK_BACKEND $DISPLAY"; ls $XDG_RUNTIME_DIR'
is "it can be left out" "$(echo "$out" | tr '\n' ' ')" " :8 Xauthority pipewire-0 pulse "

# --- sound -------------------------------------------------------------------------------------------------------------

for user in 0 1000; do
	run env SUDO_UID=1000 cagebox run -G -u $user --net none -- sh -c 'pactl info; pw-cli info 0; rm $XDG_RUNTIME_DIR/p*/*'
	like "PulseAudio for user $user" "$out" "Server String: unix:/run/user/$user/pulse/native"
	like "PipeWire for user $user" "$out" 'type: PipeWire:Interface:Core'
	like "nothing of it can be removed" "$err" 'Read-only file system'
done
echo secret >home/.config/pulse/cookie
run env SUDO_UID=1000 cagebox run -G -- sh -c 'cat $PULSE_COOKIE; echo $PULSE_COOKIE'
is "PulseAudio's key" "$out" "secret
/run/user/0/pulse-cookie"
run env SUDO_UID=1000 PULSE_COOKIE=$session/file cagebox run -G -- sh -c 'cat $PULSE_COOKIE; echo $PULSE_COOKIE'
is "by the name that the caller gives it" "$out" /run/user/0/pulse-cookie

# --- beside other settings -----------------------------------------------------------------------------------------------

run env SUDO_UID=1000 cagebox run -G --tmpfs /tmp:1M -v "$work/key:/run/user/0/mine" -v "$work/home:/run/user/0/pulse" -- \
	sh -c 'ls -A -I .fontconfig /run/user/0 /run/user/0/pulse'
is "mounts that were asked for are on top" "$(echo "$out" | tr '\n' ' ')" \
	"/run/user/0: mine pipewire-0 pulse pulse-cookie wayland-0  /run/user/0/pulse: .Xauthority .config "
copy=$(root_copy "$root_busybox")
run env SUDO_UID=1000 cagebox run --lower "$copy" -G -u app:audio -- sh -c 'ls $XDG_RUNTIME_DIR; id -u; stat -c %a:%u:%g /run/user/*'
is "the user is the container's" "$(echo "$out" | tr '\n' ' ')" "pipewire-0 pulse pulse-cookie wayland-0 1000 700:1000:1000 "
mkdir -p layer/etc
echo app:x:1234:1235::/:/bin/sh >layer/etc/passwd
run env SUDO_UID=1000 cagebox run --lower "$work/layer:$copy" -G -u app -- sh -c 'id -u; stat -c %u:%g /run/user/*'
is "by its uppermost passwd" "$(echo "$out" | tr '\n' ' ')" "1234 1234:1235 "
check "no file is left in the root" test ! -e "$copy/root/.Xauthority"
finish
