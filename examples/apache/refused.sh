#!/bin/sh
# SPDX-License-Identifier: MIT
# A CGI program that httpd runs when the backend refused a token: report that
# token, and tell the user to try again.
if [ -n "$REDIRECT_BEARER" ]; then
	printf 'header = "Authorization: %s"\n' "$REDIRECT_BEARER" |
		curl -s -m 3 -o /dev/null -K - -X DELETE \
			"${BEARERD_URL:-http://127.0.0.1:8000}/token"
	printf 'Status: 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n'
else
	printf 'Status: 404 Not Found\r\n\r\n'
fi
