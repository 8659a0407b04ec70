#!/usr/bin/env bash
# Makes a real VS Code (the workbench of code-server) in .e2e/, and installs the browser where it is missing (Debian).
# Done once; safe to repeat, and after a cut. Needs only the package registries: no download of VS Code, no compiler.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
place="$here/.e2e/code-server"
version=4.100.3
mark="$version $(cat "${BASH_SOURCE[0]}" "$here"/test/e2e/stand_ins/* | cksum)"

# Registries have bad minutes: three tries, with a growing pause.
retry() {
  local pause
  for pause in 10 40 0; do
    "$@" && return 0
    ((pause == 0)) || echo "failed, again in $pause s: $*" >&2
    sleep "$pause"
  done
  echo "failed three times: $*" >&2
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_debian() {
  local apt=(as_root env DEBIAN_FRONTEND=noninteractive timeout 400 apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
  # An index that is partly out of reach may still hold what is wanted.
  "${apt[@]}" update || true
  "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

missing=()
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
command -v rg >/dev/null || missing+=(ripgrep)
# One test presses the button that installs the server into an environment of its own.
python3 -c "import ensurepip, venv" 2>/dev/null || missing+=(python3-venv)
if ((${#missing[@]})); then
  command -v apt-get >/dev/null || { echo "Missing here: ${missing[*]}. CHROMIUM names another Chromium." >&2; exit 1; }
  echo "Installing ${missing[*]} …"
  retry install_debian "${missing[@]}"
fi

if [ -f "$place/ready" ] && [ "$(cat "$place/ready")" = "$mark" ]; then
  echo "VS Code for tests is ready: $place"
  exit 0
fi

install_npm() {
  # Without the install scripts: they download ripgrep (Debian's is linked below) and compile what is not needed here.
  (cd "$1" && timeout 400 npm install --ignore-scripts --omit=dev --no-audit --no-fund --no-update-notifier --loglevel=error "${@:2}")
}

echo "Installing VS Code for tests …"
rm -rf "$place"
mkdir -p "$place"
echo '{"private": true}' >"$place/package.json"
retry install_npm "$place" "code-server@$version"
server="$place/node_modules/code-server"
vscode="$server/lib/vscode"
retry install_npm "$vscode"
retry install_npm "$vscode/extensions"

# Native modules that would have to be compiled: passwords are not used here, and log files are written by plain Node.
echo "module.exports = {};" >"$place/node_modules/argon2/argon2.js"
cp "$here/test/e2e/stand_ins/spdlog.js" "$vscode/node_modules/@vscode/spdlog/index.js"

mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
ln -sfn node_modules "$vscode/node_modules.asar"
ln -sf code-linux.sh "$vscode/bin/remote-cli/code-server"
ln -sf browser-linux.sh "$vscode/bin/helpers/browser.sh"
HOME="$place" node "$server/out/node/entry.js" --version
echo "$mark" >"$place/ready"
echo "VS Code for tests is ready: $place"
