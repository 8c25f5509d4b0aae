#!/bin/sh
# Writes the first file of Mosquitto's dynamic-security plugin: the two users of GreenCity and what each may do. A file that is there stays as it is.
# Usage: first-rights.sh FILE DEVICES_PASSWORD_FILE INGEST_PASSWORD_FILE
set -eu
umask 077
[ ! -s "$1" ] || exit 0

hashed="$1.users"
printf 'devices:%s\ningest:%s\n' "$(cat "$2")" "$(cat "$3")" > "$hashed"
mosquitto_passwd -U "$hashed"

# A line is user:$7$iterations$salt$hash.
user() {
  line=$(grep "^$1:" "$hashed")
  rest=${line#*\$7\$}
  iterations=${rest%%\$*}
  rest=${rest#*\$}
  printf '{ "username": "greencity.%s", "password": "%s", "salt": "%s", "iterations": %s, "roles": [{ "rolename": "greencity.%s" }] }' \
    "$1" "${rest#*\$}" "${rest%%\$*}" "$iterations" "$1"
}

may() {
  printf '{ "acltype": "%s", "topic": "%s", "priority": 0, "allow": true }' "$1" "$2"
}

cat > "$1.new" <<JSON
{
  "defaultACLAccess": { "publishClientSend": false, "publishClientReceive": false, "subscribe": false, "unsubscribe": true },
  "clients": [
    $(user devices),
    $(user ingest)
  ],
  "groups": [],
  "roles": [
    { "rolename": "greencity.devices", "acls": [
      $(may publishClientSend '$CONTROL/dynamic-security/#'),
      $(may publishClientReceive '$CONTROL/dynamic-security/#'),
      $(may subscribePattern '$CONTROL/dynamic-security/#')
    ] },
    { "rolename": "greencity.ingest", "acls": [
      $(may subscribePattern 'greencity/v1/#'),
      $(may subscribePattern '$share/+/greencity/v1/#'),
      $(may publishClientReceive 'greencity/v1/#'),
      $(may publishClientSend 'greencity/v1/+/config')
    ] }
  ]
}
JSON
rm "$hashed"
mv "$1.new" "$1"
