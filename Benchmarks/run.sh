#!/usr/bin/env bash
# Speed of the durable path: starts a server in an empty folder for each run, loads it, verifies every bar, prints a table of medians.
#   Benchmarks/run.sh                                10, 1,000 and 100,000 keys, 5 runs each
#   Benchmarks/run.sh --keys "1000" --runs 3 --seconds 30 -- --rate 500000
#   Benchmarks/run.sh --store timescale              the same on PostgreSQL with TimescaleDB, a new server for each run
#   Benchmarks/run.sh --smoke                        a few seconds in all, for CI: speed is not judged, bars are
set -euo pipefail
cd "$(dirname "$0")/.."

keys="10 1000 100000" runs=5 seconds=20 warm_up=5 store=rocksdb extra=()
while [ $# -gt 0 ]; do
  case "$1" in
    --smoke) keys="10 1000" runs=1 seconds=2 warm_up=1; shift ;;
    --keys) keys="$2"; shift 2 ;;
    --store) store="$2"; shift 2 ;;
    --runs) runs="$2"; shift 2 ;;
    --seconds) seconds="$2"; shift 2 ;;
    --warm-up) warm_up="$2"; shift 2 ;;
    --) shift; extra=("$@"); break ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done

case "$store" in
  rocksdb | timescale) ;;
  *) echo "unknown store $store: rocksdb or timescale" >&2; exit 2 ;;
esac

base="${TIKR_BENCHMARK_PORT:-19876}"
folder="$(mktemp -d "${TMPDIR:-/tmp}/tikr-benchmark.XXXXXX")"
server="" database=""
# The server refuses unknown variables with its prefix.
unset "${!TIKR_@}"

stop_server() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; }
  [ -z "$database" ] || { scripts/timescale.sh stop > /dev/null; database=""; }
}
trap 'stop_server; rm -rf "$folder"' EXIT

start_server() {
  rm -rf "$folder/data"
  if [ "$store" = timescale ]; then
    database="$(scripts/timescale.sh start 2> /dev/null)"
    database="${database%%$'\n'*}"
  fi
  cat > "$folder/tikr.yaml" <<CONFIG
server:
  grpc_port: $base
  http_port: $((base + 1))
storage:
$(storage)
  ticks: { ttl: 1h, max_size_gb: 50 }
  rollup: { ttl: 1h, max_size_gb: 5 }
telemetry:
  prometheus: { port: $((base + 2)) }
specs_dir: $PWD/specs
CONFIG
  dotnet Silo/bin/Release/net10.0/Tikr.Silo.dll --config "$folder/tikr.yaml" > "$folder/server.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    if ready; then return; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
  echo "the server did not become ready:" >&2
  cat "$folder/server.log" >&2
  exit 1
}

storage() {
  if [ "$store" = rocksdb ]; then echo "  data_dir: $folder/data"; return; fi
  echo "  backend: timescale"
  echo "  timescale: { connection_string: '$database' }"
}

ready() {
  local status
  { exec 3<> "/dev/tcp/127.0.0.1/$((base + 1))"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
  read -r status <&3 || status=""
  exec 3>&- 3<&-
  [[ "$status" == *" 200 "* ]]
}

dotnet build Silo -c Release --nologo -v quiet
dotnet build Benchmarks/LoadGenerator -c Release --nologo -v quiet
failed=0
for key in $keys; do
  for _ in $(seq "$runs"); do
    start_server
    dotnet Benchmarks/LoadGenerator/bin/Release/net10.0/Tikr.LoadGenerator.dll --address "http://127.0.0.1:$base" \
      --keys "$key" --seconds "$seconds" --warm-up "$warm_up" --server-pid "$server" --json "$folder/results.jsonl" "${extra[@]}" || failed=1
    stop_server
  done
done

echo
dotnet Benchmarks/LoadGenerator/bin/Release/net10.0/Tikr.LoadGenerator.dll summary "$folder/results.jsonl" || failed=1
exit "$failed"
