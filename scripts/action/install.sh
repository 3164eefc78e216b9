#!/usr/bin/env bash
# Installs mcp-dyno for the action: a version of npm's, or the action's own code. Output: program.
set -euo pipefail

if [ -n "${DYNO_ACTION_VERSION:-}" ]; then
  folder="$RUNNER_TEMP/mcp-dyno"
  npm install --no-audit --no-fund --prefix "$folder" "mcp-dyno@$DYNO_ACTION_VERSION"
  program="$folder/node_modules/mcp-dyno/bin/dyno.js"
else
  # Installing builds, too.
  [ -d "$DYNO_ACTION_PATH/dist" ] || npm ci --no-audit --no-fund --prefix "$DYNO_ACTION_PATH"
  program="$DYNO_ACTION_PATH/bin/dyno.js"
fi
echo "program=$program" >> "$GITHUB_OUTPUT"
