#!/usr/bin/env bash
# Cost as work grows: runs the load over keys, streams, message sizes and spec widths, and queries over lengths of history, and draws the pictures.
#   Benchmarks/curves.sh                                     everything, into docs/images; takes about half an hour
#   Benchmarks/curves.sh --only "keys width" --runs 1 --seconds 5
#   Benchmarks/curves.sh --store "rocksdb timescale none"    a line for each store
#   Benchmarks/curves.sh --resume                            goes on where an earlier one was stopped
#   Benchmarks/curves.sh --draw                              draws from the numbers that are there
# The numbers are kept beside the pictures, one JSON object per run.
set -euo pipefail
cd "$(dirname "$0")/.."

only="keys streams message width history" stores=rocksdb runs=3 seconds=10 warm_up=5 out=docs/images resume="" draw=""
while [ $# -gt 0 ]; do
  case "$1" in
    --only) only="$2"; shift 2 ;;
    --store) stores="$2"; shift 2 ;;
    --runs) runs="$2"; shift 2 ;;
    --seconds) seconds="$2"; shift 2 ;;
    --warm-up) warm_up="$2"; shift 2 ;;
    --out) out="$2"; shift 2 ;;
    --resume) resume=1; shift ;;
    --draw) draw=1; shift ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done

# What each curve varies: the option's values, the option, and the number's name in the results.
values_of() {
  case "$1" in
    keys) echo 10 100 1000 10000 100000 ;;
    streams) echo 1 2 4 8 16 ;;
    message) echo 1 10 100 1000 5000 ;;
    width) echo wide:2 wide:10 wide:30 ;;
    history) echo 60 600 3600 14400 36000 ;;
    *) echo "unknown curve $1: keys, streams, message, width or history" >&2; exit 2 ;;
  esac
}
option_of() {
  case "$1" in
    keys) echo --keys ;;
    streams) echo --streams ;;
    message) echo --streams 16 --ticks-per-message ;;
    width) echo --spec ;;
  esac
}
field_of() {
  case "$1" in
    message) echo ticks_per_message ;;
    width) echo series ;;
    *) echo "$1" ;;
  esac
}
title_of() {
  case "$1" in
    keys) echo keys ;;
    streams) echo streams ;;
    message) echo "ticks per message, 16 streams" ;;
    width) echo "metrics of the spec" ;;
    history) echo "bars asked for" ;;
  esac
}

# Runs that an earlier call has finished.
done_of() {
  local value="$3"
  [ "$1" = width ] && value="\"${value/:/_}\""
  grep "\"label\":\"$2\"" "$out/$1.jsonl" 2> /dev/null | grep -c "\"$(field_of "$1")\":$value," || true
}

measure() {
  local curve="$1" value run
  for store in $stores; do
    if [ "$curve" = history ]; then
      [ "$(done_of history "$store" 60)" -eq 0 ] || continue
      ticks_ttl=24h bars_ttl=24h start_server
      # shellcheck disable=SC2046 # values are words
      dotnet "$generator" query --address "$address" --server-pid "$server" --label "$store" --json "$out/history.jsonl" --history $(values_of history)
      stop_server
      continue
    fi
    for value in $(values_of "$curve"); do
      for ((run = $(done_of "$curve" "$store" "$value"); run < runs; run++)); do
        start_server
        # shellcheck disable=SC2046
        load --label "$store" --seconds "$seconds" --warm-up "$warm_up" $(option_of "$curve") "$value"
        cat "$results" >> "$out/$curve.jsonl"
        : > "$results"
        stop_server
      done
    done
  done
}

picture() {
  local panels=(--panel "M ticks/s=ticks_per_second*0.000001" --panel "server CPU s per M ticks=server_cpu_per_million" --panel "peak memory, MB=server_peak_megabytes")
  [ "$1" != history ] || panels=(--panel "latency, ms=p50_ms,p99_ms" --panel "server CPU ms per query=server_cpu_ms")
  dotnet "$generator" draw "$out/$1.jsonl" "$(field_of "$1")" "$out/$1.svg" "${panels[@]}" --x-title "$(title_of "$1")"
  echo "$out/$1.svg"
}

# shellcheck source=Benchmarks/server.sh
source Benchmarks/server.sh
mkdir -p "$out"
if [ -z "$draw" ]; then
  store="${stores%% *}"
  prepare
  specs="$folder/wide"
  mkdir -p "$specs"
  for width in $(values_of width); do dotnet "$generator" spec "$width" > "$specs/${width/:/_}.yaml"; done
  for curve in $only; do
    values_of "$curve" > /dev/null
    [ -n "$resume" ] || : > "$out/$curve.jsonl"
    measure "$curve"
  done
else
  build Benchmarks/LoadGenerator
fi
for curve in $only; do [ ! -s "$out/$curve.jsonl" ] || picture "$curve"; done
