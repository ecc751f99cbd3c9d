#!/usr/bin/env bash
# The fuzz targets build, begin with the fixtures and find nothing in a few seconds.
source "$(dirname "$0")/lib.sh"
begin
export CARGO_TARGET_DIR=$repo/target/fuzz

for target in language unikernel image; do
  log=$work/$target.log
  if "$repo/fuzz/run" "$target" 10 >"$log" 2>&1; then
    pass "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
  else
    fail "$target: $(tail -n 20 "$log")"
  fi
done
