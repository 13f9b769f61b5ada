#!/usr/bin/env bash
# Gives the identity of a pipeline application permissions of Microsoft Graph, which the portal cannot do for a managed
# identity. Running it again changes nothing. Whoever runs it is Privileged Role Administrator.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
usage: graphPermissions.sh --principal-id ID --permission NAME [--permission NAME] [--graph-endpoint URL]
  --principal-id ID      object id of the identity
  --permission NAME      application permission, for example Application.ReadWrite.OwnedBy; may be repeated
  --graph-endpoint URL   default: that of the Azure CLI's cloud; Department of Defense: https://dod-graph.microsoft.us
TEXT
  exit 2
}

principal_id='' graph='' permissions=()
while (($# > 0)); do
  (($# > 1)) || usage
  case "$1" in
    --principal-id) principal_id="$2" ;;
    --permission) permissions+=("$2") ;;
    --graph-endpoint) graph="$2" ;;
    *) usage ;;
  esac
  shift 2
done
if [[ -z "${principal_id}" || ${#permissions[@]} == 0 ]]; then usage; fi

# shellcheck source=infra/scripts/azureCli.sh
source "$(dirname "${BASH_SOURCE[0]}")/azureCli.sh"
check_az
find_graph

graph_app="servicePrincipals(appId='00000003-0000-0000-c000-000000000000')"
graph_id="$(call GET "${graph_app}?\$select=id" --query id --output tsv)"
offered="$(call GET "${graph_app}?\$select=appRoles" --query 'appRoles[].[value,id]' --output tsv)"
given="$(call GET "servicePrincipals/${principal_id}/appRoleAssignments" --query 'value[].appRoleId' --output tsv)"

for permission in "${permissions[@]}"; do
  id="$(awk -F '\t' -v name="${permission}" '$1 == name { print $2 }' <<<"${offered}")"
  if [[ -z "${id}" ]]; then
    echo "Microsoft Graph has no application permission ${permission}." >&2
    exit 1
  fi
  if grep -qxF -- "${id}" <<<"${given}"; then
    echo "${permission}: was given already"
    continue
  fi
  body="{\"principalId\":$(json "${principal_id}"),\"resourceId\":$(json "${graph_id}"),\"appRoleId\":$(json "${id}")}"
  call POST "servicePrincipals/${principal_id}/appRoleAssignments" --headers 'Content-Type=application/json' \
    --body "${body}" --output none
  echo "${permission}: given"
done
