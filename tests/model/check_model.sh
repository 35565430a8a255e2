#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Searches all states of a model.   check_model.sh holds|breaks MODEL.pml [-DNAME=VALUE…]
# holds: the whole search must end without an error. breaks: it must find one.
set -euo pipefail

expected=$1
model=$(realpath "$2")
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

spin -a "$@" "$model" >spin.log || { cat spin.log; exit 1; }
optimise=-O1
[[ $expected == breaks ]] && optimise=-O0 # the search is soon over: compiling is most of it
"${CC:-cc}" $optimise -w -DSAFETY -DCOLLAPSE -DMEMLIM=2000 -o pan pan.c
./pan -m100000 -n >pan.log || true
grep -E 'errors:|states, stored|assertion violated|invalid end state|max search depth|MEMLIM|not completed' pan.log || cat pan.log

complete() { # all states, none left out for want of depth or memory
    grep -q 'errors: 0' pan.log && ! grep -qE 'max search depth too small|MEMLIM|not completed' pan.log
}
case $expected in
holds)
    complete && exit 0
    spin -t -p -g "$@" "$model" 2>&1 | tail -n 400 || true
    exit 1
    ;;
breaks) grep -qE '^pan:1: (assertion violated|invalid end state)' pan.log ;;
*) echo "usage: check_model.sh holds|breaks MODEL.pml [-DNAME=VALUE…]" >&2 && exit 2 ;;
esac
