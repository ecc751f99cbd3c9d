#!/usr/bin/env bash
# Bad input and a bad machine, at the level of the process: each gives its documented exit code, says
# what is wrong and where, and leaves what was there before.
# needs: bimanix root python3 strace alone
source "$(dirname "$0")/lib.sh"
begin

# Each program stays in this script's process group, so that it ends with it: --foreground. The
# limit is long enough for a loaded machine, short enough to tell a program that waits for ever.
limit=30

# One small project that builds; each case below changes one thing in a copy of it.
good=$work/good
mkdir "$good"
cp "$repo/examples/hello-qemu/hello.elf" "$good/kernel"
printf 'some text\n' >"$good/note.txt"

# recipe FOLDER [FILES…]: an args.nix whose files hold these lines besides the kernel.
recipe() {
  local folder=$1
  shift
  {
    printf '{\n  name = "example.org/faults";\n  files = {\n    "kernel" = "/unikernel/kernel";\n'
    [ $# -eq 0 ] || printf '    %s\n' "$@"
    cat <<'NIX'
  };
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "hello";
  };
}
NIX
  } >"$folder/args.nix"
}
recipe "$good" '"note.txt" = "/note.txt";'

# start NAME: a copy of the good project in $project, with an old image beside it as its `result`.
# The folder's name must not hold a word that a message is searched for.
count=0
start() {
  name=$1
  count=$((count + 1))
  project=$work/case-$count
  cp -R "$good" "$project"
  cp "$work/old" "$project/result"
  chmod 0644 "$project/result"
}

succeeds "the good project builds" "$BIMANIX" build "$good" -o "$work/old"
old_sum=$(sha256 "$work/old")

# What stands in a folder, without the contents.
listing() {
  (cd "$1" && find . -printf '%P %y %l\n' | sort)
}

# ends STATUS COMMAND…: runs it and leaves its standard error in $err.
ends() {
  local expected=$1 status=0
  shift
  timeout --foreground --kill-after=5 "$limit" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  err=$(cat "$work/stderr")
  if [ "$status" -eq "$expected" ]; then
    pass "$name: exit code $expected"
  else
    fail "$name: exit code $expected" "command: $*" "found:   $status" "stderr:  $err"
  fi
}

# refused STATUS NEEDLE… -- COMMAND…: the command fails so, its message has the words, and the
# project's folder is as it was before, with the old result in it.
refused() {
  local status=$1 before
  shift
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  before=$(listing "$project")
  ends "$status" "$@"
  if [[ $err =~ ^error(\[[a-z0-9/-]+\])?:\  ]]; then
    pass "$name: the message is an error"
  else
    fail "$name: the message is an error" "expected: error[slug]: title" "found:    $err"
  fi
  local word
  for word in "${words[@]}"; do
    contains "$name: the message says \"$word\"" "$word" "$err"
  done
  lacks "$name: no panic" panicked "$err"
  same "$name: nothing on standard output" "" "$(head -c 200 "$work/stdout" | tr -d '\0')"
  same "$name: nothing is left beside the old result" "$before" "$(listing "$project")"
  same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
}

# Runs what follows in the folder named next, as a user would.
here=(env --chdir)

# What is read is input, also where it cannot be read: 1. Where the image cannot go is the machine's
# affair: 3.

# What is not there, or is not a file.

start "args.nix is missing"
rm "$project/args.nix"
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" build
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" check

start "a source is missing"
rm "$project/note.txt"
refused 1 note.txt 'args.nix:5:' -- "${here[@]}" "$project" "$BIMANIX" build

start "a FIFO as source"
rm "$project/note.txt"
mkfifo "$project/note.txt"
refused 1 note.txt 'args.nix:5:' FIFO -- "${here[@]}" "$project" "$BIMANIX" build

