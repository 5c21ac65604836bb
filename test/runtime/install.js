import { execFileSync } from "node:child_process";

/**
 * Installs from Debian what the chosen runtimes need. Only on request, because it changes the
 * machine.
 * @throws when apt-get fails
 */
export function installBrowsers(runtimes) {
  const packages = runtimes.flatMap(({ apt = [] }) => apt).filter((name) => !isInstalled(name));
  if (packages.length === 0) return;
  const apt = (...args) =>
    execFileSync("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeout: 900_000,
    });
  apt("update");
  apt("install", "--yes", "--no-install-recommends", ...packages);
}

function isInstalled(name) {
  try {
    const status = execFileSync(
      "dpkg-query",
      ["--show", "--showformat=$" + "{db:Status-Status}", name],
      {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    return status === "installed";
  } catch {
    return false;
  }
}
