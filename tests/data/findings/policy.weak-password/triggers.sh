# One character too few.
exportable rsa-2048
take_out windows-server-2019 'eleven char'