start "a socket as source"
rm "$project/note.txt"
# A socket's path has at most 107 bytes, hence the bare name.
(cd "$project" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("note.txt")')
refused 1 note.txt 'args.nix:5:' socket -- "${here[@]}" "$project" "$BIMANIX" build

start "a device as source"
recipe "$project" '"/dev/zero" = "/note.txt";'
refused 1 /dev/zero 'args.nix:5:' device -- "${here[@]}" "$project" "$BIMANIX" build

start "a FIFO in a directory"
mkdir "$project/tree"
mkfifo "$project/tree/pipe"
recipe "$project" '"tree" = "/data/";'
refused 1 tree/pipe FIFO -- "${here[@]}" "$project" "$BIMANIX" build

start "a socket in a directory"
mkdir "$project/tree"
(cd "$project/tree" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("ear")')
recipe "$project" '"tree" = "/data/";'
refused 1 tree/ear socket -- "${here[@]}" "$project" "$BIMANIX" build

start "a device in a directory"
mkdir "$project/tree"
mknod "$project/tree/null" c 1 3
recipe "$project" '"tree" = "/data/";'
refused 1 tree/null device -- "${here[@]}" "$project" "$BIMANIX" build

start "a device as args.nix"
refused 1 /dev/zero -- "$BIMANIX" build /dev/zero -o "$project/result"

# What root may read and others may not. The binary is copied, since the way to it may be closed to
# others too.

mkdir "$work/bin"
cp "$BIMANIX" "$work/bin/bimanix"
chmod -R a+rX "$work/bin"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups "$work/bin/bimanix")

# given_away: the project belongs to nobody, so that only what a case closes is closed.
given_away() {
  chown -R 65534:65534 "$project"
}

start "an unprivileged build"
given_away
ends 0 "${nobody[@]}" build "$project" -o "$project/result"
same "$name: the same bytes" "$old_sum" "$(sha256 "$project/result")"

start "a directory that is not readable"
mkdir "$project/secret"
recipe "$project" '"secret" = "/data/";'
given_away
chown 0:0 "$project/secret"
chmod 0700 "$project/secret"
refused 1 secret -- "${nobody[@]}" build "$project" -o "$project/result"

start "a directory below that is not readable"
mkdir -p "$project/tree/secret"
recipe "$project" '"tree" = "/data/";'
given_away
chown 0:0 "$project/tree/secret"
chmod 0700 "$project/tree/secret"
refused 1 tree/secret -- "${nobody[@]}" build "$project" -o "$project/result"

start "a source that is not readable"
given_away
chown 0:0 "$project/note.txt"
chmod 0600 "$project/note.txt"
refused 1 note.txt -- "${nobody[@]}" build "$project" -o "$project/result"

start "an args.nix that is not readable"
given_away
chown 0:0 "$project/args.nix"
chmod 0600 "$project/args.nix"
refused 1 args.nix -- "${nobody[@]}" build "$project" -o "$project/result"

start "a read-only folder"
chmod 0555 "$project"
refused 3 result -- "${nobody[@]}" build "$project" -o "$project/result"

start "a read-only file system"
mkdir "$project/mounted"
mount -t tmpfs bimanix-tests "$project/mounted"
later "umount '$project/mounted'"
cp "$work/old" "$project/mounted/result"
mount -o remount,ro "$project/mounted"
refused 3 mounted/result -- "${here[@]}" "$project" "$BIMANIX" build -o mounted/result
same "$name: the old result there stays" "$old_sum" "$(sha256 "$project/mounted/result")"

# Where the image cannot go.

start "the output folder is missing"
refused 3 nowhere/result -- "${here[@]}" "$project" "$BIMANIX" build -o nowhere/result

start "a directory stands at the output"
mkdir "$project/taken"
refused 3 taken -- "${here[@]}" "$project" "$BIMANIX" build -o taken

start "a full device as output"
# A program that renames onto its output would put a file in the place of the device.
restore_full() {
  [ -c /dev/full ] || { rm -f /dev/full && mknod -m 0666 /dev/full c 1 7; }
}
later restore_full
refused 3 /dev/full -- "${here[@]}" "$project" "$BIMANIX" build -o /dev/full
same "$name: the device stays" "character special file 1,7" "$(stat -c '%F %Hr,%Lr' /dev/full)"
restore_full

start "a full device as standard output"
before=$(listing "$project")
status=0
timeout --foreground "$limit" "$BIMANIX" build "$project" -o - >/dev/full 2>"$work/stderr" || status=$?
same "$name: exit code" 3 "$status"
contains "$name: the message is an error" "error" "$(cat "$work/stderr")"
lacks "$name: no panic" panicked "$(cat "$work/stderr")"
same "$name: nothing is left" "$before" "$(listing "$project")"

start "a full file system"
mkdir "$project/mounted"
mount -t tmpfs -o size=1m bimanix-tests "$project/mounted"
later "umount '$project/mounted'"
cp "$work/old" "$project/mounted/result"
head -c 2000000 /dev/zero >"$project/note.txt"
used=$(stat -f -c %f "$project/mounted")
refused 3 mounted/result -- "${here[@]}" "$project" "$BIMANIX" build -o mounted/result
same "$name: the old result there stays" "$old_sum" "$(sha256 "$project/mounted/result")"
same "$name: its space is free again" "$used" "$(stat -f -c %f "$project/mounted")"
head -c 2000000 /dev/zero >"$project/mounted/filler" 2>/dev/null || true
refused 3 mounted/new.nix -- "${here[@]}" "$project" "$BIMANIX" init -o mounted/new.nix
same "$name: no part of an args.nix is left" "filler result" "$(ls -A "$project/mounted" | xargs)"
rm "$project/mounted/filler"

# What args.nix says.

start "a syntax error"
sed -i 's/^  files = {$/  files = = {/' "$project/args.nix"
refused 1 'args.nix:3:' -- "${here[@]}" "$project" "$BIMANIX" build
refused 1 'args.nix:3:' -- "${here[@]}" "$project" "$BIMANIX" check

start "a file that ends early"
head -n 4 "$good/args.nix" >"$project/args.nix"
refused 1 'args.nix:' -- "${here[@]}" "$project" "$BIMANIX" build

start "infinite recursion"
sed -i 's/^  name = .*/  name = let x = x; in x;/' "$project/args.nix"
refused 1 'args.nix:2:' recursion -- "${here[@]}" "$project" "$BIMANIX" build

start "recursion without end"
sed -i 's/^  name = .*/  name = let f = n: "a" + f (n + 1); in f 0;/' "$project/args.nix"
refused 1 'args.nix:2:' -- "${here[@]}" "$project" "$BIMANIX" build

start "an unknown field"
sed -i 's/^  files = {$/  flies = {/' "$project/args.nix"
refused 1 'args.nix:3:3' flies '`files`' -- "${here[@]}" "$project" "$BIMANIX" build

start "an unknown annotation"
sed -i 's/hypervisor/hipervisor/' "$project/args.nix"
refused 1 'args.nix:9:5' hipervisor '`hypervisor`' -- "${here[@]}" "$project" "$BIMANIX" build

start "bytes that are no text"
printf '{ name = "\xff\xfe"; }\n' >"$project/args.nix"
refused 1 args.nix -- "${here[@]}" "$project" "$BIMANIX" build

start "an empty args.nix"
: >"$project/args.nix"
refused 1 'args.nix:' -- "${here[@]}" "$project" "$BIMANIX" build

# What the command line says.

start "an unknown option"
refused 2 --frobnicate -- "${here[@]}" "$project" "$BIMANIX" build --frobnicate
start "an unknown command"
refused 2 frobnicate -- "${here[@]}" "$project" "$BIMANIX" frobnicate

# Builds that do not come to their end. The big files are sparse: they cost no space here, but their
# bytes are hashed like any others.

start "a killed build"
mkdir "$project/many"
for number in $(seq 500); do
  printf 'file %d\n' "$number" >"$project/many/$number"
done
truncate -s 120M "$project/big" "$project/other"
recipe "$project" '"big" = "/data/big";' '"other" = "/data/other";' '"many" = "/data/many";'
# A folder as old result, too.
succeeds "the old layout builds" "$BIMANIX" build "$good" --format layout -o "$project/layout"
layout_sum() {
  (cd "$1" && find . -type f -exec sha256sum {} + | sort | sha256sum)
}
cp -R "$project/layout" "$work/old-layout"
old_layout=$(layout_sum "$project/layout")
before=$(listing "$project")

# whole WAY: what a build that ends well makes, and how many milliseconds that takes.
declare -A options=([file]="" [zstd]="--compression zstd:1" [layout]="--format layout -o layout")
declare -A elapsed whole
for way in "${!options[@]}"; do
  # A build while the disk is busy takes many times as long as the next one.
  elapsed[$way]=500
  for attempt in 1 2 3; do
    started=$(date +%s%N)
    # shellcheck disable=SC2086 # They are words.
    succeeds "$way: the big project builds, $attempt" \
      "${here[@]}" "$project" "$BIMANIX" build ${options[$way]}
    took=$((($(date +%s%N) - started) / 1000000))
    [ "$took" -ge "${elapsed[$way]}" ] || elapsed[$way]=$took
  done
  if [ "$way" == layout ]; then
    whole[$way]=$(layout_sum "$project/layout")
  else
    whole[$way]=$(sha256 "$project/result")
  fi
  printf '%s: a whole build takes %d ms\n' "$way" "${elapsed[$way]}"
  put_back() {
    cp "$work/old" "$project/result"
    rm -r "$project/layout"
    cp -R "$work/old-layout" "$project/layout"
  }
  put_back
done

# interrupted WAY SIGNAL MILLISECONDS: sends it after that time; whatever there is then is whole, old or new.
interrupted() {
  local pid status=0 found old left what="$1, SIG$2 after $3 ms"
  # shellcheck disable=SC2086 # They are words.
  (cd "$project" && exec "$BIMANIX" build ${options[$1]} >"$work/stdout" 2>"$work/stderr") &
  pid=$!
  sleep "$(printf '%d.%03d' $(($3 / 1000)) $(($3 % 1000)))"
  kill -s "$2" "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || status=$?
  [ "$status" -eq 0 ] || killed=$((killed + 1))
  if [ "$1" == layout ]; then
    found=$(layout_sum "$project/layout") old=$old_layout
  else
    found=$(sha256 "$project/result") old=$old_sum
  fi
  # The rename is the last step, so a build killed between it and its end has the new result.
  if [ "$found" == "${whole[$1]}" ]; then
    pass "$what: the new result is whole"
    put_back
  elif [ "$status" -ne 0 ]; then
    same "$what: the old result stays" "$old" "$found"
  else
    fail "$what: it ended well, and the result is not whole"
  fi
  left=$(listing "$project")
  # What is whole gets its name by way of a hidden one.
  if [[ $left == *.partial* ]]; then
    between=$((between + 1))
    rm -r "$project"/.*.partial
  else
    same "$what: nothing is left beside it" "$before" "$left"
  fi
}
killed=0
between=0
for ((round = 0; round < 100; round++)); do
  case $((round % 5)) in
    0 | 1) way=file ;;
    2) way=zstd ;;
    *) way=layout ;;
  esac
  signal=KILL
  [ $((round % 4)) -ne 3 ] || signal=TERM
  interrupted "$way" "$signal" $((elapsed[$way] * round / 100))
