# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What Troupe needs from Debian 12, in one place; sourced by the other scripts. docs/dependencies.md says why.

BUILD_PACKAGES=(gcc libc6-dev cmake ninja-build pkg-config
    libzmq3-dev libprotobuf-c-dev protobuf-c-compiler libprotobuf-dev protobuf-compiler
    liblmdb-dev libjansson-dev libmicrohttpd-dev libpcre2-dev uthash-dev)
BENCH_PACKAGES=(check libczmq-dev python3 erlang-base libcaf-dev g++ valgrind)
TEST_PACKAGES=(check libczmq-dev universal-ctags python3 jq curl clang libclang-rt-14-dev clang-format spin git g++)

# missing_packages NAME…: prints those that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || echo "$package"
    done
}

# require_packages NAME…: installs what is missing; where it may not, says plainly what to do.
require_packages() {
    local missing sudo=()
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -eq 0 ]] && return 0
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "These packages are missing, and only root can install them:" >&2
            echo "    apt-get install ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${sudo[@]}" apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
            >/dev/null || {
        echo "apt-get could not install ${missing[*]}" >&2
        return 1
    }
}

# build_tree PRESET [TARGET…]: configures once and builds; quiet unless it fails.
build_tree() {
    local preset=$1 log
    shift
    [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >/dev/null || return 1
    log=$(mktemp)
    if ! cmake --build "build/$preset" ${1:+--target "$@"} >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    tail -n 1 "$log"
    rm -f "$log"
}
