#!/usr/bin/env bash
# Installs what the tests decode bars with to see whether others can: OpenTelemetry's JavaScript exporter, whose generated protobuf types
# read OTLP. Needs node and npm; goes to TIKR_TEST_OTLP_DECODER, or below the folder of what is kept (TIKR_TEST_CACHE, default ~/.cache/tikr).
set -euo pipefail

package="@opentelemetry/otlp-transformer@0.208.0"
# One from before OTLP had Metric.metadata: it must skip the field.
older="otlp-transformer-before-metadata@npm:@opentelemetry/otlp-transformer@0.57.2"
cache="${TIKR_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tikr}"
folder="${TIKR_TEST_OTLP_DECODER:-$cache/otlp-decoder}"

done="$folder/installed"
if [ -f "$done" ] && [ "$(cat "$done")" = "$package $older" ]; then exit 0; fi
command -v npm > /dev/null || { echo "otlp-decoder: npm is not on the PATH; install node and npm" >&2; exit 3; }

mkdir -p "$folder"
(
  flock 9
  # Its own package.json, or npm would look for one further up.
  [ -f "$folder/package.json" ] || echo '{"private": true}' > "$folder/package.json"
  npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --save-exact --loglevel=error "$package" "$older"
  echo "$package $older" > "$done"
) 9> "$folder/lock"
echo "otlp-decoder: $package and 0.57.2 are in $folder"
