#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes the decoders of outside bytes: `scripts/fuzz.sh [TARGET] [RUNS]`, by default each target a million times.
# Targets: frame, unpack (tests/fuzz/fuzz_*.c). What covers something new is added to tests/fuzz/corpus/TARGET,
# cut down to what is needed for it. An input that fails stays in build/clang/fuzz. Works from any folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

targets=(frame unpack)
target=${1:-all} runs=${2:-1000000}
[[ $target == all || " ${targets[*]} " == *" $target "* ]] && [[ $runs =~ ^[1-9][0-9]*$ && $# -le 2 ]] || {
    echo "usage: scripts/fuzz.sh [frame|unpack|all] [RUNS]" >&2
    exit 2
}
[[ $target == all ]] || targets=("$target")

require_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
cmake --preset clang -DTROUPE_TESTS=ON >/dev/null
build_tree clang "${targets[@]/#/fuzz_}"
mkdir -p build/clang/fuzz
for target in "${targets[@]}"; do
    corpus=tests/fuzz/corpus/$target program=build/clang/tests/bin/fuzz_$target
    found=$(mktemp -d) merged=$(mktemp -d)
    "$program" -runs="$runs" -max_len=4096 -artifact_prefix="build/clang/fuzz/$target-" -print_final_stats=1 "$found" "$corpus"
    "$program" -merge=1 "$merged" "$corpus" "$found" 2>/dev/null
    rm -rf "${corpus:?}"/*
    cp "$merged"/* "$corpus"
    rm -rf "$found" "$merged"
done
