#!/bin/sh
# Compiles LightGBM's library from the C++ source that the npm package `lightgbm` carries, for machines that have no copy of it. The
# library is kept in ~/.cache/sluice/lightgbm, where every checkout finds it; FORCE=1 compiles although one is there already. It takes some
# 4 minutes on two cores and 60 MB of room while it works; 7 MB stay.
set -eu
cd "$(dirname "$0")/.."

# The package is fixed by its hash: what is compiled is what was looked at.
package=lightgbm@1.0.27
package_hash=4E/Gjr3FqQl9U3z0BMuuViTlvO7T9oGMcfa3Jp2MRyKWWSJxFPs7xDTlzrEaBBG6iA69S/AcGn1lgMCuZT8qsg==
source=package/dependencies/LightGBM

cache=${XDG_CACHE_HOME:-$HOME/.cache}/sluice/lightgbm
log=$cache/build.log
sudo_word=''
[ "$(id -u)" = 0 ] || sudo_word='sudo '

main() {
  if [ "${FORCE:-}" != 1 ] && path=$(search); then
    say "there already, $path"
    exit 0
  fi
  mkdir -p "$cache/lib"
  : >"$log"
  take_tools
  work=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  begin=$(date +%s)
  fetch
  compile
  keep
  path=$(search) || fail 'the compiled library cannot be used' "sluice doctor says why; the whole output is in $log"
  say "compiled in $(($(date +%s) - begin)) s, $path"
}

say() { echo "lightgbm  $*" >&2; }

fail() {
  echo "error: $1" >&2
  echo "hint: $2" >&2
  exit 1
}

# The program's own search, so that nothing is compiled that the program would find.
search() {
  node --input-type=module -e "import { openLibrary } from './dist/models/native/library.js'
    const library = await openLibrary('lightgbm', process.env)
    if (!library.ok) process.exit(1)
    process.stdout.write(library.path)" 2>/dev/null
}

# ---- cmake and a C++ compiler ----

take_tools() {
  has_tools && return
  if apt_usable; then
    say 'installing cmake and g++'
    apt_install cmake g++ make || { logged $sudo_word apt-get update && apt_install cmake g++ make; } || true
  fi
  has_tools || fail "cmake, make and a C++ compiler are needed, and $lacking was not found" "type: $(tools_command)"
}

has_tools() {
  for lacking in cmake make c++; do command -v "$lacking" >/dev/null || return 1; done
}

apt_usable() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; }

apt_install() { logged $sudo_word env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; }

tools_command() {
  if [ "$(uname)" = Darwin ]; then echo 'xcode-select --install && brew install cmake libomp'
  elif command -v apt-get >/dev/null; then echo "${sudo_word}apt-get install cmake g++ make"
  elif command -v dnf >/dev/null; then echo "${sudo_word}dnf install cmake gcc-c++ make"
  elif command -v pacman >/dev/null; then echo "${sudo_word}pacman -S base-devel cmake"
  else echo 'install cmake, make and g++ with the package manager of this system'
  fi
}

# ---- source and library ----

fetch() {
  say "fetching the source, npm package $package"
  logged npm pack "$package" --silent --ignore-scripts --pack-destination "$work" ||
    fail "$package could not be fetched$(tail_of_log)" 'check the network, then: make lightgbm'
  archive=$(echo "$work"/*.tgz)
  found=$(node -p "require('node:crypto').createHash('sha512').update(require('node:fs').readFileSync(process.argv[1])).digest('base64')" "$archive")
  [ "$found" = "$package_hash" ] ||
    fail "$package has the hash sha512-$found, expected sha512-$package_hash" 'the registry gave another file; try again'
  # Only what the library is made of: the package also carries tests, Python, R and Java.
  tar -xzf "$archive" -C "$work" "$source/CMakeLists.txt" "$source/VERSION.txt" "$source/cmake" "$source/src" "$source/include" \
    "$source/external_libs/eigen/Eigen" "$source/external_libs/fmt/include" "$source/external_libs/fast_double_parser/include"
}

compile() {
  version=$(cat "$work/$source/VERSION.txt")
  jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
  say "compiling LightGBM $version with $jobs processes (some minutes)"
  # The policy is for CMake 4, which no longer knows the rules of the version that this source asks for.
  logged cmake -S "$work/$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DBUILD_CLI=OFF -DINSTALL_HEADERS=OFF \
    -DCMAKE_POLICY_VERSION_MINIMUM=3.5 &&
    logged nice cmake --build "$work/build" --target _lightgbm --parallel "$jobs" ||
    fail "LightGBM could not be compiled$(tail_of_log)" \
      "it needs cmake, make, a C++ compiler with OpenMP and about 1 GB of memory; the whole output is in $log"
}

# In one step, so that a program that is opening the library meets the old one or the new one, and never a half.
keep() {
  built=$(find "$work/build" "$work/$source" -name 'lib_lightgbm.*' -type f | head -n 1)
  [ -n "$built" ] || fail 'the compiler made no lib_lightgbm' "the whole output is in $log"
  [ "$(uname)" = Darwin ] || strip "$built"
  mv "$built" "$cache/lib/${built##*/}"
  printf 'LightGBM %s from the npm package %s\n' "$version" "$package" >"$cache/source.txt"
}

logged() {
  echo "\$ $*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null
}

tail_of_log() { printf '; the end of %s:\n%s' "$log" "$(tail -n 15 "$log" | sed 's/^/  /')"; }

main
