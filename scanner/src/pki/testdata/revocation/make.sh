#!/usr/bin/env bash
# Makes the samples of this directory anew, in the current directory: a small authority, its
# certificates, revocation lists and OCSP responses. OpenSSL 3.0. The time of the OCSP responses is
# that of the run, so MADE in `ocsp/tests.rs` has to follow.
set -eu
FROM=20250101000000Z; TO=20450101000000Z
cat > ca.cnf <<'C'
[ca]
default_ca = x
[x]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = p
unique_subject = no
copy_extensions = none
certificate = ca.pem
private_key = ca.key
crlnumber = crlnumber
default_crl_days = 30
crl_extensions = crl_plain
[p]
commonName = supplied
[ca_ext]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[mute_ext]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[leaf_ext]
basicConstraints = CA:false
subjectAltName = DNS:leaf.example
authorityInfoAccess = OCSP;URI:http://ocsp.example/
crlDistributionPoints = URI:http://crl.example/one.crl
[responder_ext]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
1.3.6.1.5.5.7.48.1.5 = DER:0500
[plain_ext]
basicConstraints = CA:false
[crl_plain]
authorityKeyIdentifier = keyid
[crl_idp]
issuingDistributionPoint = critical,@idp
[idp]
fullname = URI:http://crl.example/one.crl
onlyuser = TRUE
[crl_idp_other]
issuingDistributionPoint = critical,@idp_other
[idp_other]
fullname = URI:http://crl.example/two.crl
[crl_idp_ca]
issuingDistributionPoint = critical,@idp_ca
[idp_ca]
onlyCA = TRUE
[crl_idp_attr]
issuingDistributionPoint = critical,@idp_attr
[idp_attr]
onlyAA = TRUE
[crl_idp_indirect]
issuingDistributionPoint = critical,@idp_indirect
[idp_indirect]
indirectCRL = TRUE
[crl_idp_reasons]
issuingDistributionPoint = critical,@idp_reasons
[idp_reasons]
onlysomereasons = keyCompromise
[crl_delta]
2.5.29.27 = critical,DER:020101
[crl_odd]
1.2.3.4 = critical,DER:0500
C
key() { openssl ecparam -name prime256v1 -genkey -noout -out $1.key; }
authority() { # file name extensions
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  openssl ca -batch -config ca.cnf -selfsign -keyfile "$1.key" -in "$1.csr" -extensions "$3" \
    -startdate $FROM -enddate $TO -out "$1.pem" -notext -rand_serial
}
issue() { # name cn serial ext signer from to
  [ -f $1.key ] || key $1
  openssl req -new -key $1.key -subj "/CN=$2" -out $1.csr
  echo $3 > serial
  openssl ca -batch -config ca.cnf -cert $5.pem -keyfile $5.key -in $1.csr -extensions $4 -startdate ${6:-$FROM} -enddate ${7:-$TO} -out $1.pem -notext
}
: > index.txt; echo 01 > crlnumber; echo 01 > serial
key ca; key other; key stranger
authority ca "Revocation Test CA" ca_ext
# The same name and another key; another name; the same name and key, not for signing lists.
authority other "Revocation Test CA" ca_ext
authority stranger "Somebody Else" ca_ext
cp ca.key mute.key
authority mute "Revocation Test CA" mute_ext
: > index.txt
issue leaf leaf.example 00A1B2C3D4E5F60718 leaf_ext ca
issue revoked revoked.example 00F0E1D2C3B4A59687 leaf_ext ca
issue plain plain.example 2001 plain_ext ca
issue held held.example 2002 plain_ext ca
issue subca "Sub CA" 2003 ca_ext ca
issue responder "Responder" 3001 responder_ext ca
issue noeku "Not a responder" 3002 plain_ext ca
issue late "Late responder" 3003 responder_ext ca 20200101000000Z 20210101000000Z
issue usurper "Usurper" 3004 responder_ext other
sed -i '/Usurper/d' index.txt
# Revoked at a fixed time.
openssl ca -config ca.cnf -revoke revoked.pem -crl_compromise 20250601120000Z
openssl ca -config ca.cnf -revoke held.pem -crl_hold holdInstructionNone
sed -i -E 's/Z\t[0-9]{12}Z,/Z\t250601120000Z,/' index.txt
# CRLs with fixed dates
crl() { openssl ca -config ca.cnf -gencrl -cert ${4:-ca}.pem -keyfile ${4:-ca}.key -crl_lastupdate ${5:-20260101000000Z} -crl_nextupdate ${3:-20260201000000Z} -crlexts $2 -out $1.crl.pem; openssl crl -in $1.crl.pem -outform DER -out $1.crl; }
crl plain crl_plain
crl expired crl_plain 20260102000000Z
crl otherkey crl_plain 20260201000000Z other
crl stranger crl_plain 20260201000000Z stranger
for k in idp idp_other idp_ca idp_attr idp_indirect idp_reasons delta odd; do crl $k crl_$k; done
# empty list
cp index.txt index.keep; : > index.txt; crl empty crl_plain; cp index.keep index.txt
for c in ca mute other stranger leaf revoked plain held subca responder noeku late usurper; do openssl x509 -in $c.pem -outform DER -out $c.der; done
# OCSP
ocsp() { # name cert signer opts...
  n=$1; c=$2; s=$3; shift 3
  openssl ocsp -issuer ca.pem -cert $c.pem -no_nonce -reqout $n.req 2>/dev/null
  openssl ocsp -index index.txt -CA ca.pem -rsigner $s.pem -rkey $s.key -reqin $n.req -respout $n.ocsp -ndays 7 "$@"
}
ocsp issuer-leaf leaf ca
ocsp issuer-revoked revoked ca
ocsp issuer-held held ca
ocsp delegated leaf responder
ocsp delegated-revoked revoked responder -resp_key_id
ocsp no-usage leaf noeku
ocsp late leaf late
ocsp usurper leaf usurper
ocsp no-certs leaf responder -resp_no_certs
ocsp otherkey leaf other
: > index.empty
openssl ocsp -index index.empty -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin issuer-leaf.req -respout unknown.ocsp -ndays 7
openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin issuer-leaf.req -respout endless.ocsp
for h in sha256 sha384 sha512; do
 openssl ocsp -issuer ca.pem -$h -cert leaf.pem -no_nonce -reqout $h.req 2>/dev/null
 openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin $h.req -respout $h.ocsp -ndays 7
