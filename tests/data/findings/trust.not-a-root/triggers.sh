# An intermediate among the roots.
root root 'Contoso root'
issue root 'basicConstraints = critical, CA:TRUE' 90
mv server.pem issuing.pem
mv server.key issuing.key
issue issuing "subjectAltName = DNS:$backend" 90
cat server.pem issuing.pem > chain.pem
proxy "$backend" root.pem issuing.pem
judge trust proxy.toml --out out --chain chain.pem