done
if [ "$killed" -ge 50 ]; then
  pass "enough of the builds were killed in time"
else
  fail "enough of the builds were killed in time" "found: $killed of 100"
fi
# The more else the machine does, the longer the moment: a build that leaves files behind would do so most of the time.
if [ "$between" -le 20 ]; then
  pass "a killed build leaves nothing, but in the moment of its naming"
else
  fail "a killed build leaves nothing, but in the moment of its naming" "found: $between of 100"
fi

# The system's errors, put in the way of the system calls that write: on any of them the old results stay.

# injected WHAT WORDS CALL… -- OPTION…
injected() {
  local what=$1 words=$2 calls=()
  shift 2
  while [ "$1" != -- ]; do
    calls+=(--inject="$1")
    shift
  done
  shift
  name=$what
  refused 3 "$words" -- "${here[@]}" "$project" strace -f -qq -o /dev/null "${calls[@]}" "$BIMANIX" build "$@"
  same "$name: the old layout stays" "$old_layout" "$(layout_sum "$project/layout")"
}
for when in 1 2 4+; do
  injected "EIO, write $when" "input/output error" "pwrite64:error=EIO:when=$when" --
  injected "ENOSPC, write $when, gzip" "no space left" "pwrite64:error=ENOSPC:when=$when" -- --compression gzip
  injected "ENOSPC, write $when, layout" "no space left" "pwrite64:error=ENOSPC:when=$when" -- \
    --format layout -o layout
