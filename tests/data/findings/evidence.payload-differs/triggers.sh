# A blank more than what was signed.
evidence_key 0a
sign_evidence
request
printf ' ' >> out/web.rp01.evidence.json
judge inspect out/web.rp01.evidence.dsse.json --evidence-key evidence.pem
