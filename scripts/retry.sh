#!/usr/bin/env bash
# Runs a command up to six times, with growing pauses: some package feeds fetch on demand and answer "not found" at first.
#
#   scripts/retry.sh COMMAND ...
set -uo pipefail

for attempt in 1 2 3 4 5 6; do
  if "$@"; then exit 0; else code=$?; fi
  [ "$attempt" -eq 6 ] || { echo "attempt $attempt failed: $*" >&2; sleep $((attempt * 15)); }
done
exit "$code"
