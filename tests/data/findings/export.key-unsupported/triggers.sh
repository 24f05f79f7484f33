# Its SSL stack takes RSA keys alone.
exportable ec-p256
take_out tmg-2010 'twelve chars'
