#!/usr/bin/env bash
# `bimanix push` sends to a real registry what it lacks and no more; and to one that fails in every way, it says
# what failed, and leaves no tag.
# needs: bimanix services python3 alone
source "$(dirname "$0")/lib.sh"
begin

mkdir "$work/project"
cp "$repo/examples/hello-qemu/hello.elf" "$work/project/hello.elf"
head -c 3000000 /dev/urandom >"$work/project/data"
# recipe TAG CMDLINE
recipe() {
  cat >"$work/project/args.nix" <<N
{
  name = "$REGISTRY/bimanix/push";
  tag = "$1";
  files = { "hello.elf" = "/unikernel/hello.elf"; "data" = "/data/data"; };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/hello.elf";
    cmdline = "$2";
  };
}
N
}
recipe v1 one
succeeds "build" "$BIMANIX" build --json "$work/project" -o "$work/result"
manifest=$(jq -r .manifest <<<"$out")
first_layer=$(jq -r '.layers[0].digest' <<<"$out")
succeeds "push" "$BIMANIX" push --json "$work/project"
same "everything is sent" 4 "$(jq .sentBlobs <<<"$out")"
same "it says what was pushed" "$manifest" "$(jq -r .manifest <<<"$out")"
succeeds "skopeo sees it" skopeo inspect --tls-verify=false "docker://$REGISTRY/bimanix/push:v1"
same "with the same digest" "$manifest" "$(jq -r .Digest <<<"$out")"
succeeds "docker pulls it" docker pull --quiet "$REGISTRY/bimanix/push:v1"
succeeds "push again" "$BIMANIX" push --json "$work/project"
same "nothing is sent" 0 "$(jq .sentBlobs <<<"$out")"
same "nor any byte" 0 "$(jq .sentBytes <<<"$out")"
for number in $(seq 2 10); do
  recipe "v$number" "number $number"
  succeeds "push of image $number" "$BIMANIX" push --json "$work/project"
done
same "the tenth sends its configuration and urunc.json" 2 "$(jq .sentBlobs <<<"$out")"
[ "$(jq .sentBytes <<<"$out")" -lt 10000 ] && pass "which are small" ||
  fail "which are small" "$out"
succeeds "push to another place" "$BIMANIX" push "$work/project" "$REGISTRY/other/place:x"
succeeds "skopeo sees that" skopeo inspect --tls-verify=false "docker://$REGISTRY/other/place:x"
for method in gzip zstd; do
  succeeds "push with $method" \
    "$BIMANIX" push "$work/project" "$REGISTRY/bimanix/$method:x" --compression "$method"
  succeeds "skopeo copies it" skopeo copy -q --src-tls-verify=false \
    "docker://$REGISTRY/bimanix/$method:x" "oci:$work/copied-$method"
done
succeeds "push to a repository beside it" \
  "$BIMANIX" push --json "$work/project" "$REGISTRY/mounted/one:x" --mount-from bimanix/push
same "nothing is sent that the registry has in another one" "0 4" \
  "$(jq -r '"\(.sentBlobs) \(.mountedBlobs)"' <<<"$out")"
succeeds "skopeo sees the image there" skopeo inspect --tls-verify=false "docker://$REGISTRY/mounted/one:x"
# The same image from many at once: each is done, and the tag is whole.
pids=()
for number in $(seq 8); do
  XDG_CACHE_HOME="$work/cache-$number" "$BIMANIX" push "$work/project" "$REGISTRY/at-once/one:x" >"$work/at-once-$number" 2>&1 &
  pids+=($!)
done
done=0
for pid in "${pids[@]}"; do
  wait "$pid" && done=$((done + 1))
done
same "eight pushes at once are done" 8 "$done"
same "all say the same digest" 1 "$(head -q -n 1 "$work"/at-once-* | sort -u | wc -l)"
succeeds "what they have pushed is whole" skopeo copy -q --src-tls-verify=false "docker://$REGISTRY/at-once/one:x" \
  "oci:$work/copied-at-once"
