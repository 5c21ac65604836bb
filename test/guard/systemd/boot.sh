#!/bin/sh
# systemd as the first process of namespaces of its own: it sees no other process, and no unit of this machine.
#   boot.sh ROOT GROUP ETC PROGRAM
# ROOT is an empty folder, GROUP a name for a control group, ETC what /etc holds, PROGRAM /usr/local/bin/postern.
set -eu
root=$1 group=$2 etc=$3 program=$4

if [ -n "$group" ]; then
  mount --make-rprivate /
  mount -t cgroup2 cgroup2 "$root"
  mkdir "$root/$group"
  echo $$ > "$root/$group/cgroup.procs"
  umount "$root"
  # Only a process that is in the group has it as the top of what it sees.
  exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup sh "$0" "$root" "" "$etc" "$program"
fi

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir -p usr etc proc sys dev run tmp old root var/lib var/log
mount --bind -o ro /usr usr
mount -t tmpfs -o mode=755 tmpfs usr/local
mkdir usr/local/bin
touch usr/local/bin/postern
mount --bind "$program" usr/local/bin/postern
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$folder"; done
cp -R "$etc/." etc
cp /etc/passwd /etc/group etc
mount -t proc proc proc
# Settings of the kernel are this machine's as well.
mount --bind -o ro proc/sys proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/shm dev/pts
ln -s pts/ptmx dev/ptmx
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
pivot_root . old
umount -l old
exec env -i container=test PATH=/usr/sbin:/usr/bin SYSTEMD_UNIT_PATH=/etc/systemd/system \
  SYSTEMD_GENERATOR_PATH=/nowhere /usr/lib/systemd/systemd --system --unit=basic.target \
  --log-target=null --show-status=no
