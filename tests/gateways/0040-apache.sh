#!/bin/bash
# SPDX-License-Identifier: MIT
# Apache httpd, which reads the token from a file.
# needs: apache2 python3
. "$(dirname "$0")/lib.sh"

# Its processes are www-data, who may not be allowed to enter BB_DIR.
dir=$(mktemp -d "${TMPDIR:-/tmp}/bearerd-apache.XXXXXX")
chmod 755 "$dir"
file=$dir/run/token modules=/usr/lib/apache2/modules identity=''
mkdir "$dir/run"
BEARERD_OPTIONS=(--token-file="$file" '--token-file-template=Bearer %s')
if [ "$(id -u)" -eq 0 ]; then
  BEARERD_OPTIONS+=(--token-file-group=www-data --token-file-mode=0640)
  identity=$'User www-data\nGroup www-data'
fi
start_backend
start_tokens
port=$(free_port)
GATE=http://127.0.0.1:$port
example apache/bearerd.conf "s/127.0.0.1:8080/127.0.0.1:$port/g" \
  "s/127.0.0.1:9000/127.0.0.1:$API_PORT/" "s|/run/bearerd/token|$file|g" \
  "s|/usr/local/lib/bearerd/|$dir/|" >"$dir/bearerd.conf"
example apache/refused.sh "s/127.0.0.1:8000/127.0.0.1:$BEARERD_PORT/" \
  >"$dir/refused.sh"
chmod +x "$dir/refused.sh"
# What Debian's apache2.conf says, for a folder of its own.
{
  for module in mpm_event authz_core proxy proxy_http rewrite headers cgid \
    alias reqtimeout; do
    echo "LoadModule ${module}_module $modules/mod_$module.so"
  done
  cat <<C
$identity
ServerRoot $dir
ServerName 127.0.0.1
PidFile $dir/pid
DefaultRuntimeDir $dir
ScriptSock $dir/cgid
Mutex file:$dir default
ErrorLog $BB_DIR/apache-errors.log
DocumentRoot $dir
<Directory />
  Require all denied
</Directory>
Include $dir/bearerd.conf
C
} >"$dir/apache.conf"
spawn apache /usr/sbin/apache2 -D FOREGROUND -f "$dir/apache.conf"
await gate_has_token || bail "apache2 does not start: $(tail -3 "$BB_DIR/apache.log" "$BB_DIR/apache-errors.log")"

gate_passes_requests
gate_keeps_connections 0
gate_takes_long_tokens
gate_reports_rejected

it "users cannot call the program that reports"
expect_status 404 "$GATE/bearerd-refused"

gate_survives_restart
gate_without_tokens 0
gate_was_tight
stop apache
rm -rf "$dir"
finish