succeeds "and is what the recipe makes" "$BIMANIX" verify "docker://$REGISTRY/at-once/one:x" "$work/project"
succeeds "push of a reference alone" env -C "$work/project" "$BIMANIX" push "$REGISTRY/alone/one:x"
succeeds "skopeo sees that one" skopeo inspect --tls-verify=false "docker://$REGISTRY/alone/one:x"
succeeds "push of an archive" "$BIMANIX" push "$work/result" "$REGISTRY/bimanix/archive:x"
succeeds "skopeo sees that too" skopeo inspect --tls-verify=false "docker://$REGISTRY/bimanix/archive:x"
same "with the digest of the archive" "$manifest" "$(jq -r .Digest <<<"$out")"

status=0
said=$("$BIMANIX" push --compression zstd "$work/result" 2>&1) || status=$?
same "layers that are there are not compressed anew" 1 "$status"
contains "it says so" "push/compressed" "$said"
succeeds "a layout whose image has a tag alone" skopeo copy -q "oci-archive:$work/result" "oci:$work/nameless:v1"
status=0
said=$("$BIMANIX" push "$work/nameless" 2>&1) || status=$?
same "it goes nowhere by itself: exit code" 1 "$status"
contains "it goes nowhere by itself" "push/reference" "$said"
succeeds "it goes where it is told" "$BIMANIX" push "$work/nameless" "$REGISTRY/bimanix/nameless:x"
echo '{}' >"$work/project/index.json"
succeeds "a project with an index.json is a project" \
  "$BIMANIX" push "$work/project" "$REGISTRY/bimanix/push:with-index"
rm "$work/project/index.json"
docker save "$REGISTRY/bimanix/push:v1" -o "$work/saved"
status=0
said=$("$BIMANIX" push "$work/saved" "$REGISTRY/bimanix/saved:x" 2>&1) || status=$?
same "a docker archive has no manifest to push" 1 "$status"
contains "it says so" "image/not-one" "$said"

# A registry that does what it is told to, between this and the real one.
cat >"$work/faults.py" <<'P'
import base64, http.client, http.server, pathlib, sys
real, state = sys.argv[1], pathlib.Path(sys.argv[2])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items(): self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode, count = state.joinpath("mode").read_text().split()
        count = int(count)
        if self.path.startswith("/token"):
            given = self.headers.get("Authorization", "")
            if given == "Basic " + base64.b64encode(b"me:secret").decode():
                return self.answer(200, b'{"token":"t"}')
            return self.answer(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}')
        if mode == "token" and self.headers.get("Authorization") != "Bearer t":
            host = self.headers["Host"]
            return self.answer(401, WWW_Authenticate=f'Bearer realm="http://{host}/token",service="s"')
        if mode == "basic" and not self.headers.get("Authorization"):
            return self.answer(401, WWW_Authenticate='Basic realm="x"')
        if mode == "denied":
            return self.answer(403, b'{"errors":[{"code":"DENIED","message":"not yours"}]}')
        if mode in ("500", "429", "drop") and count > 0 and self.command in ("PUT", "POST"):
            state.joinpath("mode").write_text(f"{mode} {count - 1}")
            if mode == "drop":
                self.close_connection = True
                return self.connection.close()
            return self.answer(int(mode), Retry_After="0")
        link = http.client.HTTPConnection(real)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("authorization", "host")}
        link.request(self.command, self.path, body, headers | {"Host": self.headers["Host"]})
        response = link.getresponse()
        data = response.read()
        self.send_response(response.status)
        for key, value in response.getheaders():
            if key.lower() in ("content-length", "transfer-encoding", "connection"): continue
            if mode == "digest" and key.lower() == "docker-content-digest" and self.command == "PUT":
                value = "sha256:" + "0" * 64
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(data)
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = any
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
state.joinpath("port").write_text(str(server.server_port))
server.serve_forever()
P
mkdir "$work/state"
echo "none 0" >"$work/state/mode"
python3 "$work/faults.py" "$REGISTRY" "$work/state" &
later "kill $!"
for _ in $(seq 100); do
  [ -s "$work/state/port" ] && break
  sleep 0.05