done
injected "EDQUOT at the naming" "quota" "linkat:error=EDQUOT" --
injected "EROFS at the rename" "read-only file" "rename,renameat,renameat2:error=EROFS" --
injected "EIO at the removal of the old one" "input/output error" "unlink,unlinkat:error=EIO:when=1" --
injected "ENOSPC at the naming of a blob" "no space left" "linkat:error=ENOSPC:when=2" -- \
  --format layout -o layout
# What is read: 1 would be the user's, but a disk that fails is the machine's.
injected "EIO at a read" "input/output error" "read:error=EIO:when=400+" --
contains "$name: the file is named" many/ "$err"

# Where files without a name cannot get one, since there is no /proc, the image has a hidden name from the start.
# nameless COMMAND…: runs it so, with the traced calls in $work/trace.
nameless=(strace -f -qq -o "$work/trace" --trace=openat,mkdir,pwrite64,linkat)
without_proc=(unshare --mount sh -c 'mount -t tmpfs none /proc; exec "$@"' sh)
for options in "" "--format layout -o layout"; do
  name="no unnamed files $options"
  put_back
  # shellcheck disable=SC2086 # They are words.
  ends 0 "${here[@]}" "$project" "${nameless[@]}" "${without_proc[@]}" "$BIMANIX" build $options
  contains "$name: it has a hidden name" .partial "$(cat "$work/trace")"
  lacks "$name: no file is named later" linkat "$(cat "$work/trace")"
  lacks "$name: nothing is left" .partial "$(listing "$project")"
  put_back
  name="no unnamed files, ENOSPC $options"
  # shellcheck disable=SC2086 # They are words.
  refused 3 "no space left" -- "${here[@]}" "$project" "${nameless[@]}" \
    --inject=pwrite64:error=ENOSPC:when=2 "${without_proc[@]}" "$BIMANIX" build $options
  same "$name: the old layout stays" "$old_layout" "$(layout_sum "$project/layout")"
