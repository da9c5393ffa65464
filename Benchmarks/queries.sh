#!/usr/bin/env bash
# Queries of bars: stores an hour of one-second bars and times one key over all of it, and all keys over a minute, by tikr.v1; on the database by SQL too, with
# what ticks and bars take on its disk.
#   Benchmarks/queries.sh                            1,000 keys on the embedded store
#   Benchmarks/queries.sh --store timescale          on PostgreSQL with TimescaleDB; SQL needs psql
#   Benchmarks/queries.sh --keys 100 --queries 1000
set -euo pipefail
cd "$(dirname "$0")/.."

store=rocksdb keys=1000 queries=200 ticks_ttl=2h bars_ttl=2h
while [ $# -gt 0 ]; do
  case "$1" in
    --store) store="$2"; shift 2 ;;
    --keys) keys="$2"; shift 2 ;;
    --queries) queries="$2"; shift 2 ;;
    *) echo "unknown option $1; see the head of $0" >&2; exit 2 ;;
  esac
done

# shellcheck source=Benchmarks/server.sh
source Benchmarks/server.sh

part() { sed -E "s/.*(^|;)$1=([^;]*).*/\2/" <<< "$database"; }

sql() { PGPASSWORD="$(part Password)" psql -X -q -A -t -h "$(part Host)" -p "$(part Port)" -U "$(part Username)" -d "$(part Database)" "$@"; }

# Times of a query, asked again and again on one connection.
time_sql() {
  local name="$1" query="$2" turn
  {
    echo 'SET jit = off;'
    echo '\o /dev/null'
    echo '\timing on'
    for turn in $(seq "$queries"); do echo "$query;"; done
  } | sql -f - | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | sort -n | awk -v name="$name" '
    { times[NR] = $1 }
    END { printf "| %s | %d | %.1f | %.1f |\n", name, NR, times[int(NR * 0.5) + 1], times[NR < 100 ? NR : int(NR * 0.99) + 1] }'
}

prepare
start_server
dotnet "$generator" query --address "$address" --server-pid "$server" --label "$store" --keys "$keys" --history 3600 --minute --repeat "$queries"
if [ "$store" = timescale ] && command -v psql > /dev/null; then
  echo
  echo "| by SQL, on the server's side of the network | queries | p50 ms | p99 ms |"
  echo "|---|---:|---:|---:|"
  time_sql "1 key x 1 h: rows" "SELECT * FROM tikr.market_ticks_bars('AAAB', now() - interval '59 minutes', now())"
  time_sql "$keys keys x 1 min: rows" "SELECT * FROM tikr.market_ticks_1s WHERE bucket >= now() - interval '31 minutes' AND bucket < now() - interval '30 minutes'"
  time_sql "$keys keys x 1 min: one row per key" "SELECT symbol, max(high), min(low), sum(volume) FROM tikr.market_ticks_1s WHERE bucket >= now() - interval '31 minutes' AND bucket < now() - interval '30 minutes' GROUP BY symbol"
  echo
  sql -c "SELECT 'on disk, indexes included: ' || round(hypertable_size('tikr.bars_' || s.id || '_' || s.rollup_ns) / b.n::numeric, 1) || ' bytes per bar, '
      || round(hypertable_size('tikr.ticks_' || s.id) / t.n::numeric, 1) || ' bytes per tick (' || round(t.n / t.blocks::numeric, 1) || ' ticks a block: one tick per key and second)'
    FROM tikr.series AS s, (SELECT count(*) AS n FROM tikr.market_ticks_1s) AS b,
      (SELECT sum(ticks) AS n, count(*) AS blocks FROM tikr.ticks_$(sql -c "SELECT id FROM tikr.series WHERE name = 'market_ticks'")) AS t
    WHERE s.name = 'market_ticks'"
fi
