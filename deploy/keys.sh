# Keys of services, by openssl: read by secrets.sh and rotate-key.sh. Keys go through pipes: an argument would show in the list of processes.

# ECDSA on P-256, as base64 of PKCS#8 on one line.
private_key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -outform DER | base64 | tr -d '\n'; }

# The public half of such a key, as base64 of SubjectPublicKeyInfo.
public_of() { printf '%s' "$1" | base64 --decode | openssl pkey -inform DER -pubout -outform DER | base64 | tr -d '\n'; }
