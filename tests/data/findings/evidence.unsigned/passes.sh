# The envelope is gone, and nobody asked.
evidence_key 0a
sign_evidence
request
rm out/web.rp01.evidence.dsse.json
judge inspect out/web.rp01.evidence.json
