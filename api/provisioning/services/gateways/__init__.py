"""Gateways: registered, their ports given to users and lines, their files, uploads to them."""
