#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the runtime's random tests under ThreadSanitizer, with new seeds, for so long: `scripts/stress.sh [MINUTES]`,
# by default ten. Stops at the first failure and names its seed. Works from any folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

minutes=${1:-10}
[[ $# -le 1 && $minutes =~ ^[1-9][0-9]*$ ]] || { echo "usage: scripts/stress.sh [MINUTES]" >&2 && exit 2; }

require_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
programs=()
for source in tests/actor/libactor/*/test_stress.c; do
    room=$(basename "$(dirname "$source")")
    programs+=("actor.libactor.$room.stress")
done
cmake --preset tsan -DTROUPE_TESTS=ON >/dev/null
build_tree tsan "${programs[@]}"

export TSAN_OPTIONS="halt_on_error=1:exitcode=66:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp"
export CK_DEFAULT_TIMEOUT=600
log=$(mktemp)
trap 'rm -f "$log"' EXIT
runs=0
until [[ $SECONDS -ge $((minutes * 60)) ]]; do
    seed=$(((RANDOM << 15 | RANDOM) % 999999999 + 1))
    for program in "${programs[@]}"; do
        if ! TEST_SEED=$seed "build/tsan/tests/bin/$program" >"$log" 2>&1; then
            cat "$log"
            echo "stress: TEST_SEED=$seed build/tsan/tests/bin/$program failed after $runs runs" >&2
            exit 1
        fi
        runs=$((runs + 1))
    done
done
echo "stress: $runs runs of ${programs[*]} in $((SECONDS / 60)) minutes, no failure, no report"
