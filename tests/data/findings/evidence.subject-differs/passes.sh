request
judge inspect out/web.rp01.evidence.json
