#!/usr/bin/env bash
# Measures the web application firewall beside nginx with libmodsecurity, both with the same Core Rule Set at paranoia level 1, blocking, bodies read.
# Debian's 3.3.4 by default; CRS4=FOLDER takes a release of CRS 4 (a folder with crs-setup.conf.example and rules/). Options are run.sh's.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" --scenario waf-get,waf-json,waf-form,waf-multipart --contestants nginx,portcullis "$@"
