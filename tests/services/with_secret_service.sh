#!/bin/sh
# with_secret_service.sh unlocked|locked|empty COMMAND [ARGUMENT...]
#
# Runs COMMAND on a D-Bus session of its own with a real gnome-keyring, whose files live in a folder
# that is deleted afterwards. No display, no root. Exit code: the command's; 77 without the programs.
#
#   unlocked   a collection that can be read and written
#   locked     the same collection, its password not given
#   empty      no collection yet, as on a machine where nobody ever logged in
#
# COMMAND finds the daemon's process id in KEYRING_PID.
set -eu
state=$1
shift

for program in dbus-run-session gnome-keyring-daemon; do
    command -v "$program" >/dev/null || { echo "missing: $program" >&2; exit 77; }
done

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
trap 'exit 143' INT TERM HUP
for folder in run data cache config; do mkdir -m 700 "$room/$folder"; done

# A prompt needs a display; a chosen back end or another session must not be seen.
unset DISPLAY WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS PYTHON_KEYRING_BACKEND GNOME_KEYRING_CONTROL
export XDG_RUNTIME_DIR="$room/run" XDG_DATA_HOME="$room/data" XDG_CACHE_HOME="$room/cache"
export XDG_CONFIG_HOME="$room/config" HOME="$room" TMPDIR="$room/run" STATE="$state"

dbus-run-session -- sh -c '
    daemon() {  # daemon FILE [OPTION]: starts it, FILE holding the line with the password
        password=$1
        shift
        rm -f "$XDG_RUNTIME_DIR/keyring/control"
        gnome-keyring-daemon --foreground --components=secrets "$@" \
            <"$password" >/dev/null 2>>"$HOME/log" &
        KEYRING_PID=$!
        turns=0
        # Its exit code says nothing: wait for what it makes.
        until [ -S "$XDG_RUNTIME_DIR/keyring/control" ] &&
              { [ "$STATE" = empty ] || [ -e "$XDG_DATA_HOME/keyrings/login.keyring" ]; }; do
            turns=$((turns + 1))
            [ "$turns" -lt 200 ] || { cat "$HOME/log" >&2; kill "$KEYRING_PID"; exit 70; }
            sleep 0.05
        done
    }
    unlock() { echo "a password" >"$HOME/password"; daemon "$HOME/password" --unlock; }
    case $STATE in
        empty) daemon /dev/null ;;
        unlocked) unlock ;;
        locked) unlock; kill "$KEYRING_PID"; wait "$KEYRING_PID" || :; daemon /dev/null ;;
    esac
    export KEYRING_PID
    result=0
    "$@" || result=$?
    kill -CONT "$KEYRING_PID" 2>/dev/null || :
    kill "$KEYRING_PID" 2>/dev/null || :
    wait "$KEYRING_PID" 2>/dev/null || :
    exit "$result"
' session "$@"
