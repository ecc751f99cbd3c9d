#!/usr/bin/env bash
# The fuzz targets build, begin with the fixtures and find nothing in a few seconds.
# needs: build cc g++
source "$(dirname "$0")/lib.sh"
repo=$(cd "$(dirname "$0")/../.." && pwd)
export CARGO_TARGET_DIR=$repo/target/fuzz
if [ "${1-}" == build ]; then
  exec "$repo/fuzz/run" --build
fi
begin

for target in language unikernel image; do
  log=$work/$target.log
  if "$repo/fuzz/run" "$target" 10 >"$log" 2>&1; then
    pass "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  else
    fail "$target: $(tail -n 20 "$log")"
  fi
done
