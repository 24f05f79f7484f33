# No statement lies beside the envelope.
evidence_key 0a
sign_evidence
request
rm out/web.rp01.evidence.json
judge inspect out/web.rp01.evidence.dsse.json --evidence-key evidence.pem
