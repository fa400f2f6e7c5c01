#!/bin/sh
# Makes the checkout ready to run: npm packages, dist/, ./sluice, XGBoost. Does nothing, quickly and silently, when all is
# there; FORCE=1 asks again for what could not be had before. What was done is remembered in .setup/, which may be deleted.
# No setting of the user's npm counts here, and nothing is compiled that is already there as a binary.
set -eu
cd "$(dirname "$0")/.."

log=.setup/setup.log

main() {
  check_node
  if is_ready; then exit 0; fi
  mkdir -p .setup
  take_lock
  : >"$log"
  settled packages "$(packages_key)" || install_packages
  settled compiled "$(compiled_key)" || compile
  has_wrapper || write_wrapper
  knows_xgboost || find_xgboost
}

is_ready() {
  settled packages "$(packages_key)" && settled compiled "$(compiled_key)" && has_wrapper && knows_xgboost
}

# settled NAME KEY: whether .setup/NAME says that the step was done for just this key.
settled() { [ -f ".setup/$1" ] && [ "$(cat ".setup/$1")" = "$2" ]; }

settle() {
  echo "$2" >".setup/$1.$$"
  mv ".setup/$1.$$" ".setup/$1"
}

say() { echo "setup  $*" >&2; }

fail() {
  echo "error: $1" >&2
  echo "hint: $2" >&2
  exit 1
}

# ---- Node ----

check_node() {
  command -v node >/dev/null || fail 'Node was not found (20.15 or newer is needed)' \
    'install it from https://nodejs.org, or: nvm install 22'
  command -v npm >/dev/null || fail 'npm was not found' 'it comes with Node from https://nodejs.org; on Debian: apt-get install npm'
  node_version=$(node --version)
  minor=${node_version#*.}
  major=${node_version%%.*}
  major=${major#v}
  minor=${minor%%.*}
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 15 ]; }; then
    fail "Node $node_version is too old (20.15 or newer is needed)" 'install a newer one from https://nodejs.org, or: nvm install 22'
  fi
}

# ---- npm packages ----

packages_key() {
  if [ -d node_modules ]; then echo "$(cksum <package-lock.json) $node_version $(uname -sm)"; else echo none; fi
}

install_packages() {
  say 'packages   installing'
  rm -f .setup/packages # killed from here on, the next setup begins anew
  # Scripts are kept for below, so that a binary kept from an earlier setup spares the compiler.
  logged npm ci --include=dev --include=optional --ignore-scripts --bin-links --no-audit --no-fund ||
    fail "npm ci failed$(tail_of_log)" 'check the network, then: make setup'
  loads koffi || build koffi
  if ! has_sqlite; then
    restore
    loads better-sqlite3 || build better-sqlite3
    keep
  fi
  settle packages "$(packages_key)"
  say 'packages   installed'
}

# Whether Node brings SQLite itself, without a flag; src/datasets/sqlite.ts asks the same.
has_sqlite() { [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 13 ]; }; }

loads() {
  case $1 in
    better-sqlite3) logged node -e "new (require('better-sqlite3'))(':memory:').close()" ;;
    koffi) logged node -e "require('koffi').load(null)" ;;
  esac
}

# Fetches the package's own binary where its maker offers one, else compiles.
build() {
  say "packages   building $1 (from source it takes about a minute)"
  use_headers
  rebuild "$1" && loads "$1" && return
  install_compiler "$1"
  rebuild "$1" && loads "$1" && return
  fail "$1 could not be built$(tail_of_log)" \
    "it needs make, g++, python3 and Node's headers; the whole output is in $log"
}

rebuild() { logged npm rebuild "$1" --ignore-scripts=false --no-audit --no-fund; }

# The headers that lie beside node: without them node-gyp downloads a copy from nodejs.org.
use_headers() {
  prefix=$(node -p "require('node:path').join(require('node:fs').realpathSync(process.execPath), '../..')")
  major_there=$(sed -n 's/^#define NODE_MAJOR_VERSION //p' "$prefix/include/node/node_version.h" 2>/dev/null || true)
  if [ "$major_there" = "$major" ]; then export npm_config_nodedir="$prefix"; fi
}

install_compiler() {
  for tool in make g++ python3; do
    command -v "$tool" >/dev/null && continue
    if apt_usable; then say 'packages   installing a C++ compiler (build-essential, python3)'; fi
    apt_install build-essential python3 || fail "$1 must be compiled, and $tool was not found" "type: $(compiler_command)"
    return
  done
}

compiler_command() {
  if [ "$(uname)" = Darwin ]; then echo 'xcode-select --install'
  elif command -v apt-get >/dev/null; then echo "${sudo_word}apt-get install build-essential python3"
  elif command -v dnf >/dev/null; then echo "${sudo_word}dnf install gcc-c++ make python3"
  elif command -v pacman >/dev/null; then echo "${sudo_word}pacman -S base-devel python"
  else echo 'install make, g++ and python3 with the package manager of this system'
  fi
}

# A copy of what was compiled, named by all that it depends on, so that a change of other packages does not compile it again.
built=node_modules/better-sqlite3/build/Release/better_sqlite3.node

kept() {
  node -p "['.setup/better-sqlite3', require('./node_modules/better-sqlite3/package.json').version,
    process.versions.modules, process.platform, process.arch].join('-') + '.node'"
}

restore() {
  copy=$(kept)
  if [ -f "$copy" ]; then mkdir -p "$(dirname "$built")" && cp "$copy" "$built"; fi
}

