#!/usr/bin/env bash
# A long run at 70 % of the speed that a short one reaches: memory, latency and files must stay flat, and every bar be exact while it lives.
#   Benchmarks/soak.sh                       30 minutes; ticks and bars live for a tenth of that
#   Benchmarks/soak.sh --minutes 5 --keys 1000 --share 0.7 --window 15
# The server insists on a life of at least an hour; on the embedded store a benchmark host lifts that rule and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=30 keys=1000 share=0.7 window=30 ttl="" probe=15 store=rocksdb extra=()
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes) minutes="$2"; shift 2 ;;
    --keys) keys="$2"; shift 2 ;;
    --share) share="$2"; shift 2 ;;
    --window) window="$2"; shift 2 ;;
    --ttl-seconds) ttl="$2"; shift 2 ;;
    --maximum-seconds) probe="$2"; shift 2 ;;
    --store) store="$2"; shift 2 ;;
    --) shift; extra=("$@"); break ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done
seconds="$(awk -v m="$minutes" 'BEGIN { printf "%d", m * 60 }')"
# Bars are verified within two windows; none may have gone by then.
[ -n "$ttl" ] || ttl="$(awk -v s="$seconds" -v w="$window" 'BEGIN { t = s / 10; printf "%d", t < 3 * w + 30 ? 3 * w + 30 : t }')"

# shellcheck source=Benchmarks/server.sh
source Benchmarks/server.sh
prepare

start_server
load --label maximum --keys "$keys" --seconds "$probe" --warm-up 5 "${extra[@]}"
stop_server
rate="$(dotnet "$generator" rate "$results" "$share")"

[ "$store" != rocksdb ] || host_options="--ttl-seconds $ttl"
start_server
echo
echo "$rate ticks/s for $minutes minutes$([ -z "$host_options" ] || echo ", ticks and bars live for $ttl s")"
failed=0
load --label soak --keys "$keys" --seconds "$seconds" --warm-up 5 --rate "$rate" --window "$window" "${extra[@]}" | tee "$folder/table" || failed=1
stop_server

# Flat: the last third beside the one before, by which the first data have gone.
awk -F'|' -v third="$((seconds / 3))" '
  $2 + 0 > 0 && NF > 15 { part = int(($2 - 1) / third); n[part]++; rss[part] += $5; ack[part] += $7; seen[part] += $9; files[part] += $12 }
  END {
    print "\n| third | RSS MB | ack p99 ms | visible p99 ms | file MB |\n|---:|---:|---:|---:|---:|"
    for (p = 0; p < 3; p++) if (n[p]) printf "| %d | %.0f | %.1f | %.0f | %.0f |\n", p + 1, rss[p] / n[p], ack[p] / n[p], seen[p] / n[p], files[p] / n[p]
  }' "$folder/table"
exit "$failed"
