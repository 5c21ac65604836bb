#!/bin/sh
# Copies the contents of the image into a folder: Node, the libraries that it needs, and the package.
set -eu
image=$1
node=$(readlink -f "$(command -v node)")
mkdir -p "$image/usr/local/bin" "$image/opt/postern" "$image/var/lib/postern" "$image/tmp"
cp "$node" "$image/usr/local/bin/node"
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$image$(dirname "$library")"
  cp -L "$library" "$image$library"
done
cp -R node_modules/postern/dist node_modules/postern/package.json node_modules/postern/LICENSE "$image/opt/postern/"
cat > "$image/opt/postern/healthy.js" <<'SCRIPT'
// Exits with 0 when the guard has keys, else with 1.
const ask = () => fetch(process.argv[2], { signal: AbortSignal.timeout(2000) });
process.exitCode = await ask().then(({ ok }) => (ok ? 0 : 1), () => 1);
SCRIPT
