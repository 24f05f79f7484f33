# The envelope is gone, and somebody wants to know who signed.
evidence_key 0a
sign_evidence
request
rm out/web.rp01.evidence.dsse.json
judge inspect out/web.rp01.evidence.json --evidence-key evidence.pem
