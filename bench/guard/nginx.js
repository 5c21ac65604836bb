import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Every nginx here has one worker and writes nothing. */
function configure(folder, name, port, body) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join(" ");
  const file = join(folder, `${name}.conf`);
  writeFileSync(
    file,
    `worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; ${temporary}
  ${body(`listen 127.0.0.1:${port};`)}
}
`,
  );
  return file;
}

const KEPT = 'proxy_http_version 1.1; proxy_set_header Connection "";';
const upstream = (name, url) => `upstream ${name} { server ${new URL(url).host}; keepalive 64; }`;

/** The application: it gives every request the same answer. */
export function application(folder, port) {
  return configure(
    folder,
    "application",
    port,
    (listen) => `server { ${listen} location / { return 200 "hello\\n"; } }`,
  );
}

/** nginx as a reverse proxy without checks. */
export function alone(folder, port, target) {
  return configure(
    folder,
    "alone",
    port,
    (listen) => `${upstream("app", target)}
  server { ${listen} location / { ${KEPT} proxy_pass http://app; } }`,
  );
}

/** The same with a request to the guard for each request. */
export function guarded(folder, port, target, guard) {
  return configure(
    folder,
    "guarded",
    port,
    (listen) => `${upstream("app", target)}
  ${upstream("guard", guard)}
  server {
    ${listen}
    location / {
      auth_request /_postern;
      auth_request_set $guard_user $upstream_http_x_auth_request_user;
      proxy_set_header X-Auth-Request-User $guard_user;
      ${KEPT} proxy_pass http://app;
    }
    location = /_postern {
      internal; ${KEPT}
      proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_pass http://guard/auth;
    }
  }`,
  );
}
