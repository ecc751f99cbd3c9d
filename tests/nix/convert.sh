#!/usr/bin/env bash
# What `bimanix convert` writes is Nix: Nix and bimanix come to the same value of it, and the image is the same.
# needs: bimanix nix-build namespaces
# shellcheck disable=SC2016 # $ in single quotes is for Containerfiles.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

# A copy, since Nix shows where the files are.
cp -R "$repo/tests/convert" "$scratch/converted"
cd "$scratch/converted"
count=0
for file in *.nix; do
  expected=$(nix-instantiate --eval --strict "$file")
  found=$("$BIMANIX" eval "$file")
  [[ $expected == "$found" ]] || fail "$file: expected $expected, got $found"
  count=$((count + 1))
done
((count > 100)) || fail "only $count were compared"
ok "the same value of $count files"

mkdir "$scratch/project"
cd "$scratch/project"
cp "$repo/hello.hvt" 'kérnel ${x} $y'
cat > Containerfile <<'END'
# A kernel with a name that means something elsewhere.
FROM scratch
COPY ["k*", "/unikernel/kernel"]
# It comes to many lines.
COPY <<"TEXT" /text
  it's ''quoted'' and $${not} ${a variable}
	tab
TEXT
COPY <<"TEXT" /block
first $x
  second

third
TEXT
LABEL a='${x}' in=x "with blank"='\' let= or=1 "é"="日本"
ENV or=a let=b
LABEL com.urunc.unikernel.binary=/unikernel/kernel \
      com.urunc.unikernel.unikernelType=rumprun \
      # The monitor.
      com.urunc.unikernel.hypervisor=hvt com.urunc.unikernel.cmdline='a "b" ${c}'
END
quietly "$BIMANIX" build -t image -o "$scratch/by-hand.tar" > /dev/null
quietly "$BIMANIX" convert -t image
equal 'the same value of words that mean something' \
  "$(nix-instantiate --eval --strict --json args.nix)" "$("$BIMANIX" eval --json args.nix)"
same_bytes 'the image by Nix' "$scratch/by-hand.tar" \
  "$(nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile ./args.nix --no-out-link)"

done_testing