done
faulty=127.0.0.1:$(cat "$work/state/port")
tags=0
# pushes WHAT MODE COUNT CODE WORDS: each to a new repository, so that no blob is there.
pushes() {
  local what=$1 status=0 said
  tags=$((tags + 1))
  echo "$2 $3" >"$work/state/mode"
  said=$("$BIMANIX" push "$work/project" "$faulty/faults/n$tags:x" 2>&1) || status=$?
  same "$what: exit code" "$4" "$status"
  contains "$what: what it says" "$5" "$said"
  if [ "$4" -ne 0 ]; then
    echo "none 0" >"$work/state/mode"
    same "$what: no tag" 404 "$(python3 - "$REGISTRY" "faults/n$tags" <<'P'
import http.client, sys
link = http.client.HTTPConnection(sys.argv[1])
link.request("HEAD", f"/v2/{sys.argv[2]}/manifests/x")
print(link.getresponse().status)
P
)"
  fi
}
pushes "no fault" none 0 0 "sent"
pushes "two answers of 500" 500 2 0 "sent"
pushes "500 for ever" 500 99 3 "500 Internal Server Error"
pushes "too many requests" 429 2 0 "sent"
pushes "a dropped connection" drop 2 0 "sent"
pushes "dropped for ever" drop 99 3 "in 5 attempts"
pushes "another's repository" denied 0 3 "403 Forbidden"
pushes "a wrong digest" digest 0 3 "registry/wrong-digest"
pushes "a token, and no login" token 0 3 "docker login"
pushes "a login, and none known" basic 0 3 "docker login"
mkdir "$work/docker"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$faulty" "$(printf me:secret | base64)" >"$work/docker/config.json"
export DOCKER_CONFIG=$work/docker
pushes "a token with the user's login" token 0 0 "sent"
pushes "the user's login" basic 0 0 "sent"
printf '#!/bin/sh\nread -r host\n[ "$host" = "%s" ] && echo '"'"'{"Username":"me","Secret":"secret"}'"'"'\n' \
  "$faulty" >"$work/docker/docker-credential-test"
chmod +x "$work/docker/docker-credential-test"
printf '{"credsStore":"test"}' >"$work/docker/config.json"
PATH=$work/docker:$PATH pushes "a credential helper" token 0 0 "sent"

# Killed at any moment, a push leaves no tag but that of a whole image.
unset DOCKER_CONFIG
before=$(ls -A "$work/project")
killed=0
for round in $(seq 20); do
  signal=KILL
  [ $((round % 3)) -ne 0 ] || signal=TERM
  status=0
  "$BIMANIX" push "$work/project" "$REGISTRY/killed/n$round:x" >/dev/null 2>&1 &
  pid=$!
  sleep "0.$(printf '%03d' $((round * 4)))"
  kill -s "$signal" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  [ "$status" -eq 0 ] || killed=$((killed + 1))
  if found=$(skopeo inspect --tls-verify=false "docker://$REGISTRY/killed/n$round:x" 2>/dev/null); then
    succeeds "push killed after $((round * 4)) ms: the image is whole" skopeo copy -q \
      --src-tls-verify=false "docker://$REGISTRY/killed/n$round:x" "dir:$work/whole"
    same "push killed after $((round * 4)) ms: it is the image" \
      "$(jq -r .Layers[0] <<<"$found")" "$first_layer"
  else
    pass "push killed after $((round * 4)) ms: no tag"
  fi
done
same "a killed push leaves nothing" "$before" "$(ls -A "$work/project")"
[ "$killed" -gt 0 ] && pass "some were killed in time" || fail "some were killed in time"

# fails WHAT CODE WORDS COMMAND…
fails() {
  local what=$1 code=$2 words=$3 status=0 said
  shift 3
  said=$("$@" 2>&1) || status=$?
  same "$what: exit code" "$code" "$status"
  contains "$what: it says why" "$words" "$said"
}
fails "a reference that is none" 1 push/reference "$BIMANIX" push "$work/project" "$REGISTRY/Upper:x"
fails "nobody there" 3 "why: connection refused" "$BIMANIX" push "$work/project" "127.0.0.1:1/a:x"
fails "no such host" 3 "registry" "$BIMANIX" push "$work/project" "no-such-host.invalid/a:x"
rm "$work/project/data"
fails "a recipe that is refused" 1 files/missing "$BIMANIX" push "$work/project"
