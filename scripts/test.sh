#!/usr/bin/env bash
# Installs what the tests need beside the .NET SDK, where it may: on Debian, as root or with sudo. Says in one list what could not be
# installed, then builds and runs all tests. A test that misses something is skipped and says what.
#
#   scripts/test.sh [ARGUMENT...]       arguments go to dotnet test, such as -c Release
#
#   TIKR_TESTS_REQUIRE_SERVERS=1        a test that misses something fails instead
set -uo pipefail
cd "$(dirname "$0")/.."

missing=() root=() updated=""
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# Whether packages can be installed; says on standard error why not.
may_install() {
  command -v apt-get > /dev/null || { echo "there is no apt-get to install it with" >&2; return 1; }
  [ "$(id -u)" -ne 0 ] || return 0
  root=(sudo)
  sudo -n true 2> /dev/null && return 0
  # A person is asked for the password, once.
  [ -t 0 ] && command -v sudo > /dev/null && sudo -v && return 0
  echo "installing it takes root or sudo" >&2
  return 1
}

install() {
  may_install || return 1
  if [ -z "$updated" ]; then scripts/retry.sh "${root[@]}" apt-get update -qq && updated=1 || return 1; fi
  scripts/retry.sh "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

# want WHAT PACKAGES COMMAND...: runs the command, which succeeds where nothing is missing; if it fails, installs the packages first.
want() {
  local what="$1" packages="$2"
  shift 2
  if "$@" > "$log" 2>&1; then return; fi
  echo "installing for $what: $packages"
  # shellcheck disable=SC2086
  if install $packages >> "$log" 2>&1 && scripts/retry.sh "$@" >> "$log" 2>&1; then return; fi
  missing+=("$what: $(tail -n 1 "$log")")
}

want "Python client of tikr.v1" "python3 python3-grpcio python3-grpc-tools python3-protobuf" \
  /usr/bin/python3 -c 'import grpc, grpc_tools.protoc, google.protobuf'
want "decoder of OTLP by others" "nodejs npm" scripts/otlp-decoder.sh
want "networks and clocks of servers under test" "iproute2 libfaketime" \
  sh -c 'command -v ip tc && test -e /usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1'
want "PostgreSQL with TimescaleDB" "mmdebstrap debian-archive-keyring" scripts/timescale.sh prepare

if [ "${#missing[@]}" -gt 0 ]; then
  echo "Could not be installed; docs/testing.md says how else to provide it:"
  printf '  %s\n' "${missing[@]}"
fi

# One project after the other: some measure real processes by the clock.
dotnet test --max-parallel-test-modules 1 "$@"