keep() {
  copy=$(kept)
  if [ -f "$built" ]; then cp "$built" "$copy.$$" && mv "$copy.$$" "$copy"; fi
}

# ---- dist/ and ./sluice ----

# Changes with every source, and with every file of dist/ that is lost or touched.
compiled_key() {
  { find src tsconfig.json -type f; find dist -type f 2>/dev/null || true; } | LC_ALL=C sort | tr '\n' '\0' |
    xargs -0 cksum | cksum
}

compile() {
  say 'compile    src → dist'
  node_modules/.bin/tsc -p tsconfig.json >&2 || fail 'src does not compile' 'the lines above say where'
  remove_stale
  settle compiled "$(compiled_key)"
}

# A module that has gone from src must not be found in dist.
remove_stale() {
  find dist -type f -name '*.js' | while IFS= read -r file; do
    source=${file#dist/}
    [ -f "src/${source%.js}.ts" ] || rm -f "$file"
  done
  find dist -depth -type d -empty -delete
}

wrapper='#!/bin/sh
# Written by scripts/setup.sh: starts the compiled program from any folder, also through a link.
file=$0
while [ -L "$file" ]; do
  target=$(readlink "$file")
  case $target in /*) file=$target ;; *) file=$(dirname "$file")/$target ;; esac
done
case $file in */*) ;; *) file=./$file ;; esac
exec node "${file%/*}/dist/main.js" "$@"'

has_wrapper() { [ -x sluice ] && [ "$(cat sluice)" = "$wrapper" ]; }

write_wrapper() {
  printf '%s\n' "$wrapper" >".setup/sluice.$$"
  chmod +x ".setup/sluice.$$"
  mv ".setup/sluice.$$" sluice
}

# ---- XGBoost ----

# A library that was found is looked at again only when its file has gone; a failed search is repeated after a day.
knows_xgboost() {
  [ -n "${SLUICE_XGBOOST_LIB:-}" ] && return 0
  [ -f .setup/xgboost ] || return 1
  read -r state value <.setup/xgboost || return 1
  if [ "$state" = found ]; then [ -e "$value" ]; return; fi
  [ "${FORCE:-}" != 1 ] && [ "$(($(date +%s) - value))" -lt 86400 ]
}

find_xgboost() {
  if path=$(search_xgboost); then settle xgboost "found $path"; return; fi
  say 'XGBoost    not found'
  hint=$(open_xgboost 'library.hint') || hint=$by_pip
  if apt_usable; then
    say 'XGBoost    installing libxgboost0'
    if apt_install libxgboost0 && path=$(search_xgboost); then
      settle xgboost "found $path"
      say "XGBoost    installed, $path"
      return
    fi
    # Older releases of Ubuntu have no such package.
    apt-cache show libxgboost0 >/dev/null 2>&1 || hint=$by_pip
  fi
  settle xgboost "missing $(date +%s)"
  say 'XGBoost    left out: everything runs with the other models'
  echo "hint: to have XGBoost, $hint" >&2
}

# The program's own search, so that setup never finds what the program does not.
search_xgboost() { open_xgboost 'library.ok ? library.path : fail()'; }
by_pip='type: python3 -m pip install --user xgboost'
open_xgboost() {
  node --input-type=module -e "import { openLibrary } from './dist/models/native/library.js'
    const fail = () => process.exit(1)
    const library = await openLibrary('xgboost', process.env)
    process.stdout.write($1)" 2>>"$log"
}

# ---- the system's packages ----

sudo_word=''
[ "$(id -u)" = 0 ] || sudo_word='sudo '

# Whether packages can be installed without a password.
apt_usable() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

apt_install() {
  apt_usable || return 1
  apt_try "$@" && return
  # The lists may be missing or name versions that are no longer there.
  logged $sudo_word apt-get update && apt_try "$@"
}

apt_try() {
  logged $sudo_word env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o DPkg::Lock::Timeout=120 "$@"
}

logged() {
  echo "\$ $*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null
}

tail_of_log() { printf '; the end of %s:\n%s' "$log" "$(tail -n 15 "$log" | sed 's/^/  /')"; }

# ---- one setup at a time ----

# The lock is a link whose target is the owner's process id: made in one step, and readable when the owner was killed.
take_lock() {
  waited=0
  until ln -s $$ .setup/lock 2>/dev/null; do
    owner=$(readlink .setup/lock) || continue
    if ! kill -0 "$owner" 2>/dev/null; then
      free_lock_of "$owner"
      continue
    fi
    [ "$waited" -gt 0 ] || say "waiting for another setup (process $owner)"
    [ "$waited" -lt 900 ] || fail "another setup (process $owner) has been at work for 15 minutes" \
      'end that process, or delete .setup/lock if it is no setup'
    waited=$((waited + 1))
    sleep 1
  done
  trap 'rm -f .setup/lock' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

# The lock of a process that is gone is taken away by one setup at a time: while it holds the folder below, nobody else can have put
# a lock of a living process in that place.
free_lock_of() {
  if ! mkdir .setup/lock.stale 2>/dev/null; then
    find .setup/lock.stale -maxdepth 0 -mmin +1 -exec rmdir {} + 2>/dev/null || true
    sleep 1
    return 0
  fi
  if [ "$(readlink .setup/lock)" = "$1" ]; then rm -f .setup/lock; fi
  rmdir .setup/lock.stale
}

main
