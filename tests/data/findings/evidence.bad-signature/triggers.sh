# Another key than the one that signed.
evidence_key 0a
sign_evidence
request
openssl ecparam -name prime256v1 -genkey -noout | openssl pkey -pubout -out other.pem
judge inspect out/web.rp01.evidence.dsse.json --evidence-key other.pem
