#!/bin/sh
# Installs what nets need to train on a graphics card: Dawn, which is WebGPU outside a browser, TensorFlow.js' backend for it, and on Linux
# the loader of Vulkan drivers. Neither package is asked for by package.json: they take 150 MB and help only where there is a card. `make
# setup` removes them again when it installs the packages anew.
set -eu
cd "$(dirname "$0")/.."

# The backend in the version of what it is a backend of.
tfjs=$(node -p "require('./package.json').dependencies['@tensorflow/tfjs-core']")
packages="webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@$tfjs"
sudo_word=''
[ "$(id -u)" = 0 ] || sudo_word='sudo -n '

say() { echo "webgpu  $*" >&2; }

has_loader() { [ "$(uname)" != Linux ] || /sbin/ldconfig -p | grep -q libvulkan.so.1; }

# Prints the adapter, or why there is none; the same words as in `sluice doctor`.
ask() {
  node --input-type=module -e "
    const { lookFor } = await import('./dist/models/neural/backends.js')
    const found = await lookFor('webgpu')
    console.log(found.ok ? found.device + (found.isSoftware ? ' (computes on the processor: only neural.backend webgpu takes it)' : '') : found.reason + '; ' + found.hint)"
}

# shellcheck disable=SC2086 # two packages, two words
npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error $packages >/dev/null || {
  echo 'error: the packages could not be installed' >&2
  echo 'hint: check the network, then: make webgpu' >&2
  exit 1
}
if ! has_loader && command -v apt-get >/dev/null; then
  ${sudo_word}apt-get install -qq -y --no-install-recommends libvulkan1 >/dev/null 2>&1 || say 'libvulkan1 could not be installed'
fi
say "installed; $(ask)"