done
# several in one
openssl ocsp -issuer ca.pem -cert plain.pem -cert revoked.pem -cert leaf.pem -no_nonce -reqout many.req 2>/dev/null
openssl ocsp -index index.txt -CA ca.pem -rsigner responder.pem -rkey responder.key -reqin many.req -respout many.ocsp -ndays 7
# nonce echoed
openssl ocsp -issuer ca.pem -cert leaf.pem -reqout nonce.req 2>/dev/null
openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin nonce.req -respout nonce.ocsp -ndays 7

# One certificate for each algorithm of signatures, signed by its own key.
: > signatures.pem
sample() { # name, then what to give to `openssl req`
  local name=$1; shift
  { echo "# $name"; openssl req -x509 -subj "/CN=$name" -days 36500 -key "$key" "$@" | grep -v '^$'; } >> signatures.pem
}
for bits in 1024 2048; do
  key=rsa$bits.key; openssl genrsa -out $key $bits
  for hash in sha1 sha256 sha384 sha512; do sample rsa-$bits-$hash -$hash; done
done
for hash in sha256 sha384 sha512; do
  sample pss-$hash -$hash -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
done
sample pss-sha256-salt20 -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
for curve in prime256v1 secp384r1 secp521r1 secp256k1; do
  key=$curve.key; openssl ecparam -name $curve -genkey -noout -out $key
  for hash in sha1 sha256 sha384 sha512; do sample $curve-$hash -$hash; done
done
for kind in ed25519 ed448; do
  key=$kind.key; openssl genpkey -algorithm $kind -out $key; sample $kind
done
