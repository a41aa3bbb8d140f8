#!/usr/bin/env bash
# Installs edge-ocr as a service on Raspberry Pi OS. Run it again to update.
#   sudo deploy/install.sh [--dry-run] [--uninstall] [WHEEL]
# Without a WHEEL it installs the checkout that this script is in. --dry-run shows what it would do.
set -euo pipefail

# Tests install below a folder of their own.
readonly ROOT="${INSTALL_ROOT:-}" ACCOUNT=edge-ocr
readonly HOME_DIR="$ROOT/opt/edge-ocr" UNIT="$ROOT/etc/systemd/system/edge-ocr.service" CONF="$ROOT/etc/edge-ocr.conf"
readonly ROTATION="$ROOT/etc/logrotate.d/edge-ocr" MARK="$HOME_DIR/installed-by-edge-ocr"
readonly SHARE="$ROOT/usr/local/share"
readonly BASH_SCRIPT="$SHARE/bash-completion/completions/edge-ocr" ZSH_SCRIPT="$SHARE/zsh/site-functions/_edge-ocr"
readonly MANUAL="$SHARE/man/man1/edge-ocr.1"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dry_run=false uninstall=false source=""

usage() { sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
refuse() { echo "install.sh: $*" >&2; exit 1; }

# Print a command, and run it unless this is a dry run.
run() {
    printf '+ %s\n' "$*" >&2
    $dry_run || "$@"
}

parse() {
    for argument in "$@"; do
        case "$argument" in
            --dry-run) dry_run=true ;;
            --uninstall) uninstall=true ;;
            -h | --help) usage; exit 0 ;;
            -*) usage >&2; refuse "there is no option $argument" ;;
            *) [ -z "$source" ] || refuse "$source and $argument are named: expected one wheel"; source="$argument" ;;
        esac
    done
    [ -z "$source" ] || [[ -f "$source" && "$source" = *.whl ]] ||
        refuse "there is no wheel $source: expected a file .whl, as \`pip wheel --no-deps -w dist .\` makes"
}

# The release's name, and whether its programs have 32 or 64 bits.
look_at_system() {
    local release="$ROOT/etc/os-release"
    [ -r "$release" ] || refuse "this is no Raspberry Pi OS ($release is missing): expected Bookworm or Trixie"
    # Read, never run: it is a file of settings, and this is root.
    codename="$(sed -n 's/^VERSION_CODENAME=["'\'']\{0,1\}\([a-z]*\).*/\1/p' "$release" | tail -1)"
    codename="${codename:-unknown}"
    bits="$(getconf LONG_BIT)"
    local architecture
    architecture="$(dpkg --print-architecture 2>/dev/null || uname -m)"
    case "$codename-$bits" in
        bookworm-64 | trixie-64 | bookworm-32) ;;
        trixie-32) refuse "Trixie with 32 bits has no TFLite interpreter: install the 64-bit system, or Bookworm" ;;
        *) refuse "this system is $codename with $bits bits: expected Raspberry Pi OS Bookworm or Trixie" ;;
    esac
    case "$architecture" in
        arm64 | armhf) ;;
        *) refuse "this machine is $architecture: expected a Raspberry Pi, arm64 or armhf, with Bookworm or Trixie" ;;
    esac
}

require_root() { $dry_run || [ "$(id -u)" = 0 ] || refuse "only root may install: run it with sudo"; }

