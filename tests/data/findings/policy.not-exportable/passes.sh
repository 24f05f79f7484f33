# The same key without that word.
exportable rsa-2048
take_out windows-server-2019 'twelve chars'
