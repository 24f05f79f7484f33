evidence_key 0a
sign_evidence
request
judge inspect out/web.rp01.evidence.dsse.json --evidence-key evidence.pem
