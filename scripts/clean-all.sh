#!/bin/sh
# Deletes what the program has written in this folder. Says what and how large, asks first; FORCE=1 is for scripts.
cd "$(dirname "$0")/.." || exit 1

set --
for folder in data artifacts reports demo .sluice; do
  if [ -e "$folder" ] || [ -L "$folder" ]; then set -- "$@" "$folder"; fi
done
if [ $# -eq 0 ]; then
  echo 'nothing to delete'
  exit 0
fi

for folder; do
  if [ -L "$folder" ]; then
    echo "  $folder  a link to $(readlink "$folder"): the link goes, what it points at stays"
  else
    echo "  $folder  $(du -sh "$folder" | cut -f 1)"
  fi
done

if [ "${FORCE:-}" != 1 ]; then
  if [ ! -t 0 ]; then
    echo 'error: nobody can be asked here, and nothing was deleted' >&2
    echo 'hint: make clean-all FORCE=1' >&2
    exit 2
  fi
  printf 'delete all of it? [y/N] '
  read -r answer || answer=
  case $answer in
    y | Y | yes) ;;
    *)
      echo 'nothing was deleted'
      exit 0
      ;;
  esac
fi
rm -rf "$@" && echo 'deleted'
