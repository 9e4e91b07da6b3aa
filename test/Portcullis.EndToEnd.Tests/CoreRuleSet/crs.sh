#!/usr/bin/env bash
# Runs one step of ByHand.cs. README.md beside this file tells which there are.
#   crs.sh STEP [NAME=VALUE ...]     e.g. crs.sh Ask RULES=4 SERVER=nginx FILE=request.txt
set -euo pipefail
step=${1:?a step: Serve Ask Conformance Compare Requests Agree}
shift
root=$(cd "$(dirname "$0")/../../.." && pwd)
tests=$root/test/Portcullis.EndToEnd.Tests/bin/Release/net10.0/Portcullis.EndToEnd.Tests
[ -x "$tests" ] || dotnet build -c Release "$root/test/Portcullis.EndToEnd.Tests"
for setting in "$@"; do
  case $setting in FILE=* | OUT=*) setting=${setting%%=*}=$(realpath -m "${setting#*=}") ;; esac
  export "PORTCULLIS_CRS_$setting"
done
exec "$tests" -noColor -noLogo -reporter quiet -explicit only -method "*.ByHand.$step"
