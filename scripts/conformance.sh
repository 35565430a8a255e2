#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the reference's behaviour, kept as data: `scripts/conformance.sh [DIR]` runs every *.json suite of
# DIR (default: tests/conformance). Prints "SUITE passed failed" a line, then what differs; exits 1 where
# anything does. Builds what it needs. Works from any folder.
set -euo pipefail

folder=${1:-}
[[ $# -le 1 ]] || { echo "usage: scripts/conformance.sh [DIR]" >&2 && exit 2; }
[[ -z $folder || -d $folder ]] || { echo "conformance: no folder '$folder'" >&2 && exit 2; }
[[ -z $folder ]] || folder=$(cd "$folder" && pwd)

cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh
require_packages "${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { cmake --preset release -DTROUPE_TESTS=ON && cmake --build build/release --target conformance_runner; } >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
build/release/tests/bin/conformance_runner "${folder:-tests/conformance}"
