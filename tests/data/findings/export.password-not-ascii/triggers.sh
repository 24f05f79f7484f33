# One letter beyond ASCII.
exportable rsa-2048
take_out windows-server-2019 'zwölf zeichen'
