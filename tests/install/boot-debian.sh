#!/bin/bash
# Boots a Debian below a folder, with its own systemd as process 1, in namespaces of its own: processes, mounts, network.
# Usage: boot-debian.sh ROOT   (as root; ends when that systemd does)
set -euo pipefail

if [ "${2:-}" != inside ]; then
  # A group of its own in each hierarchy that systemd uses, so that it finds itself at their top.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir -p "$hierarchy/paperround-install"
    echo $$ > "$hierarchy/paperround-install/cgroup.procs"
  done
  exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child "$0" "$1" inside
fi

root=$1
mount --make-rprivate /
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
if [ -d /sys/fs/cgroup/unified ]; then
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
  mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
else
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
fi
hostname news
ip link set lo up
# Not chroot: a process in one may not make user namespaces (user_namespaces(7)), which PrivateUsers= takes.
cd "$root"
mkdir run/outside
pivot_root . run/outside
umount --lazy run/outside
exec env -i container=paperround SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system
