#!/usr/bin/env bash
# Speed from gRPC to bar: starts a server with an empty store for each run, loads it, verifies every bar, prints a table of medians.
#   Benchmarks/run.sh                                10, 1,000 and 100,000 keys, 5 runs each
#   Benchmarks/run.sh --keys "1000" --runs 3 --seconds 30 -- --rate 500000
#   Benchmarks/run.sh --store "rocksdb none"         stores side by side: rocksdb, timescale, none (ticks are not stored)
#   Benchmarks/run.sh --kafka spool                  bars are published too, to a mock broker beside; spool, drop or block
#   Benchmarks/run.sh --matrix                       keys, shares, message sizes, streams, late ticks and specs, one after the other
#   Benchmarks/run.sh --quick                        the matrix with one short run each
#   Benchmarks/run.sh --half                         each case once more at half of its median speed, for latencies
#   Benchmarks/run.sh --check                        compares ratios with Benchmarks/expected-ratios.json and nothing else; --update writes them there
#   Benchmarks/run.sh --smoke                        a few seconds in all, for CI: every bar is verified, ratios are checked
# --out FILE keeps the results (JSON lines), --list only says which cases there are; what follows -- goes to the load generator.
set -euo pipefail
cd "$(dirname "$0")/.."

keys="" stores=rocksdb kafka="" runs=5 seconds=20 warm_up=5 matrix="" half="" check="" update="" out="" list="" extra=()
while [ $# -gt 0 ]; do
  case "$1" in
    --smoke) keys=10 runs=1 seconds=2 warm_up=1 check=also; shift ;;
    --quick) matrix=1 runs=1 seconds=3 warm_up=3; shift ;;
    --matrix) matrix=1; shift ;;
    --check) check=only; shift ;;
    --update) check=only update=--update; shift ;;
    --half) half=1; shift ;;
    --list) list=1; shift ;;
    --keys) keys="$2"; shift 2 ;;
    --store) stores="$2"; shift 2 ;;
    --kafka) kafka="$2"; shift 2 ;;
    --runs) runs="$2"; shift 2 ;;
    --seconds) seconds="$2"; shift 2 ;;
    --warm-up) warm_up="$2"; shift 2 ;;
    --out) out="$2"; shift 2 ;;
    --) shift; extra=("$@"); break ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done

cases() {
  local key count
  if [ -z "$matrix" ]; then
    for key in ${keys:-10 1000 100000}; do echo "--keys $key"; done
    return
  fi
  for key in ${keys:-10 100 1000 10000 100000}; do echo "--keys $key"; done
  echo "--keys 1000 --uniform"
  echo "--keys 100000 --uniform"
  echo "--keys 10000 --uniform --shared-keys"
  for count in 1 10 100 1000 5000; do echo "--streams 16 --ticks-per-message $count"; done
  for count in 1 16; do echo "--streams $count"; done
  echo "--late 1%"
  echo "--spec asic"
  echo "--spec flow"
}

if [ -n "$list" ]; then cases; exit; fi
# shellcheck source=Benchmarks/server.sh
source Benchmarks/server.sh
store="${stores%% *}"
prepare

failed=0
# One run of a case against a server of its own.
measure() {
  start_server
  [ -z "$kafka" ] || watch_topics "$warm_up" "$seconds"
  load --label "$store${kafka:+ kafka $kafka}" --seconds "$seconds" --warm-up "$warm_up" "$@" "${extra[@]}" || failed=1
  [ -z "$kafka" ] || published
  stop_server
}

if [ "$check" != only ]; then
  while read -ra case <&9; do
    for store in $stores; do
      for _ in $(seq "$runs"); do measure "${case[@]}"; done
      [ -n "$half" ] || continue
      rate="$(dotnet "$generator" rate "$results" 0.5)"
      measure "${case[@]}" --rate "$rate"
    done
  done 9< <(cases)
fi

# CPU time at a steady rate depends least on what else the machine does.
if [ -n "$check" ]; then
  store=rocksdb
  start_server
  load --label check --keys 1000 --seconds 4 --warm-up 4 --rate 1000000 --no-probe || failed=1
  stop_server
fi

echo
dotnet "$generator" summary "$results" || failed=1
[ -z "$out" ] || cat "$results" >> "$out"
if [ -n "$check" ]; then
  echo
  dotnet Benchmarks/Micro/bin/Release/net10.0/Tikr.Benchmarks.Micro.dll check Benchmarks/expected-ratios.json "$results" $update || failed=1
fi
exit "$failed"
