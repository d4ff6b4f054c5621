# sh enter.sh ROOT NODE USER DIRECTORY COMMAND...: what a container engine does, in namespaces that the caller has made (container.ts).
# The root file system is read-only, save a tmpfs at /tmp; the user has no capabilities and can get none; COMMAND is process 1.
# What the base image brings (libraries, certificates) is this machine's /usr and /etc, and NODE.
set -eu
root=$1 node=$2 user=$3 directory=$4
shift 4
mount --bind "$root" "$root"
for path in usr etc; do
  mount --bind "/$path" "$root/$path"
  mount -o remount,bind,ro "$root/$path"
done
for path in dev/null dev/urandom; do mount --bind "/$path" "$root/$path"; done
mount --bind "$node" "$root/opt/node/bin/node"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -o remount,bind,ro "$root"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs --pdeathsig KILL \
  env -C "$directory" "$@"
