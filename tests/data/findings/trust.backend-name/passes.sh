# A wildcard for the one label.
root root 'Contoso root'
issue root "subjectAltName = DNS:*.corp.contoso.com" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
