#!/usr/bin/env bash
# Makes the application in Entra ID with the Azure CLI: the same as modules/appRegistration.bicep, for clouds without the
# Graph extension and for teams whose registrations are made by somebody else. Running it again changes nothing.
# Prints the client id; everything else goes to standard error.
set -euo pipefail

usage() {
  cat >&2 <<'TEXT'
usage: registration.sh --unique-name NAME | --client-id ID [options]
  --unique-name NAME              key of the registration in its tenant, never changes
  --client-id ID                  an existing registration instead: redirect URIs, the managed identity and consent are
                                  added to it, everything else stays as it is
  --display-name TEXT             default: Micetro sign-in
  --redirect-uri URI              may be repeated; without any, the existing ones stay
  --identity-principal-id ID      managed identity that becomes the credential
  --certificate BASE64            public part of a certificate (DER) that becomes the credential
  --owner ID                      object id, may be repeated
  --multi-tenant                  accept accounts of other organisations
  --assignment-required           only assigned users and groups may sign in
  --between-sign-ins              application permissions to read people and their groups, for what the app does between
                                  sign-ins
  --grant-admin-consent           consent for the whole organisation, to these, too
  --find                          print the client id, nothing when there is no such registration, and change nothing
  --graph-endpoint URL            default: that of the Azure CLI's cloud; Department of Defense: https://dod-graph.microsoft.us
TEXT
  exit 2
}

unique_name='' client_id='' display_name='Micetro sign-in' identity='' certificate='' graph=''
audience='AzureADMyOrg' assignment_required=false consent=false find=false
redirect_uris=() owners=() application_permissions=()
while (($# > 0)); do
  case "$1" in
    --multi-tenant) audience='AzureADMultipleOrgs' && shift && continue ;;
    --assignment-required) assignment_required=true && shift && continue ;;
    --between-sign-ins) application_permissions=(User.Read.All GroupMember.Read.All) && shift && continue ;;
    --grant-admin-consent) consent=true && shift && continue ;;
    --find) find=true && shift && continue ;;
    *) (($# > 1)) || usage ;;
  esac
  case "$1" in
    --unique-name) unique_name="$2" ;;
    --client-id) client_id="$2" ;;
    --display-name) display_name="$2" ;;
    --redirect-uri) redirect_uris+=("$2") ;;
    --identity-principal-id) identity="$2" ;;
    --certificate) certificate="$2" ;;
    --owner) owners+=("$2") ;;
    --graph-endpoint) graph="$2" ;;
    *) usage ;;
  esac
  shift 2
done
[[ -n "${unique_name}${client_id}" && (-z "${unique_name}" || -z "${client_id}") ]] || usage

# shellcheck source=infra/scripts/azureCli.sh
source "$(dirname "${BASH_SOURCE[0]}")/azureCli.sh"
check_az

json_list() {
  local separator='' item
  printf '['
  for item in "$@"; do
    printf '%s' "${separator}"
    json "${item}"
    separator=','
  done
  printf ']'
}

cloud="$(az cloud show --query name --output tsv)"
login="$(az cloud show --query endpoints.activeDirectory --output tsv)"
login="${login%/}"
find_graph
tenant="$(az account show --query tenantId --output tsv)"
case "${cloud}" in
  AzureCloud) token_audience='api://AzureADTokenExchange' ;;
  AzureUSGovernment) token_audience='api://AzureADTokenExchangeUSGov' ;;
  AzureChinaCloud) token_audience='api://AzureADTokenExchangeChina' ;;
  *) echo "The token-exchange audience of the cloud ${cloud} is not known." >&2 && exit 1 ;;
esac

if [[ "${find}" == true ]]; then
  key="uniqueName='${unique_name}'"
  if [[ -n "${client_id}" ]]; then key="appId='${client_id}'"; fi
  call GET "applications(${key})?\$select=appId" --query appId --output tsv 2>/dev/null || true
  exit 0
fi

# A new object takes some seconds to be known everywhere, and until then looks missing.
patiently() {
  local attempt
  for attempt in 1 2 3 4 5; do
    if "$@"; then return 0; fi
    echo "Attempt ${attempt} failed." >&2
    sleep "$((attempt * ${REGISTRATION_WAIT_SECONDS:-4}))"
  done
  return 1
}

write() {
  call "$1" "$2" --headers 'Content-Type=application/json' 'Prefer=create-if-missing' --body "$3" --output none
}

graph_app='00000003-0000-0000-c000-000000000000'
permissions=(User.Read GroupMember.Read.All openid profile email offline_access)

graph_id="$(call GET "servicePrincipals(appId='${graph_app}')?\$select=id" --query id --output tsv)"
offered="$(call GET "servicePrincipals(appId='${graph_app}')?\$select=oauth2PermissionScopes" \
  --query 'oauth2PermissionScopes[].[value,id]' --output tsv)"

access=''
while IFS=$'\t' read -r name id; do
  for wanted in "${permissions[@]}"; do
    [[ "${name}" == "${wanted}" ]] || continue
    access+="${access:+,}{\"id\":$(json "${id}"),\"type\":\"Scope\"}"
  done
done <<<"${offered}"

