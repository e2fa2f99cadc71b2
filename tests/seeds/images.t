#!/bin/sh
# SPDX-License-Identifier: Zlib
# The examples of the documents of container and cage, as they stand there: roots from an archive, images built by cage, users made by a
# script. In place of the download there is an archive made here, in place of apk a program of that root which installs a sudo.
# The numbers in brackets are rows of the table of what the older programs do.
# timeout: 600
# shellcheck disable=SC2016,SC2154 # commands in single quotes are for the shell inside; lib.sh sets the rest
. "$(dirname "$0")/../lib.sh"

mkdir bin home && cagebox --install -s bin && PATH=$work/bin:$PATH
unset SUDO_UID SUDO_GID
export HOME="$work/home"
# The default directories are the host's.
mount -t tmpfs -o mode=755 lib /var/lib
leaks_begin

sudo()
{
	"$@"
}

# --- the archives ------------------------------------------------------------------------------------------------------------------

cat >up.c <<'EOT'
#include <unistd.h>
int main(int argc, char **argv)
{
	return argc < 2 || setgid(0) || setuid(0) || execvp(argv[1], argv + 1);
}
EOT
alpine=$(root_copy "$root_busybox")
sed -i '/^app:/d' "$alpine/etc/passwd" "$alpine/etc/group"
musl-gcc -static -Os -o "$alpine/bin/.up" up.c || bail_out "no compiler"
cat >"$alpine/bin/apk" <<'EOT'
#!/bin/sh
# apk add --no-cache sudo
[ "$*" = 'add --no-cache sudo' ] && mkdir -p /etc/sudoers.d && mv /bin/.up /bin/sudo && chmod 4755 /bin/sudo
EOT
cat >"$alpine/bin/addgroup" <<'EOT'
#!/bin/sh
# addgroup -g GID GROUP
echo "$3:x:$2:" >>/etc/group
EOT
cat >"$alpine/bin/adduser" <<'EOT'
#!/bin/sh
# adduser -D -G GROUP -u UID -s SHELL -h HOME USER
echo "$10:x:$5:$(sed -n "s/^$3:x:\([0-9]*\):.*/\1/p" /etc/group)::$9:$7" >>/etc/passwd
mkdir -p "$9" && chown "$5" "$9"
EOT
sed -i 's/\$10/${10}/' "$alpine/bin/adduser"
chmod 755 "$alpine"/bin/apk "$alpine"/bin/add*
tar -cJf alpine.tar.xz -C "$alpine" .
tar -czf alpine.tar.gz -C "$alpine" .
tar -cf debian.tar -C "$root_debian" .

download()
{
	cat "$work/$1"
}

# --- container ---------------------------------------------------------------------------------------------------------------------

if [ ! -d /var/lib/micro-container/root-alpine ]; then
	sudo mkdir -p /var/lib/micro-container/root-alpine
	download alpine.tar.xz |
		sudo tar -xJ -C /var/lib/micro-container/root-alpine
fi
run sh -c 'echo "cat /etc/hostname; uname -n; touch /root/made; id -u" | container alpine'
is "[18] container alpine" "$status $err $(echo "$out" | tr '\n' ' ')" "0  busybox alpine 0 "
run sh -c 'echo "cat /etc/hostname; uname -n; ls /root" | container -l /var/lib/micro-container/root-alpine -n other-container-name'
is "[18] the same root by another name is another container" "$status $err $(echo "$out" | tr '\n' ' ')" "0  busybox other-container-name "
run container alpine ls /root
is "[18] the first keeps what it had" "$status $out$err" "0 made"
check "[18] the root was not written" test ! -e /var/lib/micro-container/root-alpine/root/made

mkdir -p /var/lib/micro-container/root-debian
download debian.tar | tar -x -C /var/lib/micro-container/root-debian
run container debian sh -c '. /etc/os-release; echo $ID; dpkg --print-architecture >/made; apt-get --version | head -n 1'
like "[18] container debian" "$status $(echo "$out" | tr '\n' ' ')$err" '^0 debian apt '
run container -n debian -- sh -c 'test -s /made && useradd -m -u 1234 guest && id -un guest'
is "[18] with programs that change it" "$status $out$err" "0 guest"
run container -n debian -u guest -- sh -c 'cd; pwd'
is "[18] for good" "$status $out$err" "0 /home/guest"

# --- cage ---------------------------------------------------------------------------------------------------------------------------

rootdir=/var/lib/microcontainer-root/alpine
if [ ! -d "$rootdir" ]; then
	sudo mkdir -p "$rootdir"
	download alpine.tar.gz |
		sudo tar -xzf- -C "$rootdir"