install_packages() {
    local packages=(python3-venv python3-picamera2)
    [ "$bits" = 64 ] || packages+=(python3-numpy python3-opencv python3-tornado python3-tomli-w)
    run apt-get update -qq
    run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

# Whether the folder is this installer's, to be emptied or removed: one made before there was a mark holds the program.
is_ours() {
    [ -d "$HOME_DIR" ] && [ ! -L "$HOME_DIR" ] && [ -O "$HOME_DIR" ] &&
        { [ -f "$MARK" ] || { [ -f "$HOME_DIR/pyvenv.cfg" ] && [ -x "$HOME_DIR/bin/edge-ocr" ]; }; }
}

refuse_strangers() {
    [ ! -L "$HOME_DIR" ] || refuse "$HOME_DIR is a link: the installer needs a folder there, so move the link away"
    [ ! -e "$HOME_DIR" ] || is_ours || { [ -d "$HOME_DIR" ] && [ -z "$(ls -A "$HOME_DIR")" ]; } ||
        refuse "$HOME_DIR is there and not this installer's: move it away, since it would be emptied"
    ! id "$ACCOUNT" >/dev/null 2>&1 || is_service_account ||
        refuse "the account $ACCOUNT is a person's: the service needs that name, so rename the account"
}

# As useradd --system makes it here: no person's, and nobody logs in with it.
is_service_account() {
    local entry id shell
    entry="$(getent passwd "$ACCOUNT")" || return 1
    IFS=: read -r _ _ id _ _ _ shell <<<"$entry"
    [ "$id" -gt 0 ] && [ "$id" -lt 1000 ] && [[ "$shell" = */nologin ]]
}

# An environment that sees apt's picamera2, whose libcamera has no wheel. After an upgrade of the system the environment's
# bin/python, a link, still runs, but does not find the packages of the Python before: then it is made anew, and so is
# one whose pip does not run.
make_environment() {
    local system made
    system="$(python3 -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null || true)"
    made="$(sed -n 's/^version *= *\([0-9]*\.[0-9]*\).*/\1/p' "$HOME_DIR/pyvenv.cfg" 2>/dev/null || true)"
    [ "$made" = "$system" ] && "$HOME_DIR/bin/pip" --version >/dev/null 2>&1 && return
    # Marked before it is filled, so that an installation that was interrupted is known, too.
    run mkdir -p "$HOME_DIR"
    run touch "$MARK"
    run find "$HOME_DIR" -mindepth 1 ! -path "$MARK" -delete
    run python3 -m venv --system-site-packages "$HOME_DIR"
}

install_program() {
    local what="${source:-$here/..}" pip=("$HOME_DIR/bin/pip" install --quiet)
    if [ "$bits" = 32 ]; then
        run "${pip[@]}" --no-deps tflite-runtime==2.14.0 'paho-mqtt>=2.1,<3'
    else
        # What was tried, byte by byte: pip refuses a file of another hash. `make lock` writes the list.
        run "${pip[@]}" --require-hashes --only-binary :all: --requirement "$here/requirements-$codename.txt"
    fi
    # pip skips a wheel of the version that is installed, whatever is in it.
    run "${pip[@]}" --no-deps --force-reinstall "$what"
    run install -D -m 644 "$here/README.md" "$HOME_DIR/share/README.md"
}

# Tab completes options, and `man edge-ocr` explains them. `make shell` writes these files.
install_shell() {
    run install -D -m 644 "$here/shell/edge-ocr" "$BASH_SCRIPT"
    run install -D -m 644 "$here/shell/_edge-ocr" "$ZSH_SCRIPT"
    run install -D -m 644 "$here/shell/edge-ocr.1" "$MANUAL"
}

install_service() {
    id "$ACCOUNT" >/dev/null 2>&1 ||
        run useradd --system --user-group --groups video --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
    # A configuration is never overwritten. It may hold a token, so others may not read it.
    [ -e "$CONF" ] || run install -m 640 -g "$ACCOUNT" "$here/edge-ocr.conf" "$CONF"
    run install -m 644 "$here/edge-ocr.service" "$UNIT"
    run install -D -m 644 "$here/edge-ocr.logrotate" "$ROTATION"
    run systemctl daemon-reload
    run systemctl enable edge-ocr.service
    run systemctl restart edge-ocr.service
}

remove() {
    local left="The configuration $CONF and the texts in /var/lib/edge-ocr"
    [ ! -e "$UNIT" ] || run systemctl disable --now edge-ocr.service
    run rm -f "$UNIT" "$ROTATION" "$BASH_SCRIPT" "$ZSH_SCRIPT" "$MANUAL"
    if is_ours; then
        run rm -rf "$HOME_DIR"
    elif [ -e "$HOME_DIR" ]; then
        left="$left, and $HOME_DIR, which is not this installer's,"
    fi
    run systemctl daemon-reload
    if is_service_account; then
        run userdel "$ACCOUNT"
    elif id "$ACCOUNT" >/dev/null 2>&1; then
        left="$left, and the account $ACCOUNT, which is a person's,"
    fi
    if $dry_run; then echo "Nothing was done: this was a dry run. $left would be left." >&2; else echo "$left were left." >&2; fi
}

parse "$@"
if $uninstall; then
    require_root
    remove
    exit 0
fi
look_at_system
require_root
refuse_strangers
install_packages
make_environment
install_program
install_shell
install_service
if $dry_run; then
    echo "Nothing was done: this was a dry run." >&2
    exit 0
fi
echo "edge-ocr reads. Its texts: journalctl -u edge-ocr -f   Its configuration: $CONF" >&2
