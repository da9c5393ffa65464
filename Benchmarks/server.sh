# Sourced by the scripts beside it: servers for measuring, one after the other, each with an empty store.
#
#   prepare             builds what is needed, makes $folder, cleans up in the end
#   start_server        starts one on the store that $store names and waits until it is ready, $ready_after seconds
#   load ARGUMENTS      drives it with the load generator; results go to $results
#   stop_server         stops it
#
# DATABASE_SETTINGS are settings of PostgreSQL for $store timescale, such as "wal_compression=lz4 shared_buffers=1GB".
#
# $store is rocksdb, timescale, or none: a benchmark host whose store keeps keys and bars in memory and no ticks at all.
# $ticks_ttl and $bars_ttl are TTLs for the configuration, $host_options go to the benchmark host, $specs is a folder of further specs.
# $kafka is an on_failure (spool, drop, block): bars are published to a mock broker in a process of its own; without it they are not. $broker_input is a
# pipe to it that takes down and up.

store="${store:-rocksdb}" ticks_ttl="${ticks_ttl:-1h}" bars_ttl="${bars_ttl:-1h}" host_options="${host_options:-}" specs="${specs:-}" kafka="${kafka:-}"
base="${TIKR_BENCHMARK_PORT:-19876}"
address="http://127.0.0.1:$base"
generator=Benchmarks/LoadGenerator/bin/Release/net10.0/Tikr.LoadGenerator.dll
folder="" results="" server="" database="" database_pid="" supervisor="" ready_after=""
rates=Benchmarks/KafkaRates/bin/Release/net10.0/Tikr.Benchmarks.KafkaRates.dll
broker="" brokers="" broker_input="" topics=() watcher=""
# The server refuses unknown variables with its prefix; those of the test database are for scripts/timescale.sh.
test_settings=()
for name in "${!TIKR_TEST_@}"; do test_settings+=("$name=${!name}"); done
unset "${!TIKR_@}"

prepare() {
  case "$store" in
    rocksdb | timescale | none) ;;
    *) echo "unknown store $store: rocksdb, timescale or none" >&2; exit 2 ;;
  esac
  case "$kafka" in
    "" | spool | drop | block) ;;
    *) echo "unknown --kafka $kafka: spool, drop or block" >&2; exit 2 ;;
  esac
  folder="$(mktemp -d "${TMPDIR:-/tmp}/tikr-benchmark.XXXXXX")"
  results="$folder/results.jsonl"
  : > "$results"
  trap 'stop_server; rm -rf "$folder"' EXIT
  local project
  for project in Silo Benchmarks/LoadGenerator Benchmarks/Host Benchmarks/Micro ${kafka:+Benchmarks/KafkaRates}; do
    build "$project"
  done
}

# Says something only when it fails.
build() {
  local log
  log="$(dotnet build "$1" -c Release --nologo -v quiet -p:UseSharedCompilation=true 2>&1)" || { echo "$log" >&2; exit 1; }
}

stop_server() {
  [ -z "$watcher" ] || { kill "$watcher" 2>/dev/null || true; wait "$watcher" 2>/dev/null || true; watcher=""; }
  [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; }
  [ -z "$broker" ] || { kill "$broker" 2>/dev/null || true; wait "$broker" 2>/dev/null || true; broker="" brokers=""; }
  [ -z "$supervisor" ] || { echo stop > "$folder/database.control"; wait "$supervisor" 2>/dev/null || true; supervisor="" database="" database_pid=""; }
}

start_server() {
  rm -rf "$folder/data"
  database_pid=""
  if [ "$store" = timescale ]; then start_database; fi
  copy_specs
  if [ -n "$kafka" ]; then start_broker; fi
  configure
  launch_server
}

# Starts the server on what is stored already, too.
launch_server() {
  local program=(dotnet Silo/bin/Release/net10.0/Tikr.Silo.dll) options="$host_options"
  [ "$store" != none ] || options="$options --no-store"
  [ -z "$options" ] || program=(dotnet Benchmarks/Host/bin/Release/net10.0/Tikr.Benchmarks.Host.dll)
  local started="$EPOCHREALTIME" turn
  # shellcheck disable=SC2086 # options are words
  "${program[@]}" --config "$folder/tikr.yaml" $options > "$folder/server.log" 2>&1 &
  server=$!
  for turn in $(seq 3000); do
    if ready; then
      ready_after="$(awk -v from="$started" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }')"
      return
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.02
  done
  echo "the server did not become ready:" >&2
  cat "$folder/server.log" >&2
  exit 1
}

load() {
  local data="$folder/data"
  # A database's tables, without its write-ahead log.
  [ -z "$database_pid" ] || data="/proc/$database_pid/cwd/base"
  dotnet "$generator" --address "$address" --server-pid "$server" --metrics "http://127.0.0.1:$((base + 2))/metrics" \
    --store "http://127.0.0.1:$((base + 1))/debug/store" --data "$data" ${database_pid:+--database-pid "$database_pid"} \
    --json "$results" "$@"
}

