#!/bin/sh
# Makes the files beside it, which tests read: run it in this folder when they are to be made anew.
set -eu
rm -f ./*.pem ./*.p12
self() { # name, arguments of the key
  name=$1
  shift
  openssl req -x509 -nodes -days 36500 -subj "/CN=$name.test" -addext "subjectAltName=DNS:*.$name.test,DNS:$name.test,IP:127.0.0.1" \
    -newkey "$@" -keyout "$name-key.pem" -out "$name.pem" 2>/dev/null
}
self rsa rsa:2048
self other rsa:2048
self ec ec -pkeyopt ec_paramgen_curve:P-256
self ed ed25519
openssl rsa -in rsa-key.pem -traditional -out rsa-pkcs1-key.pem 2>/dev/null
openssl rsa -in rsa-key.pem -traditional -aes256 -passout pass:secret -out rsa-legacy-key.pem 2>/dev/null
openssl pkcs8 -topk8 -in rsa-key.pem -v2 aes256 -passout pass:secret -out rsa-encrypted-key.pem
openssl pkcs8 -topk8 -in rsa-key.pem -v1 PBE-SHA1-3DES -passout pass:secret -out rsa-pbes1-key.pem
openssl pkcs8 -topk8 -in rsa-key.pem -scrypt -passout pass:secret -out rsa-scrypt-key.pem
openssl ecparam -name prime256v1 -out params.tmp
{ cat params.tmp; openssl ec -in ec-key.pem 2>/dev/null; } >ec-sec1-key.pem
cat rsa-key.pem rsa.pem >both.pem
openssl pkcs12 -export -in rsa.pem -inkey rsa-key.pem -passout pass:secret -out rsa.p12
openssl pkcs12 -export -nokeys -in rsa.pem -passout pass:secret -out nokey.p12
# A certificate signed by an authority of its own.
openssl req -x509 -nodes -days 36500 -subj /CN=authority -newkey rsa:2048 -keyout ca-key.tmp -out ca.tmp 2>/dev/null
openssl req -nodes -subj /CN=signed -newkey rsa:2048 -keyout signed-key.pem -out signed.tmp 2>/dev/null
openssl x509 -req -days 36500 -in signed.tmp -CA ca.tmp -CAkey ca-key.tmp -CAcreateserial -out signed.tmp2 2>/dev/null
cat signed.tmp2 ca.tmp >chain.pem
cat ca.tmp signed.tmp2 >reversed.pem
for when in expired:2020/01/01 future:2090/01/01; do
  name=${when%%:*}
  keytool -genkeypair -alias host -keyalg EC -dname "CN=$name" -startdate "${when#*:} 00:00:00" -validity 30 \
    -keystore store.tmp -storetype PKCS12 -storepass secret 2>/dev/null
  openssl pkcs12 -in store.tmp -passin pass:secret -nodes -out "$name.pem"
  rm store.tmp
done
rm -f ./*.tmp ./*.tmp2 ./*.srl
