#!/bin/sh
# Types, format and lint, docs: all of them run, whatever the first says; one line each.
cd "$(dirname "$0")/.." || exit 1
bin=node_modules/.bin
failures=0

check() {
  name=$1
  shift
  if output=$("$@" 2>&1); then
    echo "check  $name  ok"
  else
    echo "$output"
    echo "check  $name  FAILED"
    failures=$((failures + 1))
  fi
}

check 'types of src  ' $bin/tsc -p tsconfig.json --noEmit
check 'types of tests' $bin/tsc -p tsconfig.test.json
check 'format, lint  ' $bin/biome check --diagnostic-level=warn
# The docs are current when they name what the registries hold; that is a test, so that `make test` sees it as well.
if [ -f test/docs.test.ts ]; then check 'docs          ' $bin/vitest run test/docs.test.ts; fi
[ "$failures" -eq 0 ]
