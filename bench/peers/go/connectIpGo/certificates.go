package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

const serverName = "vpn.example.com"

// writeCertificates makes an authority, and a certificate of it for each end: authority.pem, server.pem, client.pem
// and their keys.
func writeCertificates(folder string) error {
	authorityKey, authority, err := certify("authority", nil, nil)
	if err != nil {
		return err
	}
	if err := writePem(folder, "authority", authority.Raw, nil); err != nil {
		return err
	}
	for _, end := range []string{"server", "client"} {
		key, certificate, err := certify(end, authorityKey, authority)
		if err != nil {
			return err
		}
		if err := writePem(folder, end, certificate.Raw, key); err != nil {
			return err
		}
	}
	return nil
}

// certify makes a P-256 key and its certificate, self-signed when there is no issuer.
func certify(name string, issuerKey *ecdsa.PrivateKey, issuer *x509.Certificate) (*ecdsa.PrivateKey, *x509.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(48 * time.Hour),
		BasicConstraintsValid: true,
		IsCA:                  issuer == nil,
		DNSNames:              []string{serverName},
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if issuer == nil {
		issuer, issuerKey = template, key
		template.KeyUsage = x509.KeyUsageCertSign
		template.ExtKeyUsage = nil
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, issuerKey)
	if err != nil {
		return nil, nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return key, certificate, err
}

func writePem(folder, name string, certificate []byte, key *ecdsa.PrivateKey) error {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	if err := os.WriteFile(filepath.Join(folder, name+".pem"), text, 0o600); err != nil || key == nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return os.WriteFile(filepath.Join(folder, name+".key"), text, 0o600)
}

// identity reads what writeCertificates wrote: one end's certificate, and whom it trusts.
func identity(folder, end string) (tls.Certificate, *x509.CertPool, error) {
	certificate, err := tls.LoadX509KeyPair(filepath.Join(folder, end+".pem"), filepath.Join(folder, end+".key"))
	if err != nil {
		return certificate, nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "authority.pem"))
	if err != nil {
		return certificate, nil, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(text) {
		return certificate, nil, errors.New("authority.pem holds no certificate")
	}
	return certificate, trusted, nil
}
