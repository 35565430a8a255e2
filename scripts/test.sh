#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs every test: release, ASan+UBSan, TSan for libactor and the allocator, a clang build with its fuzzers.
# Installs what is missing. Works from any folder. `scripts/test.sh release` runs one part only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

parts=("$@")
[[ ${#parts[@]} -gt 0 ]] || parts=(release dev tsan clang)
for part in "${parts[@]}"; do
    case $part in
    release | dev | tsan | clang) ;;
    *) echo "usage: scripts/test.sh [release|dev|tsan|clang]…" >&2 && exit 2 ;;
    esac
done

require_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"

jobs=$(nproc)
# A report of a sanitizer is a failure, also where the program would go on.
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp"

run_tests() { # PRESET [CTEST ARGUMENT…]
    local preset=$1
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@"
}

for part in "${parts[@]}"; do
    printf '\n== %s\n' "$part"
    case $part in
    release)
        cmake --preset release -DTROUPE_TESTS=ON >/dev/null # quickstart.sh builds without them
        build_tree release
        run_tests release
        TROUPE_QUICKSTART_DIR=$(mktemp -d) scripts/quickstart.sh --once # what a newcomer sees first
        ;;
    dev)
        build_tree dev
        run_tests dev -LE style
        ;;
    tsan)
        build_tree tsan
        run_tests tsan -R 'libactor|allocator'
        ;;
    clang)
        build_tree clang # compiles cleanly: -Werror
        run_tests clang -L fuzz
        ;;
    esac
done
printf '\nall parts passed: %s\n' "${parts[*]}"
