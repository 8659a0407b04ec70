#!/usr/bin/env bash
# Makes a real VS Code (the workbench of code-server) in .e2e/ on a Debian machine. Done once; safe to repeat.
# Microsoft's own test tool downloads VS Code; this one needs only the package registries.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
place="$here/.e2e/code-server"
version=4.100.3

packages=(chromium ripgrep libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev g++ make python3)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if ((${#missing[@]})); then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ -f "$place/ready" ] && [ "$(cat "$place/ready")" = "$version" ]; then
  echo "VS Code for tests is ready: $place"
  exit 0
fi

mkdir -p "$place"
cd "$place"
[ -f package.json ] || echo '{"private": true}' >package.json
quiet=(--no-audit --no-fund --loglevel=error)
# The install scripts download ripgrep; Debian's is linked instead.
npm install --ignore-scripts "${quiet[@]}" "code-server@$version"
vscode="$place/node_modules/code-server/lib/vscode"
(cd "$vscode" && npm install --ignore-scripts --omit=dev "${quiet[@]}")
(cd "$vscode/extensions" && npm install --ignore-scripts --omit=dev "${quiet[@]}")
for native in @vscode/spdlog native-watchdog @parcel/watcher kerberos; do
  (cd "$vscode" && npm rebuild "${quiet[@]}" "$native")
done
# node-pty's own post-install step fails after the build; the built module is what counts.
(cd "$vscode" && npm rebuild "${quiet[@]}" node-pty >/dev/null 2>&1) || test -f "$vscode/node_modules/node-pty/build/Release/pty.node"
npm rebuild "${quiet[@]}" argon2

mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
ln -sfn node_modules "$vscode/node_modules.asar"
ln -sf code-linux.sh "$vscode/bin/remote-cli/code-server"
ln -sf browser-linux.sh "$vscode/bin/helpers/browser.sh"
echo "$version" >ready
echo "VS Code for tests is ready: $place"
