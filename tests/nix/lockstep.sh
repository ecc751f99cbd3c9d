#!/usr/bin/env bash
# Nix and bimanix both evaluate args.nix. Where they come to different values,
# the build fails and names the attribute, and no image comes out of it.
# needs: bimanix nix-build namespaces
# shellcheck disable=SC2016 # ${ } in single quotes is Nix.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/support/prelude.bash"

project=$scratch/project
mkdir "$project"
cp "$repo/hello.hvt" "$project"

# build EXPR: an image whose cmdline is EXPR
build() {
  cat > "$project/args.nix" <<END
{
  name = "lockstep";
  files."./hello.hvt" = "/unikernel/hello.hvt";
  allow = [ ${allow-} ];
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "${hypervisor-hvt}";
    binary = "/unikernel/hello.hvt";
    cmdline = $1;
  };
}
END
  nix-build "$repo/default.nix" --arg bimanix "$BIMANIX" --arg argsFile "$project" --no-out-link
}

build '"hello"' > /dev/null
ok 'where they agree there is an image'
build 'if builtins.compareVersions "2.8" builtins.nixVersion > 0 then "old" else "hello"' > /dev/null
ok 'a version that makes no difference'

refuses 'where the project is' 'annotations.cmdline' "$project" -- build 'toString ./.'
refuses 'where the store is' 'annotations.cmdline' "$NIX_STORE_DIR" -- build 'builtins.storeDir'
refuses 'how Nix copies a file' 'annotations.cmdline' -- build '"${./hello.hvt}"'
refuses 'the environment' 'annotations.cmdline' -- build 'builtins.getEnv "HOME"'
hypervisor=spt refuses 'a guest for another monitor' 'unikernel/monitor-mismatch' -- build '"hello"'
hypervisor=spt allow='"unikernel/monitor-mismatch"' build '"hello"' > /dev/null
ok 'a finding that args.nix allows'

done_testing
