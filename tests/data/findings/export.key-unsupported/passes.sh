# A server that takes them.
exportable ec-p256
take_out windows-server-2019 'twelve chars'
