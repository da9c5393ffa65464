#!/usr/bin/env bash
# PostgreSQL with TimescaleDB for tests, benchmarks and trials, by the first way that works:
#
#   given       the server that TIKR_TEST_TIMESCALE names (an Npgsql connection string); nothing is started
#   docker      a container of timescale/timescaledb on a random loopback port, if an engine answers
#   installed   PostgreSQL with TimescaleDB packages of this machine
#   debian      Debian 13 packages in a folder of their own (533 MB, built once with mmdebstrap and kept); needs root or sudo
#
# Servers listen on loopback with a password of their own. Their data are new and are deleted in the end.
#
#   scripts/timescale.sh prepare            get what the way needs (image or folder), start nothing
#   scripts/timescale.sh start [-c N=V]...  start one in the background and print its connection string and URI
#   scripts/timescale.sh status             print them again; exit code 1 if it does not run
#   scripts/timescale.sh stop               stop it and delete its data
#   scripts/timescale.sh run [-c N=V]... -- COMMAND ...
#                                           run a command with TIKR_TEST_TIMESCALE naming a server that lives as long as it
#   scripts/timescale.sh serve [--own] [-c N=V]...
#                                           for programs: prints "ready CONNECTION-STRING", then obeys lines on its input,
#                                           "kill" (SIGKILL to every process of the server), "start" (again, same data and
#                                           port) and "stop"; it also stops when the input ends: the server does not outlive
#                                           whoever holds the pipe.
#                                           --own: a server that can be killed, even if TIKR_TEST_TIMESCALE is set
#
# -c N=V is a PostgreSQL setting. Exit code 3: no way works here, and the reasons are printed.
#
#   TIKR_TEST_TIMESCALE_WAY     only this way: docker, installed or debian
#   TIKR_TEST_TIMESCALE_IMAGE   the image (default timescale/timescaledb:2.19.3-pg17)
#   TIKR_TEST_CACHE             folder of what is kept (default ~/.cache/tikr)
#   TIKR_TEST_DEBIAN_MIRROR     mirror of the packages (default: mmdebstrap's)
set -euo pipefail

script="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/$(basename "${BASH_SOURCE[0]}")"
cache="${TIKR_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tikr}"
image="${TIKR_TEST_TIMESCALE_IMAGE:-timescale/timescaledb:2.19.3-pg17}"
root="$cache/timescale-root"
mode="${1:-help}"
[ $# -eq 0 ] || shift

say() { echo "timescale: $*" >&2; }
fail() { say "$*"; exit 1; }

# ---- which way ----------------------------------------------------------------------------------------------------------

own="" way="" reasons=()

docker_works() {
  command -v docker > /dev/null || { reasons+=("docker: no docker command"); return 1; }
  timeout 10 docker info > /dev/null 2>&1 || { reasons+=("docker: no engine answers"); return 1; }
}

# Prints the folder of the newest PostgreSQL of this machine that has TimescaleDB.
installed_programs() {
  local control version
  for control in $(ls -r /usr/share/postgresql/*/extension/timescaledb.control 2> /dev/null); do
    version="$(basename "$(dirname "$(dirname "$control")")")"
    [ -x "/usr/lib/postgresql/$version/bin/postgres" ] && echo "/usr/lib/postgresql/$version/bin" && return
  done
  return 1
}

installed_works() { installed_programs > /dev/null || { reasons+=("installed: no /usr/share/postgresql/*/extension/timescaledb.control"); return 1; }; }

can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2> /dev/null; }

debian_works() {
  can_be_root || { reasons+=("debian: needs root, or sudo without a password"); return 1; }
  [ -e "$root/srv/tikr/template" ] || command -v mmdebstrap > /dev/null \
    || { reasons+=("debian: no mmdebstrap (apt-get install mmdebstrap debian-archive-keyring)"); return 1; }
}

choose_way() {
  if [ -n "${TIKR_TEST_TIMESCALE:-}" ] && [ -z "$own" ]; then way=given; return; fi
  local candidate
  for candidate in ${TIKR_TEST_TIMESCALE_WAY:-docker installed debian}; do
    case "$candidate" in docker | installed | debian) ;; *) fail "TIKR_TEST_TIMESCALE_WAY=$candidate: docker, installed or debian is expected" ;; esac
    if "${candidate}_works"; then way="$candidate"; return; fi
  done
  say "no way to have PostgreSQL with TimescaleDB here:"
  printf '  %s\n' "${reasons[@]}" "given: TIKR_TEST_TIMESCALE names no server" >&2
  exit 3
}

