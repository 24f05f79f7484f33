# The same without it, and signs as well.
exportable rsa-2048
take_out windows-server-2019 'zwolf ~!"%\zeichen'
