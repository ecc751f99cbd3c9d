# The engines and the registry that the tests talk to.
# shellcheck shell=bash

# What they are, and the clients of lib.sh.
service_tools='containerd ctr dockerd /usr/bin/docker docker-registry podman skopeo umoci jq'
services=()

# Everything started here is stopped by its own process number, the last one first: dockerd wants
# its containerd to the end.
stop_services() {
  local index pid tries
  for ((index = ${#services[@]} - 1; index >= 0; index--)); do
    pid=${services[index]}
    kill "$pid" 2>/dev/null || continue
    for ((tries = 0; tries < 100; tries++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  services=()
}

# serve NAME COMMAND…: setsid keeps a Ctrl-C from the daemon until it is its turn; the signal on the
# parent's death is for a run that is killed outright.
serve() {
  local name=$1
  shift
  setsid setpriv --pdeathsig TERM "${isolated[@]}" "$@" >"$tmp/$name.log" 2>&1 </dev/null &
  services+=($!)
}

# answers NAME COMMAND…: waits until the command succeeds.
answers() {
  local name=$1 tries
  shift
  for ((tries = 0; tries < 300; tries++)); do
    ! "$@" >/dev/null 2>&1 || return 0
    kill -0 "${services[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 30 "$tmp/$name.log"
  return 1
}

registry_port() {
  REGISTRY=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$tmp/registry.log")
  [ -n "$REGISTRY" ]
}

start_services() {
  export CONTAINERD_ADDRESS=$tmp/containerd.sock
  cat >"$tmp/containerd.toml" <<TOML
version = 2
root = "$tmp/containerd"
state = "$tmp/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$CONTAINERD_ADDRESS"
TOML
  serve containerd containerd --config "$tmp/containerd.toml"
  answers containerd ctr version || return

  export DOCKER=/usr/bin/docker DOCKER_HOST=unix://$tmp/docker.sock DOCKER_CONFIG=$tmp/docker-client
  echo '{}' >"$tmp/docker.json"
  serve dockerd dockerd --config-file "$tmp/docker.json" --host "$DOCKER_HOST" \
    --data-root "$tmp/docker" --exec-root "$tmp/docker-exec" --pidfile "$tmp/docker.pid" \
    --containerd "$CONTAINERD_ADDRESS" --storage-driver vfs --iptables=false --bridge none
  answers dockerd docker version || return

  # Port 0 lets the system choose a free one; the log says which.
  cat >"$tmp/registry.yml" <<YAML
version: 0.1
log: { level: info }
storage: { filesystem: { rootdirectory: $tmp/registry } }
http: { addr: "127.0.0.1:0" }
YAML
  serve registry docker-registry serve "$tmp/registry.yml"
  answers registry registry_port || return
  export REGISTRY PODMAN_DIR=$tmp/podman
}
