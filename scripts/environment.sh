# Makes and refreshes the project's own environment, .venv; sourced by the scripts beside it.
#
#   prepare_environment requirements.lock         what running Pyrite needs
#   prepare_environment requirements-dev.lock     ... and what checking it needs
#
# Afterwards $venv/bin/python runs this checkout's sources. Set PYTHON to choose the interpreter.

root=$(cd "$(dirname "$0")/.." && pwd)
venv=$root/.venv

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# Sets $python to the first interpreter that is new enough.
find_python() {
    for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if command -v "$python" >/dev/null 2>&1 && is_recent "$python"; then return; fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1) || found="no ${PYTHON:-python3}"
    fail "Pyrite needs Python 3.11 or newer, but found $found: install one, or name it with" \
        "PYTHON=/path/to/python3.11."
}

make_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || fail \
        "$python has no venv module: install it (on Debian and Ubuntu: apt install python3-venv)."
    say "Making .venv with $("$python" --version) (only once; about a minute) ..."
    "$python" -m venv --clear "$venv"
}

# A stamp in .venv holds the sum of what was installed: a new lock, or an install that was
# interrupted, is done again.
prepare_environment() {
    lock=$1
    sum=$(cat "$root/$lock" "$root/pyproject.toml" | cksum)
    stamp=$venv/installed-$lock
    is_recent "$venv/bin/python" || make_venv
    if [ "$sum" != "$(cat "$stamp" 2>/dev/null)" ]; then
        say "Installing $lock ..."
        pip="$venv/bin/python -m pip --disable-pip-version-check --no-input"
        # --use-pep517 is what newer pips do anyway; older ones print a warning without it.
        $pip install --quiet --use-pep517 --require-hashes -r "$root/$lock"
        $pip install --quiet --no-deps --no-build-isolation --editable "$root"
        printf '%s\n' "$sum" >"$stamp"
    fi
}
