#!/usr/bin/env bash
# The packaged kernel boots out of an engine's store with the command line that engine gives it.
# needs: bimanix services qemu-system-x86_64
source "$(dirname "$0")/lib.sh"
begin

result=$work/result
succeeds "build" "$BIMANIX" build "$repo/examples/hello-qemu/args.nix" -o "$result"
unpack "$result" "$work/layout"
binary=$(jq -r '.annotations["com.urunc.unikernel.binary"]' "$manifest")
cmdline=$(jq -r '.annotations["com.urunc.unikernel.cmdline"]' "$manifest")
[ -n "$cmdline" ] || fail "the example has a command line to print"

# boots WHAT KERNEL CMD: CMD is the engine's JSON list.
boots() {
  local what=$1 kernel=$2 line serial=$work/serial status=0
  line=$(jq -r 'join(" ")' <<<"$3")
  same "$what: Cmd is the command line" "$cmdline" "$line"
  rm -f "$serial"
  timeout --foreground --kill-after=5 60 qemu-system-x86_64 -accel tcg -m 64 -nodefaults \
    -no-user-config -display none -serial "file:$serial" -kernel "$kernel" -append "$line" \
    >"$work/qemu.log" 2>&1 </dev/null || status=$?
  same "$what: the guest powers off" 0 "$status"
  cat "$work/qemu.log"
  printf 'hello from hello-qemu\n%s\n' "$line" >"$work/expected"
  [ -e "$serial" ] || : >"$serial"
  same "$what: the guest prints its command line" "$(cat "$work/expected")" "$(cat "$serial")"
  same_bytes "$what: and nothing else" "$work/expected" "$serial"
}

succeeds "docker load" docker load --input "$result"
succeeds "docker create" docker create --network none "$image_name"
container=$out
cmd=$(docker container inspect "$container" | jq -c '.[0].Config.Cmd')
succeeds "docker cp" docker cp "$container:$binary" "$work/docker-kernel"
docker rm "$container" >/dev/null
boots docker "$work/docker-kernel" "$cmd"

succeeds "ctr images import" ctr images import --snapshotter native "$result"
digest=$(ctr images ls "name==$image_name" | tail -n +2 | awk '{ print $3 }')
stored=$(ctr content get "$digest" | jq -r .config.digest)
cmd=$(ctr content get "$stored" | jq -c .config.Cmd)
mkdir "$work/mounted"
succeeds "ctr images mount" ctr images mount --snapshotter native "$image_name" "$work/mounted"
later "umount '$work/mounted'"
cp "$work/mounted$binary" "$work/containerd-kernel"
boots containerd "$work/containerd-kernel" "$cmd"
