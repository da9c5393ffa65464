#!/usr/bin/env bash
# How long a restart takes after SIGKILL with many ticks in bars that are still open, and whether every bar comes out exact.
#   Benchmarks/restart.sh                    10 million ticks
#   Benchmarks/restart.sh --ticks 1000000 --keys 1000 --store timescale
set -euo pipefail
cd "$(dirname "$0")/.."

ticks=10000000 keys=1000 store=rocksdb
if [ "${1:-}" = between ]; then
  # Called by the load generator once everything is acknowledged.
  # shellcheck source=Benchmarks/server.sh
  source Benchmarks/server.sh
  folder="$2"
  kill -KILL "$3"
  while kill -0 "$3" 2> /dev/null && ! grep -q ') Z' "/proc/$3/stat"; do sleep 0.01; done
  launch_server
  echo "after the kill: ready $ready_after s after its start"
  echo "$server" > "$folder/restarted"
  exit
fi
while [ $# -gt 0 ]; do
  case "$1" in
    --ticks) ticks="$2"; shift 2 ;;
    --keys) keys="$2"; shift 2 ;;
    --store) store="$2"; shift 2 ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done

# shellcheck source=Benchmarks/server.sh
source Benchmarks/server.sh
prepare
start_server
echo "with an empty store: ready $ready_after s after its start"
failed=0
# Nine seconds ahead of the clock: the server takes ten, and no bar closes before the kill.
load --label restart --keys "$keys" --ticks "$ticks" --ahead 9 --warm-up 0 --no-probe --verify-timeout 120 \
  --between "TIKR_BENCHMARK_PORT=$base store=$store Benchmarks/restart.sh between $folder $server" || failed=1
server="$(cat "$folder/restarted" 2> /dev/null || true)"
stop_server
# It is not a child of this shell, so that wait does not wait.
while [ -s "$folder/restarted" ] && kill -0 "$(cat "$folder/restarted")" 2> /dev/null; do sleep 0.1; done
exit "$failed"
