#!/usr/bin/env bash
# Every check of the repository, stage by stage, each with its time. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=$PWD/target/tools/bin
summary=()
totals=

current=start
on_exit() {
  local code=$?
  [ "$code" = 0 ] || printf '\n== FAILED: %s\n' "$current"
}
trap on_exit EXIT

# stage TITLE COMMAND...: runs the command under its title and notes the seconds it took. The command is
# called plainly, not inside a condition, because a condition would switch `set -e` off within it.
stage() {
  local started=$SECONDS took
  current=$1
  shift
  printf '\n== %s\n' "$current"
  "$@"
  took=$((SECONDS - started))
  printf -- '-- %s: ok, %d s\n' "$current" "$took"
  summary+=("$(printf '%5d s  %s' "$took" "$current")")
}

tests() {
  mkdir -p target
  cargo test --locked 2>&1 | tee target/test.log
  # cargo prints one result per test binary; a run in which none has a test must not pass
  totals=$(awk '/^test result:/ { passed += $4; failed += $6 } END { printf "%d passed, %d failed", passed, failed }' \
    target/test.log)
  if [[ $totals == "0 "* ]]; then
    echo "no test was run"
    return 1
  fi
}

documentation() {
  RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked --document-private-items
}

dependencies() {
  cargo fetch --locked
  "$tools/cargo-deny" --offline --locked check bans licenses sources
}

shell_syntax() {
  local file
  for file in scripts/*.sh .ci/run; do
    bash -n "$file"
  done
}

dockerfile() {
  if [ -x "$tools/hadolint" ]; then
    "$tools/hadolint" Dockerfile
  else
    echo "NOT LINTED: hadolint could not be installed (scripts/tools.sh says why)"
  fi
}

stage "format" cargo fmt --all --check
stage "lints" cargo clippy --all-targets --locked -- -D warnings
stage "documentation" documentation
stage "tools" bash scripts/tools.sh
stage "tests" tests
stage "dependencies" dependencies
stage "shell syntax" shell_syntax
stage "Dockerfile" dockerfile

printf '\n== all stages passed\n'
printf '%s\n' "${summary[@]}" "$totals"