# What is left runs as root where a way needs it; the caller's pipes stay.
become_root() {
  [ "$way" != debian ] || [ "$(id -u)" -eq 0 ] \
    || exec sudo -n TIKR_TEST_CACHE="$cache" TIKR_TEST_TIMESCALE_WAY=debian TIKR_TEST_DEBIAN_MIRROR="${TIKR_TEST_DEBIAN_MIRROR:-}" "$BASH" "$script" "$@"
}

# ---- what a way keeps -----------------------------------------------------------------------------------------------------

# Concurrent callers wait for the one that downloads.
prepare() {
  mkdir -p "$cache"
  (
    flock 9
    case "$way" in
      docker) docker image inspect "$image" > /dev/null 2>&1 || docker pull "$image" >&2 ;;
      debian) [ -e "$root/srv/tikr/template" ] || build_root ;;
    esac
  ) 9> "$cache/timescale.lock"
}

build_root() {
  local attempt log="$cache/timescale-root.log" partial="$root.partial"
  say "building $root from Debian packages, once (log: $log)"
  for attempt in 1 2 3; do
    rm -rf "$partial"
    if mmdebstrap --variant=minbase --include=postgresql-17,postgresql-17-timescaledb trixie "$partial" ${TIKR_TEST_DEBIAN_MIRROR:+"$TIKR_TEST_DEBIAN_MIRROR"} > "$log" 2>&1; then break; fi
    [ "$attempt" -lt 3 ] || { tail -n 20 "$log" >&2; fail "mmdebstrap failed; is debian-archive-keyring installed and the mirror reachable?"; }
    sleep $((attempt * 10))
  done
  root="$partial" use_programs
  install -d -m 711 "$partial/srv/tikr"
  new_data "$partial/srv/tikr/template.partial" /srv/tikr/template.partial
  mv "$partial/srv/tikr/template.partial" "$partial/srv/tikr/template"
  rm -rf "$root"
  mv "$partial" "$root"
}

# A new data folder whose superuser has a password that only this folder knows.
new_data() {
  local folder="$1" inside="$2" output
  install -d -m 700 "$folder"
  od -An -N18 -tx1 /dev/urandom | tr -d ' \n' > "$folder/password"
  [ -z "$user" ] || chown -R "$user" "$folder"
  output="$("${enter[@]}" "$programs/initdb" -D "$inside/data" -U postgres -A scram-sha-256 --pwfile "$inside/password" \
    -E UTF8 --locale=C.UTF-8 --no-sync 2>&1)" || fail "initdb failed: $output"
}

# How the server's programs are run, where, and as whom: PostgreSQL refuses to run as root.
use_programs() {
  local setting=(env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 TZ=UTC)
  case "$way" in
    debian)
      programs=/usr/lib/postgresql/17/bin
      user="$(awk -F: '$1 == "postgres" { print $3 ":" $4 }' "$root/etc/passwd")"
      enter=("${setting[@]}" chroot "$root" setpriv "--reuid=${user%:*}" "--regid=${user#*:}" --clear-groups --pdeathsig QUIT --)
      servers="$root/srv/tikr" prefix="$root" ;;
    installed)
      programs="$(installed_programs)" user="" prefix=""
      enter=("${setting[@]}" setpriv --pdeathsig QUIT --)
      servers="$cache/servers"
      if [ "$(id -u)" -eq 0 ]; then
        user="$(id -u postgres):$(id -g postgres)" servers=/var/tmp/tikr-servers
        enter=("${setting[@]}" setpriv "--reuid=${user%:*}" "--regid=${user#*:}" --clear-groups --pdeathsig QUIT --)
      fi ;;
    *) user="" prefix="" servers="$cache/servers" ;;
  esac
}

# ---- one server -----------------------------------------------------------------------------------------------------------

settings=() folder="" port="" postmaster="" container=""