roles=()
if ((${#application_permissions[@]} > 0)); then
  offered="$(call GET "servicePrincipals(appId='${graph_app}')?\$select=appRoles" --query 'appRoles[].[value,id]' --output tsv)"
  while IFS=$'\t' read -r name id; do
    for wanted in "${application_permissions[@]}"; do
      [[ "${name}" == "${wanted}" ]] || continue
      access+="${access:+,}{\"id\":$(json "${id}"),\"type\":\"Role\"}"
      roles+=("${id}")
    done
  done <<<"${offered}"
fi

body="{\"displayName\":$(json "${display_name}")"
body+=",\"description\":\"Signs users in to Micetro and keeps their accounts and group memberships in step.\""
body+=",\"signInAudience\":\"${audience}\",\"groupMembershipClaims\":\"ApplicationGroup\""
body+=",\"optionalClaims\":{\"idToken\":[{\"name\":\"email\",\"essential\":false,\"additionalProperties\":[]}]}"
body+=",\"requiredResourceAccess\":[{\"resourceAppId\":\"${graph_app}\",\"resourceAccess\":[${access}]}]"
if ((${#redirect_uris[@]} > 0)); then
  body+=",\"web\":{\"redirectUris\":$(json_list "${redirect_uris[@]}")"
  body+=",\"implicitGrantSettings\":{\"enableAccessTokenIssuance\":false,\"enableIdTokenIssuance\":false}}"
fi
if [[ -n "${certificate}" ]]; then
  body+=",\"keyCredentials\":[{\"displayName\":\"Key Vault\",\"type\":\"AsymmetricX509Cert\",\"usage\":\"Verify\""
  body+=",\"key\":$(json "${certificate}")}]"
fi
body+='}'

application="applications(uniqueName='${unique_name}')"
if [[ -n "${client_id}" ]]; then
  application="applications(appId='${client_id}')"
  present="$(call GET "${application}?\$select=web" --query 'web.redirectUris[]' --output tsv)"
  uris=()
  while read -r uri; do [[ -z "${uri}" ]] || uris+=("${uri}"); done <<<"${present}"
  for uri in ${redirect_uris[@]+"${redirect_uris[@]}"}; do
    grep -qxF -- "${uri}" <<<"${present}" || uris+=("${uri}")
  done
  body="{\"web\":{\"redirectUris\":$(json_list ${uris[@]+"${uris[@]}"})}}"
fi
write PATCH "${application}" "${body}"
app_id="$(patiently call GET "${application}?\$select=appId" --query appId --output tsv)"
echo "Registration: ${app_id}" >&2

principal="servicePrincipals(appId='${app_id}')"
if [[ -z "${client_id}" ]]; then
  patiently write PATCH "${principal}" \
    "{\"appRoleAssignmentRequired\":${assignment_required},\"tags\":[\"WindowsAzureActiveDirectoryIntegratedApp\"]}"
fi
principal_id="$(patiently call GET "${principal}?\$select=id" --query id --output tsv)"

# Bash 3.2, which macOS has, takes an empty array for an unset variable; hence the longer form.
for owner in ${owners[@]+"${owners[@]}"}; do
  for object in "${application}" "${principal}"; do
    present="$(call GET "${object}/owners?\$select=id" --query "value[?id=='${owner}'].id" --output tsv)"
    [[ -z "${present}" ]] || continue
    # A pipeline that may change its own registrations only can give them to nobody else.
    call POST "${object}/owners/\$ref" --headers 'Content-Type=application/json' \
      --body "{\"@odata.id\":$(json "${graph}/v1.0/directoryObjects/${owner}")}" --output none ||
      echo "Warning: ${owner} could not be made an owner. A Cloud Application Administrator may add it to the registration." >&2
  done
done

if [[ -n "${identity}" ]]; then
  # The identity's own token is the credential: there is no secret to store, leak or renew.
  federated="{\"name\":\"function-app\",\"description\":\"Managed identity of the function app\""
  federated+=",\"issuer\":$(json "${login}/${tenant}/v2.0"),\"subject\":$(json "${identity}")"
  federated+=",\"audiences\":[\"${token_audience}\"]}"
  patiently write PATCH "${application}/federatedIdentityCredentials(name='function-app')" "${federated}"
fi

if [[ "${consent}" == true ]]; then
  scope="${permissions[*]}"
  filter="clientId%20eq%20'${principal_id}'%20and%20resourceId%20eq%20'${graph_id}'%20and%20consentType%20eq%20'AllPrincipals'"
  grant="$(call GET "oauth2PermissionGrants?\$filter=${filter}" --query 'value[].id' --output tsv)"
  if [[ -n "${grant}" ]]; then
    if [[ -n "${client_id}" ]]; then
      given="$(call GET "oauth2PermissionGrants/${grant}" --query scope --output tsv)"
      for name in ${given}; do [[ " ${scope} " == *" ${name} "* ]] || scope+=" ${name}"; done
    fi
    write PATCH "oauth2PermissionGrants/${grant}" "{\"scope\":$(json "${scope}")}"
  else
    grant="{\"clientId\":$(json "${principal_id}"),\"resourceId\":$(json "${graph_id}")"
    grant+=",\"consentType\":\"AllPrincipals\",\"scope\":$(json "${scope}")}"
    patiently write POST oauth2PermissionGrants "${grant}"
  fi
  # The consent to an application permission is an assignment of its role.
  present=''
  if ((${#roles[@]} > 0)); then
    present="$(call GET "servicePrincipals/${principal_id}/appRoleAssignments?\$select=appRoleId" \
      --query 'value[].appRoleId' --output tsv)"
  fi
  for role in ${roles[@]+"${roles[@]}"}; do
    if grep -qxF -- "${role}" <<<"${present}"; then continue; fi
    assignment="{\"principalId\":$(json "${principal_id}"),\"resourceId\":$(json "${graph_id}")"
    assignment+=",\"appRoleId\":$(json "${role}")}"
    patiently write POST "servicePrincipals/${principal_id}/appRoleAssignments" "${assignment}"
  done
  echo 'Admin consent is given.' >&2
fi

echo "${app_id}"