done

# Where names cannot be exchanged, and the steps instead of it fail.
name="no exchange"
ends 0 "${here[@]}" "$project" strace -f -qq -o /dev/null --inject=renameat2:error=EINVAL \
  "$BIMANIX" build --format layout -o layout
same "$name: the new layout is there" "${whole[layout]}" "$(layout_sum "$project/layout")"
put_back
ln -s many "$project/link"
before=$(listing "$project")
injected "no exchange, and no rename onto a link to a folder" "read-only file" "renameat2:error=EINVAL" \
  "rename,renameat:error=EROFS" -- -o link
rm "$project/link"
before=$(listing "$project")
injected "no exchange, and the second rename fails" "input/output error" "renameat2:error=EINVAL" \
  "rename,renameat:error=EIO:when=2" -- --format layout -o layout

# What comes to the target while the image is written is not what was looked at before, and stays.
start "a folder that comes to the target"
truncate -s 300M "$project/big"
recipe "$project" '"big" = "/data/big";'
for options in "" "--format layout -o layout"; do
  target=result
  [ -z "$options" ] || target=layout
  rm -rf "$project/$target"
  # shellcheck disable=SC2086 # They are words.
  "${here[@]}" "$project" strace -f -qq -o /dev/null --inject=linkat:delay_enter=3000000:when=1 \
    "$BIMANIX" build $options >/dev/null 2>"$work/stderr" &
  pid=$!
  # It has looked at the target by then.
  opened "$project/*(deleted)" "$pid"
  mkdir -p "$project/$target"
  echo precious >"$project/$target/file"
  status=0
  wait "$pid" || status=$?
  same "$name, $target: exit code" 3 "$status"
  same "$name, $target: what is in it stays" precious "$(cat "$project/$target/file")"
  same "$name, $target: nothing is left" "" "$(find "$project" -name '.*.partial')"
done
# Not even where it cannot be given back.
rm -rf "$project/result"
"${here[@]}" "$project" strace -f -qq -o /dev/null --inject=linkat:delay_enter=3000000:when=1 \
  --inject=renameat2:error=EIO:when=2 "$BIMANIX" build >/dev/null 2>"$work/stderr" &
