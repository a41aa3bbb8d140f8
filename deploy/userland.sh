# Functions for scripts that run edge-ocr in arm64 userlands under qemu-user; the userlands are kept in $cache.
cache="${EDGE_OCR_CACHE:-$HOME/.cache/edge-ocr}"
python="${PYTHON:-$here/../.venv/bin/python}"
declare -A pythons=([bookworm]=3.11 [trixie]=3.13)

refuse() { echo "$(basename "$0"): $*" >&2; exit 1; }

# Root is needed to make a userland, debootstrap to fetch it, the project's Python to make the wheel.
require_tools() {
    [ "$(id -u)" = 0 ] || refuse "a chroot needs root: run it with sudo"
    command -v debootstrap >/dev/null || refuse "debootstrap is missing: apt install debootstrap"
    [ -x "$python" ] || refuse "$python is missing: run \`make test\` first, or set PYTHON"
    mkdir -p "$cache"
}

fetch_userland() {
    local release="$1" tree="$cache/$1"
    [ -e "$tree/.complete" ] && return
    echo "fetching $release for arm64 ..." >&2
    rm -rf "$tree"
    debootstrap --foreign --arch=arm64 --variant=minbase --include=python3,libcap2,libatomic1,libstdc++6 \
        "$release" "$tree" >"$cache/$release.log" 2>&1 || refuse "debootstrap failed: see $cache/$release.log"
    for package in "$tree"/var/cache/apt/archives/*.deb; do dpkg-deb -x "$package" "$tree"; done
    touch "$tree/.complete"
}

install_wheels() {
    local release="$1" version="${pythons[$1]}" site="$cache/$1/opt/site" wheels="$cache/wheels"
    local list="$here/constraints-$release.txt" constraints=()
    # What the installer would bring there.
    [ ! -e "$list" ] || constraints=(--constraint "$list")
    rm -rf "$site" "$wheels"
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$wheels" "$here/.."
    "$python" -m pip install --quiet --target "$site" --only-binary=:all: --implementation cp \
        --python-version "$version" --abi "cp${version/./}" --abi abi3 --abi none \
        --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux_2_17_aarch64 \
        --platform manylinux2014_aarch64 "${constraints[@]}" ai-edge-litert numpy opencv-python-headless
    "$python" -m pip install --quiet --target "$site" --no-deps --upgrade "$wheels"/edge_ocr-*.whl
}