fi
run sh -c "echo 'cat /etc/hostname; uname -n; touch /root/made; id -u' | cage -l '$rootdir' -n alpine"
is "[18] cage -l ROOT -n alpine" "$status $err $(echo "$out" | tr '\n' ' ')" "0  busybox alpine 0 "
run sh -c "echo 'uname -n; ls /root' | cage -l '$rootdir' -n other-container-name"
is "[18] the same root by another name is another instance" "$status $err $out" "0  other-container-name"
run cage -l "$rootdir" -n alpine ls /root
is "[18] the first keeps what it had" "$status $out$err" "0 made"

# The document sets tmp and then uses tmpdir.
build()
{
	rootdir=$1
	tmpdir=$(mktemp -d "$work/build.XXXXXX")
	mkdir "$tmpdir/none" "$tmpdir/root"
	download "$2" |
		sudo tar -x"$3"f- -C "$tmpdir/root"
	run cage \
		-a "$tmpdir/app" \
		-p "$tmpdir/pid" \
		-l "$tmpdir/none" \
		-U "$tmpdir/root" \
		-- \
		/bin/sh -s
	is "[40] the script ran in the image itself" "$status $err" "0 "
	is "[40] beside it there are work, lower, and nothing in that" "$(cd "$tmpdir" && echo * none/*)" "app none root none/*"
	sudo mkdir -p "$(dirname "$rootdir")"
	sudo rm -rf "${rootdir}.tmp"
	sudo mv "$tmpdir/root" "${rootdir}.tmp"
	sudo mv "${rootdir}.tmp" "$rootdir"
	sudo rm -rf "$tmpdir"
}

build /var/lib/microcontainer-root/alpine2 alpine.tar.gz z <<\EOT
    apk add --no-cache sudo
    addgroup -g 1000 user
    adduser -D -G user -u 1000 -s /bin/ash -h /home/user user
    printf 'user ALL=(ALL:ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/nopass
EOT
is "[39 40] what the script did is in the image" "$(grep -c '^user:x:1000:' $rootdir/etc/passwd) $(cat $rootdir/etc/sudoers.d/nopass) $(stat -c %a $rootdir/bin/sudo)" \
	"1 user ALL=(ALL:ALL) NOPASSWD: ALL 4755"
is "[40] no file of the host's is" "$(find $rootdir/proc $rootdir/sys $rootdir/dev $rootdir/run $rootdir/tmp -mindepth 1; wc -c <$rootdir/etc/resolv.conf)" 0
run sh -c "echo 'id -u; id -g; pwd; echo \$HOME \$0; sudo id -u' | cage -l '$rootdir' -u 1000 -g 1000 -n alpine2"
is "[18 40] an unprivileged system: its user, who has sudo" "$status $err $(echo "$out" | tr '\n' ' ')" "0  1000 1000 / /home/user -ash 0 "

build /var/lib/microcontainer-root/debian debian.tar '' <<\EOT
    groupadd -g 1234 user && useradd -m -g user -u 1234 user
    usermod -a -G audio user
EOT
run cage -l "$rootdir" -u user -n debian -- sh -c 'id; ls -d ~; grep -c "^audio:.*user" /etc/group'
is "[40] another one, by its own programs" "$status $err $(echo "$out" | tr '\n' ' ')" "0  uid=1234(user) gid=1234(user) groups=1234(user) /home/user 1 "

# Dynamic user creation, as caller 1001.
id()
{
	case $1 in
	-u) echo 1001 ;;
	-g) echo 1002 ;;
	esac
}
rootdir=/var/lib/microcontainer-root/alpine
for call in first second; do
	run cage -l "$rootdir" -i /proc/self/fd/3 -u "$(id -u)" -g "$(id -g)" -- sh -c 'id -un; id -gn; sudo id -u; grep -c "^user:" /etc/passwd' 3<<EOT
if [ ! -f /usr/bin/sudo ]; then
  apk add --no-cache sudo
  addgroup -g $(id -g) user
  adduser -D -G user -u $(id -u) -s /bin/ash -h /home/user user
  printf 'user ALL=(ALL:ALL) NOPASSWD: ALL\n' > /etc/sudoers.d/nopass
fi
EOT
	is "[29] a user made by the script: the $call call" "$status $err $(echo "$out" | tr '\n' ' ')" "0  user user 0 1 "
done
run cage -n second -l /var/lib/microcontainer-root/debian -i /proc/self/fd/3 -u 4321 -- id -un 3<<\EOT
getent passwd 4321 >/dev/null || useradd -u 4321 late
EOT
is "[29] by another system's programs" "$status $out$err" "0 late"
run sh -c "sed 's/^/  /' <<EOT | cage -l '$rootdir' -n stdin -- sh -s
echo read
exit 6
EOT"
is "[39] a command from standard input" "$status $out$err" "6 read"
unset -f id
finish
