#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a clone to a running cluster: installs what is missing, builds, starts a master and three
# agents on this machine, counts the words of the licences in /usr/share/common-licenses on them, and
# checks the totals. Leaves the cluster up; with --once stops it again. Works from any folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/packages.sh

usage() {
    echo "usage: scripts/quickstart.sh [--once]    --once: stop the cluster when the job is done"
}

once=false
for argument in "$@"; do
    case $argument in
    --once) once=true ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
    esac
done

licences=/usr/share/common-licenses
bin=$PWD/build/release/bin
folder=${TROUPE_QUICKSTART_DIR:-${HOME:-/tmp}/.troupe/quickstart}
mkdir -p "$folder"

say() { printf '\n== %s\n' "$*"; }

say "building"
require_packages "${BUILD_PACKAGES[@]}" check jq
[[ -f build/release/build.ninja ]] || cmake --preset release -DTROUPE_TESTS=OFF >/dev/null
build_tree release

say "starting a master and three agents"
stop_cluster() { "$bin/troupe" local --stop --dir="$folder/cluster"; }
if "$bin/troupe" local --stop --dir="$folder/cluster" >/dev/null 2>&1; then
    echo "(the cluster of an earlier run was stopped)"
fi
"$bin/troupe" local --agents=3 --dir="$folder/cluster" --port=0 --http_port=0 --detach
if $once; then trap stop_cluster EXIT; fi
master=$(cut -d' ' -f1 "$folder/cluster/address")
http=$(cut -d' ' -f2 "$folder/cluster/address")
export TROUPE_MASTER=$master

say "counting the words of every file in $licences"
mapfile -t files < <(find -L "$licences" -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort)
# One map task a file; the reduce task gets each one's output through the agents.
jq -n --arg folder "$licences" '
  ($ARGS.positional | map({id: ("count-" + ascii_downcase), file: .})) as $maps
  | {name: "word count",
     tasks: (($maps | map({id: .id, command: ("wc -w < \u0027" + $folder + "/" + .file + "\u0027 | sed \u0027s|$| " + .file + "|\u0027"),
                           cpus: 0.1, mem: 32}))
             + [{id: "merge", cpus: 0.1, mem: 32, depends: ($maps | map(.id)),
                 inputs: ($maps | map({task: .id, path: "stdout", as: ("inputs/" + .id)})),
                 command: "cat inputs/* | sort -k1,1nr -k2 > table; cat table; awk \u0027{ sum += $1 } END { print sum, \"total\" }\u0027 table"}])}' \
    --args "${files[@]}" >"$folder/job.json"
"$bin/troupe" batch --output=merge "$folder/job.json" >"$folder/result"

say "the result"
column -t "$folder/result" 2>/dev/null || cat "$folder/result"
expected=$(cd "$licences" && wc -w "${files[@]}" | tail -n 1 | awk '{ print $1 }')
counted=$(awk '$2 == "total" { print $1 }' "$folder/result")
if [[ $counted != "$expected" ]]; then
    echo "the cluster counted ${counted:-nothing}, wc -w says $expected" >&2
    exit 1
fi
for file in "${files[@]}"; do
    words=$(wc -w <"$licences/$file")
    grep -qx "$words $file" "$folder/result" || {
        echo "$file: wc -w says $words, the cluster's table does not" >&2
        exit 1
    }
done
echo "(equal to wc -w on the same ${#files[@]} files)"

if $once; then
    say "stopping"
    exit 0
fi
cat <<END

The cluster is still up. Try:
    export TROUPE_MASTER=$master PATH=$bin:\$PATH
    troupe ps --all                      # what ran, and where
    troupe run --instances 8 --cpus 0.5 --mem 64 -- sh -c 'echo \$HOSTNAME; sleep 1'
    troupe cat merge                     # a file of a task's sandbox
    curl http://127.0.0.1:$http/state
    troupe local --stop --dir=$folder/cluster
END
