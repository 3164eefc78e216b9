#!/usr/bin/env bash
# Runs `dyno test` for the action. Outputs: exit-code, status, reports. Whether the job fails is decided by a later step,
# after the reports were kept.
set -euo pipefail

reports="$RUNNER_TEMP/mcp-dyno-reports-$$"
mkdir -p "$reports"

words=()
while IFS= read -r word; do
  [ -z "$word" ] || words+=("$word")
done <<< "${DYNO_ACTION_ARGS:-}"
[ "${DYNO_ACTION_ALLOW_INCONCLUSIVE:-}" != true ] || words+=(--allow-inconclusive)

target=()
if [ -n "${DYNO_ACTION_URL:-}" ]; then
  target=("$DYNO_ACTION_URL")
elif [ -n "${DYNO_ACTION_COMMAND:-}" ]; then
  # The shell takes the command apart as its author wrote it, and gives its place to the server.
  target=(-- sh -c "exec $DYNO_ACTION_COMMAND")
fi

code=0
# `${x[@]+…}`: an empty array is an error under `set -u` in the bash of macOS.
node "$DYNO_ACTION_PROGRAM" test ${words[@]+"${words[@]}"} \
  -o "junit=$reports/junit.xml" -o "markdown=$reports/report.md" -o "html=$reports/report.html" -o "json=$reports/run.json" \
  ${target[@]+"${target[@]}"} || code=$?

status=error
if [ -f "$reports/run.json" ]; then
  status=$(node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).verdict.status' "$reports/run.json")
fi
{
  echo "exit-code=$code"
  echo "status=$status"
  echo "reports=$reports"
} >> "$GITHUB_OUTPUT"
