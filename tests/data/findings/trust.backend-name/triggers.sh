# A wildcard stands for one label, not for two.
root root 'Contoso root'
issue root "subjectAltName = DNS:*.contoso.com" 90
proxy "$backend" root.pem
judge trust proxy.toml --out out --chain server.pem