# A folder of its own, locked as long as this process lives; folders whose owner has died are removed first.
new_folder() {
  install -d -m 711 "$servers"
  exec 8> "$servers/.lock"
  flock 8
  local other
  for other in "$servers"/*/; do
    [ -e "$other/owner" ] || continue
    if (flock -n 7) 7< "$other/owner"; then remove "${other%/}"; fi
  done
  folder="$servers/$$-$RANDOM"
  install -d -m 711 "$folder"
  echo $$ > "$folder/owner"
  exec 7< "$folder/owner"
  flock -n 7 || fail "$folder belongs to a running server"
  exec 8>&-
}

# Removes the folder of a server, with what is left of it running.
remove() {
  local folder="$1" pid segment
  if [ -e "$folder/container" ]; then docker rm -f -v "$(cat "$folder/container")" > /dev/null 2>&1 || true; fi
  if [ -e "$folder/data/postmaster.pid" ]; then
    pid="$(sed -n 1p "$folder/data/postmaster.pid")"
    segment="$(sed -n 7p "$folder/data/postmaster.pid" | awk '{ print $2 }')"
    if grep -qazxF "${folder#"$prefix"}/data" "/proc/$pid/cmdline" 2> /dev/null; then kill_tree "$pid"; fi
    # A killed server leaves its little piece of System V memory behind.
    [ -z "$segment" ] || ipcrm -m "$segment" 2> /dev/null || true
  fi
  rm -rf "$folder"
}

children_of() {
  local line pid state parent
  for pid in /proc/[0-9]*; do
    { read -r line < "$pid/stat"; } 2> /dev/null || continue
    read -r state parent _ <<< "${line##*) }"
    [ "$parent" != "$1" ] || [ "$state" = Z ] || echo "${pid#/proc/}"
  done
}

wait_until_gone() {
  local turn
  for ((turn = 0; turn < 1000; turn++)); do
    [ -e "/proc/$1/stat" ] && ! grep -q ') Z' "/proc/$1/stat" 2> /dev/null || return 0
    sleep 0.01
  done
  return 1
}

# SIGKILL for a postmaster and every process it has, stopped first so that it starts no further ones.
kill_tree() {
  local all pid
  kill -STOP "$1" 2> /dev/null || return 0
  mapfile -t all < <(echo "$1"; children_of "$1")
  kill -KILL "${all[@]}" 2> /dev/null || true
  for pid in "${all[@]}"; do wait_until_gone "$pid" || true; done
}

is_ready() {
  if [ "$way" = docker ]; then
    docker exec "$container" pg_isready -q -h 127.0.0.1 -U postgres 2> /dev/null
  else
    # A killed server leaves such a file too.
    [ "$(sed -n '1p;8p' "$folder/data/postmaster.pid" 2> /dev/null | tr -d ' \n')" = "${postmaster}ready" ]
  fi
}

is_alive() {
  if [ "$way" = docker ]; then [ "$(docker inspect -f '{{.State.Running}}' "$container" 2> /dev/null)" = true ]
  else kill -0 "$postmaster" 2> /dev/null; fi
}

launch() {
  if [ "$way" = docker ]; then
    if docker inspect "$container" > /dev/null 2>&1; then docker start "$container" > /dev/null
    else
      POSTGRES_PASSWORD="$password" docker run -d --name "$container" -e POSTGRES_PASSWORD -e TIMESCALEDB_TELEMETRY=off --shm-size 1g \
        -p "127.0.0.1:$port:5432" "$image" postgres "${settings[@]}" > /dev/null 2>> "$folder/log" || return 1
    fi
  else
    "${enter[@]}" "$programs/postgres" -D "${folder#"$prefix"}/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
      -c dynamic_shared_memory_type=mmap -c shared_preload_libraries=timescaledb "${settings[@]}" < /dev/null >> "$folder/log" 2>&1 7<&- &
    postmaster=$!
    disown
  fi
}

# Up to a minute: after a kill it replays its log first.
launch_until_ready() {
  local turn
  launch || return 1
  for ((turn = 0; turn < 1200; turn++)); do
    if is_ready; then return 0; fi
    is_alive || return 1
    sleep 0.05
  done
  return 1
}

start_server() {
  local attempt
  new_folder
  if [ "$way" = docker ]; then
    container="tikr-test-$(basename "$folder")"
    echo "$container" > "$folder/container"
    password="$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')"
  elif [ -e "$servers/template" ]; then
    cp -a --reflink=auto "$servers/template/data" "$folder/data"
    password="$(cat "$servers/template/password")"
  else
    new_data "$folder/new" "${folder#"$prefix"}/new"
    mv "$folder/new/data" "$folder/data"
    password="$(cat "$folder/new/password")"
  fi
  # Below the ports that systems give to outgoing connections: a restarted server finds its port free.
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    : > "$folder/log"
    if launch_until_ready; then return; fi
    grep -q -i -e 'already in use' -e 'already allocated' "$folder/log" || break
    [ "$way" != docker ] || docker rm -f -v "$container" > /dev/null 2>&1 || true
  done
  [ "$way" != docker ] || docker logs --tail 30 "$container" >&2 || true
  tail -n 30 "$folder/log" >&2
  fail "the server does not start"
}

kill_server() {
  if [ "$way" = docker ]; then docker kill "$container" > /dev/null
  else kill_tree "$postmaster"; fi
}

clean_up() {
  trap '' INT TERM HUP
  [ -n "$folder" ] || return 0
  if [ "$way" != docker ] && [ -n "$postmaster" ] && kill -0 "$postmaster" 2> /dev/null; then
    kill -QUIT "$postmaster" || true
    wait_until_gone "$postmaster" || kill_tree "$postmaster"
  fi
  remove "$folder"
}

connection() { echo "Host=127.0.0.1;Port=$port;Username=postgres;Password=$password;Database=postgres"; }

# ---- commands -------------------------------------------------------------------------------------------------------------

read_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --own) own=1; shift ;;
      -c) [ $# -gt 1 ] || fail "-c expects NAME=VALUE"; settings+=(-c "$2"); shift 2 ;;
      --) shift; break ;;
      *) fail "unknown option $1; see the head of $script" ;;
    esac
  done
  command=("$@")
}

serve() {
  local line
  read_options "$@"
  choose_way
  if [ "$way" = given ]; then
    echo "ready $TIKR_TEST_TIMESCALE"
    while read -r line; do echo "failed the server that TIKR_TEST_TIMESCALE names is not ours to $line"; done
    return
  fi
  become_root serve --own "$@"
  prepare
  use_programs
  # Many databases at once, each with a worker of the extension, and none that phones home.
  settings=(-c max_connections=200 -c max_worker_processes=64 -c timescaledb.max_background_workers=48 -c timescaledb.telemetry_level=off "${settings[@]}")
  trap clean_up EXIT
  trap 'exit 0' INT TERM HUP
  start_server
  echo "ready $(connection)"
  while read -r line; do
    case "$line" in
      kill) kill_server; echo killed ;;
      start) if is_alive || launch_until_ready; then echo "ready $(connection)"; else tail -n 30 "$folder/log" >&2; echo "failed the server does not start again"; fi ;;
      stop) exit 0 ;;
      *) echo "failed $line: kill or start is expected" ;;
    esac
  done
}

# The background server: its supervisor reads from a pipe that it also holds open itself.
started="$cache/started"

started_is_alive() { [ -e "$started/supervisor" ] && grep -qaF timescale.sh "/proc/$(cat "$started/supervisor")/cmdline" 2> /dev/null; }

print_started() {
  local at
  at="$(sed -n 's/^ready //p' "$started/answers" | tail -n 1)"
  echo "$at"
  sed -E 's|^Host=([^;]+);Port=([^;]+);Username=([^;]+);Password=([^;]+);Database=(.+)$|postgresql://\3:\4@\1:\2/\5|' <<< "$at"
}

start() {
  mkdir -p "$started"
  chmod 700 "$started"
  exec 6> "$started/lock"
  flock 6
  if ! started_is_alive; then
    rm -f "$started"/{control,answers,log,supervisor}
    mkfifo "$started/control"
    setsid "$BASH" "$script" serve --own "$@" 0<> "$started/control" > "$started/answers" 2> "$started/log" 6>&- &
    echo $! > "$started/supervisor"
    until grep -q '^ready ' "$started/answers"; do
      kill -0 $! 2> /dev/null || { cat "$started/log" >&2; rm -f "$started/supervisor"; wait $! || exit $?; }
      sleep 0.05
    done
  fi
  print_started
}

stop() {
  started_is_alive || { say "no server is running"; return 0; }
  echo stop > "$started/control"
  wait_until_gone "$(cat "$started/supervisor")" || fail "the server does not stop: process $(cat "$started/supervisor")"
  rm -rf "$started"
}

run() {
  local answer status=0 to from
  read_options "$@"
  [ "${#command[@]}" -gt 0 ] || fail "run [-c NAME=VALUE] -- COMMAND ... is expected"
  coproc server { exec "$BASH" "$script" serve ${own:+--own} "${settings[@]}"; }
  local supervisor="$server_PID"
  exec {to}>&"${server[1]}" {from}<&"${server[0]}"
  eval "exec ${server[1]}>&- ${server[0]}<&-"
  if read -r -u "$from" answer && [[ "$answer" == ready\ * ]]; then
    TIKR_TEST_TIMESCALE="${answer#ready }" "${command[@]}" {to}>&- {from}<&- || status=$?
    exec {to}>&-
    wait "$supervisor" || true
  else
    wait "$supervisor" || status=$?
  fi
  exit "$status"
}

case "$mode" in
  prepare)
    choose_way
    become_root prepare
    prepare
    say "ready to start by way of: $way" ;;
  serve) serve "$@" ;;
  start) start "$@" ;;
  stop) stop ;;
  status) if started_is_alive; then print_started; else say "no server is running"; exit 1; fi ;;
  run) run "$@" ;;
  *)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$script"
    [ "$mode" = help ] || exit 2 ;;
esac
