#!/bin/sh
# Starts coturn with turnserver.conf and what differs from place to place. The secret stands in a file of coturn's own
# alone, never in a command line, which every user of the computer can read.
#
#   TURN_SECRET_FILE  the file with the secret that `igym serve --turn-secret-file` is given as well
#   TURN_REALM        the name of the study's server
#   TURN_EXTERNAL_IP  the public address, where this computer knows itself under another one; empty: it does not
#   TURN_MIN_PORT, TURN_MAX_PORT   UDP ports of relayed connections, to be opened in the firewall
set -eu
umask 077
folder=$(mktemp -d)
{
    cat "$(dirname "$0")/turnserver.conf"
    printf 'static-auth-secret=%s\n' "$(cat "$TURN_SECRET_FILE")"
    printf 'realm=%s\n' "$TURN_REALM"
    printf 'min-port=%s\nmax-port=%s\n' "${TURN_MIN_PORT:-49152}" "${TURN_MAX_PORT:-65535}"
    printf 'pidfile=%s/turnserver.pid\nuserdb=%s/turndb\n' "$folder" "$folder"
    [ -z "${TURN_EXTERNAL_IP:-}" ] || printf 'external-ip=%s\n' "$TURN_EXTERNAL_IP"
} > "$folder/turnserver.conf"
exec turnserver -c "$folder/turnserver.conf" "$@"
