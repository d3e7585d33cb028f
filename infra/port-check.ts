/**
 * Succeeds when something accepts connections on the port. Images have different tools for that, and some have one that
 * lacks the option: so each is tried until one connects.
 */
export function connectsTo(port: number): string {
  const url = `http://127.0.0.1:${port}/`;
  const python = `import socket; socket.create_connection(("127.0.0.1", ${port}), 3)`;
  const node = `require("net").connect(${port}, "127.0.0.1").on("connect", () => process.exit(0)).on("error", () => process.exit(1))`;
  return [
    `nc -z 127.0.0.1 ${port} 2>/dev/null`,
    `python3 -c '${python}' 2>/dev/null`,
    `node -e '${node}' 2>/dev/null`,
    // Any answer will do, an error page included.
    `curl -s -o /dev/null ${url} 2>/dev/null`,
    `{ wget -q -O /dev/null ${url} 2>/dev/null || [ $? -eq 8 ]; }`,
    `{ echo "none of nc, python3, node, curl and wget reaches port ${port}" >&2; exit 1; }`,
  ].join(' || ');
}
