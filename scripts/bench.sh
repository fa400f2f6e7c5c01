#!/bin/sh
# Runs every bench by itself, one after another: two at once would measure each other.
cd "$(dirname "$0")/.." || exit 1
failures=0
for file in bench/*.mjs; do
  # A module that benches share has nothing to run.
  if grep -q '^export ' "$file"; then continue; fi
  echo "== $file"
  node "$file" || failures=$((failures + 1))
done
[ "$failures" -eq 0 ]
