#!/usr/bin/env bash
# From sign-up to a received message, with nothing but curl.
SESSION=${SESSION:-http://localhost:5101}; CHAT=${CHAT:-http://localhost:5102}; TENANT=acme-$RANDOM$RANDOM
post() { curl -sS -H 'Content-Type: application/json' "$@"; }
token() { sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p'; }

echo 'Ada signs a tenant up, Bob registers and logs in'
ADA=$(post "$SESSION/v1/tenants" -d '{"tenant":"'$TENANT'","name":"Acme","openRegistration":true,"admin":{"username":"ada","password":"correct horse battery","displayName":"Ada"}}' | token)
post "$SESSION/v1/tenants/$TENANT/users" -d '{"username":"bob","password":"correct horse battery","displayName":"Bob"}' > /dev/null
BOB=$(post "$SESSION/v1/login" -d '{"tenant":"'$TENANT'","username":"bob","password":"correct horse battery"}' | token)

echo 'Ada opens a room and writes, Bob joins and reads'
post "$CHAT/v1/rooms" -H "Authorization: Bearer $ADA" -d '{"id":"lobby","name":"Lobby","visibility":"public"}'; echo
post "$CHAT/v1/rooms/lobby/messages" -H "Authorization: Bearer $ADA" -d '{"text":"Hello, Bob"}'; echo
post "$CHAT/v1/rooms/lobby/join" -H "Authorization: Bearer $BOB" -X POST; echo
curl -sS "$CHAT/v1/rooms/lobby/messages?after=0" -H "Authorization: Bearer $BOB"; echo