pid=$!
opened "$project/*(deleted)" "$pid"
mkdir -p "$project/result"
echo precious >"$project/result/file"
wait "$pid" || true
same "$name: it is somewhere" precious "$(cat "$project"/.result.*.partial/file)"
rm -r "$project"/.result.*.partial

# An old layout that is read-only goes like any other.
start "a read-only layout"
given_away
cp -R "$work/old-layout" "$project/layout"
chown -R 65534:65534 "$project/layout"
chmod -R a-w "$project/layout"
ends 0 "${here[@]}" "$project" "${nobody[@]}" build --format layout -o layout
same "$name: nothing is left" "" "$(find "$project" -name '.*.partial')"

# A name as long as names can be.
start "a long name"
long=$(printf 'x%.0s' $(seq 250))
for _ in once again; do
  ends 0 "${here[@]}" "$project" "$BIMANIX" build -o "$long"
  ends 0 "${here[@]}" "$project" "$BIMANIX" build --format layout -o "${long}l"
done

# A folder that cannot be replaced, since something is mounted on it, keeps what it has.
start "a layout on a mount point"
mkdir "$project/layout" "$work/volume"
mount --bind "$work/volume" "$project/layout"
later "umount '$project/layout'"
cp -R "$work/old-layout/." "$project/layout"
refused 3 layout busy -- "${here[@]}" "$project" "$BIMANIX" build --format layout -o layout
same "$name: the old layout stays" "$old_layout" "$(layout_sum "$project/layout")"

# Two builds with the same process number, as in two containers, do not take each other's hidden folder.
start "two of the same number"
met=
for attempt in 1 2 3 4 5; do
  rm -rf "$project/result" "$project/layout"
  for turn in 1 2; do
    strace -f -qq -o "$work/trace-$turn" --trace=mkdir,linkat --inject=linkat:delay_exit=200000 \
      unshare --pid --fork --mount-proc "$BIMANIX" build "$project" --format layout \
      -o "$project/layout" >/dev/null 2>"$work/stderr-$turn" &
    pids[turn]=$!
  done
  for turn in 1 2; do
    status=0
    wait "${pids[$turn]}" || status=$?
    same "$name: build $turn, $attempt: exit code" 0 "$status"
  done
  succeeds "$name: the layout is whole" "$BIMANIX" inspect "$project/layout"
  same "$name: nothing is left" "" "$(find "$project" -name '.*.partial')"
  if grep -q 'mkdir(.*-0.partial",.*EEXIST' "$work"/trace-[12]; then
    met=yes
    break
  fi
done
same "$name: they have met" yes "$met"

# Sources that change while they are read: the build is stopped in the middle, when one of the first files is open,
# and goes on once the last one is changed.
cat >"$work/stopped.py" <<'P'
import os, pathlib, signal, subprocess, sys, time
folder, change, *command = sys.argv[1:]
folder = pathlib.Path(folder)
build = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
def is_reading():
    fds = pathlib.Path(f"/proc/{build.pid}/fd")
    for fd in fds.iterdir():
        try:
            if "/tree/first-" in os.readlink(fd):
                return True
        except FileNotFoundError:
            pass
    return False
while build.poll() is None:
    os.kill(build.pid, signal.SIGSTOP)
    while open(f"/proc/{build.pid}/stat").read().rsplit(")")[-1].split()[0] not in "TZ":
        time.sleep(0.0005)
    if is_reading():
        break
    os.kill(build.pid, signal.SIGCONT)
    time.sleep(0.001)
else:
    sys.exit("it ended before it could be stopped")
last = folder / "tree/last"
if change == "grows":
    with open(last, "ab") as file: file.write(b"x")
elif change == "shrinks":
    os.truncate(last, last.stat().st_size - 1)
elif change == "is emptied":
    os.truncate(last, 0)
elif change == "vanishes":
    last.unlink()
elif change == "becomes a FIFO":
    last.unlink()
    os.mkfifo(last)
elif change == "becomes a device":
    last.unlink()
    os.mknod(last, 0o20644, os.makedev(1, 5))
elif change == "becomes a folder":
    last.unlink()
    last.mkdir()
os.kill(build.pid, signal.SIGCONT)
sys.exit(build.wait())
P
start "a source that changes"
mkdir "$project/tree"
recipe "$project" '"tree" = "/data/tree";'
# Read one after another, they take longer than it takes to stop.
for number in $(seq 10 19); do
  head -c 14000000 /dev/zero >"$project/tree/first-$number"
