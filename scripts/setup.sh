#!/usr/bin/env bash
# Makes a checkout ready: `scripts/setup.sh [python] [node] [postgres] [faults] [browser] [mounts] [peers]`, all but the peers when nothing is named.
# Each part leaves a stamp of what it was made from, so a second run takes a moment.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV="${VENV:-.venv}"
PEERS=.peers

say()  { printf 'setup: %s\n' "$*"; }
loud() { printf '\nsetup: !! %s\n\n' "$*" >&2; }
fail() { loud "$*"; exit 1; }
ci()   { [[ "${CI:-}" == "true" || "${CI:-}" == "1" ]]; }
# What is missing stops CI; on a desk it is said, and the suites that need it are left out.
missing() { if ci; then fail "$*"; else loud "$*"; fi; }
apt_usable() { [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; }
apt_install() {
  say "apt-get install $*"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
stamp_of() { cat "$@" | cksum; pwd; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.11 python3.12 python3.13 python3.14 python; do
    [[ -n "$candidate" ]] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer was not found; install it or name it: make setup PYTHON=/path/to/python"
}

make_venv() {
  local python
  python="$(find_python)"
  say "creating $VENV with $("$python" --version)"
  if ! "$python" -m venv "$VENV" 2>/dev/null; then
    rm -rf "$VENV"
    apt_usable && apt_install python3-venv
    "$python" -m venv "$VENV" || fail "$python cannot create environments; install its venv module (Debian: python3-venv)"
  fi
}

setup_python() {
  [[ -x "$VENV/bin/python" ]] || make_venv
  local wanted
  wanted="$(stamp_of pyproject.toml)"
  if [[ "$(cat "$VENV/.setup-stamp" 2>/dev/null || true)" == "$wanted" ]]; then return; fi
  say "installing the Python packages"
  "$VENV/bin/python" -m pip install -qq --disable-pip-version-check --editable '.[dev]'
  # Node takes its module format from the nearest package.json; JupyterLab's own scripts are not ours.
  printf '{"type": "commonjs"}\n' > "$VENV/package.json"
  printf '%s' "$wanted" > "$VENV/.setup-stamp"
}

setup_node() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    missing "Node 20 or newer is not installed: the front-end checks will be left out (the committed bundle works without it)"
    return
  fi
  if (( $(node -p 'process.versions.node.split(".")[0]') < 20 )); then
    missing "Node $(node --version) is too old, 20 is needed: the front-end checks will be left out"
    return
  fi
  local wanted
  wanted="$(stamp_of package.json package-lock.json)"
  if [[ "$(cat node_modules/.setup-stamp 2>/dev/null || true)" == "$wanted" ]]; then return; fi
  say "installing the Node packages"
  npm ci --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error
  # esbuild's install script only saves a moment; the platform package holds the program.
  node_modules/.bin/esbuild --version >/dev/null || fail "esbuild does not run without install scripts on this platform"
  printf '%s' "$wanted" > node_modules/.setup-stamp
}

has_postgres() {
  local program version
  for program in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres; do
    [[ -x "$program" ]] || continue
    version="$("$program" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')"
    if (( version >= 15 )); then return 0; fi
  done
  return 1
}

setup_postgres() {
  if ! has_postgres && apt_usable; then
    apt_install postgresql || loud "apt-get could not install postgresql"
  fi
  # The tests start a server of their own from its programs; one that runs already is left alone.
  has_postgres || missing "PostgreSQL 15 or newer is not installed: its tests will be left out. Install it (Debian: apt-get install postgresql)"
}

has_browser() {
  [[ -n "${PLAYWRIGHT_CHROMIUM_EXECUTABLE:-}" && -x "${PLAYWRIGHT_CHROMIUM_EXECUTABLE}" ]] && return 0
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
}

missing_fonts() {
  command -v fc-list >/dev/null || return 0
  [[ -n "$(fc-list ':lang=ja' family)" ]] || echo fonts-noto-cjk
  [[ -n "$(fc-list ':lang=ar' family)" ]] || echo fonts-noto-core
  [[ -n "$(fc-list ':lang=und-zsye' family)" ]] || echo fonts-noto-color-emoji
}

# The fault tests trace a writer's system calls and let some of them fail.
setup_faults() {
  local wanted=()
  command -v strace >/dev/null || wanted+=(strace)
  command -v gcc >/dev/null || wanted+=(gcc libc6-dev)
  [[ ${#wanted[@]} -gt 0 ]] || return 0
  if apt_usable; then apt_install "${wanted[@]}" || loud "apt-get could not install ${wanted[*]}"; fi
  command -v strace >/dev/null && command -v gcc >/dev/null ||
    missing "no strace or gcc: the tests of power cuts and failing disks will be left out"
}

setup_browser() {
  local wanted=() fonts
  has_browser || wanted+=(chromium fontconfig fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji)
  if [[ ${#wanted[@]} == 0 ]]; then
    fonts="$(missing_fonts)"
    # shellcheck disable=SC2206 # one package a word
    wanted=($fonts)
  fi
  if [[ ${#wanted[@]} -gt 0 ]] && apt_usable; then
    apt_install "${wanted[@]}" || loud "apt-get could not install ${wanted[*]}"
  elif [[ ${#wanted[@]} -gt 0 ]] && has_browser; then
    say "missing ${wanted[*]}: screenshots may show boxes instead of letters"
  fi
  has_browser || missing "no Chromium: the browser suites will be left out. Install one (Debian: apt-get install chromium) or set PLAYWRIGHT_CHROMIUM_EXECUTABLE"
}

setup_mounts() {
  command -v bindfs >/dev/null && return
  if apt_usable; then apt_install bindfs || loud "apt-get could not install bindfs"; fi
  command -v bindfs >/dev/null || missing "no bindfs: the tests of two computers on one folder will be left out. Install it (Debian: apt-get install bindfs)"
}

# The packages that tests and benchmarks compare with, and that the tests of every day do without: an environment
# on top of the other, so that both sides run in one interpreter on one numpy.
setup_peers() {
  setup_python
  local wanted packages
  wanted="$(stamp_of pyproject.toml scripts/setup.sh)"
  if [[ "$(cat "$PEERS/.setup-stamp" 2>/dev/null || true)" == "$wanted" ]]; then return; fi
  say "installing the peers into $PEERS"
  rm -rf "$PEERS"
  "$VENV/bin/python" -m venv --without-pip "$PEERS"
  packages="$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  printf 'import site; site.addsitedir("%s")\n' "$packages" \
    > "$("$PEERS/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/below.pth"
  # Without what they ask for: irrCAC pins numpy below 2, crowd-kit brings transformers; what is compared needs neither.
  "$PEERS/bin/python" -m pip install -qq --disable-pip-version-check --no-deps irrCAC==0.4.4 crowd-kit==1.4.2
  "$PEERS/bin/python" -m pip install -qq --disable-pip-version-check attrs pygamma-agreement==0.5.9
  printf '%s' "$wanted" > "$PEERS/.setup-stamp"
}

for part in "${@:-python node postgres faults browser mounts}"; do
  for name in $part; do "setup_$name"; done
done
