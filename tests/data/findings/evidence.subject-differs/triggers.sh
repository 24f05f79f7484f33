# A newline more than when the evidence was written.
request
echo >> out/web.rp01.csr
judge inspect out/web.rp01.evidence.json