done
for size in 4096 1000000; do
  for options in "" "--compression zstd:1" "--format layout -o layout"; do
    for change in grows shrinks "is emptied" vanishes "becomes a FIFO" "becomes a device" "becomes a folder"; do
      name="a source of $size bytes $change ${options%% *}"
      rm -rf "$project/tree/last"
      head -c "$size" /dev/urandom >"$project/tree/last"
      before=$(ls -A "$project")
      # shellcheck disable=SC2086 # They are words.
      ends 3 python3 "$work/stopped.py" "$project" "$change" "$BIMANIX" build $options
      contains "$name: the file is named" tree/last "$err"
      same "$name: nothing is left" "$before" "$(ls -A "$project")"
      same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
    done
  done
done
# The same where the file becomes a part of another one.
for type in block initrd; do
  printf '{ name = "faults"; kernel = ./kernel; cmd = [ "/a" ]; rootfs = { type = "%s"; files."tree" = "/tree"; }; }\n' \
    "$type" >"$project/args.nix"
  for change in grows shrinks vanishes; do
    name="a source in a root file system of type $type $change"
    rm -rf "$project/tree/last"
    head -c 1000000 /dev/urandom >"$project/tree/last"
    before=$(ls -A "$project")
    ends 3 python3 "$work/stopped.py" "$project" "$change" "$BIMANIX" build
    contains "$name: the file is named" tree/last "$err"
    same "$name: nothing is left" "$before" "$(ls -A "$project")"
    same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
  done
done
rm -r "$project/tree"

# A stream is written while the files are read for a second time: what changes between is found out, too.
start "a stream whose source changes"
truncate -s 8M "$project/big"
recipe "$project" '"big" = "/data/big";' '"note.txt" = "/data/note.txt";'
mkfifo "$work/pipe"
named=note.txt
for change in 'printf x >>note.txt' 'rm note.txt' 'printf x | dd of=note.txt bs=1 conv=notrunc status=none'; do
  # Of one that keeps its size, the digest of the layer tells.
  [[ $change != *dd* ]] || named='the layer `files`'
  printf 'some text\n' >"$project/note.txt"
  status=0
  "$BIMANIX" build "$project" -o - >"$work/pipe" 2>"$work/stderr" &
  pid=$!
  # The first bytes come after the first pass, and no more than a pipe holds after them.
  { head -c 1000 >/dev/null && (cd "$project" && eval "$change") && cat >/dev/null; } <"$work/pipe"
  wait "$pid" || status=$?
  same "$name: $change: exit code" 3 "$status"
  contains "$name: $change: what changed is named" "$named" "$(cat "$work/stderr")"
done

start "a reader that is gone"
truncate -s 100M "$project/big"
recipe "$project" '"big" = "/data/big";'
before=$(listing "$project")
# The image did not arrive, so this is no success, and a part of it may not look like one.
name="a reader that goes away"
status=0
{
  timeout --foreground "$limit" "$BIMANIX" build "$project" -o - 2>"$work/stderr" || status=$?
  echo "$status" >"$work/status"
} | head -c 10 >"$work/stdout"
same "$name: the reader got its bytes" 10 "$(stat -c %s "$work/stdout")"
contains "$name: it says so" 'it was closed before the whole image was written' "$(cat "$work/stderr")"
same "$name: exit code" 3 "$(cat "$work/status")"
same "$name: the old result stays" "$old_sum" "$(sha256 "$project/result")"
same "$name: nothing is left" "$before" "$(listing "$project")"

# A result that is a link, as nix-build leaves it, is replaced; what it points to is not touched.
start "a symlink at the output"
mv "$project/result" "$project/elsewhere"
printf 'not to be touched\n' >"$project/elsewhere"
ln -s elsewhere "$project/result"
ends 0 "${here[@]}" "$project" "$BIMANIX" build
same "$name: the target is untouched" "not to be touched" "$(cat "$project/elsewhere")"
same "$name: the result is a file" "regular file" "$(stat -c %F "$project/result")"
same "$name: the result is the image" "$old_sum" "$(sha256 "$project/result")"