copy_specs() {
  mkdir -p "$folder/specs"
  cp specs/*.yaml "$folder/specs"
  [ -z "$specs" ] || cp "$specs"/*.yaml "$folder/specs"
  [ -z "$kafka" ] || sed -i "s/^\( *on_failure:\).*/\1 $kafka/" "$folder"/specs/*.yaml
}

start_broker() {
  broker_input="$folder/broker.input"
  rm -f "$broker_input" "$folder/broker.answers"
  mkfifo "$broker_input"
  mapfile -t topics < <(sed -n 's/^ *topic: *//p' "$folder"/specs/*.yaml)
  dotnet "$rates" broker --seconds 86400 --topic "${topics[@]}" 0<> "$broker_input" > "$folder/broker.answers" 2> "$folder/broker.log" &
  broker=$!
  until brokers="$(head -n 1 "$folder/broker.answers" 2> /dev/null)" && [ -n "$brokers" ]; do
    kill -0 "$broker" 2> /dev/null || { cat "$folder/broker.log" >&2; exit 1; }
    sleep 0.1
  done
}

# Reads the topics as a dashboard would, beside a load that is about to begin: not counting for some seconds, counting for some.
watch_topics() {
  dotnet "$rates" delays --brokers "$brokers" --topic "${topics[@]}" --skip "$1" --seconds "$2" > "$folder/delays" 2>&1 &
  watcher=$!
}

# Waits until everything is published, and says what became of it and when it arrived; the load has ended.
published() {
  local turn depth=1 page
  for turn in $(seq 600); do
    page="$(get $((base + 2)) /metrics)"
    depth="$(sum tikr_output_outbox_depth <<< "$page")"
    [ "$depth" != 0 ] || [ "$turn" -lt 3 ] || break
    sleep 0.5
  done
  echo "kafka ($kafka): $(sum tikr_output_kafka_writes_total <<< "$page") records in the topics, $(sum tikr_output_kafka_drops_total <<< "$page") dropped, $depth waiting;" \
    "broker's CPU $(awk -v ticks="$(getconf CLK_TCK)" '{ print ($14 + $15) / ticks }' "/proc/$broker/stat") s"
  wait "$watcher" || true
  watcher=""
  cat "$folder/delays"
}

sum() { awk -v name="$1" 'index($0, name "{") == 1 || index($0, name " ") == 1 { total += $(NF > 2 ? NF - 1 : NF) } END { printf "%.0f", total }'; }

get() {
  exec 3<> "/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&3
  cat <&3
  exec 3>&- 3<&-
}

configure() {
  cat > "$folder/tikr.yaml" <<CONFIG
server: { grpc_port: $base, http_port: $((base + 1)) }
storage:
$(storage)
  ticks: { ttl: $ticks_ttl, max_size_gb: 50 }
  rollup: { ttl: $bars_ttl, max_size_gb: 5 }
telemetry: { prometheus: { port: $((base + 2)) } }
specs_dir: $folder/specs
${brokers:+kafka: { brokers: ["$brokers"] \}}
CONFIG
}

storage() {
  if [ "$store" != timescale ]; then echo "  data_dir: $folder/data"; return; fi
  echo "  backend: timescale"
  echo "  timescale: { connection_string: '$database' }"
}

start_database() {
  local port process
  # One of its own, on an empty disk, whatever else runs on this machine.
  rm -f "$folder"/database.*
  mkfifo "$folder/database.control"
  : > "$folder/database.answers"
  # shellcheck disable=SC2154 # settings of PostgreSQL as NAME=VALUE, given by the environment
  env "${test_settings[@]}" scripts/timescale.sh serve --own ${DATABASE_SETTINGS:+$(printf -- '-c %s ' $DATABASE_SETTINGS)} \
    0<> "$folder/database.control" > "$folder/database.answers" 2> "$folder/database.log" &
  supervisor=$!
  until database="$(sed -n 's/^ready //p' "$folder/database.answers")" && [ -n "$database" ]; do
    kill -0 "$supervisor" 2> /dev/null || { cat "$folder/database.log" >&2; exit 1; }
    sleep 0.1
  done
  port="${database#*Port=}" port="${port%%;*}"
  # Its CPU counts as well, where it runs on this machine and not in a container.
  for process in /proc/[0-9]*; do
    if { tr '\0' ' ' < "$process/cmdline"; } 2> /dev/null | grep -q "postgres .*-p $port "; then database_pid="${process#/proc/}"; return; fi
  done
}

ready() {
  local status
  { exec 3<> "/dev/tcp/127.0.0.1/$((base + 1))"; } 2>/dev/null || return 1
  printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3
  read -r status <&3 2>/dev/null || status=""
  exec 3>&- 3<&-
  [[ "$status" == *" 200 "* ]]
}
