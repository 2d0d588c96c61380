# The other commands source this file. It finds a Python, makes .venv and installs the packages of requirements-dev.lock.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
self="bin/$(basename "$0")"

stop() { echo "$self: $*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3 python; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
  done
  stop "Python 3.11 or newer is needed; $(python3 --version 2>/dev/null || echo none) was found. Name another: PYTHON=/path/to/python3.11 $self"
}

enough_space() {
  local free
  free=$(df -Pk . | awk 'NR==2 {print $4}')
  [ "$free" -ge "$1" ] || stop "there are only $((free / 1024)) MB left on this disk; $(($1 / 1024)) are needed."
}

all_locked() {
  # A package that requirements*.txt name and the lock lacks would be missing at the first import.
  local name missing=()
  for name in $(sed -nE 's/^([A-Za-z0-9][A-Za-z0-9._-]*).*/\1/p' requirements.txt requirements-dev.txt); do
    name=$(echo "$name" | tr 'A-Z_.' 'a-z--')
    grep -q "^$name==" requirements-dev.lock || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] || stop "requirements*.txt name what requirements-dev.lock does not hold: ${missing[*]}. Run bin/lock."
}

make_venv() {
  local python
  [ ! -x .venv/bin/python ] || return 0
  python=$(find_python) || exit 1
  echo "$self: making .venv" >&2
  "$python" -m venv .venv || stop "the virtual environment could not be made (Debian and Ubuntu: apt-get install python3-venv)."
}

install() {
  local stamp wanted
  wanted=$(cat requirements-dev.lock requirements.txt requirements-dev.txt | cksum)
  stamp=.venv/installed
  [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  enough_space 1200000
  make_venv
  all_locked
  echo "$self: installing packages (the first time only)" >&2
  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile -r requirements-dev.lock ||
    stop "the packages could not be installed; pip's last lines above say why."
  # On all cores, where pip uses one. What was never meant for this Python does not compile, and is not imported.
  .venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
  echo "$wanted" > "$stamp"
}

python=.venv/bin/python
[ -n "${LOCKING:-}" ] || install
ulimit -n "$(ulimit -Hn)" 2>/dev/null || true
